"""The film workspace: stage, timeline, library, inspector and queue around one film."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from imvar_studio.jobs.events import Made
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.look_edits import set_picture
from imvar_studio.model.timeline import Keyframe
from imvar_studio.ui.film_commands import film_commands
from imvar_studio.ui.importing import add_image, add_pictures
from imvar_studio.ui.inspector.panel import InspectorPanel
from imvar_studio.ui.library.choosing import picture_filter
from imvar_studio.ui.library.panel import LibraryPanel
from imvar_studio.ui.memory import last_folder, remember_folder
from imvar_studio.ui.model_names import model_names
from imvar_studio.ui.placing import place_keyframes, place_pictures
from imvar_studio.ui.queue.panel import QueuePanel
from imvar_studio.ui.reopening import open_drop
from imvar_studio.ui.stage.stage import Stage
from imvar_studio.ui.timeline.panel import TimelinePanel
from imvar_studio.ui.workspace import Dock, Workspace

if TYPE_CHECKING:
    from collections.abc import Generator

    from imvar_studio.jobs.events import Preview
    from imvar_studio.jobs.render_events import Happening
    from imvar_studio.ui.context import WindowContext


@dataclass(frozen=True, slots=True)
class FilmPanels:
    """What the film workspace shows."""

    stage: Stage
    timeline: TimelinePanel
    library: LibraryPanel
    inspector: InspectorPanel
    queue: QueuePanel


def film_workspace(context: WindowContext) -> Generator[None, None, Workspace]:
    """Make the workspace of films for an open project, yielding after each panel."""
    session, pictures, assets = context.session, context.pictures, context.assets
    with ExitStack() as made:  # where it is given up half way, the panels watch no more
        stage = Stage(session, pictures, assets)
        made.callback(stage.release)
        yield
        timeline = TimelinePanel(session, pictures, assets)
        made.callback(timeline.release)
        yield
        library = LibraryPanel(session, pictures, assets)
        made.callback(library.release)
        yield
        inspector = InspectorPanel(session, pictures, assets, model_names)
        made.callback(inspector.release)
        yield
        inspector.fill()
        yield
        queue = QueuePanel(context.desk, pictures, session.tell)
        made.callback(queue.release)
        yield
        made.pop_all()
    return FilmWorkspace(context, FilmPanels(stage, timeline, library, inspector, queue)).workspace


class FilmWorkspace(QObject):
    """The panels of the film workspace, joined.

    Args:
        context: the open project.
        panels: of it.
    """

    def __init__(self, context: WindowContext, panels: FilmPanels) -> None:
        super().__init__(context.window)
        self.context = context
        self.stage, self.timeline, self.library = panels.stage, panels.timeline, panels.library
        self.inspector, self.queue = panels.inspector, panels.queue
        self._disconnect = [
            context.desk.previews.connect(self._show_preview),
            context.desk.status.changed.connect(lambda _: self._watch_render()),
            context.desk.events.connect(lambda _, what: self._see(what)),
        ]
        self._connect()
        docks = (
            Dock("library", self.tr("Library"), "left", self.library),
            Dock("inspector", self.tr("Inspector"), "right", self.inspector),
            Dock("timeline", self.tr("Timeline"), "bottom", self.timeline),
            Dock("queue", self.tr("Queue"), "right", self.queue, shown=False),
        )
        self.workspace = Workspace(self.stage, docks, film_commands(self), self.release)

    def release(self) -> None:
        """Watch the session no more."""
        for disconnect in self._disconnect:
            disconnect()
        for panel in (self.stage, self.timeline, self.library, self.inspector, self.queue):
            panel.release()
        self.setParent(None)
        self.deleteLater()

    def add_prompt(self, seconds: float | None = None, text: str = "") -> None:
        """Put a prompt on the timeline and let the user write it.

        Args:
            seconds: where; None is the playhead, or 2 s after the last keyframe where one is
                there already.
            text: to begin with.
        """
        session = self.context.session
        at = session.playhead.value if seconds is None else seconds
        key = Keyframe("new", 0.0, (Weighted(Prompt(text)),))
        ids = place_keyframes(session, self.tr("Add prompt"), [key], at)
        if ids:
            session.seek(next(k.time for k in session.timeline.keyframes if k.id in ids))
            self.inspector.focus_prompt()

    def add_files(self, paths: list[str], seconds: float | None = None) -> None:
        """Do with files what they are; pictures go on the timeline where `seconds` says so."""
        open_drop(self.context.session, paths, seconds, self._open_projects)

    def choose_pictures(self) -> None:
        """Let the user choose pictures, and put them on the timeline."""
        paths, _ = QFileDialog.getOpenFileNames(
            self.context.window, self.tr("Add pictures"), "", picture_filter()
        )
        if paths:
            self.add_files(paths, self.context.session.playhead.value)

    def save_frame(self) -> None:
        """Ask where the frame at the playhead is to be saved."""
        name, _ = QFileDialog.getSaveFileName(
            self.context.window,
            self.tr("Save frame"),
            str(Path.home() / f"frame-{self.context.session.frame}.png"),
            self.tr("Pictures ({endings})").format(endings="*.png *.jpg *.tif *.webp"),
        )
        if name:
            self.stage.save_frame_as(Path(name))

    def export(self) -> None:
        """Ask what to export, and do it."""
        context, last = self.context, last_folder("export")
        # late: it brings the formats, which nobody needs to start with
        from imvar_studio.ui.export.dialog import ExportDialog

        dialog = ExportDialog(context.session, context.desk, context.window, last)
        dialog.exported.connect(lambda target: remember_folder("export", target.parent))
        dialog.open()

    def _connect(self) -> None:
        session = self.context.session
        self.timeline.files_dropped.connect(self.add_files)
        self.timeline.text_dropped.connect(lambda text, time: self.add_prompt(time, text))
        self.timeline.image_dropped.connect(lambda image, time: add_image(session, image, time))
        self.timeline.prompt_requested.connect(self.add_prompt)
        self.timeline.pictures_requested.connect(self.choose_pictures)
        self.stage.prompt_requested.connect(self.add_prompt)
        self.stage.files_dropped.connect(
            lambda paths: self.add_files(paths, session.playhead.value)
        )
        self.stage.save_requested.connect(self.save_frame)
        self.library.files_chosen.connect(self._add_to_library)
        self.library.image_pasted.connect(lambda image: add_image(session, image))
        self.library.place_requested.connect(
            lambda shas: place_pictures(session, shas, session.playhead.value)
        )
        self.library.compare_take.connect(self.stage.compare_take)
        self.inspector.picture_wanted.connect(self._replace_picture)
        self.inspector.seek_requested.connect(session.seek)

    def _replace_picture(self, keyframe: str) -> None:
        """Let the user choose the picture that a keyframe shows."""
        name, _ = QFileDialog.getOpenFileName(
            self.context.window, self.tr("Choose a picture"), "", picture_filter()
        )
        if name:
            add_pictures(
                self.context.session, [name], done=lambda shas: self._show_in(keyframe, shas)
            )

    def _show_in(self, keyframe: str, shas: tuple[str, ...]) -> None:
        if shas:
            self.context.session.edit(
                self.tr("Replace picture"),
                lambda timeline: set_picture(timeline, frozenset({keyframe}), shas[0]),
            )

    def _add_to_library(self, paths: list[str]) -> None:
        open_drop(
            self.context.session,
            paths,
            projects=self._open_projects,
            as_pictures=True,
            progress=self.library.show_progress,
        )

    def _open_projects(self, paths: tuple[Path, ...]) -> None:
        self.context.open_project(str(paths[0]))

    def _show_preview(self, seen: Preview) -> None:
        self.stage.show_preview(
            seen.digest, seen.width, seen.height, seen.pixels, seen.step, seen.steps
        )

    def _see(self, what: Happening) -> None:
        """Read a picture anew that was looked for before it was made."""
        if isinstance(what, Made) and self.context.pictures.is_broken(what.path):
            self.context.pictures.forget(what.path)

    def _watch_render(self) -> None:
        if not self.context.desk.status.value.is_busy:
            self.stage.clear_preview()
            self.library.refresh_takes()

"""The studio: one window, the project that is open in it, and the desk that renders."""

from __future__ import annotations

import gc
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QFileDialog

from imvar_studio.store.places import bundled_folder
from imvar_studio.store.recent import remember_project
from imvar_studio.store.recovery import discard
from imvar_studio.ui.importing import LANE as IMPORTS
from imvar_studio.ui.messages import Action, Message, message_of
from imvar_studio.ui.project_desk import Opened, ProjectDesk, create_project, open_project
from imvar_studio.ui.questions import ask_closing, ask_recovery
from imvar_studio.ui.reopening import open_drop
from imvar_studio.ui.studio_commands import studio_commands
from imvar_studio.ui.window import MainWindow

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.registry import Registry
    from imvar_studio.ui.background import Background
    from imvar_studio.ui.bridge import Poster
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.rendering import RenderDesk
    from imvar_studio.ui.workspace import WorkspaceSpec

_SAVE_EVERY = 60_000  # ms
_SAMPLE = "first-film.imvar"
_OPENING = "open"


class Studio(QObject):
    """Opens projects in the window and leaves them in order.

    Args:
        workspaces: the kinds of work that can be shown.
        desk: renders.
        pictures: for the screen.
        background: where slow work goes.
        poster: calls functions in the window's thread.
    """

    def __init__(
        self,
        workspaces: Registry[WorkspaceSpec],
        desk: RenderDesk,
        pictures: Pictures,
        background: Background,
        poster: Poster,
    ) -> None:
        super().__init__()
        self._desk, self._background, self._poster = desk, background, poster
        self._workspaces = workspaces
        self.window = MainWindow(workspaces, desk, pictures)
        self.project: ProjectDesk | None = None
        self._pictures: list[str] = []  # that the next project begins with
        self.window.add_commands(studio_commands(self))
        self.window.close_wanted.connect(self.quit)
        self.window.project_wanted.connect(self.open)
        start = self.window.start_page
        start.new_requested.connect(self.new)
        start.open_requested.connect(self.open)
        start.sample_requested.connect(self.open_sample)
        start.paths_dropped.connect(self.new_with)
        timer = QTimer(self)
        timer.timeout.connect(self.save)
        timer.start(_SAVE_EVERY)

    def start(self, path: str = "") -> None:
        """Show the window, with a project where one is named."""
        self.window.show()
        if path:
            self.open(path)

    def prepare(self) -> None:
        """Read what the first project needs, beside the window."""
        # what was read stays: looking through it for garbage would hold the window up
        self._background.run(_OPENING, self._prepare, lambda _: gc.freeze())

    def new(self) -> None:
        """Ask where a new project is to lie, and open it."""
        name, _ = QFileDialog.getSaveFileName(
            self.window,
            self.tr("New film"),
            str(Path.home() / "untitled.imvar"),
            self.tr("Projects (*.imvar)"),
        )
        if not name:
            self._pictures = []
            return
        path = Path(name if name.endswith(".imvar") else f"{name}.imvar")
        self._load(lambda: create_project(path, path.stem))

    def new_with(self, pictures: list[str]) -> None:
        """Ask where a new project is to lie, and begin its film with pictures."""
        self._pictures = pictures
        self.new()

    def open(self, path: str = "") -> None:
        """Open a project; ask which where none is named."""
        name = path or QFileDialog.getExistingDirectory(
            self.window, self.tr("Open a project"), str(Path.home())
        )
        if name:
            place = Path(name)
            if not self._is_open(place):
                self._load(lambda: open_project(place))

    def open_package(self) -> None:
        """Ask which package to unpack beside itself, and open its project."""
        name, _ = QFileDialog.getOpenFileName(
            self.window,
            self.tr("Open a package"),
            str(Path.home()),
            self.tr("Packages (*.imvarz)"),
        )
        if name:
            self.open(name)

    def open_sample(self) -> None:
        """Open a copy of the sample film, the user's to change."""
        sample = bundled_folder("resources") / "samples" / _SAMPLE
        place = Path.home() / _SAMPLE
        if self._is_open(place):
            return

        def load() -> Opened:
            if not place.exists():
                with tempfile.TemporaryDirectory(prefix=".imvar-", dir=place.parent) as part:
                    shutil.copytree(sample, Path(part) / _SAMPLE).rename(place)
            return open_project(place)

        self._load(load)

    def save(self) -> None:
        """Save the project."""
        if self.project is not None:
            self.project.save()

    def undo(self) -> None:
        """Take the last step back."""
        if self.project is not None and not self.project.session.read_only:
            self.project.document.undo()

    def redo(self) -> None:
        """Do it again."""
        if self.project is not None and not self.project.session.read_only:
            self.project.document.redo()

    def close_project(self) -> None:
        """Leave the project, saved, and show the start page."""
        self._leave(self.window.show_start)

    def quit(self) -> None:
        """Leave the project and close the window; asks once where a job of the queue runs."""
        if self._desk.has_job and not ask_closing(self.window, self._desk.status.value):
            return
        self._leave(self.window.leave)

    def _is_open(self, place: Path) -> bool:
        """Whether the window has this project, whose lock it would take for another program's."""
        project = self.project
        return project is not None and project.session.folder.path.resolve() == place.resolve()

    def _load(self, load: Callable[[], Opened]) -> None:
        """Open a project in the background, then leave the one that is open for it."""

        def opened(found: Opened) -> None:
            def not_yet() -> None:
                if found.lock is not None:
                    found.lock.release()

            again = str(found.folder.path)
            self._leave(lambda: self._show(found), not_yet, lambda: self.open(again))

        def work() -> Opened:
            self._prepare()
            return load()

        self._background.run(_OPENING, work, opened, self._not_opened)

    def _prepare(self) -> None:
        for plugin in self._workspaces:
            plugin.content.prepare()

    def _show(self, opened: Opened) -> None:
        self.project = project = ProjectDesk(opened, self._background, self._poster.post)
        self.window.show_project(project, lambda: self._shown(opened, project))

    def _shown(self, opened: Opened, project: ProjectDesk) -> None:
        self._desk.attach(project.session)
        self._background.run(
            _OPENING, lambda: remember_project(opened.folder.path, opened.folder.path.stem)
        )
        if opened.read_only is not None:
            project.session.tell(opened.read_only)
        if opened.recovered is not None:
            self._recover(opened)
        if self._pictures:
            open_drop(project.session, self._pictures, 0.0, as_pictures=True)
            self._pictures = []

    def _recover(self, opened: Opened) -> None:
        """Ask what is to become of changes that a crash left unsaved."""
        project, recovered = self.project, opened.recovered
        assert project is not None
        assert recovered is not None
        if ask_recovery(self.window, opened.project, recovered):
            project.restore(recovered)
        else:
            folder = opened.folder
            self._background.run(_OPENING, lambda: discard(folder), None, project.session.fail)

    def _not_opened(self, error: Exception) -> None:
        self._pictures = []
        self.window.messages.tell(message_of(error))

    def _leave(
        self,
        then: Callable[[], None],
        not_left: Callable[[], None] | None = None,
        abandoned: Callable[[], None] | None = None,
    ) -> None:
        """Save and give back the project that is open.

        Pictures on their way into the project get there first. Where it cannot be saved, it stays
        open, and the user decides.

        Args:
            then: what follows.
            not_left: called where the project stays open.
            abandoned: what follows instead where the user leaves it unsaved after that.
        """
        self.window.finish_showing()  # what is half there cannot be left in order
        project = self.project
        if project is None:
            then()
            return

        def left() -> None:
            self.project = None
            then()

        def leave() -> None:
            self._desk.detach()
            project.leave(left, stay)

        def stay(error: Exception) -> None:
            if not_left is not None:
                not_left()
            self._desk.attach(project.session)
            project.session.fail(error)
            text = self.tr("The project is not saved; your changes are kept for its next start.")
            action = Action(self.tr("Leave without saving"), abandon)
            self.window.messages.tell(Message(text, "error", action=action))

        def abandon() -> None:
            self._desk.detach()
            self.project = None
            project.abandon(abandoned or then)

        # twice: what is found out about dropped files adds them behind
        self._background.run(
            IMPORTS,
            lambda: None,
            lambda _: self._background.run(IMPORTS, lambda: None, lambda _: leave()),
        )

"""The inspector: the right dock, which shows and edits what is selected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from imvar_studio.model.keyframe_edits import selected
from imvar_studio.model.look_edits import plain_picture
from imvar_studio.model.source import Asset
from imvar_studio.plan.timing import nearest_frame
from imvar_studio.ui.inspector.edits import Edits
from imvar_studio.ui.inspector.film_section import FilmSection
from imvar_studio.ui.inspector.head import Head
from imvar_studio.ui.inspector.look_section import LookSection
from imvar_studio.ui.inspector.readings import read_keyframes, read_starts
from imvar_studio.ui.inspector.sections import Sections
from imvar_studio.ui.inspector.start_section import StartSection
from imvar_studio.ui.inspector.subjects import (
    Subject,
    read_transitions,
    subject_of,
)
from imvar_studio.ui.inspector.titles import place, title
from imvar_studio.ui.inspector.track_section import TrackSection
from imvar_studio.ui.inspector.transition_section import TransitionSection
from imvar_studio.ui.theme.tokens import RIGHT_DOCK_WIDTH

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtGui import QShowEvent

    from imvar_studio.model.timeline import Keyframe
    from imvar_studio.ui.asset_files import AssetFiles
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session

Models = Callable[[], Sequence[tuple[str, str]]]


class InspectorPanel(QWidget):
    """What is selected: keyframes, a transition, a track, or the film where nothing is.

    It is made empty, and filled by `fill`: both together take long for the window's thread.

    Args:
        session: the project that is open.
        pictures: show pictures.
        assets: find them.
        models: gives (id, name) of the models to choose from; called in the background.
        parent: the widget it lies in.

    Attributes:
        picture_wanted: a picture is asked for, for the keyframe of this id and the others that
            are selected with it.
        seek_requested: the playhead is asked to go to a time in seconds.
    """

    picture_wanted = Signal(str)
    seek_requested = Signal(float)

    def __init__(
        self,
        session: Session,
        pictures: Pictures,
        assets: AssetFiles,
        models: Models | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._assets = session, assets
        self._edits = Edits(session)
        self._subject = Subject()
        self._film = session.film
        self._disconnects: list[Callable[[], None]] = []
        self._film_open = False  # whether the film's settings are seen beside a selection
        self._pictures = pictures
        self.head = Head(pictures)
        self._scroll = QScrollArea(self)
        # in its place from the first: moving all sections there styles them over again
        self._sections = Sections(self._scroll.viewport())
        add, edits = self._sections.add, self._edits
        self._track = add("track", lambda: TrackSection(session, edits))
        self._look = add("look", self._make_look)
        self._start = add("start", lambda: StartSection(session, edits))
        self._transition = add("transition", lambda: TransitionSection(session, edits))
        self._film_section = add("film", lambda: FilmSection(session, edits))
        self._models = models
        self._lay_out()

    def fill(self) -> None:
        """Show what is selected from now on; before, the panel is empty."""
        self.film.show()  # after the head, which Tab reaches first
        self._connect()
        if self._models is not None:
            session = self._session
            session.lanes.run("models", self._models, self._take_models, session.fail)
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Make the sections that nobody asked for yet, now that they lie where they stay."""
        super().showEvent(event)
        self._sections.make_rest()

    @property
    def look(self) -> LookSection:
        """The section of what keyframes show."""
        return self._look()

    @property
    def start(self) -> StartSection:
        """The section of where keyframes start."""
        return self._start()

    @property
    def transition(self) -> TransitionSection:
        """The section of transitions."""
        return self._transition()

    @property
    def track(self) -> TrackSection:
        """The section of a track."""
        return self._track()

    @property
    def film(self) -> FilmSection:
        """The section of the film."""
        return self._film_section()

    def release(self) -> None:
        """Watch no more: the session is closed."""
        for disconnect in self._disconnects:
            disconnect()
        self._disconnects = []
        self._edits.enabled = False

    def focus_prompt(self) -> None:
        """Bring the keyboard to the prompt of the selected keyframes, its text selected.

        Where nothing is selected the first keyframe is.
        """
        keys = self._session.timeline.keyframes
        if not self._session.selection.value.keyframes and keys:
            self._session.selection.set(
                type(self._session.selection.value).of_keyframes(keys[0].id)
            )
        if not self.look.prompt.isHidden():
            self.look.prompt.setFocus(Qt.FocusReason.OtherFocusReason)
            self.look.prompt.selectAll()
            self._scroll.ensureWidgetVisible(self.look.prompt)

    def _lay_out(self) -> None:
        self.setAccessibleName(self.tr("Inspector"))
        self.setMinimumWidth(RIGHT_DOCK_WIDTH)
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._sections)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.head)
        whole.addWidget(self._scroll, 1)

    def _connect(self) -> None:
        session = self._session
        self._disconnects = [
            session.selection.changed.connect(lambda _: self._select()),
            session.film_changed.connect(lambda _: self._follow()),
            session.frames.changed.connect(lambda _first, _last: self._show_head()),
            session.frames.replaced.connect(self._show_head),
            self._assets.changed.connect(self._show_files),
            self._edits.refused.connect(self._refresh),
        ]
        self.film.toggled.connect(self._open_film)
        self.head.clicked.connect(self._go_there)

    def _make_look(self) -> LookSection:
        section = LookSection(self._session, self._edits, self._pictures, self._assets)
        section.picture_wanted.connect(self._want_picture)
        return section

    def _show(self, name: str, *, shown: bool) -> None:
        """Show a section or hide it; it is made only where it is to be seen."""
        section = self._sections[name] if shown else self._sections.made(name)
        if section is not None:
            section.setVisible(shown)

    def _select(self) -> None:
        """Go on to what is selected now; what is half typed belongs to what was before."""
        subject = subject_of(self._session.selection.value, self._session.timeline)
        if subject == self._subject and self._film is self._session.film:
            return
        # while the document tells of a step nothing may be edited, and it has told us not yet
        self._leave(keep=self._film is self._session.film)
        self._subject = subject
        self._refresh()

    def _follow(self) -> None:
        """Show the film as it stands."""
        if self._film.id != self._session.film.id:
            self._leave(keep=False)
        self._film = self._session.film
        self._refresh()

    def _leave(self, keep: bool) -> None:
        """End what a field is in the middle of; its text counts only with `keep`."""
        field = QApplication.focusWidget()
        if field is not None and self.isAncestorOf(field):
            self._edits.enabled = keep
            if not keep and isinstance(field, QLineEdit):
                field.setModified(False)
            field.clearFocus()
            self._edits.enabled = True
        if keep:
            self._edits.end()

    def _refresh(self) -> None:
        session, timeline = self._session, self._session.timeline
        subject = self._subject = subject_of(session.selection.value, timeline)
        settings = session.film.settings
        keys = subject.ids if subject.kind == "keyframes" else frozenset[str]()
        reading, starts = (
            read_keyframes(timeline, settings, keys),
            read_starts(timeline, settings, keys),
        )
        self._show("look", shown=reading is not None)
        self._show("start", shown=starts is not None)
        if reading is not None and starts is not None:
            self.look.show_reading(keys, reading)
            self.start.show_reading(keys, starts)
        ways = read_transitions(timeline, subject.ids)
        self._show("transition", shown=ways is not None)
        if ways is not None:
            self.transition.show_reading(subject.ids, ways)
        track = timeline.track(subject.track) if subject.track else None
        self._show("track", shown=track is not None)
        if track is not None:
            self.track.show_track(track, subject.points)
        self.film.show_film(session.film)
        self.film.set_collapsed(subject.kind != "film" and not self._film_open)
        self._show_head()

    def _show_head(self) -> None:
        session, subject = self._session, self._subject
        keys = selected(session.timeline, subject.ids)
        self.head.show_words(title(session, subject, keys), place(session, subject, keys))
        if subject.kind in ("track", "marker"):
            icons = {"track": "spline", "marker": "flag"}
            self.head.show_picture(None, icons[subject.kind])
            return
        shown = keys or session.timeline.keyframes[:1]
        self.head.show_picture(*self._picture(shown[0]) if shown else (None, "film"))

    def _picture(self, key: Keyframe) -> tuple[Path | None, str]:
        """Return what shows a keyframe: its picture, or the frame that was rendered there."""
        picture = plain_picture(key)
        if picture is not None and isinstance(picture.source, Asset):
            return self._assets.path(picture.source.sha), "image"
        frame = nearest_frame(key.time, self._session.film.settings.fps)
        return self._session.frames.path(frame), "type"

    def _show_files(self) -> None:
        if self._sections.made("look") is not None:
            self.look.picture.show_file()
        self._show_head()

    def _want_picture(self) -> None:
        keys = selected(self._session.timeline, self._subject.ids)
        if keys:
            self.picture_wanted.emit(keys[0].id)

    def _go_there(self) -> None:
        """Ask for the playhead where what is selected begins."""
        keys = selected(self._session.timeline, self._subject.ids)
        marker = self._subject.marker
        self.seek_requested.emit(keys[0].time if keys else marker or 0.0)

    def _open_film(self, is_open: bool) -> None:
        if self._subject.kind != "film":
            self._film_open = is_open

    def _take_models(self, models: Sequence[tuple[str, str]]) -> None:
        if self._disconnects:
            self.film.set_models(models)

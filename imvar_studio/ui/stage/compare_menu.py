"""The menu of what the picture can be compared with."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QLocale, Signal
from PySide6.QtWidgets import QMenu, QWidget

from imvar_studio.store.take_list import read_takes
from imvar_studio.ui.frames import FrameState
from imvar_studio.ui.stage.captions import compared_name, take_name
from imvar_studio.ui.stage.comparison import Comparison, WithFrame, WithSource, WithTake
from imvar_studio.ui.stage.shown import nearest_picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QAction

    from imvar_studio.store.take_list import TakeFolder
    from imvar_studio.ui.session import Session

_MOST = 20  # takes in the menu, the newest


class CompareMenu(QMenu):
    """Offers comparisons; takes are looked for whenever it opens.

    Args:
        session: whose film.
        parent: the stage.

    Attributes:
        chosen: a `Comparison`, or None for none any more.
    """

    chosen = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._comparison: Comparison | None = None
        self._takes: Sequence[tuple[str, str]] = ()
        self._known = False
        self.aboutToShow.connect(self._open)

    def set_comparison(self, comparison: Comparison | None) -> None:
        """Know what is compared with now."""
        self._comparison = comparison

    def default(self) -> Comparison:
        """Return what is compared with where nothing was chosen: the source, else this frame."""
        session = self._session
        if nearest_picture(session.playhead.value, session.timeline) is not None:
            return WithSource()
        return self.pinned()

    def pinned(self) -> WithFrame:
        """Return the frame at the playhead with the picture it has now."""
        frames, frame = self._session.frames, self._session.frame
        rendered = frames.state(frame) == FrameState.RENDERED
        return WithFrame(frame, frames.digest(frame) if rendered else "")

    def _open(self) -> None:
        self._fill()
        folder = self._session.folder
        self._session.lanes.run("takes", lambda: _named(read_takes(folder)), self._found)

    def _found(self, takes: list[tuple[str, str]]) -> None:
        if takes != self._takes or not self._known:
            self._takes, self._known = takes, True
            self._fill()

    def _fill(self) -> None:
        self.clear()
        now, session = self._comparison, self._session
        self._add(self.tr("Compare with this frame"), self.pinned())
        if nearest_picture(session.playhead.value, session.timeline) is not None:
            self._add(self.tr("Compare with the keyframe's picture"), WithSource())
        if isinstance(now, WithFrame):
            self._add(compared_name(now, session.film.settings.fps), now)
        self.addSection(self.tr("Takes"))
        for id_, name in self._takes:
            self._add(name, WithTake(id_, name))
        if not self._takes:
            text = self.tr("No takes yet") if self._known else self.tr("Looking for takes…")
            self.addAction(text).setEnabled(False)
        if now is not None:
            self.addSeparator()
            self._add(self.tr("Stop comparing"), None)

    def _add(self, text: str, comparison: Comparison | None) -> QAction:
        action = self.addAction(text.replace("&", "&&"))
        same = comparison is not None and comparison == self._comparison
        action.setCheckable(same)
        action.setChecked(same)
        action.triggered.connect(lambda _=False: self.chosen.emit(comparison))
        return action


def _named(takes: Sequence[TakeFolder]) -> list[tuple[str, str]]:
    """Return ids and names of the newest takes whose plans read."""
    return [
        (take.id, take_name(take.film, when(take.written)))
        for take in [each for each in takes if each.pictures is not None][:_MOST]
    ]


def when(seconds: float) -> str:
    """Return a time, in seconds since 1970, as people write it: today's without its date."""
    moment = QDateTime.fromSecsSinceEpoch(int(seconds))
    locale, short = QLocale(), QLocale.FormatType.ShortFormat
    if moment.date().toPython() == datetime.now().astimezone().date():
        return locale.toString(moment.time(), short)
    return locale.toString(moment, short)

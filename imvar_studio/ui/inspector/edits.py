"""The inspector's edits: what one gesture changes is one step to undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.model.signal import Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.project import FilmWork
    from imvar_studio.model.timeline import Timeline
    from imvar_studio.ui.session import Session


class Edits:
    """How the fields of one inspector change the session's film.

    Args:
        session: whose film.

    Attributes:
        refused: an edit was not taken, so that its field shows what the film has not.
        enabled: turned off, nothing is edited: what is shown gives way to something else.
    """

    def __init__(self, session: Session) -> None:
        self.refused: Signal[()] = Signal()
        self.enabled = True
        self._session = session
        self._gesture = 0

    def timeline(self, name: str, change: Callable[[Timeline], Timeline], field: str = "") -> None:
        """Change the timeline.

        Args:
            name: of the step, as menus show it.
            change: a pure function.
            field: that is dragged or typed in; edits of one field make one step until `end`.
                Without it the edit is a step of its own.
        """
        if self.enabled and not self._session.edit(name, change, self._key(field)):
            self.refused.emit()

    def film(self, name: str, change: Callable[[FilmWork], FilmWork], field: str = "") -> None:
        """Change the film; as `timeline`."""
        if self.enabled and not self._session.edit_film(name, change, self._key(field)):
            self.refused.emit()

    def end(self) -> None:
        """End the gesture: the next edit is another step."""
        self._gesture += 1
        self._session.document.end_merge()

    def _key(self, field: str) -> object:
        return ("inspector", field, self._gesture) if field else None

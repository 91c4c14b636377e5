"""A take's film in the desktop's player."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from imvar_studio.ui.library.takes import playable_film
from imvar_studio.ui.messages import Message
from imvar_studio.ui.outside import open_outside

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.ui.session import Session


def play_film(session: Session, take: Path) -> None:
    """Have the desktop play a take's film; say so where it may not be handed out.

    Args:
        session: whose project's.
        take: the take's folder.
    """

    def play(film: Path | None) -> None:
        if film is not None:
            open_outside(film, session.tell)
            return
        text = QCoreApplication.translate(
            "TakeVideo", "The video is not opened: it is not the file that was exported."
        )
        session.tell(Message(text, "warning"))

    session.lanes.run("takes", lambda: playable_film(take), play, session.fail)

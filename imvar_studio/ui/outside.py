"""Files and folders that the desktop opens: in its file manager, its player, its editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from imvar_studio.ui.messages import Message
from imvar_studio.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def open_outside(path: Path, tell: Callable[[Message], object]) -> None:
    """Have the desktop open a file or a folder, and tell the user where it does not.

    Args:
        path: of it.
        tell: shows a message.
    """
    if not path.exists():
        tell(Message(say("{path} is not there any more.", path=path), "warning"))
    elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
        text = say("Nothing on this desktop opens {path}.", path=path)
        tell(Message(text, "warning", say("Open it by hand.")))

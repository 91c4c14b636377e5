"""The way from other threads into the window's."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

if TYPE_CHECKING:
    from collections.abc import Callable


class Poster(QObject):
    """Calls functions in the thread it lives in, in the order they were posted."""

    _posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._posted.connect(self._call, Qt.ConnectionType.QueuedConnection)

    def post(self, work: Callable[[], object]) -> None:
        """Call `work` soon in the window's thread; any thread may.

        After the end of the window nothing is called.
        """
        with contextlib.suppress(RuntimeError):  # Qt's side of it is gone
            self._posted.emit(work)

    def _call(self, work: Callable[[], object]) -> None:
        work()

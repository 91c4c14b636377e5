"""Long work of the window's thread, done in pieces between which the window answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


class Turns(QObject):
    """Does one work at a time, a piece each time the window has nothing else to do.

    Args:
        parent: ends it.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._work: Generator[None, None, None] | None = None
        self._done: Callable[[], object] = lambda: None
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._go_on)

    def start(self, work: Generator[None, None, None], done: Callable[[], object]) -> None:
        """Begin a work in place of the one that is under way.

        Args:
            work: yields between its pieces, which should take less than 50 ms.
            done: called when all pieces are done.
        """
        self.stop()
        self._work, self._done = work, done
        self._timer.start()

    def stop(self) -> None:
        """Close the work that is under way, which hears it as `GeneratorExit`."""
        self._timer.stop()
        work, self._work = self._work, None
        if work is not None:
            work.close()

    def finish(self) -> None:
        """Do all that is left of the work that is under way at once."""
        work = self._work
        while work is not None and self._work is work:
            self._go_on()

    def _go_on(self) -> None:
        work = self._work
        if work is None:
            return
        try:
            next(work)
        except StopIteration:
            self._end(work)
            self._done()
        except BaseException:
            self._end(work)
            raise

    def _end(self, work: Generator[None, None, None]) -> None:
        if self._work is work:  # otherwise its last piece began another
            self._work = None
            self._timer.stop()

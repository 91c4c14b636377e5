"""Runs of key presses or wheel turns, which count as one gesture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from imvar_studio.ui.widgets.numbers import COARSE, FINE

if TYPE_CHECKING:
    from PySide6.QtGui import QInputEvent

PAUSE = 600  # ms without a press that end a run


class KeyRun(QObject):
    """Tells when a run of key presses is over: after a pause, or when it is finished by name.

    Attributes:
        ended: once for each run.
    """

    ended = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self.ended)

    def touch(self) -> None:
        """Note a press: it begins a run, or goes on with it."""
        self._pause.start()

    def finish(self) -> None:
        """End the run, if there is one."""
        if self._pause.isActive():
            self._pause.stop()
            self.ended.emit()


def speed_of(event: QInputEvent) -> float:
    """Return how fast a gesture goes: Ctrl makes it finer, Shift coarser."""
    keys = event.modifiers()
    if keys & Qt.KeyboardModifier.ControlModifier:
        return FINE
    return COARSE if keys & Qt.KeyboardModifier.ShiftModifier else 1.0

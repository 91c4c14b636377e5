"""Nudges by keyboard: those that follow one another are one step of the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from imvar_studio.ui.timeline import verbs

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.ui.timeline.scene import Scene

_PAUSE = 1000  # ms after which a nudge is a step of its own


class Nudging(QObject):
    """Moves what is selected by keys, and ends the step when something else is done.

    Args:
        scene: of the timeline.
        parent: owns it.

    Attributes:
        paused: nothing was nudged for a while.
    """

    paused = Signal()

    def __init__(self, scene: Scene, parent: QObject) -> None:
        super().__init__(parent)
        self._scene = scene
        self._open = self._nudges = False
        self._pause = QTimer(self, interval=_PAUSE, singleShot=True)
        self._pause.timeout.connect(self._on_pause)
        self._release = scene.session.playhead.changed.connect(self._on_playhead)

    def frames(self, count: int) -> None:
        """Move what is selected by frames."""
        self._nudge(lambda: verbs.nudge(self._scene, count))

    def values(self, steps: int) -> None:
        """Raise selected points by steps."""
        self._nudge(lambda: verbs.nudge_value(self._scene, steps))

    def end(self) -> None:
        """Have the next nudge be a step of its own."""
        if self._open:
            self._open = False
            self._pause.stop()
            self._scene.session.document.end_merge()

    def release(self) -> None:
        """Watch the session no more."""
        self.end()
        self._release()

    def _nudge(self, verb: Callable[[], None]) -> None:
        self._pause.start()
        self._open = self._nudges = True
        try:
            verb()
        finally:
            self._nudges = False

    def _on_pause(self) -> None:
        self.end()
        self.paused.emit()

    def _on_playhead(self, _: float) -> None:
        if not self._nudges:  # else it follows the film's end, which was nudged
            self.end()

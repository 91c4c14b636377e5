"""Python's garbage, collected in the window's thread alone.

A cycle of dead objects is freed by whichever thread happens to collect it; where one of them is
Qt's, and has timers or windows, that must be the thread it lives in.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_LOOK = 250  # ms between two looks


class Collecting(QObject):
    """Collects garbage as Python would, by its own thresholds, as long as it lives.

    Args:
        parent: owns it; in the window's thread.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=_LOOK)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect the oldest generation that is due, if any is."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        due = [n for n, (count, most) in enumerate(zip(counts, thresholds, strict=True))
               if count > most > 0]  # fmt: skip
        if due:
            gc.collect(max(due))

    def close(self) -> None:
        """Collect what is left, and leave it to Python again."""
        self._timer.stop()
        gc.collect()
        gc.enable()

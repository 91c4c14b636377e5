"""A thin line that shows how far something is."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from imvar_studio.ui.theme.theme import current_theme

HEIGHT = 4  # px
_TICK = 33  # ms between two pictures of the running piece
_STEP = 0.02  # of its way, each
_PIECE = 0.25  # of the line


class ProgressLine(QWidget):
    """A line that fills with the accent; without a share, a piece of it runs along.

    Args:
        name: for screen readers.
        parent: the widget it lies in.
    """

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share: float | None = 0.0
        self._at = 0.0
        self._clock = QTimer(self)
        self._clock.setInterval(_TICK)
        self._clock.timeout.connect(self._run_on)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name or self.tr("Progress"))

    @property
    def share(self) -> float | None:
        """How far it is, in [0, 1]; None where nobody knows."""
        return self._share

    def set_share(self, share: float | None) -> None:
        """Show how far it is.

        Args:
            share: brought into [0, 1]; None where nobody knows.
        """
        self._share = None if share is None else min(max(share, 0.0), 1.0)
        told = "" if self._share is None else self.tr("{n}%").format(n=round(self._share * 100))
        self.setAccessibleDescription(told)
        self._keep_time()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room it has in a status bar."""
        return QSize(160, HEIGHT)

    def showEvent(self, event: QShowEvent) -> None:
        """Run while it is seen."""
        super().showEvent(event)
        self._keep_time()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stand still while it is not seen."""
        super().hideEvent(event)
        self._clock.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line and what is filled."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        painter.setBrush(current_theme().color("line"))
        painter.drawRoundedRect(whole, HEIGHT / 2, HEIGHT / 2)
        left, right = self._filled()
        part = QRectF(left * whole.width(), 0, (right - left) * whole.width(), HEIGHT)
        if part.width() > 0:
            painter.setBrush(current_theme().color("accent"))
            painter.drawRoundedRect(part, HEIGHT / 2, HEIGHT / 2)

    def _filled(self) -> tuple[float, float]:
        """Return where the accent begins and ends, as shares of the line."""
        if self._share is not None:
            return 0.0, self._share
        begin = self._at * (1 + _PIECE) - _PIECE
        return max(begin, 0.0), min(begin + _PIECE, 1.0)

    def _keep_time(self) -> None:
        if self._share is None and self.isVisible():
            self._clock.start()
        else:
            self._clock.stop()

    def _run_on(self) -> None:
        self._at = (self._at + _STEP) % 1.0
        self.update()

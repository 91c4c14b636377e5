"""The light over a place where something can be dropped."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import FOCUS_WIDTH, RADIUS

_FILL = 0.13  # of the accent


class DropGlow(QWidget):
    """Lies over the whole of a widget while something is dragged over it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def light(self, place: QRect) -> None:
        """Shine over a part of the parent."""
        self.setGeometry(place)
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent = current_theme().color("accent")
        painter.setPen(QPen(accent, FOCUS_WIDTH))
        accent.setAlphaF(_FILL)
        painter.setBrush(accent)
        inside = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        painter.drawRoundedRect(inside, RADIUS, RADIUS)

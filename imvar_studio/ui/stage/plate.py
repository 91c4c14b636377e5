"""The ground of words and buttons that lie over the stage: unseen until a picture is under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import RADIUS

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent


class Plate(QWidget):
    """Paints the stage's colour under what lies in it."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current_theme().color("stage"))
        painter.drawRoundedRect(self.rect(), RADIUS, RADIUS)

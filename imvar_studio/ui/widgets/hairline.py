"""The line that parts sections."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from imvar_studio.ui.theme.theme import current_theme


class Hairline(QWidget):
    """One pixel of the line colour, across or down."""

    def __init__(
        self,
        orientation: Qt.Orientation = Qt.Orientation.Horizontal,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        across = orientation == Qt.Orientation.Horizontal
        policy = QSizePolicy.Policy
        if across:
            self.setFixedHeight(1)
            self.setSizePolicy(policy.Expanding, policy.Fixed)
        else:
            self.setFixedWidth(1)
            self.setSizePolicy(policy.Fixed, policy.Expanding)

    def sizeHint(self) -> QSize:
        """Return a pixel; the layout stretches it."""
        return QSize(1, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line."""
        QPainter(self).fillRect(self.rect(), current_theme().color("line"))

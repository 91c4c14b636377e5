"""What an empty place says: one line, and the action itself."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from imvar_studio.ui.theme.icons import tinted_pixmap
from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import PADDING
from imvar_studio.ui.widgets.buttons import push_button

_SIDE = 32  # px, of the icon


class EmptyState(QWidget):
    """An icon, a line, and a button.

    Args:
        icon_name: Lucide's.
        text: what to do here.
        action_text: of the button; "" for none.
        parent: the widget it lies in.

    Attributes:
        activated: the button was pressed.
    """

    activated = Signal()

    def __init__(
        self, icon_name: str, text: str, action_text: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._label = QLabel(text)
        self._label.setProperty("kind", "label")
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._label.setWordWrap(True)
        self.button = push_button(action_text)
        self.button.clicked.connect(self.activated)
        self.button.setVisible(bool(action_text))
        column = QVBoxLayout(self)
        column.setContentsMargins(PADDING, PADDING, PADDING, PADDING)
        column.setSpacing(PADDING)
        column.addStretch(1)
        column.addWidget(_Picture(icon_name), 0, Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self._label)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)

    def set_text(self, text: str) -> None:
        """Change the line."""
        self._label.setText(text)


class _Picture(QWidget):
    """An icon, larger than in buttons and fainter."""

    def __init__(self, icon_name: str) -> None:
        super().__init__()
        self._name = icon_name
        tinted_pixmap(icon_name, current_theme().color("text3"))  # an unknown name fails here
        self.setFixedSize(_SIDE, _SIDE)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the icon."""
        scale = self.devicePixelRatioF()
        colour = current_theme().color("text3")
        QPainter(self).drawPixmap(0, 0, tinted_pixmap(self._name, colour, _SIDE, scale))

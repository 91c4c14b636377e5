"""A field to search with."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from imvar_studio.ui.theme.icons import icon
from imvar_studio.ui.theme.tokens import FIELD_HEIGHT


class SearchField(QLineEdit):
    """Text to look for, with a glass before it and a cross to empty it; Escape empties it too.

    Its signal is Qt's own `textChanged`.

    Args:
        placeholder: what can be found, such as "Find pictures, prompts".
        parent: the widget it lies in.
    """

    def __init__(self, placeholder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder or self.tr("Find"))
        self.setFixedHeight(FIELD_HEIGHT)
        self.addAction(icon("search", "text3"), QLineEdit.ActionPosition.LeadingPosition)
        self._clear = QAction(icon("x", "text2"), self.tr("Clear"), self)
        self._clear.setToolTip(self.tr("Clear (Esc)"))
        self._clear.triggered.connect(self.clear)
        self.addAction(self._clear, QLineEdit.ActionPosition.TrailingPosition)
        self._clear.setVisible(False)
        self.textChanged.connect(lambda text: self._clear.setVisible(bool(text)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Empty the field on Escape; all else is typed."""
        if event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
            else:
                event.ignore()
            return
        super().keyPressEvent(event)

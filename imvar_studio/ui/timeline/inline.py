"""A field over the canvas, in which a value or a name is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent

_HEIGHT = 28  # px


class InlineEdit(QLineEdit):
    """Takes a line: Enter or leaving it takes the words, Escape does not.

    Args:
        parent: what it lies over; the focus returns there.
        name: what is typed, for screen readers.
        text: to begin with.
        at: its middle, px of the parent.
        width: px.

    Attributes:
        entered: with the words, once, if they are others than at first.
    """

    entered = Signal(str)

    def __init__(self, parent: QWidget, name: str, text: str, at: QPoint, width: int) -> None:
        super().__init__(text, parent)
        self._first, self._done = text, False
        self.setAccessibleName(name)
        self.setFixedSize(width, _HEIGHT)
        left = min(max(at.x() - width // 2, 2), parent.width() - width - 2)
        top = min(max(at.y() - _HEIGHT // 2, 2), parent.height() - _HEIGHT - 2)
        self.move(max(left, 0), max(top, 0))
        self.selectAll()
        self.show()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the words on Enter, drop them on Escape."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._end(take=True)
        elif event.key() == Qt.Key.Key_Escape:
            self._end(take=False)
        else:
            super().keyPressEvent(event)
        event.accept()  # what means nothing here is not to mean something beneath

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the words; a menu of its own leaves it open."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._end(take=True)

    def _end(self, *, take: bool) -> None:
        if self._done:
            return
        self._done = True
        parent = self.parentWidget()
        if self.hasFocus() and parent is not None:
            parent.setFocus(Qt.FocusReason.PopupFocusReason)
        self.hide()
        if take and self.text() != self._first:
            self.entered.emit(self.text())
        self.deleteLater()

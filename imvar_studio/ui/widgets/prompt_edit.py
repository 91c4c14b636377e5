"""A field for a prompt, which grows with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QSizePolicy, QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent

LEAST_LINES, MOST_LINES = 2, 5
_AROUND = 2 * (4 + 4 + 1)  # px above and below: the document's margin, the padding, the frame
_HINT_HEIGHT = 18  # px


class PromptEdit(QPlainTextEdit):
    """Plain text on two to five lines; more scrolls. Tab leaves the field.

    Args:
        placeholder: shown while it is empty.
        name: for screen readers.
        parent: the widget it lies in.

    Attributes:
        edited: the text, while a person types.
        gesture_ended: on leaving the field and on Ctrl+Return.
    """

    edited = Signal(str)
    gesture_ended = Signal()

    def __init__(
        self, placeholder: str = "", name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._told = ""
        self._hint = QLabel(self)
        self._hint.setProperty("kind", "hint")
        self._hint.hide()
        self._dirty = False
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(name or self.tr("Prompt"))
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.textChanged.connect(self._on_text)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def text(self) -> str:
        """Return what it holds."""
        return self.toPlainText()

    def set_text(self, text: str) -> None:
        """Show a text; `edited` is not told, and the same text leaves the caret where it is."""
        if text != self.toPlainText():
            self._told = text
            self.setPlainText(text)

    def set_limit_hint(self, text: str) -> None:
        """Say beneath the text how much of it counts, such as "81 of 77 tokens"; "" for none."""
        if text == self._hint.text():
            return
        self._hint.setText(text)
        self._hint.setVisible(bool(text))
        self.setViewportMargins(0, 0, 0, _HINT_HEIGHT if text else 0)
        self.setAccessibleDescription(text)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """End the gesture on Ctrl+Return; all else is typed."""
        if (
            event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self._end()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """End the gesture."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the height to the text as it is wrapped now."""
        super().resizeEvent(event)
        inside = self.rect().adjusted(9, 0, -9, -4)
        self._hint.setGeometry(inside.adjusted(0, inside.height() - _HINT_HEIGHT, 0, 0))
        self._fit()

    def lines(self) -> int:
        """Return how many lines the text takes as it is wrapped."""
        return max(1, round(self.document().size().height()))

    def _fit(self) -> None:
        lines = min(max(self.lines(), LEAST_LINES), MOST_LINES)
        height = lines * max(self.fontMetrics().lineSpacing(), 1) + _AROUND
        height += _HINT_HEIGHT if self._hint.text() else 0
        if height != self.height() or self.minimumHeight() != height:
            self.setFixedHeight(height)

    def _on_text(self) -> None:
        text = self.toPlainText()
        if text != self._told:
            self._told = text
            self._dirty = True
            self.edited.emit(text)

    def _end(self) -> None:
        if self._dirty:
            self._dirty = False
            # from here on what was typed is undone as a whole, by the window's undo
            self.document().clearUndoRedoStacks()
            self.gesture_ended.emit()

"""Rows of the inspector: a label, any field, and the way back to the default."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from imvar_studio.ui.theme.tokens import FIELD_HEIGHT, LABEL_COLUMN, ROW_HEIGHT, SPACING
from imvar_studio.ui.widgets.buttons import IconButton
from imvar_studio.ui.widgets.elided_label import ElidedLabel

_RESET = 20  # px


class ResetRow(QWidget):
    """A named field, laid out as `ValueRow` is.

    Args:
        label: its name.
        field: takes the rest of the row.
        resettable: whether there is a way back to the default.
        parent: the widget it lies in.

    Attributes:
        reset: the way back was asked for.
    """

    reset = Signal()

    def __init__(
        self, label: str, field: QWidget, resettable: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.field = field
        self.label = ElidedLabel(label)
        self.label.setProperty("kind", "label")
        self.label.setBuddy(field)
        self.reset_button = IconButton("rotate-ccw")
        self.reset_button.set_tooltip(self.tr("Reset {name}").format(name=label))
        self.reset_button.setFixedSize(_RESET, _RESET)
        policy = self.reset_button.sizePolicy()
        policy.setRetainSizeWhenHidden(resettable)
        self.reset_button.setSizePolicy(policy)
        self.reset_button.hide()
        self.reset_button.clicked.connect(self.reset)
        if not field.accessibleName():
            field.setAccessibleName(label)
        self._lay_out()

    def set_resettable(self, resettable: bool) -> None:
        """Show the way back where the value is not the default."""
        self.reset_button.setVisible(resettable)

    def _lay_out(self) -> None:
        self.setFixedHeight(ROW_HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(SPACING)
        column = QWidget()
        column.setFixedSize(LABEL_COLUMN, FIELD_HEIGHT)
        names = QHBoxLayout(column)
        names.setContentsMargins(0, 0, 0, 0)
        names.setSpacing(0)
        names.addWidget(self.label, 1)
        names.addWidget(self.reset_button)
        row.addWidget(column)
        row.addWidget(self.field, 1)


def quiet_line(text: str = "", parent: QWidget | None = None) -> QLabel:
    """Return a hint that wraps: one sentence about the fields around it."""
    label = QLabel(text, parent)
    label.setProperty("kind", "hint")
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def show_line(label: QLabel, text: str) -> None:
    """Show a sentence, or no line at all for ""."""
    if label.text() != text:
        label.setText(text)
    label.setVisible(bool(text))

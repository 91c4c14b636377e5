"""A row of an inspector: a label in the column of labels, and any widgets."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from imvar_studio.ui.theme.tokens import LABEL_COLUMN, ROW_HEIGHT
from imvar_studio.ui.widgets.elided_label import ElidedLabel


class FieldRow(QWidget):
    """A label and what it names, in line with the rows of numbers.

    Args:
        label: in the column of labels.
        fields: right of it; the first takes the room that is left.
        parent: the widget it lies in.
    """

    def __init__(self, label: str, *fields: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = ElidedLabel(label)
        self.label.setProperty("kind", "label")
        self.label.setFixedWidth(LABEL_COLUMN)
        self.setMinimumHeight(ROW_HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(8)
        row.addWidget(self.label)
        for at, field in enumerate(fields):
            row.addWidget(field, 1 if at == 0 else 0)
        if fields:
            self.label.setBuddy(fields[0])
            if not fields[0].accessibleName():
                fields[0].setAccessibleName(label)

"""The looks of an ensemble, each with its weight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from imvar_studio.model.keyframe_edits import set_weight
from imvar_studio.ui.inspector.words import look_words
from imvar_studio.ui.widgets.number_field import NumberField
from imvar_studio.ui.widgets.value_row import ValueRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.look import Weighted
    from imvar_studio.ui.inspector.edits import Edits


class EnsembleRows(QWidget):
    """A row a look, kept from one keyframe to the next.

    Args:
        edits: take the weights.
        name: of an asset, by its SHA-256.
    """

    def __init__(self, edits: Edits, name: Callable[[str], str]) -> None:
        super().__init__()
        self._edits, self._name = edits, name
        self._ids: frozenset[str] = frozenset()
        self._rows: list[ValueRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    @property
    def rows(self) -> tuple[ValueRow, ...]:
        """The rows that are shown."""
        return tuple(row for row in self._rows if not row.isHidden())

    def show_looks(self, ids: frozenset[str], looks: tuple[Weighted, ...]) -> None:
        """Show the looks of an ensemble that all keyframes of `ids` have."""
        self._ids = ids
        while len(self._rows) < len(looks):
            self._add()
        for at, row in enumerate(self._rows):
            row.setVisible(at < len(looks))
            if at < len(looks):
                words = look_words(looks[at].look, self._name)
                if row.label.text() != words:
                    row.label.setText(words)
                    row.field.setAccessibleName(self.tr("Weight of {look}").format(look=words))
                row.set_value(looks[at].weight)

    def _add(self) -> None:
        at = len(self._rows)
        row = ValueRow("", NumberField(0, 100, 0.05, 2, name=self.tr("Weight")))
        row.set_default(1.0)
        row.edited.connect(lambda value: self._set(at, value))
        row.reset.connect(lambda: self._set(at, 1.0))
        row.gesture_ended.connect(self._edits.end)
        self._rows.append(row)
        self._column.addWidget(row)

    def _set(self, at: int, weight: float) -> None:
        ids = self._ids
        self._edits.timeline(
            self.tr("Weight"),
            lambda timeline: set_weight(timeline, ids, at, weight),
            f"weight {at}",
        )

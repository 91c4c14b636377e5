"""How a picture is taken back to the noise it could have come from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from imvar_studio.model.look_edits import set_inversion
from imvar_studio.model.start import InversionSpec
from imvar_studio.ui.inspector.readings import common, or_none
from imvar_studio.ui.inspector.rows import ResetRow
from imvar_studio.ui.inspector.words import method_choices, spacing_choices
from imvar_studio.ui.widgets.buttons import IconButton
from imvar_studio.ui.widgets.choice_field import ChoiceField
from imvar_studio.ui.widgets.number_field import NumberField
from imvar_studio.ui.widgets.value_row import ValueRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.ui.inspector.edits import Edits

_DEFAULT = InversionSpec()


class InversionRows(QWidget):
    """Method, steps, refinements and spacing of an inversion, shut until they are asked for.

    Args:
        edits: take what is changed.
    """

    def __init__(self, edits: Edits) -> None:
        super().__init__()
        self._edits = edits
        self._ids: frozenset[str] = frozenset()
        self.head = IconButton("chevron-right", self.tr("Way back to noise"), checkable=True)
        self.head.set_tooltip(self.tr("Show how the picture is inverted"))
        self._rows = QWidget()
        self.method = ChoiceField(method_choices(), self.tr("Way back to noise"))
        self.method_row = ResetRow(self.tr("Method"), self.method, resettable=True)
        self.steps = ValueRow(self.tr("Steps"), NumberField(1, 500, 1), slider=False)
        self.evaluations = ValueRow(self.tr("Refine"), NumberField(1, 10, 1), slider=False)
        self.spacing = ChoiceField(spacing_choices()[:2], self.tr("Spacing of the way back"))
        self.spacing_row = ResetRow(self.tr("Spacing"), self.spacing, resettable=True)
        self._lay_out()
        self._connect()

    def show_specs(self, ids: frozenset[str], specs: tuple[InversionSpec, ...]) -> None:
        """Show what the inversions of keyframes share; at least one."""
        self._ids = ids
        method = common(spec.method for spec in specs)
        spacing = common(spec.spacing for spec in specs)
        self.method.set_value(or_none(method))
        self.method_row.set_resettable(method != _DEFAULT.method)
        self.spacing.set_value(or_none(spacing))
        self.spacing_row.set_resettable(spacing != _DEFAULT.spacing)
        self.steps.set_value(or_none(common(spec.steps for spec in specs)))
        self.evaluations.set_value(or_none(common(spec.evaluations for spec in specs)))
        self.evaluations.setVisible(method != "plain")

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.head)
        whole.addWidget(self._rows)
        self._rows.hide()
        column = QVBoxLayout(self._rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for row in (self.method_row, self.steps, self.evaluations, self.spacing_row):
            column.addWidget(row)
        self.steps.set_default(_DEFAULT.steps)
        self.evaluations.set_default(_DEFAULT.evaluations)
        self.steps.label.set_tooltip(
            self.tr("Steps of the inversion; the film samples with them near this picture")
        )
        self.evaluations.label.set_tooltip(
            self.tr("Evaluations a step until one DDIM step leads back")
        )

    def _connect(self) -> None:
        self.head.clicked.connect(self._open)
        self.method.edited.connect(self._set_method)
        self.method_row.reset.connect(lambda: self._set_method(_DEFAULT.method))
        self.spacing.edited.connect(self._set_spacing)
        self.spacing_row.reset.connect(lambda: self._set_spacing(_DEFAULT.spacing))
        self.steps.edited.connect(self._set_steps)
        self.steps.reset.connect(lambda: self._set_steps(_DEFAULT.steps))
        self.evaluations.edited.connect(self._set_evaluations)
        self.evaluations.reset.connect(lambda: self._set_evaluations(_DEFAULT.evaluations))
        self.steps.gesture_ended.connect(self._edits.end)
        self.evaluations.gesture_ended.connect(self._edits.end)

    def _open(self, is_open: bool) -> None:
        self._rows.setVisible(is_open)
        self.head.set_icon_name("chevron-down" if is_open else "chevron-right")

    def _set_method(self, method: str) -> None:
        self._set(self.tr("Way back"), lambda spec: replace(spec, method=method))

    def _set_spacing(self, spacing: str) -> None:
        self._set(self.tr("Spacing"), lambda spec: replace(spec, spacing=spacing))

    def _set_steps(self, steps: float) -> None:
        self._set(self.tr("Steps"), lambda spec: replace(spec, steps=round(steps)), "steps back")

    def _set_evaluations(self, count: float) -> None:
        self._set(
            self.tr("Refinements"),
            lambda spec: replace(spec, evaluations=round(count)),
            "refinements",
        )

    def _set(
        self, name: str, change: Callable[[InversionSpec], InversionSpec], field: str = ""
    ) -> None:
        ids = self._ids
        self._edits.timeline(name, lambda timeline: set_inversion(timeline, ids, change), field)

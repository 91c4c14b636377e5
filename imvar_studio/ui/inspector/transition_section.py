"""How keyframes become their next ones: easing, and the paths of prompt and noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from imvar_studio.model.curve import Easing
from imvar_studio.model.keyframe_edits import set_easing, set_transition
from imvar_studio.model.look_edits import set_circle_seed, set_paths
from imvar_studio.model.timeline import Transition
from imvar_studio.ui.inspector.readings import MIXED, or_none
from imvar_studio.ui.inspector.rows import ResetRow, quiet_line, show_line
from imvar_studio.ui.inspector.words import condition_choices, latent_choices
from imvar_studio.ui.theme.tokens import PADDING
from imvar_studio.ui.widgets.buttons import IconButton
from imvar_studio.ui.widgets.choice_field import ChoiceField
from imvar_studio.ui.widgets.easing_choices import easing_field, easing_of
from imvar_studio.ui.widgets.easing_editor import EasingEditor
from imvar_studio.ui.widgets.section import Section
from imvar_studio.ui.widgets.seed_field import SeedField

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from imvar_studio.ui.inspector.edits import Edits
    from imvar_studio.ui.inspector.subjects import TransitionReading
    from imvar_studio.ui.session import Session

_SHORT = 3  # letters that the paths' fields may shrink to
_RESET = 20  # px
_GRAPH = (112, 104)  # px


class TransitionSection(Section):
    """The transitions that leave the selected keyframes.

    Args:
        session: of the film.
        edits: take what is changed.
    """

    def __init__(self, session: Session, edits: Edits) -> None:
        super().__init__("")
        self._session, self._edits = session, edits
        self._ids: frozenset[str] = frozenset()
        self.graph = EasingEditor()
        self.easing = easing_field(self.tr("Easing"))
        self.condition = ChoiceField(condition_choices(), self.tr("Path of the prompt"))
        self.latent = ChoiceField(latent_choices(), self.tr("Path of the noise"))
        self.circle = SeedField()
        self.circle_row = ResetRow(self.tr("Circle through"), self.circle, resettable=True)
        self.words = quiet_line()
        self.reset_button = IconButton("rotate-ccw")
        self.reset_button.set_tooltip(self.tr("Reset the transition"))
        self._fill()
        self._wire()

    def show_reading(self, ids: frozenset[str], reading: TransitionReading) -> None:
        """Show what transitions share."""
        self._ids = ids
        if reading.second:
            self.set_title(self.tr("To keyframe {n}").format(n=reading.second))
        else:
            self.set_title(self.tr("To the next keyframes"))
        easing = reading.easing
        if easing is MIXED:
            self.graph.set_easing(None)
            self.easing.set_value(None)
        else:
            self.graph.set_easing(easing)
            self.easing.set_value(easing.shape)
        self.condition.set_value(or_none(reading.condition))
        self.latent.set_value(or_none(reading.latent))
        self._show_circle(reading)
        default = (Easing(), "lerp", "slerp", None)
        now = (easing, reading.condition, reading.latent, reading.circle_seed)
        self.reset_button.setVisible(now != default)

    def _show_circle(self, reading: TransitionReading) -> None:
        circles = reading.latent == "circle"
        self.circle_row.setVisible(circles)
        own = reading.circle_seed
        if circles:
            self.circle.set_value(or_none(own))
            self.circle_row.set_resettable(own is not None)
        said = ""
        if circles and own is None:
            said = self.tr("The circle goes through the next keyframe's noise, or the next seed's.")
        elif reading.latent == "hold":
            said = self.tr("The noise stays as it is at the first keyframe.")
        show_line(self.words, said)

    def _fill(self) -> None:
        block = QWidget()
        grid = QGridLayout(block)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        self.graph.setFixedSize(*_GRAPH)
        self.graph.setAccessibleName(self.tr("Easing curve"))
        grid.addWidget(self.graph, 0, 0, 3, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.easing, 0, 1, 1, 2)
        for row, (text, field) in enumerate(
            ((self.tr("Prompt"), self.condition), (self.tr("Noise"), self.latent)), 1
        ):
            label = QLabel(text)
            label.setProperty("kind", "hint")
            label.setBuddy(field)
            grid.addWidget(label, row, 1)
            field.setMinimumContentsLength(_SHORT)
            grid.addWidget(field, row, 2)
        self.easing.setMinimumContentsLength(_SHORT)
        grid.setColumnStretch(2, 1)
        self.body.addWidget(block)
        self.body.addWidget(self.circle_row)
        self.body.addWidget(self.words)
        self.circle.lock.hide()
        self.reset_button.setFixedSize(_RESET, _RESET)
        self.reset_button.setParent(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the way back beside the title."""
        super().resizeEvent(event)
        # the title's line has no place for more
        self.reset_button.move(self.width() - PADDING - _RESET, PADDING - 6)

    def _wire(self) -> None:
        self.graph.edited.connect(self._drag_easing)
        self.graph.gesture_ended.connect(self._edits.end)
        self.easing.edited.connect(self._choose_easing)
        self.condition.edited.connect(self._set_condition)
        self.latent.edited.connect(self._set_latent)
        self.circle.edited.connect(self._set_circle)
        self.circle_row.reset.connect(lambda: self._set_circle(None))
        self.reset_button.clicked.connect(self._reset)

    def _drag_easing(self, easing: Easing) -> None:
        ids = self._ids
        self._edits.timeline(
            self.tr("Easing"), lambda timeline: set_easing(timeline, ids, easing), "easing"
        )

    def _choose_easing(self, shape: str) -> None:
        ids = self._ids
        easing = easing_of(shape, self.graph.easing())
        self._edits.timeline(self.tr("Easing"), lambda timeline: set_easing(timeline, ids, easing))

    def _set_condition(self, path: str) -> None:
        ids = self._ids
        self._edits.timeline(
            self.tr("Prompt path"), lambda timeline: set_paths(timeline, ids, condition=path)
        )

    def _set_latent(self, path: str) -> None:
        ids = self._ids
        self._edits.timeline(
            self.tr("Noise path"), lambda timeline: set_paths(timeline, ids, latent=path)
        )

    def _set_circle(self, seed: int | None) -> None:
        ids = self._ids
        self._edits.timeline(
            self.tr("Circle through"), lambda timeline: set_circle_seed(timeline, ids, seed)
        )

    def _reset(self) -> None:
        ids = self._ids
        self._edits.timeline(
            self.tr("Reset the transition"),
            lambda timeline: set_transition(timeline, ids, Transition()),
        )

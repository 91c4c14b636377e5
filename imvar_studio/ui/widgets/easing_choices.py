"""The named easings as a person chooses them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from imvar_studio.model.curve import Easing
from imvar_studio.model.track_edits import as_bezier
from imvar_studio.ui.widgets.choice_field import Choice, ChoiceField
from imvar_studio.ui.widgets.easing_painting import easing_icon

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


def easing_choices() -> tuple[Choice, ...]:
    """Return all easings by their shapes (`EASINGS`), with plain names."""
    tr = QCoreApplication.translate
    named = (
        ("linear", tr("Easing", "Linear"), tr("Easing", "The same pace all the way")),
        ("cubic-in", tr("Easing", "Ease in"), tr("Easing", "Starts slowly (cubic)")),
        ("cubic-out", tr("Easing", "Ease out"), tr("Easing", "Ends slowly (cubic)")),
        ("cubic-in-out", tr("Easing", "Ease in-out"), tr("Easing", "Slow at both ends (cubic)")),
        ("sine-in", tr("Easing", "Sine in"), tr("Easing", "Starts softly")),
        ("sine-out", tr("Easing", "Sine out"), tr("Easing", "Ends softly")),
        ("sine-in-out", tr("Easing", "Sine in-out"), tr("Easing", "Soft at both ends")),
        ("back-in", tr("Easing", "Back in"), tr("Easing", "Draws back before it starts")),
        ("back-out", tr("Easing", "Back out"), tr("Easing", "Goes too far and returns")),
        ("back-in-out", tr("Easing", "Back in-out"), tr("Easing", "Overshoots at both ends")),
        ("bounce-in", tr("Easing", "Bounce in"), tr("Easing", "Bounces before it starts")),
        ("bounce-out", tr("Easing", "Bounce out"), tr("Easing", "Bounces when it arrives")),
        ("bounce-in-out", tr("Easing", "Bounce in-out"), tr("Easing", "Bounces at both ends")),
        ("hold", tr("Easing", "Hold"), tr("Easing", "Stays, and jumps at the end")),
        ("bezier", tr("Easing", "Custom curve"), tr("Easing", "Two handles (cubic Bezier)")),
    )
    return tuple(Choice(*each) for each in named)


def easing_of(shape: str, old: Easing | None = None) -> Easing:
    """Return the easing a person chose; a custom curve begins as the old one's Bezier."""
    if shape == "bezier":
        return as_bezier(old or Easing("cubic-in-out"))
    return Easing(shape)


def easing_field(name: str = "", parent: QWidget | None = None) -> ChoiceField:
    """Return a field of all easings, each with its curve before its name."""
    field = ChoiceField(easing_choices(), name, parent)
    for choice in easing_choices():
        field.set_icon(choice.value, easing_icon(easing_of(choice.value)))
    return field

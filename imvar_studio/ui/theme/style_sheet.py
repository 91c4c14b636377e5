"""The style sheet over Fusion, of tokens and sizes only."""

from __future__ import annotations

from dataclasses import asdict
from string import Template
from typing import TYPE_CHECKING

from imvar_studio.ui.theme import tokens as sizes
from imvar_studio.ui.theme.style_buttons import BUTTONS
from imvar_studio.ui.theme.style_frames import FRAMES
from imvar_studio.ui.theme.style_inputs import INPUTS
from imvar_studio.ui.theme.style_views import VIEWS

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.ui.theme.tokens import Tokens

# the icons that the sheet shows, and their colours
MARKS: tuple[tuple[str, str], ...] = (
    ("check", "on_accent"),
    ("check", "disabled"),
    ("check", "text"),
    ("chevron-down", "disabled"),
    ("chevron-down", "text2"),
    ("chevron-right", "text2"),
    ("chevron-up", "text2"),
    ("minus", "on_accent"),
    ("x", "text2"),
)

_SIZES = {
    "body": sizes.BODY_SIZE,
    "hint": sizes.HINT_SIZE,
    "padding": sizes.PADDING,
    "row": sizes.ROW_HEIGHT,
    "radius": sizes.RADIUS,
    "small_radius": sizes.THUMB_RADIUS,
    "status": sizes.STATUS_BAR_HEIGHT,
    "ring": sizes.FOCUS_WIDTH,
    # heights in a sheet are without the ring and the inner space
    "button_inside": sizes.FIELD_HEIGHT - 2 * sizes.FOCUS_WIDTH,
    "field_inside": sizes.FIELD_HEIGHT - 2,
}


def style_sheet(tokens: Tokens, mark_url: Callable[[str, str], str]) -> str:
    """Return the whole sheet.

    Args:
        tokens: the colours.
        mark_url: gives the address of one of `MARKS`, by its name and token.
    """
    marks = {
        f"{name.replace('-', '_')}_{token}": f"url({mark_url(name, token)})"
        for name, token in MARKS
    }
    whole = "\n".join((FRAMES, VIEWS, BUTTONS, INPUTS))  # later rules win
    return Template(whole).substitute(asdict(tokens) | _SIZES | marks)

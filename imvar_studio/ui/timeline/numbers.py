"""Values of tracks as they are written and typed."""

from __future__ import annotations

from imvar_studio.model.timeline import TRACK_RANGES


def value_text(value: float) -> str:
    """Return a value with one decimal, or two where it has more."""
    text = f"{value + 0.0:.2f}"
    text = "0.00" if text == "-0.00" else text
    return text[:-1] if text.endswith("0") else text


def range_text(low: float, high: float) -> str:
    """Return a range as it stands in a row's head."""
    return f"{low:g} \N{EN DASH} {high:g}"


def typed_value(text: str, parameter: str) -> float | None:
    """Return the value that was typed, kept in the parameter's range; None where it is none.

    A decimal comma is taken as a point.
    """
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    if value != value:
        return None
    low, high = TRACK_RANGES[parameter]
    return min(max(value, low), high)

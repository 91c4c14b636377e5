"""The shapes of the pointer."""

from __future__ import annotations

from PySide6.QtCore import Qt

_SHAPE = Qt.CursorShape
_IDLE = {
    "arrow": _SHAPE.ArrowCursor,
    "scrub": _SHAPE.SizeHorCursor,
    "size-x": _SHAPE.SizeHorCursor,
    "size-y": _SHAPE.SizeVerCursor,
    "grab": _SHAPE.OpenHandCursor,
    "move": _SHAPE.SizeAllCursor,
    "copy": _SHAPE.DragCopyCursor,
    "ripple": _SHAPE.SplitHCursor,
    "point": _SHAPE.PointingHandCursor,
    "cross": _SHAPE.CrossCursor,
    "pan": _SHAPE.ClosedHandCursor,
}
_PRESSED = {"grab": _SHAPE.ClosedHandCursor}


def cursor(name: str, *, pressed: bool = False) -> Qt.CursorShape:
    """Return the shape of a name that gestures give.

    Raises:
        KeyError: for a name that no gesture gives.
    """
    if pressed and name in _PRESSED:
        return _PRESSED[name]
    return _IDLE[name]

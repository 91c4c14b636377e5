"""How a source picture fills the film's frame, as the render frames it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imvar_studio.model.source import Framing

Box = tuple[float, float, float, float]  # left, top, width, height
Sides = tuple[float, float]  # width, height


def framed(picture: Sides, frame: Sides, framing: Framing) -> tuple[Box, Box]:
    """Return the part of the picture that is seen, and the part of the frame it fills.

    Args:
        picture: in pixels.
        frame: in any unit; the second box is in it.
        framing: as in the film.
    """
    (width, height), (wide, high) = picture, frame
    if framing.mode == "fit":
        scale = min(wide / width, high / height)
        inner = width * scale, height * scale
        return (0, 0, width, height), ((wide - inner[0]) / 2, (high - inner[1]) / 2, *inner)
    scale = max(wide / width, high / height)
    scale *= framing.zoom if framing.mode == "crop" else 1.0
    cut_w, cut_h = min(wide / scale, width), min(high / scale, height)
    left = min(max(framing.focus_x * width - cut_w / 2, 0), width - cut_w)
    top = min(max(framing.focus_y * height - cut_h / 2, 0), height - cut_h)
    return (left, top, cut_w, cut_h), (0, 0, wide, high)

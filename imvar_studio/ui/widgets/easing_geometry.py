"""Where an easing's curve and handles lie in a box, and how a drag moves them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from imvar_studio.model.track_edits import as_bezier

if TYPE_CHECKING:
    from imvar_studio.model.curve import Easing

Handle = Literal[1, 2]

SAMPLES = 96
HIT_RADIUS = 14.0  # px around a handle in which it is taken
LOWEST, HIGHEST = -4.0, 5.0  # the y that a handle can have
KEY_STEP = 0.01  # of an arrow key, as a share of the box


@dataclass(frozen=True, slots=True)
class Graph:
    """A box of the screen, and the eased progress that its edges stand for.

    Args:
        left, top, width, height: px, of the drawing.
        low, high: eased progress at the bottom and the top.
    """

    left: float
    top: float
    width: float
    height: float
    low: float = 0.0
    high: float = 1.0

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Return where progress x and eased progress y are, in px."""
        share = (y - self.low) / (self.high - self.low)
        return self.left + x * self.width, self.top + (1 - share) * self.height

    def value(self, px: float, py: float) -> tuple[float, float]:
        """Return progress and eased progress at a place; it may lie outside the box."""
        share = 1 - (py - self.top) / self.height
        return (px - self.left) / self.width, self.low + share * (self.high - self.low)


def course(easing: Easing, samples: int = SAMPLES) -> tuple[tuple[float, float], ...]:
    """Return (progress, eased progress) along the curve; a hold has its jump at the end."""
    if easing.shape == "hold":
        return ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
    return tuple((at / samples, easing(at / samples)) for at in range(samples + 1))


def handles(easing: Easing) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return (progress, eased progress) of both handles of the Bezier that comes nearest."""
    bezier = as_bezier(easing)
    return (bezier.x1, bezier.y1), (bezier.x2, bezier.y2)


def has_handles(easing: Easing) -> bool:
    """Tell whether the handles say how the curve runs; not for a hold or a bounce."""
    return easing.shape != "hold" and not easing.shape.startswith("bounce")


def reach(easing: Easing) -> tuple[float, float]:
    """Return the lowest and highest eased progress to show: all of the curve and its handles."""
    heights = [y for _, y in course(easing)]
    if has_handles(easing):
        heights += [y for _, y in handles(easing)]
    return min(0.0, *heights), max(1.0, *heights)


def handle_at(graph: Graph, easing: Easing, px: float, py: float) -> Handle | None:
    """Return the handle under the pointer, the nearer of two; None where there is none."""
    nearest: Handle | None = None
    least = HIT_RADIUS
    names: tuple[Handle, Handle] = (1, 2)
    for which, (x, y) in zip(names, handles(easing), strict=True):
        hx, hy = graph.point(x, y)
        away = ((hx - px) ** 2 + (hy - py) ** 2) ** 0.5
        if away < least:
            nearest, least = which, away
    return nearest


def moved(easing: Easing, which: Handle, x: float, y: float) -> Easing:
    """Return the Bezier with a handle at (x, y), which stops at the ends of its range."""
    x, y = round(min(max(x, 0.0), 1.0), 4), round(min(max(y, LOWEST), HIGHEST), 4)
    bezier = as_bezier(easing)
    return replace(bezier, x1=x, y1=y) if which == 1 else replace(bezier, x2=x, y2=y)


def nudged(easing: Easing, which: Handle, steps_x: float, steps_y: float) -> Easing:
    """Return the Bezier with a handle `steps` of `KEY_STEP` further."""
    x, y = handles(easing)[which - 1]
    return moved(easing, which, x + steps_x * KEY_STEP, y + steps_y * KEY_STEP)

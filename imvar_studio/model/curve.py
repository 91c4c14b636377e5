"""Easings and curves: how a value moves between points in time."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from imvar_studio.model import checks
from imvar_studio.model.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 86_400.0  # seconds; a day of film


def _back_in(x: float, c: float = 1.70158) -> float:
    return (c + 1) * x**3 - c * x**2  # overshoots by 10%


def _back_in_wide(x: float) -> float:
    return _back_in(x, 1.70158 * 1.525)  # halved by in-out, it still overshoots by 10%


def _bounce_out(x: float) -> float:
    n, d = 7.5625, 2.75
    for edge, middle, floor in ((1.0, 0.0, 0.0), (2.0, 1.5, 0.75), (2.5, 2.25, 0.9375)):
        if x < edge / d:
            return n * (x - middle / d) ** 2 + floor
    return n * (x - 2.625 / d) ** 2 + 0.984375


def _sine_in(x: float) -> float:
    return 1 - math.cos(x * math.pi / 2)


def _cubic_in(x: float) -> float:
    return x**3


def _mirrored(ease_in: Callable[[float], float]) -> Callable[[float], float]:
    return lambda x: 1 - ease_in(1 - x)


def _both(ease_in: Callable[[float], float]) -> Callable[[float], float]:
    return lambda x: ease_in(2 * x) / 2 if x < 0.5 else 1 - ease_in(2 - 2 * x) / 2


_EASINGS: dict[str, Callable[[float], float]] = {
    "linear": lambda x: x,
    "hold": lambda x: 0.0 if x < 1 else 1.0,
    "sine-in": _sine_in,
    "sine-out": _mirrored(_sine_in),
    "sine-in-out": _both(_sine_in),
    "cubic-in": _cubic_in,
    "cubic-out": _mirrored(_cubic_in),
    "cubic-in-out": _both(_cubic_in),
    "back-in": _back_in,
    "back-out": _mirrored(_back_in),
    "back-in-out": _both(_back_in_wide),
    "bounce-in": _mirrored(_bounce_out),
    "bounce-out": _bounce_out,
    "bounce-in-out": _both(_mirrored(_bounce_out)),
}
EASINGS = (*_EASINGS, "bezier")


@dataclass(frozen=True, slots=True)
class Easing:
    """How progress u in [0, 1] becomes eased progress; 0 stays 0 and 1 stays 1.

    `back` and a Bezier with handles outside leave [0, 1] on the way.

    Args:
        shape: one of `EASINGS`.
        x1, y1, x2, y2: the two handles of `bezier`, as in CSS cubic-bezier(): x in [0, 1],
            y in [-4, 5]; of no meaning for the other shapes.

    Source: Penner 2002 for the named shapes; CSS Easing Functions Level 1 for Bezier.
    """

    shape: str = "linear"
    x1: float = 0.25
    y1: float = 0.25
    x2: float = 0.75
    y2: float = 0.75

    def __post_init__(self) -> None:
        checks.choice(self.shape, "easing", EASINGS)
        for name in ("x1", "x2"):
            checks.number(getattr(self, name), f"easing {name}", 0, 1)
        for name in ("y1", "y2"):
            checks.number(getattr(self, name), f"easing {name}", -4, 5)

    def __call__(self, u: float) -> float:
        """Return eased progress for u, which is clamped to [0, 1]."""
        u = min(max(u, 0.0), 1.0)
        if u in (0.0, 1.0):
            return u
        if self.shape == "bezier":
            return _bezier(_bezier_parameter(u, self.x1, self.x2), self.y1, self.y2)
        return _EASINGS[self.shape](u)


def _bezier(s: float, first: float, second: float) -> float:
    return 3 * (1 - s) ** 2 * s * first + 3 * (1 - s) * s**2 * second + s**3


def _bezier_parameter(x: float, x1: float, x2: float) -> float:
    """Return s with B_x(s) = x by bisection: B_x is monotonic for handles in [0, 1]."""
    low, high = 0.0, 1.0
    for _ in range(60):  # to the last bit of a double
        s = (low + high) / 2
        if _bezier(s, x1, x2) < x:
            low = s
        else:
            high = s
    return (low + high) / 2


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A value at a time in seconds; `easing` leads to the next point."""

    time: float
    value: float
    easing: Easing = Easing()

    def __post_init__(self) -> None:
        checks.put(self, time=checks.number(self.time, "curve time", 0, LONGEST))
        checks.put(self, value=checks.number(self.value, "curve value", -1e6, 1e6))


@dataclass(frozen=True, slots=True)
class Curve:
    """A value over time: points in rising order, constant before the first and after the last."""

    points: tuple[CurvePoint, ...]

    MOST: ClassVar[int] = 100_000

    def __post_init__(self) -> None:
        if not 1 <= len(self.points) <= self.MOST:
            raise SpecError(
                f"curve points must number 1 to {self.MOST}, got {len(self.points)}", "curve points"
            )
        times = [point.time for point in self.points]
        for before, after in itertools.pairwise(times):
            if after <= before:
                raise SpecError(
                    f"curve times must rise, got {after:g} s after {before:g} s", "curve time"
                )

    def at(self, time: float) -> float:
        """Return the value at `time` in seconds."""
        after = bisect_right(self.points, time, key=lambda point: point.time)
        if after == 0:
            return self.points[0].value
        if after == len(self.points):
            return self.points[-1].value
        a, b = self.points[after - 1], self.points[after]
        u = a.easing((time - a.time) / (b.time - a.time))
        return a.value + (b.value - a.value) * u


def constant(value: float) -> Curve:
    """Return the curve that has `value` at all times."""
    return Curve((CurvePoint(0.0, value),))

"""Easings against their published formulas, Bezier against dense sampling, curves."""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imvar_studio.model.curve import EASINGS, Curve, CurvePoint, Easing, constant
from imvar_studio.model.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable

C1 = 1.70158
C2 = C1 * 1.525
C3 = C1 + 1


def bounce_out(x: float) -> float:
    if x < 1 / 2.75:
        return 7.5625 * x * x
    if x < 2 / 2.75:
        return 7.5625 * (x - 1.5 / 2.75) ** 2 + 0.75
    if x < 2.5 / 2.75:
        return 7.5625 * (x - 2.25 / 2.75) ** 2 + 0.9375
    return 7.5625 * (x - 2.625 / 2.75) ** 2 + 0.984375


# as printed on easings.net, after Penner
PUBLISHED: dict[str, Callable[[float], float]] = {
    "linear": lambda x: x,
    "hold": lambda x: 0.0 if x < 1 else 1.0,
    "sine-in": lambda x: 1 - math.cos(x * math.pi / 2),
    "sine-out": lambda x: math.sin(x * math.pi / 2),
    "sine-in-out": lambda x: -(math.cos(math.pi * x) - 1) / 2,
    "cubic-in": lambda x: x**3,
    "cubic-out": lambda x: 1 - (1 - x) ** 3,
    "cubic-in-out": lambda x: 4 * x**3 if x < 0.5 else 1 - (-2 * x + 2) ** 3 / 2,
    "back-in": lambda x: C3 * x**3 - C1 * x**2,
    "back-out": lambda x: 1 + C3 * (x - 1) ** 3 + C1 * (x - 1) ** 2,
    "back-in-out": lambda x: (
        (2 * x) ** 2 * ((C2 + 1) * 2 * x - C2) / 2
        if x < 0.5
        else ((2 * x - 2) ** 2 * ((C2 + 1) * (2 * x - 2) + C2) + 2) / 2
    ),
    "bounce-in": lambda x: 1 - bounce_out(1 - x),
    "bounce-out": bounce_out,
    "bounce-in-out": lambda x: (
        (1 - bounce_out(1 - 2 * x)) / 2 if x < 0.5 else (1 + bounce_out(2 * x - 1)) / 2
    ),
}
CSS = {
    "ease": (0.25, 0.1, 0.25, 1.0),
    "ease-in": (0.42, 0.0, 1.0, 1.0),
    "ease-out": (0.0, 0.0, 0.58, 1.0),
    "ease-in-out": (0.42, 0.0, 0.58, 1.0),
}
HANDLES = {
    **CSS,
    "outside": (0.68, -0.55, 0.265, 1.55),
    "nearly upright": (1.0, 0.0, 0.0, 1.0),
    "highest": (0.3, 5.0, 0.7, -4.0),
}


def sampled(x1: float, y1: float, x2: float, y2: float) -> Callable[[float], float]:
    """A cubic Bezier curve as a table of 20,000 points, read with linear interpolation."""
    points = []
    for i in range(20_001):
        s = i / 20_000
        a, b, c = 3 * s * (1 - s) ** 2, 3 * s**2 * (1 - s), s**3
        points.append((a * x1 + b * x2 + c, a * y1 + b * y2 + c))

    def read(x: float) -> float:
        after = min(max(bisect_left(points, (x, -math.inf)), 1), 20_000)
        (x0, low), (x1, high) = points[after - 1], points[after]
        return low + (high - low) * (x - x0) / (x1 - x0)

    return read


def test_the_easings_there_are() -> None:
    assert (*PUBLISHED, "bezier") == EASINGS


@pytest.mark.parametrize("shape", EASINGS)
def test_an_easing_begins_at_0_and_ends_at_1(shape: str) -> None:
    easing = Easing(shape)
    assert [easing(u) for u in (-0.5, 0, 1, 1.5)] == [0, 0, 1, 1]


@pytest.mark.parametrize("shape", PUBLISHED)
def test_an_easing_follows_its_formula(shape: str) -> None:
    easing, formula = Easing(shape), PUBLISHED[shape]
    for u in (0.25, 0.5, 0.75, 0.01, 0.1, 0.37, 0.62, 0.8, 0.95, 0.99):
        assert easing(u) == pytest.approx(formula(u), abs=1e-12)


@pytest.mark.parametrize(
    ("shape", "low", "high"),
    [("back-in", -0.1, 1), ("back-out", 0, 1.1), ("back-in-out", -0.1, 1.1)],
)
def test_back_overshoots_by_a_tenth(shape: str, low: float, high: float) -> None:
    values = [Easing(shape)(i / 1000) for i in range(1001)]
    assert min(values) == pytest.approx(low, abs=1e-3)
    assert max(values) == pytest.approx(high, abs=1e-3)


@pytest.mark.parametrize("shape", ["bounce-in", "bounce-out", "bounce-in-out"])
def test_bounce_stays_inside_and_turns_around(shape: str) -> None:
    values = [Easing(shape)(i / 1000) for i in range(1001)]
    assert min(values) >= 0
    assert max(values) <= 1
    assert any(after < before for before, after in pairwise(values))


@pytest.mark.parametrize("name", HANDLES)
def test_bezier_follows_the_curve(name: str) -> None:
    easing, reference = Easing("bezier", *HANDLES[name]), sampled(*HANDLES[name])
    tolerance = 1e-3 if name == "nearly upright" else 1e-6
    for u in (0.05, 0.1, 0.25, 0.4, 0.6, 0.75, 0.9, 0.99):
        assert easing(u) == pytest.approx(reference(u), abs=tolerance)


@pytest.mark.parametrize(
    ("name", "values"),
    [  # what browsers show, to four digits
        ("ease", (0.4085, 0.8024, 0.9605)),
        ("ease-in", (0.0935, 0.3154, 0.6219)),
        ("ease-out", (0.3781, 0.6846, 0.9065)),
        ("ease-in-out", (0.1292, 0.5, 0.8708)),
    ],
)
def test_bezier_shows_what_css_shows(name: str, values: tuple[float, ...]) -> None:
    easing = Easing("bezier", *CSS[name])
    assert [easing(u) for u in (0.25, 0.5, 0.75)] == pytest.approx(values, abs=5e-5)


def test_bezier_without_handles_is_linear() -> None:
    easing = Easing("bezier")
    assert [easing(u / 7) for u in range(8)] == pytest.approx([u / 7 for u in range(8)])


shares = st.floats(0, 1)


@settings(deadline=None)
@given(shares, shares, shares, shares, shares, shares)
def test_bezier_rises_between_handles_inside(
    x1: float, y1: float, x2: float, y2: float, u: float, v: float
) -> None:
    easing = Easing("bezier", x1, min(y1, y2), x2, max(y1, y2))
    low, high = sorted((u, v))
    assert 0 <= easing(low) <= easing(high) + 1e-12 <= 1 + 1e-11


RAMP = Curve(
    (
        CurvePoint(1, 10),
        CurvePoint(3, 20, Easing("cubic-in")),
        CurvePoint(4, -20, Easing("hold")),
        CurvePoint(6, 5),
    )
)


@pytest.mark.parametrize(
    ("time", "value"),
    [
        (-5, 10),
        (0, 10),
        (1, 10),
        (1.5, 12.5),
        (2, 15),
        (3, 20),
        (3.5, 20 - 40 * 0.125),
        (4, -20),
        (5.999, -20),
        (6, 5),
        (7, 5),
        (1e9, 5),
    ],
)
def test_a_curve_goes_from_point_to_point(time: float, value: float) -> None:
    assert RAMP.at(time) == pytest.approx(value)


def test_a_constant() -> None:
    assert {constant(2.5).at(time) for time in (0, 1, 86_400)} == {2.5}


@pytest.mark.parametrize(("times", "shown"), [((1, 1), "1 s after 1 s"), ((2, 0.5), "0.5 s after")])
def test_points_out_of_order(times: tuple[float, ...], shown: str) -> None:
    with pytest.raises(SpecError, match=f"curve times must rise, got {shown}"):
        Curve(tuple(CurvePoint(time, 0) for time in times))


def test_how_many_points_a_curve_has() -> None:
    with pytest.raises(SpecError, match="curve points must number 1 to 100000, got 0"):
        Curve(())
    points = tuple(CurvePoint(i / 2, 0) for i in range(100_001))
    with pytest.raises(SpecError, match="curve points must number 1 to 100000, got 100001"):
        Curve(points)
    assert Curve(points[:-1]).at(1e5) == 0

"""What is near a time, also among thousands."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imvar_studio.model.curve import CurvePoint
from imvar_studio.model.snapping import nearest, snap, snap_to_frame, span
from imvar_studio.model.timeline import Marker

TIMES = (0.0, 1.0, 2.5, 4.0)
MARKERS = tuple(map(Marker, TIMES))
seconds = st.floats(0, 100)
rising = st.lists(seconds, max_size=8, unique=True).map(sorted)


@pytest.mark.parametrize(
    ("time", "expected"),
    [(0.95, 1), (1.1, 1), (1.11, 1.11), (2.4, 2.5), (4.1, 4), (9, 9), (0.05, 0), (2.5, 2.5)],
)
def test_snapping(time: float, expected: float) -> None:
    assert snap(time, TIMES, 0.1 + 1e-9) == expected


def test_snapping_to_nothing() -> None:
    assert snap(3, (), 10) == 3
    assert snap(1.5, TIMES, 0) == 1.5
    assert snap(0.5, TIMES, 1) == 0  # of two as near, the earlier


@given(seconds, rising, st.floats(0, 10))
def test_snapping_takes_the_nearest_of_all(time: float, times: list[float], far: float) -> None:
    near = [each for each in times if abs(each - time) <= far]
    best = min(near, key=lambda each: abs(each - time), default=time)
    assert abs(snap(time, times, far) - time) == abs(best - time)


@pytest.mark.parametrize(
    ("time", "fps", "expected"),
    [
        (0.51, Fraction(2), 0.5),
        (0.75, Fraction(2), 1.0),
        (-0.3, Fraction(2), 0.0),
        (4166.6, Fraction(24), 99_998 / 24),
        (1.0, Fraction(24000, 1001), 24 * 1001 / 24000),
    ],
)
def test_snapping_to_frames(time: float, fps: Fraction, expected: float) -> None:
    assert snap_to_frame(time, fps) == expected
    assert snap_to_frame(expected, fps) == expected


def test_nearest_items() -> None:
    found = [nearest(MARKERS, time) for time in (-1, 0.4, 0.5, 0.6, 1, 3.3, 99)]
    assert found == [0, 0, 0, 1, 1, 3, 3]
    assert nearest((), 1) is None


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [(0, 4, [0, 1, 2, 3]), (1, 2.5, [1, 2]), (1.1, 2.4, []), (-5, 0.5, [0]), (5, 9, [])],
)
def test_items_of_a_span(begin: float, end: float, expected: list[int]) -> None:
    assert list(span(MARKERS, begin, end)) == expected


def test_a_hundred_thousand_items_are_looked_up_in_a_few_steps() -> None:
    class Counted:
        reads = 0

        def __init__(self, points: list[CurvePoint]) -> None:
            self.points = points

        def __len__(self) -> int:
            return len(self.points)

        def __getitem__(self, index: int) -> CurvePoint:
            Counted.reads += 1
            return self.points[index]

    points = Counted([CurvePoint(index / 24, 1) for index in range(100_000)])
    assert nearest(points, 2000.01) == 48_000
    assert list(span(points, 1000, 1000.1)) == [24_000, 24_001, 24_002]
    assert Counted.reads < 80

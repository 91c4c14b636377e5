"""Finding what is near a time: by bisection, so that thousands of keyframes cost nothing."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction


class Timed(Protocol):
    """Something at a time: a keyframe, a marker, a point of a curve."""

    @property
    def time(self) -> float:
        """Seconds."""


T = TypeVar("T", bound=Timed)


def snap(time: float, candidates: Sequence[float], tolerance: float) -> float:
    """Return the candidate nearest to `time`, or `time` where none is near enough.

    Args:
        time: seconds.
        candidates: seconds, in rising order; of two that are as near, the earlier is taken.
        tolerance: the farthest that counts as near, in seconds, at least 0.
    """
    after = bisect_left(candidates, time)
    near = candidates[max(after - 1, 0) : after + 1]
    best = min(near, key=lambda each: abs(each - time), default=time)
    return best if abs(best - time) <= tolerance else time


def snap_to_frame(time: float, fps: Fraction) -> float:
    """Return the time of the frame nearest to `time`, both in seconds; halves go up."""
    frame = max(math.floor(time * fps.numerator / fps.denominator + 0.5), 0)
    return frame * fps.denominator / fps.numerator


def nearest(items: Sequence[T], time: float) -> int | None:
    """Return the index of the item nearest to `time` in seconds; None where there are none.

    Args:
        items: in rising order of time; of two that are as near, the earlier is taken.
        time: seconds.
    """
    after = bisect_left(items, time, key=_time)
    near = range(max(after - 1, 0), min(after + 1, len(items)))
    return min(near, key=lambda index: abs(items[index].time - time), default=None)


def span(items: Sequence[T], begin: float, end: float) -> range:
    """Return the indices of the items in [begin, end] seconds; `items` rise in time."""
    return range(bisect_left(items, begin, key=_time), bisect_right(items, end, key=_time))


def _time(item: Timed) -> float:
    return item.time

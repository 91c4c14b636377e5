"""Which frames are played, and how in and out marks are set."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from imvar_studio.plan.timing import nearest_frame

if TYPE_CHECKING:
    from fractions import Fraction

    from imvar_studio.model.timeline import Timeline

Marks = tuple[int, int] | None


def with_in(marks: Marks, frame: int, count: int) -> Marks:
    """Return the marks with the in mark at a frame; an out mark before it goes to the end.

    Args:
        marks: (in, out) frames, both included; None is the whole film.
        frame: the new in mark; at most the last but one.
        count: frames of the film; below 2 there is nothing to mark.
    """
    if count < 2:
        return None
    first = min(max(frame, 0), count - 2)
    last = marks[1] if marks is not None and marks[1] > first else count - 1
    return _whole_is_none(first, min(last, count - 1), count)


def with_out(marks: Marks, frame: int, count: int) -> Marks:
    """Return the marks with the out mark at a frame; an in mark behind it goes to the beginning.

    Args:
        marks, count: as in `with_in`.
        frame: the new out mark; at least the second.
    """
    if count < 2:
        return None
    last = min(max(frame, 1), count - 1)
    first = marks[0] if marks is not None and marks[0] < last else 0
    return _whole_is_none(first, last, count)


def played(marks: Marks, count: int) -> tuple[int, int]:
    """Return the first and last frame that are played, both included."""
    return marks if marks is not None else (0, max(count - 1, 0))


def next_keyframe(timeline: Timeline, fps: Fraction, frame: int, direction: int) -> int | None:
    """Return the frame of the next keyframe after (1) or before (-1) a frame; None for none."""
    places = [nearest_frame(key.time, fps) for key in timeline.keyframes]
    if direction > 0:
        after = bisect_right(places, frame)
        return places[after] if after < len(places) else None
    before = bisect_left(places, frame)
    return places[before - 1] if before else None


def _whole_is_none(first: int, last: int, count: int) -> Marks:
    return None if (first, last) == (0, count - 1) else (first, last)

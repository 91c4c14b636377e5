"""Frames in time: which keyframes a frame lies between, and how far along."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imvar_studio.model.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from imvar_studio.model.timeline import Timeline

MOST_FRAMES = 1_000_000


@dataclass(frozen=True, slots=True)
class Moment:
    """A frame's place.

    Args:
        index: the frame.
        time: seconds on the timeline, where tracks are read.
        first, second: indices of the keyframes it lies between (equal where there is one).
        progress: linear, in [0, 1], from the first to the second.
    """

    index: int
    time: float
    first: int
    second: int
    progress: float


def lay_out(timeline: Timeline, fps: Fraction, per_transition: int | None) -> list[Moment]:
    """Return the moments of all frames.

    A keyframe lies on the frame nearest to its time, so that a frame shows it exactly. A loop
    ends on the step before its first frame.

    Args:
        timeline: with at least one keyframe.
        fps: frames a second.
        per_transition: frames from each keyframe to the next, in place of their times.

    Raises:
        SpecError: two keyframes on one frame, a loop without a way back, too many frames.
    """
    places = _places(timeline, fps, per_transition)
    total = _total(timeline, places, fps, per_transition)
    if total > MOST_FRAMES:
        raise SpecError(
            f"the film has {total} frames, the most is {MOST_FRAMES}",
            "frames",
            "shorten it, or lower the frame rate",
        )
    return list(_moments(timeline, places, total, fps))


def _places(timeline: Timeline, fps: Fraction, per_transition: int | None) -> list[int]:
    if per_transition is not None:
        return [index * per_transition for index in range(len(timeline.keyframes))]
    places = [nearest_frame(key.time, fps) for key in timeline.keyframes]
    for before, after in zip(range(len(places)), range(1, len(places)), strict=False):
        if places[after] == places[before]:
            times = [timeline.keyframes[i].time for i in (before, after)]
            raise SpecError(
                f"keyframes at {times[0]:g} s and {times[1]:g} s fall on one frame "
                f"at {float(fps):g} fps",
                "keyframe time",
                "move one of them, or raise the frame rate",
            )
    return places


def frame_count(timeline: Timeline, fps: Fraction) -> int:
    """Return how many frames a timeline has; 0 without keyframes.

    Also where `lay_out` refuses it: then as many as its times say.
    """
    if not timeline.keyframes:
        return 0
    places = [nearest_frame(key.time, fps) for key in timeline.keyframes[-2:]]
    if timeline.loop and timeline.duration is None and len(places) == 1:
        return places[0] + 1
    return _total(timeline, places, fps, None)


def nearest_frame(time: float, fps: Fraction) -> int:
    """Return the frame nearest to `time` in seconds; halves go up."""
    return math.floor(time * fps.numerator / fps.denominator + 0.5)


def _total(timeline: Timeline, places: list[int], fps: Fraction, per_transition: int | None) -> int:
    last = places[-1]
    if not timeline.loop:
        held = 0 if timeline.duration is None else nearest_frame(timeline.duration, fps)
        return last + 1 if per_transition is not None else max(held, last + 1)
    if per_transition is not None:
        return last + per_transition
    if timeline.duration is not None:
        return max(nearest_frame(timeline.duration, fps), last + 1)
    if len(places) == 1:
        raise SpecError(
            "a looping film of one keyframe has no length", "duration", "give the film a duration"
        )
    return last + (last - places[-2])


def _moments(timeline: Timeline, places: list[int], total: int, fps: Fraction) -> Iterator[Moment]:
    last = len(places) - 1
    times = [key.time for key in timeline.keyframes]
    # a loop's way back spans the film's end: it leaves the last keyframe and reaches the
    # first one in the next round
    end = total / float(fps) if timeline.duration is None else timeline.duration
    if timeline.loop:
        back_frames, back_time = total + places[0] - places[-1], max(end, times[-1]) + times[0]
    current = 0
    for index in range(total):
        while current < last and index >= places[current + 1]:
            current += 1
        if index < places[0] or (current == last and index >= places[-1]):
            if timeline.loop:
                along = (index - places[-1]) % total / back_frames
                time = times[-1] + (back_time - times[-1]) * along
                if index < places[0]:  # in the next round, which begins at 0 s
                    time = max(time - back_time + times[0], 0.0)
                yield Moment(index, time, last, 0, along)
            elif index < places[0]:  # holds the first keyframe, as its transition begins
                yield Moment(index, index / float(fps), 0, min(1, last), 0.0)
            else:  # the last frame ends its transition; what follows holds it
                before = max(last - 1, 0)
                time = max(times[-1], index / float(fps)) if index > places[-1] else times[-1]
                yield Moment(index, time, before, last, 1.0)
        else:
            along = (index - places[current]) / (places[current + 1] - places[current])
            time = times[current] + (times[current + 1] - times[current]) * along
            yield Moment(index, time, current, current + 1, along)

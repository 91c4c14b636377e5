"""Where keyframes may go: never two on one frame, never behind the film's end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imvar_studio.model.curve import LONGEST
from imvar_studio.model.keyframe_edits import insert, selected
from imvar_studio.model.snapping import snap_to_frame
from imvar_studio.plan.timing import nearest_frame

if TYPE_CHECKING:
    from collections.abc import Sequence, Set
    from fractions import Fraction

    from imvar_studio.model.timeline import Keyframe, Timeline

_FARTHEST = 2_000  # frames that are tried to either side


def free_delta(
    timeline: Timeline, ids: Set[str], delta: float, fps: Fraction, *, copies: bool = False
) -> float:
    """Return the time nearest to `delta` by which keyframes can be moved.

    Args:
        timeline: as it is before.
        ids: the keyframes.
        delta: seconds, wanted.
        fps: frames a second; no two keyframes may fall on one frame.
        copies: copies are moved, the keyframes themselves stay.

    Returns:
        Seconds; 0 where there is no room.
    """
    moved = selected(timeline, ids)
    if not moved:
        return 0.0
    frame = float(1 / fps)
    low, high = -moved[0].time, _latest(timeline, frame) - moved[-1].time
    delta = min(max(delta, low), max(high, low))
    stay = timeline.keyframes if copies else [k for k in timeline.keyframes if k.id not in ids]
    taken = {nearest_frame(key.time, fps) for key in stay}
    places = [nearest_frame(key.time + delta, fps) for key in moved]
    if taken.isdisjoint(places):
        return delta
    for away in range(1, _FARTHEST):
        for shift in (away, -away):
            new = delta + shift * frame
            if low <= new <= high and taken.isdisjoint(place + shift for place in places):
                return new
    return 0.0


def step_delta(timeline: Timeline, ids: Set[str], frames: int, fps: Fraction) -> float:
    """Return the time by which keyframes move when nudged: `frames`, or as many more as free.

    Args:
        timeline: to edit.
        ids: the keyframes.
        frames: how many, negative towards the beginning; not 0.
        fps: frames a second.
    """
    moved = selected(timeline, ids)
    stay = {nearest_frame(key.time, fps) for key in timeline.keyframes if key.id not in ids}
    if not moved:
        return 0.0
    frame = float(1 / fps)
    places = [nearest_frame(key.time, fps) for key in moved]
    end = _latest(timeline, frame)
    for count in range(_FARTHEST):
        shift = frames + (count if frames > 0 else -count)
        # by the frame grid: a nudge lands a keyframe that lay between frames on one
        delta = float((places[0] + shift) / fps) - moved[0].time
        if moved[0].time + delta < 0 or moved[-1].time + delta > end:
            return 0.0
        if stay.isdisjoint(place + shift for place in places):
            return delta
    return 0.0


def ripple_delta(timeline: Timeline, time: float, delta: float, fps: Fraction) -> float:
    """Return `delta` seconds, or the nearest by which all from `time` on can be moved.

    What is moved stays a frame behind the last keyframe before `time`.
    """
    before = [key.time for key in timeline.keyframes if key.time < time]
    low = before[-1] + float(1 / fps) - time if before else -time
    if timeline.duration is not None and timeline.duration < time:
        low = max(low, timeline.duration - time)
    last = max(timeline.keyframes[-1].time, timeline.duration or 0.0)
    return min(max(delta, min(low, 0.0)), LONGEST - last)


def copy_delta(timeline: Timeline, ids: Set[str], fps: Fraction) -> float:
    """Return the time by which copies lie behind their keyframes: a second after the last one."""
    keys = selected(timeline, ids)
    if not keys:
        return 0.0
    wanted = keys[-1].time - keys[0].time + 1.0
    return free_delta(timeline, ids, wanted, fps, copies=True)


def place_new(
    timeline: Timeline, keys: Sequence[Keyframe], fps: Fraction
) -> tuple[Timeline, tuple[str, ...]]:
    """Put new keyframes at their times, or the nearest frames that are free.

    A film whose end was set ends later where they lie behind it.

    Args:
        timeline: to edit.
        keys: in rising order of time.
        fps: frames a second.

    Returns:
        The timeline, and the new ids in the order of `keys`.
    """
    taken = {nearest_frame(key.time, fps) for key in timeline.keyframes}
    placed = []
    for key in keys:
        frame = _free_frame(nearest_frame(key.time, fps), taken)
        taken.add(frame)
        placed.append(replace(key, time=float(frame / fps)))
    last = max((key.time for key in placed), default=0.0)
    if timeline.duration is not None and last >= timeline.duration:
        timeline = replace(timeline, duration=last + float(1 / fps))
    return insert(timeline, placed)


def end_at(timeline: Timeline, time: float, fps: Fraction) -> Timeline:
    """Return the timeline with its end at `time` seconds, on a frame.

    It cannot end before its last keyframe; ending with it is having no end of its own.
    """
    frame = float(1 / fps)
    last = timeline.keyframes[-1].time if timeline.keyframes else 0.0
    time = snap_to_frame(time, fps)
    if timeline.loop:
        return replace(timeline, duration=max(time, snap_to_frame(last, fps) + frame))
    if time <= last + frame * 1.5 and timeline.keyframes:
        return replace(timeline, duration=None)
    return replace(timeline, duration=max(time, frame))


def _latest(timeline: Timeline, frame: float) -> float:
    """Return the last second a keyframe may be at."""
    if timeline.duration is None:
        return LONGEST
    return timeline.duration - (frame if timeline.loop else 0.0)


def _free_frame(frame: int, taken: Set[int]) -> int:
    away = 0
    while True:
        for place in (frame + away, frame - away):
            if place >= 0 and place not in taken:
                return place
        away += 1

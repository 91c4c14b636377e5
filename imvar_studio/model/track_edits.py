"""Edits of tracks: pure functions on a parameter's curve; points that stay are shared.

Points are named by their index in the curve, in any order; indices that are not there are
passed over. Whatever a track cannot be is a `SpecError` with one sentence.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING

from imvar_studio.model.curve import LONGEST, Curve, CurvePoint, Easing
from imvar_studio.model.errors import SpecError
from imvar_studio.model.timeline import TRACK_RANGES, Timeline, Track

if TYPE_CHECKING:
    from collections.abc import Set

CLOSEST = 1e-3  # seconds that a moved point keeps from its neighbours

# what a handle begins with where a named easing becomes a Bezier: exact for cubics and `back`
# in one piece, within 0.03 for the others
_BEZIERS: dict[str, tuple[float, float, float, float]] = {
    "sine-in": (0.12, 0.0, 0.39, 0.0),
    "sine-out": (0.61, 1.0, 0.88, 1.0),
    "sine-in-out": (0.37, 0.0, 0.63, 1.0),
    "cubic-in": (1 / 3, 0.0, 2 / 3, 0.0),
    "cubic-out": (1 / 3, 1.0, 2 / 3, 1.0),
    "cubic-in-out": (0.65, 0.0, 0.35, 1.0),
    "back-in": (1 / 3, 0.0, 2 / 3, -1.70158 / 3),
    "back-out": (1 / 3, 1 + 1.70158 / 3, 2 / 3, 1.0),
    "back-in-out": (0.74, -0.55, 0.26, 1.55),
}

# name: points as (share of the time, share of the way from value to value)
_PRESETS: dict[str, tuple[tuple[float, float], ...]] = {
    "constant": ((0.0, 0.0),),
    "change": ((0.0, 0.0), (1.0, 1.0)),
    "there-and-back": ((0.0, 0.0), (0.5, 1.0), (1.0, 0.0)),
    "change-and-hold": ((0.0, 0.0), (0.25, 1.0), (0.75, 1.0), (1.0, 0.0)),
}
PRESETS = tuple(_PRESETS)


def preset(
    name: str,
    parameter: str,
    duration: float,
    values: tuple[float, float],
    easing: Easing = Easing(),
) -> Track:
    """Return the track of a well-known course.

    Args:
        name: one of `PRESETS`: `constant` stays at the first value, `change` goes to the second,
            `there-and-back` returns, `change-and-hold` stays there for the middle half.
        parameter: one of `TRACK_RANGES`.
        duration: seconds, in (0, 86400].
        values: the first and the second, in the parameter's range.
        easing: from every point to the next.

    Raises:
        SpecError: for a name, parameter or value that is not one of these.
    """
    if name not in _PRESETS:
        raise SpecError(f"preset must be one of {', '.join(PRESETS)}, got {name!r}", "preset")
    start, end = values
    points = tuple(
        CurvePoint(duration * u, start + (end - start) * v, easing) for u, v in _PRESETS[name]
    )
    return Track(parameter, Curve(points))


def put_track(timeline: Timeline, track: Track) -> Timeline:
    """Replace the track of the same parameter, or add it at the end."""
    if timeline.track(track.parameter) is None:
        return replace(timeline, tracks=(*timeline.tracks, track))
    tracks = tuple(track if each.parameter == track.parameter else each for each in timeline.tracks)
    return replace(timeline, tracks=tracks)


def remove_track(timeline: Timeline, parameter: str) -> Timeline:
    """Take a track away: the film's own setting holds again."""
    tracks = tuple(track for track in timeline.tracks if track.parameter != parameter)
    return timeline if len(tracks) == len(timeline.tracks) else replace(timeline, tracks=tracks)


def add_point(track: Track, time: float, value: float | None = None) -> tuple[Track, int]:
    """Add a point; one at the same time takes the value.

    Args:
        track: to edit.
        time: seconds, in [0, 86400].
        value: in the parameter's range; None is what the curve has there. The easing is that of
            the point before.

    Returns:
        The track, and the index of the point.

    Raises:
        SpecError: for a time or value out of range.
    """
    points = track.curve.points
    index = bisect_left(points, time, key=lambda point: point.time)
    there = index < len(points) and points[index].time == time
    if value is None:
        value = track.at(time)
    if there:
        return _set(track, {index: replace(points[index], value=value)}), index
    point = CurvePoint(time, value, points[max(index - 1, 0)].easing)
    return replace(track, curve=Curve((*points[:index], point, *points[index:]))), index


def remove_points(track: Track, indices: Set[int]) -> Track:
    """Take points away.

    Raises:
        SpecError: if none would be left.
    """
    points = tuple(point for at, point in enumerate(track.curve.points) if at not in indices)
    if not points:
        raise SpecError(
            f"the track {track.parameter} must keep a point", "track", "remove the whole track"
        )
    same = len(points) == len(track.curve.points)
    return track if same else replace(track, curve=Curve(points))


def move_points(track: Track, indices: Set[int], seconds: float, amount: float) -> Track:
    """Move points in time and value, as far as they can go.

    None passes a neighbour that stays: all go only so far that `CLOSEST` seconds are left, or
    0 s or the longest film is reached. Each value stops at the parameter's range for itself.

    Args:
        track: to edit.
        indices: the points.
        seconds: later, or earlier where negative.
        amount: added to the values.
    """
    points = track.curve.points
    chosen = sorted(index for index in indices if 0 <= index < len(points))
    low, high = -math.inf, math.inf
    for index in chosen:
        if index - 1 not in indices:
            edge = points[index - 1].time + CLOSEST if index > 0 else 0.0
            low = max(low, min(edge - points[index].time, 0.0))
        if index + 1 not in indices:
            edge = points[index + 1].time - CLOSEST if index + 1 < len(points) else LONGEST
            high = min(high, max(edge - points[index].time, 0.0))
    seconds = min(max(seconds, low), high)
    lowest, highest = TRACK_RANGES[track.parameter]
    changed = {}
    for index in chosen:
        point = points[index]
        value = min(max(point.value + amount, lowest), highest)
        changed[index] = replace(point, time=point.time + seconds, value=value)
    return _set(track, changed)


def set_point(
    track: Track, index: int, time: float | None = None, value: float | None = None
) -> Track:
    """Give a point its exact time, its exact value, or both; None keeps what it has.

    Raises:
        SpecError: for a time that is not between its neighbours', a value out of range, or a
            point that is not there.
    """
    point = _point(track, index)
    time = point.time if time is None else time
    value = point.value if value is None else value
    return _set(track, {index: replace(point, time=time, value=value)})


def set_easing(track: Track, indices: Set[int], easing: Easing) -> Track:
    """Give points the easing that leads to their next ones."""
    points = track.curve.points
    chosen = (index for index in indices if 0 <= index < len(points))
    return _set(track, {index: replace(points[index], easing=easing) for index in chosen})


def set_handle(track: Track, index: int, which: int, x: float, y: float) -> Track:
    """Drag a handle of the easing from a point to its next; it becomes a Bezier.

    Args:
        track: to edit.
        index: the point.
        which: 1 is the handle at the point, 2 the one at its next.
        x: share of the time between them; stops at 0 and 1.
        y: share of the way between their values; stops at -4 and 5.

    Raises:
        SpecError: for a point or a handle that is not there.
    """
    if which not in (1, 2):
        raise SpecError(f"handle must be 1 or 2, got {which}", "handle")
    point = _point(track, index)
    x, y = min(max(x, 0.0), 1.0), min(max(y, -4.0), 5.0)
    bezier = as_bezier(point.easing)
    easing = replace(bezier, x1=x, y1=y) if which == 1 else replace(bezier, x2=x, y2=y)
    return _set(track, {index: replace(point, easing=easing)})


def as_bezier(easing: Easing) -> Easing:
    """Return the Bezier that is an easing, or comes near; straight for `hold` and `bounce`."""
    if easing.shape == "bezier":
        return easing
    return Easing("bezier", *_BEZIERS.get(easing.shape, (0.25, 0.25, 0.75, 0.75)))


def _point(track: Track, index: int) -> CurvePoint:
    if not 0 <= index < len(track.curve.points):
        raise SpecError(f"the track {track.parameter} has no point {index}", "track")
    return track.curve.points[index]


def _set(track: Track, changed: dict[int, CurvePoint]) -> Track:
    """Return the track with these points in place of those at their indices."""
    old = track.curve.points
    points = tuple(changed.get(index, point) for index, point in enumerate(old))
    if points == old:
        return track
    # equal points stay the same objects
    shared = (b if a == b else a for a, b in zip(points, old, strict=True))
    return replace(track, curve=Curve(tuple(shared)))

"""Edits of a whole timeline: time put in and cut out, its ends, its markers.

Pure functions; parts that stay where they are are shared. Whatever a timeline cannot be is a
`SpecError` with one sentence.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imvar_studio.model.curve import Curve, CurvePoint
from imvar_studio.model.errors import SpecError

if TYPE_CHECKING:
    from imvar_studio.model.timeline import Marker, Timeline, Track


def ripple(timeline: Timeline, time: float, delta: float) -> Timeline:
    """Move everything from `time` on by `delta`: keyframes, curves, markers, the film's end.

    A positive `delta` puts time in. A negative one cuts [time + delta, time) out, with the
    markers and curve points in it; a curve without any left keeps the value it had at `time`.

    Args:
        timeline: to edit.
        time: seconds, in [0, 86400].
        delta: seconds; `time + delta` must not be below 0.

    Raises:
        SpecError: if a keyframe lies in what would be cut out, or something would come to lie
            before 0 s or behind the longest film.
    """
    if delta == 0:
        return timeline
    cut = time + delta
    _check_cut(timeline, time, cut)
    keys = tuple(
        key if key.time < time else replace(key, time=key.time + delta)
        for key in timeline.keyframes
    )
    markers = tuple(
        marker if marker.time < time else replace(marker, time=marker.time + delta)
        for marker in timeline.markers
        if marker.time < cut or marker.time >= time
    )
    duration = timeline.duration
    if duration is not None and duration >= time:
        duration += delta
    tracks = tuple(_ripple_track(track, time, delta) for track in timeline.tracks)
    return replace(timeline, keyframes=keys, tracks=tracks, duration=duration, markers=markers)


def _check_cut(timeline: Timeline, time: float, cut: float) -> None:
    if cut < 0:
        raise SpecError(
            f"what is at {time:g} s cannot move to {cut:g} s",
            "time",
            f"move it by at most {time:g} s",
        )
    inside = [key.time for key in timeline.keyframes if cut <= key.time < time]
    if inside:
        raise SpecError(
            f"there is a keyframe at {inside[-1]:g} s, in the time that would be cut out",
            "keyframe time",
            f"move by less than {time - inside[-1]:g} s, or delete that keyframe",
        )
    if timeline.duration is not None and cut <= timeline.duration < time:
        raise SpecError(
            f"the film ends at {timeline.duration:g} s, in the time that would be cut out",
            "duration",
            "choose a time before the film's end",
        )


def _ripple_track(track: Track, time: float, delta: float) -> Track:
    points = track.curve.points
    if points[-1].time < min(time, time + delta):
        return track
    kept = tuple(
        point if point.time < time else replace(point, time=point.time + delta)
        for point in points
        if point.time < time + delta or point.time >= time
    )
    kept = kept or (CurvePoint(time + delta, track.at(time)),)
    return track if kept == points else replace(track, curve=Curve(kept))


def trim(timeline: Timeline, begin: float, end: float) -> Timeline:
    """Keep what lies in [begin, end], moved to begin at 0 s; the film lasts `end - begin`.

    Curves keep their values at both ends exactly, and between as far as their easings, which
    then lead from the new end or to it, allow. In a loop a keyframe on `end` goes.

    Args:
        timeline: to edit.
        begin, end: seconds, 0 <= begin < end <= 86400.

    Raises:
        SpecError: if the ends are not such, or no keyframe lies between them.
    """
    if not 0 <= begin < end:
        raise SpecError(
            f"a film cannot last from {begin:g} s to {end:g} s",
            "duration",
            "choose an end after the beginning",
        )
    keys = tuple(
        key if begin == 0 else replace(key, time=key.time - begin)
        for key in timeline.keyframes
        if begin <= key.time <= end and (key.time < end or not timeline.loop)
    )
    if not keys:
        raise SpecError(
            f"there is no keyframe from {begin:g} s to {end:g} s",
            "keyframes",
            "leave at least one in the film",
        )
    markers = tuple(
        marker if begin == 0 else replace(marker, time=marker.time - begin)
        for marker in timeline.markers
        if begin <= marker.time <= end
    )
    tracks = tuple(_trim_track(track, begin, end) for track in timeline.tracks)
    return replace(timeline, keyframes=keys, tracks=tracks, duration=end - begin, markers=markers)


def _trim_track(track: Track, begin: float, end: float) -> Track:
    points = track.curve.points
    inside = [point for point in points if begin <= point.time <= end]
    if points[0].time < begin and not (inside and inside[0].time == begin):
        before = next(point for point in reversed(points) if point.time < begin)
        inside.insert(0, CurvePoint(begin, track.at(begin), before.easing))
    if points[-1].time > end and not (inside and inside[-1].time == end):
        inside.append(CurvePoint(end, track.at(end)))
    if tuple(inside) == points and begin == 0:
        return track
    moved = tuple(replace(point, time=point.time - begin) for point in inside)
    return replace(track, curve=Curve(moved))


def put_marker(timeline: Timeline, marker: Marker) -> Timeline:
    """Add a marker; one at the same time is replaced."""
    others = (other for other in timeline.markers if other.time != marker.time)
    markers = sorted([*others, marker], key=lambda each: each.time)
    return replace(timeline, markers=tuple(markers))


def remove_marker(timeline: Timeline, time: float) -> Timeline:
    """Take the marker at `time` away; where there is none, nothing changes."""
    markers = tuple(marker for marker in timeline.markers if marker.time != time)
    same = len(markers) == len(timeline.markers)
    return timeline if same else replace(timeline, markers=markers)


def move_marker(timeline: Timeline, time: float, to: float) -> Timeline:
    """Move the marker at `time`; where there is none, nothing changes.

    Raises:
        SpecError: if another marker is at `to`, or `to` is not in [0, 86400].
    """
    marker = next((marker for marker in timeline.markers if marker.time == time), None)
    if marker is None or to == time:
        return timeline
    if any(other.time == to for other in timeline.markers):
        raise SpecError(
            f"there is a marker at {to:g} s already", "marker time", "choose another time"
        )
    return put_marker(remove_marker(timeline, time), replace(marker, time=to))

"""What lies under the pointer."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from imvar_studio.model.snapping import nearest, span
from imvar_studio.model.timeline import Timeline
from imvar_studio.ui.selection import Selection
from imvar_studio.ui.timeline.crowd import under
from imvar_studio.ui.timeline.curves import handles
from imvar_studio.ui.timeline.geometry import (
    HINT,
    HINT_WIDTH,
    KEYS_TOP,
    LANES_TOP,
    LEFT,
    POINT_HIT,
    STRIP_TOP,
    THUMB,
    Lane,
    View,
)

if TYPE_CHECKING:
    from imvar_studio.model.timeline import Track

GRIP = 6  # px to either side of a line that is grabbed
FLAG = 12  # px, a marker's flag


class Part(Enum):
    """Kinds of things on the timeline."""

    NOTHING = auto()
    RULER = auto()
    PLAYHEAD = auto()
    MARKER = auto()
    MARK_IN = auto()
    MARK_OUT = auto()
    KEYS = auto()  # the keyframe row where it is empty
    KEY = auto()
    TRANSITION = auto()
    STRIP = auto()
    END = auto()
    LANE = auto()
    POINT = auto()
    HANDLE = auto()
    LINE = auto()  # of a track that is constant
    LANE_EDGE = auto()
    HINT = auto()  # where tracks would be


@dataclass(frozen=True, slots=True)
class Hit:
    """What was hit.

    Args:
        part: its kind.
        name: a keyframe's id (of a transition: the one it leaves), or a track's parameter.
        index: a curve point's.
        which: a handle's.
        time: a marker's, in seconds.
    """

    part: Part = Part.NOTHING
    name: str = ""
    index: int = -1
    which: int = 0
    time: float = 0.0


@dataclass(frozen=True, slots=True)
class Ground:
    """All that `find` looks at.

    Args:
        timeline: the film's.
        view: what is seen.
        lanes: its tracks' rows.
        selection: handles are on the selected point only.
        marks: seconds of the in and out marks, None without.
        playhead: seconds.
        end: seconds, the film's end.
    """

    timeline: Timeline
    view: View
    lanes: tuple[Lane, ...]
    selection: Selection
    marks: tuple[float, float] | None
    playhead: float
    end: float


def find(ground: Ground, x: float, y: float) -> Hit:
    """Return what lies at a place in px."""
    if y < KEYS_TOP:
        return _in_ruler(ground, x, y)
    if y < STRIP_TOP:
        return _in_keys(ground, x)
    if y < LANES_TOP:
        near = ground.timeline.keyframes and abs(ground.view.x(ground.end) - x) <= GRIP
        return Hit(Part.END if near else Part.STRIP)
    return _in_lanes(ground, x, y)


def row_of(hit: Hit, lanes: tuple[Lane, ...]) -> tuple[float, float]:
    """Return the top and height, px, of the row that shows something; height 0 for none."""
    if hit.part in {Part.KEY, Part.KEYS, Part.TRANSITION}:
        return KEYS_TOP, STRIP_TOP - KEYS_TOP
    if hit.part is Part.HINT:
        return LANES_TOP, HINT
    if hit.part in {Part.POINT, Part.LINE}:
        found = (lane for lane in lanes if lane.parameter == hit.name)
        return next(((lane.top, lane.height) for lane in found), (0.0, 0.0))
    return 0.0, 0.0


def transition_under(timeline: Timeline, view: View, end: float, x: float) -> str:
    """Return the keyframe whose transition is at `x` px, "" where there is none."""
    keys = timeline.keyframes
    index = bisect_right(keys, view.time(x), key=lambda key: key.time) - 1
    if index < 0:
        return ""
    last = index == len(keys) - 1
    if last and not timeline.loop:
        return ""
    right = view.x(end) if last else view.x(keys[index + 1].time) - THUMB / 2
    return keys[index].id if view.x(keys[index].time) + THUMB / 2 <= x <= right else ""


def _in_ruler(ground: Ground, x: float, y: float) -> Hit:
    view = ground.view
    if y < KEYS_TOP - 2 and abs(view.x(ground.playhead) - x) <= GRIP and y > KEYS_TOP - 19:
        return Hit(Part.PLAYHEAD)
    marker = nearest(ground.timeline.markers, view.time(x - FLAG / 2))
    if marker is not None:
        time = ground.timeline.markers[marker].time
        if -2 <= x - view.x(time) <= FLAG and y > KEYS_TOP - FLAG - 5:
            return Hit(Part.MARKER, time=time)
    if ground.marks is not None:
        for part, time in zip((Part.MARK_IN, Part.MARK_OUT), ground.marks, strict=True):
            if abs(view.x(time) - x) <= GRIP:
                return Hit(part)
    return Hit(Part.RULER)


def _in_keys(ground: Ground, x: float) -> Hit:
    keys = ground.timeline.keyframes
    index = under(keys, ground.view, x)
    if index is not None:
        return Hit(Part.KEY, keys[index].id)
    name = transition_under(ground.timeline, ground.view, ground.end, x)
    return Hit(Part.TRANSITION, name) if name else Hit(Part.KEYS)


def _in_lanes(ground: Ground, x: float, y: float) -> Hit:
    if not ground.lanes and ground.timeline.keyframes:
        on = y < LANES_TOP + HINT and LEFT <= x <= LEFT + HINT_WIDTH
        return Hit(Part.HINT if on else Part.NOTHING)
    for lane in ground.lanes:
        if lane.bottom - 3 <= y <= lane.bottom + 3:
            return Hit(Part.LANE_EDGE, lane.parameter)
        if lane.top <= y < lane.bottom:
            track = ground.timeline.track(lane.parameter)
            return _in_lane(ground, lane, track, x, y) if track else Hit()
    return Hit()


def _in_lane(ground: Ground, lane: Lane, track: Track, x: float, y: float) -> Hit:
    view, chosen = ground.view, ground.selection
    points = track.curve.points
    reach = POINT_HIT / 2
    if len(points) == 1:
        on = abs(lane.y(points[0].value) - y) <= reach
        return Hit(Part.LINE if on else Part.LANE, lane.parameter, 0 if on else -1)
    near = [
        index
        for index in span(points, *view.span(x - reach, x + reach))
        if abs(lane.y(points[index].value) - y) <= reach
    ]
    if near:
        closest = min(near, key=lambda index: abs(view.x(points[index].time) - x))
        return Hit(Part.POINT, lane.parameter, closest)
    if chosen.track == lane.parameter and len(chosen.points) == 1:
        for handle in handles(track, next(iter(chosen.points)), lane, view):
            if abs(handle.x - x) <= reach and abs(handle.y - y) <= reach:
                return Hit(Part.HANDLE, lane.parameter, handle.index, handle.which)
    return Hit(Part.LANE, lane.parameter)

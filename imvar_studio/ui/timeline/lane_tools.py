"""Gestures on tracks: points, handles, constant values, boxes, the height of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.model import track_edits as edits
from imvar_studio.model.snapping import span
from imvar_studio.ui.selection import Selection
from imvar_studio.ui.timeline.curves import handle_place
from imvar_studio.ui.timeline.geometry import nearest_height
from imvar_studio.ui.timeline.numbers import value_text
from imvar_studio.ui.timeline.scene import Box, Guide, Scene, Spot
from imvar_studio.ui.timeline.tools import Drag, Steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.timeline import Timeline, Track
    from imvar_studio.ui.timeline.geometry import Lane

MOVE, BEND, VALUE = "Move points", "Bend the curve", "Change a value"


def on_track(parameter: str, change: Callable[[Track], Track]) -> Callable[[Timeline], Timeline]:
    """Return an edit of a timeline that changes one of its tracks."""

    def edit(timeline: Timeline) -> Timeline:
        track = timeline.track(parameter)
        return timeline if track is None else edits.put_track(timeline, change(track))

    return edit


class _LaneDrag:
    """What drags in a track's row share: its rows' ranges stay, its edits are one step."""

    def __init__(self, scene: Scene, spot: Spot, parameter: str) -> None:
        self.scene = scene
        self.parameter = parameter
        self.drag = Drag(spot)
        self.steps = Steps(scene)
        self.before = scene.session.selection.value
        scene.hold_ranges()
        lane, track = scene.lane(parameter), scene.timeline.track(parameter)
        if lane is None or track is None:
            raise KeyError(parameter)
        self.lane: Lane = lane
        self.track: Track = track

    def make(self, name: str, change: Callable[[Track], Track]) -> Track:
        """Make the step; return the track as it came out."""
        self.steps.make(name, on_track(self.parameter, change))
        return self.scene.timeline.track(self.parameter) or self.track

    def say(self, spot: Spot, time: float | None, value: float, line: float | None = None) -> None:
        """Show a time and a value beside the pointer."""
        words = [] if time is None else [self.scene.write(time)]
        text = "   ".join([*words, value_text(value)])
        self.scene.guide.set(Guide(text, spot.x, spot.y, line))

    def end(self) -> None:
        """Let the step be as it is."""
        self.scene.guide.set(None)
        self.scene.free_ranges()
        self.steps.end()

    def cancel(self) -> None:
        """Take the step back."""
        self.scene.guide.set(None)
        self.scene.free_ranges()
        self.steps.cancel()
        self.scene.session.selection.set(self.before)


class PointTool:
    """A press on a point of a curve: selects it, and drags what is selected.

    Shift keeps a direction.
    """

    cursor = "grab"

    def __init__(self, scene: Scene, spot: Spot, parameter: str, index: int) -> None:
        self._shared = _LaneDrag(scene, spot, parameter)
        self._index = index
        point = self._shared.track.curve.points[index]
        own = {p.time for n, p in enumerate(self._shared.track.curve.points) if n in self._points()}
        own.add(point.time)
        self._targets = [time for time in scene.targets() if time not in own]
        if not spot.add and not spot.extend and index not in self._points():
            self._select(index)

    def move(self, spot: Spot) -> None:
        """Drag the selected points; none passes its neighbours."""
        shared, drag = self._shared, self._shared.drag
        if not drag.begins(spot):
            return
        if self._index not in self._points():
            self._select(self._index, *self._points())
        point = shared.track.curve.points[self._index]
        dx, dy = spot.x - drag.start.x, spot.y - drag.start.y
        if spot.extend:
            dx, dy = (dx, 0.0) if abs(dx) >= abs(dy) else (0.0, dy)
        time, hit = point.time, False
        if dx:
            away = dx / shared.scene.view.value.scale
            time, hit = shared.scene.snapped(point.time + away, self._targets)
        value = shared.lane.value(shared.lane.y(point.value) + dy)
        chosen = self._points()
        track = shared.make(
            MOVE,
            lambda track: edits.move_points(track, chosen, time - point.time, value - point.value),
        )
        if self._index >= len(track.curve.points):
            return  # it was taken away meanwhile
        now = track.curve.points[self._index]
        line = time if hit and abs(now.time - time) < 1e-6 else None
        shared.say(spot, now.time, now.value, line)

    def release(self, spot: Spot) -> None:
        """Leave them there; without a drag it is a click."""
        self._shared.end()
        if self._shared.drag.begun:
            return
        if spot.add or spot.extend:
            self._select(*(self._points() ^ {self._index}))
        else:
            self._select(self._index)

    def cancel(self) -> None:
        """Put them back."""
        self._shared.cancel()

    def _points(self) -> frozenset[int]:
        selection = self._shared.scene.session.selection.value
        return selection.points if selection.track == self._shared.parameter else frozenset()

    def _select(self, *indices: int) -> None:
        self._shared.scene.session.selection.set(
            Selection(track=self._shared.parameter, points=frozenset(indices))
        )


class HandleTool:
    """A press on a handle: bends the curve."""

    cursor = "cross"

    def __init__(self, scene: Scene, spot: Spot, parameter: str, index: int, which: int) -> None:
        self._shared = _LaneDrag(scene, spot, parameter)
        self._index, self._which = index, which

    def move(self, spot: Spot) -> None:
        """Drag the handle to where the pointer is."""
        shared, index = self._shared, self._index
        if not shared.drag.begins(spot):
            return
        lane, view = shared.lane, shared.scene.view.value
        room = lane.y(lane.low) - lane.y(lane.high)
        value = lane.high - (spot.y - lane.y(lane.high)) / room * (lane.high - lane.low)
        x, y = handle_place(shared.track, index, view.time(spot.x), value)
        shared.make(BEND, lambda track: edits.set_handle(track, index, self._which, x, y))

    def release(self, _spot: Spot) -> None:
        """Leave it there."""
        self._shared.end()

    def cancel(self) -> None:
        """Put it back."""
        self._shared.cancel()


class LineTool:
    """A press on the line of a track that is constant: drags its value."""

    cursor = "size-y"

    def __init__(self, scene: Scene, spot: Spot, parameter: str) -> None:
        self._shared = _LaneDrag(scene, spot, parameter)
        scene.session.selection.set(Selection(track=parameter))

    def move(self, spot: Spot) -> None:
        """Drag the value."""
        shared = self._shared
        if not shared.drag.begins(spot):
            return
        old = shared.track.curve.points[0].value
        value = shared.lane.value(shared.lane.y(old) + spot.y - shared.drag.start.y)
        shared.make(VALUE, lambda track: edits.set_point(track, 0, value=value))
        shared.say(spot, None, value)

    def release(self, _spot: Spot) -> None:
        """Leave it there."""
        self._shared.end()

    def cancel(self) -> None:
        """Put it back."""
        self._shared.cancel()


class LaneTool:
    """A press in a track's row: a click selects the track, Ctrl adds a point, a drag a box."""

    cursor = "arrow"

    def __init__(self, scene: Scene, spot: Spot, parameter: str) -> None:
        self._scene = scene
        self._parameter = parameter
        self._drag = Drag(spot)
        self._before = scene.session.selection.value

    def move(self, spot: Spot) -> None:
        """Draw the box; the track's points in it are selected."""
        scene, start = self._scene, self._drag.start
        lane, track = scene.lane(self._parameter), scene.timeline.track(self._parameter)
        if not self._drag.begins(spot) or lane is None or track is None:
            return
        x0, x1 = sorted((start.x, spot.x))
        y0, y1 = (min(max(y, lane.top), lane.bottom) for y in sorted((start.y, spot.y)))
        scene.box.set(Box(x0, y0, x1, y1))
        points = track.curve.points
        inside = frozenset(
            index
            for index in span(points, *scene.view.value.span(x0, x1))
            if y0 <= lane.y(points[index].value) <= y1
        )
        same = (start.add or start.extend) and self._before.track == self._parameter
        kept = self._before.points if same else frozenset()
        scene.session.selection.set(Selection(track=self._parameter, points=kept | inside))

    def release(self, spot: Spot) -> None:
        """Keep what was selected; without a drag it is a click."""
        self._scene.box.set(None)
        if self._drag.begun:
            return
        if spot.add:
            add_point(self._scene, self._parameter, spot)
        else:
            self._scene.session.selection.set(Selection(track=self._parameter))

    def cancel(self) -> None:
        """Select what was selected before."""
        self._scene.box.set(None)
        self._scene.session.selection.set(self._before)


class EdgeTool:
    """A press on a row's lower edge: drags its height."""

    cursor = "size-y"

    def __init__(self, scene: Scene, spot: Spot, parameter: str) -> None:
        self._scene = scene
        self._parameter = parameter
        self._start = spot.y
        lane = scene.lane(parameter)
        self._before = round(lane.height) if lane else nearest_height(0)

    def move(self, spot: Spot) -> None:
        """Give the row the height nearest to where the pointer is."""
        height = nearest_height(self._before + spot.y - self._start)
        self._scene.set_height(self._parameter, height)

    def release(self, _spot: Spot) -> None:
        """Leave it there."""

    def cancel(self) -> None:
        """Put it back."""
        self._scene.set_height(self._parameter, self._before)


def add_point(scene: Scene, parameter: str, spot: Spot) -> None:
    """Add a point to a track where the pointer is, and select it."""
    lane, track = scene.lane(parameter), scene.timeline.track(parameter)
    if lane is None or track is None:
        return
    time, _ = scene.snapped(scene.view.value.time(spot.x), scene.targets())
    near = abs(lane.y(track.at(time)) - spot.y) <= 6
    changed, index = edits.add_point(track, time, None if near else lane.value(spot.y))
    if scene.edit("Add a point", on_track(parameter, lambda _: changed)):
        scene.session.selection.set(Selection(track=parameter, points=frozenset({index})))

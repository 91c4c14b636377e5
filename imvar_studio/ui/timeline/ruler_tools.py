"""Gestures of the ruler and the film's end: scrub, markers, marks, length; panning; a hint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.model.timeline_edits import move_marker
from imvar_studio.ui.selection import Selection
from imvar_studio.ui.timeline.hits import Part
from imvar_studio.ui.timeline.placing import end_at
from imvar_studio.ui.timeline.scene import Guide, Scene, Spot
from imvar_studio.ui.timeline.tools import Drag, Steps

if TYPE_CHECKING:
    from imvar_studio.model.timeline import Timeline

MOVE_MARKER, LENGTH = "Move marker", "Change the film's length"


class ScrubTool:
    """A press on the ruler or the playhead: the playhead goes where the pointer is."""

    cursor = "scrub"

    def __init__(self, scene: Scene, spot: Spot) -> None:
        self._scene = scene
        self._before = scene.session.playhead.value
        self._targets = scene.targets(playhead=False)
        self._seek(spot)

    def move(self, spot: Spot) -> None:
        """Seek."""
        self._seek(spot)

    def release(self, _spot: Spot) -> None:
        """Stay there."""
        self._scene.guide.set(None)

    def cancel(self) -> None:
        """Go back."""
        self._scene.guide.set(None)
        self._scene.session.seek(self._before)

    def _seek(self, spot: Spot) -> None:
        scene = self._scene
        time, hit = scene.snapped(scene.view.value.time(spot.x), self._targets)
        scene.session.seek(time)
        now = scene.session.playhead.value
        line = time if hit and abs(now - time) < scene.frame / 2 else None
        scene.guide.set(Guide(scene.write(now), spot.x, spot.y, line))


class MarkerTool:
    """A press on a marker's flag: selects it, and drags it."""

    cursor = "size-x"

    def __init__(self, scene: Scene, spot: Spot, time: float) -> None:
        self._scene = scene
        self._steps = Steps(scene)
        self._drag = Drag(spot)
        self._time = time
        self._before = scene.session.selection.value
        self._others = {marker.time for marker in scene.timeline.markers} - {time}
        self._targets = [each for each in scene.targets() if each != time]
        scene.session.selection.set(Selection(marker=time))

    def move(self, spot: Spot) -> None:
        """Drag the marker to where the pointer is; never onto another one."""
        if not self._drag.begins(spot):
            return
        scene = self._scene
        away = (spot.x - self._drag.start.x) / scene.view.value.scale
        to, hit = scene.snapped(self._time + away, self._targets)
        while to in self._others:
            to, hit = scene.snapped(to + scene.frame, [])
        if not self._steps.make(
            MOVE_MARKER, lambda timeline: move_marker(timeline, self._time, to)
        ):
            return
        scene.session.selection.set(Selection(marker=to))
        scene.guide.set(Guide(scene.write(to), spot.x, spot.y, to if hit else None))

    def release(self, _spot: Spot) -> None:
        """Leave it there."""
        self._scene.guide.set(None)
        self._steps.end()

    def cancel(self) -> None:
        """Put it back."""
        self._scene.guide.set(None)
        self._steps.cancel()
        self._scene.session.selection.set(self._before)


class MarkTool:
    """A press on the in or the out mark: drags it. Marks are no step of the history.

    Args:
        scene: of the timeline.
        spot: of the press.
        which: 0 drags the in mark, 1 the out mark.
    """

    cursor = "size-x"

    def __init__(self, scene: Scene, spot: Spot, which: int) -> None:
        self._scene = scene
        self._drag = Drag(spot)
        self._which = which
        self._before = scene.session.marks.value
        own = (scene.marks() or (0.0, 0.0))[which]
        self._targets = [each for each in scene.targets() if each != own]

    def move(self, spot: Spot) -> None:
        """Drag the mark; at least two frames stay marked."""
        if self._before is None or not self._drag.begins(spot):
            return
        scene, (first, last) = self._scene, self._before
        time, hit = scene.snapped(scene.view.value.time(spot.x), self._targets)
        frame = round(time / scene.frame)
        if self._which:
            last = min(max(frame - 1, first + 1), scene.session.frame_count - 1)
        else:
            first = min(max(frame, 0), last - 1)
        scene.session.marks.set((first, last))
        at = (scene.marks() or (0.0, 0.0))[self._which]
        scene.guide.set(Guide(scene.write(at), spot.x, spot.y, time if hit else None))

    def release(self, _spot: Spot) -> None:
        """Leave it there."""
        self._scene.guide.set(None)

    def cancel(self) -> None:
        """Put it back."""
        self._scene.guide.set(None)
        self._scene.session.marks.set(self._before)


class EndTool:
    """A press on the film's end: drags how long the film lasts."""

    cursor = "size-x"

    def __init__(self, scene: Scene, spot: Spot) -> None:
        self._scene = scene
        self._steps = Steps(scene)
        self._drag = Drag(spot)
        self._end = scene.session.duration
        self._targets = scene.targets()

    def move(self, spot: Spot) -> None:
        """Drag the end; the last keyframe stays in the film."""
        if not self._drag.begins(spot):
            return
        scene = self._scene
        away = (spot.x - self._drag.start.x) / scene.view.value.scale
        time, hit = scene.snapped(self._end + away, self._targets)

        def change(timeline: Timeline) -> Timeline:
            return end_at(timeline, time, scene.fps)

        self._steps.make(LENGTH, change)
        end = scene.session.duration
        line = time if hit and abs(end - time) < scene.frame / 2 else None
        scene.guide.set(Guide(scene.write(end), spot.x, spot.y, line))

    def release(self, _spot: Spot) -> None:
        """Leave it there."""
        self._scene.guide.set(None)
        self._steps.end()

    def cancel(self) -> None:
        """Put it back."""
        self._scene.guide.set(None)
        self._steps.cancel()


class PanTool:
    """A press of the middle button: drags what is seen."""

    cursor = "pan"

    def __init__(self, scene: Scene, spot: Spot) -> None:
        self._scene = scene
        self._before = scene.view.value
        self._start = spot

    def move(self, spot: Spot) -> None:
        """Show what the drag pulls in."""
        moved = self._before.moved(self._start.x - spot.x, self._scene.session.duration)
        self._scene.view.set(moved)

    def release(self, _spot: Spot) -> None:
        """Stay there."""

    def cancel(self) -> None:
        """Go back."""
        self._scene.view.set(self._before)


class HintTool:
    """A press on the hint where tracks would be: a click offers tracks to add."""

    cursor = "point"

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def move(self, _spot: Spot) -> None:
        """Wait for the release."""

    def release(self, spot: Spot) -> None:
        """Offer them if the pointer is still there."""
        if self._scene.find(spot.x, spot.y).part is Part.HINT:
            self._scene.tracks_wanted.emit()

    def cancel(self) -> None:
        """Offer nothing."""

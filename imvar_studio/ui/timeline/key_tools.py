"""Gestures in the row of keyframes: select, move, copy, ripple, draw a box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.model import keyframe_edits as edits
from imvar_studio.model.snapping import span
from imvar_studio.model.timeline_edits import ripple
from imvar_studio.ui.selection import Selection
from imvar_studio.ui.timeline.geometry import KEYS_TOP, STRIP_TOP
from imvar_studio.ui.timeline.placing import free_delta, ripple_delta
from imvar_studio.ui.timeline.scene import Box, Guide, Scene, Spot
from imvar_studio.ui.timeline.tools import Drag, Steps

if TYPE_CHECKING:
    from imvar_studio.model.timeline import Keyframe, Timeline

MOVE, COPY, RIPPLE = "Move keyframes", "Duplicate keyframes", "Move everything after"


class KeyTool:
    """A press on a keyframe: selects it, and drags what is selected.

    Alt drags copies; Shift, or the ripple switch, everything from it on; Ctrl and Shift without
    a drag add to the selection.
    """

    cursor = "grab"

    def __init__(self, scene: Scene, spot: Spot, name: str) -> None:
        self._scene = scene
        self._steps = Steps(scene)
        self._drag = Drag(spot)
        self._key = _key(scene.timeline, name)
        self._before = scene.session.selection.value
        self._targets: list[float] = []
        self._mode = MOVE
        if not spot.add and not spot.extend and name not in self._before.keyframes:
            self._select(name)

    def move(self, spot: Spot) -> None:
        """Drag what is selected to where the pointer is."""
        if not self._drag.begun and self._drag.begins(spot):
            self._begin()
        if not self._drag.begun:
            return
        scene = self._scene
        away = (spot.x - self._drag.start.x) / scene.view.value.scale
        wanted, _ = scene.snapped(self._key.time + away, self._targets)
        delta = self._shift(wanted - self._key.time)
        time = self._key.time + delta
        near = scene.frame / 2
        line = time if any(abs(time - each) < near for each in self._targets) else None
        scene.guide.set(Guide(scene.write(time), spot.x, spot.y, line))

    def release(self, spot: Spot) -> None:
        """Leave it there; without a drag it is a click."""
        self._scene.guide.set(None)
        self._steps.end()
        if not self._drag.begun:
            self._click(spot)

    def cancel(self) -> None:
        """Put everything back."""
        self._scene.guide.set(None)
        self._steps.cancel()
        self._scene.session.selection.set(self._before)

    def _begin(self) -> None:
        start, chosen = self._drag.start, self._scene.session.selection.value.keyframes
        if self._key.id not in chosen:
            self._select(self._key.id, *chosen)
        if start.copy:
            self._mode, self.cursor = COPY, "copy"
        elif start.extend or self._scene.ripple.value:
            self._mode, self.cursor = RIPPLE, "ripple"
        moved = self._ids()
        if self._mode == RIPPLE:
            moved = frozenset(
                key.id for key in self._scene.timeline.keyframes if key.time >= self._key.time
            )
        self._targets = self._scene.targets(frozenset() if self._mode == COPY else moved)
        self._chosen = self._ids()

    def _shift(self, delta: float) -> float:
        """Make the step; return by how much it came out."""
        base, fps, ids = self._steps.base, self._scene.fps, self._chosen
        if self._mode == RIPPLE:
            delta = ripple_delta(base, self._key.time, delta, fps)
            made = self._steps.make(
                RIPPLE, lambda timeline: ripple(timeline, self._key.time, delta)
            )
            return delta if made else 0.0
        if self._mode == COPY:
            away = abs(delta) >= self._scene.frame / 2  # else it is back where it began
            delta = free_delta(base, ids, delta, fps, copies=True) if away else 0.0
            return self._copy(delta) if delta else self._copy_none()
        delta = free_delta(base, ids, delta, fps)
        made = self._steps.make(MOVE, lambda timeline: edits.move(timeline, ids, delta))
        return delta if made else 0.0

    def _copy(self, delta: float) -> float:
        new: tuple[str, ...] = ()

        def change(timeline: Timeline) -> Timeline:
            nonlocal new
            timeline, new = edits.duplicate(timeline, self._chosen, delta)
            return timeline

        if not self._steps.make(COPY, change):
            return 0.0
        self._select(*new)
        return delta

    def _copy_none(self) -> float:
        """Take the copies back; what they were made of is selected."""
        self._steps.make(COPY, lambda timeline: timeline)
        self._select(*self._chosen)
        return 0.0

    def _click(self, spot: Spot) -> None:
        chosen = self._before.keyframes
        if spot.extend:
            self._select(*_range(self._scene.timeline, chosen, self._key), *chosen)
        elif spot.add:
            self._select(*(chosen ^ {self._key.id}))
        else:
            self._select(self._key.id)

    def _ids(self) -> frozenset[str]:
        return self._scene.session.selection.value.keyframes

    def _select(self, *ids: str) -> None:
        self._scene.session.selection.set(Selection.of_keyframes(*ids))


class KeysTool:
    """A press beside keyframes: a click selects the transition there, a drag draws a box.

    Args:
        scene: of the timeline.
        spot: of the press.
        transition: the keyframe whose transition was pressed, "" for none.
    """

    cursor = "arrow"

    def __init__(self, scene: Scene, spot: Spot, transition: str = "") -> None:
        self._scene = scene
        self._drag = Drag(spot)
        self._transition = transition
        self._before = scene.session.selection.value

    def move(self, spot: Spot) -> None:
        """Draw the box to where the pointer is; what it touches is selected."""
        if not self._drag.begins(spot):
            return
        scene, start = self._scene, self._drag.start
        x0, x1 = sorted((start.x, spot.x))
        y0, y1 = (min(max(y, KEYS_TOP), STRIP_TOP) for y in sorted((start.y, spot.y)))
        scene.box.set(Box(x0, y0, x1, y1))
        keys = scene.timeline.keyframes
        inside = {keys[n].id for n in span(keys, *scene.view.value.span(x0, x1))}
        kept = self._before.keyframes if start.add or start.extend else frozenset()
        scene.session.selection.set(Selection.of_keyframes(*(kept | inside)))

    def release(self, spot: Spot) -> None:
        """Keep what was selected; without a drag, select the transition or nothing."""
        self._scene.box.set(None)
        if self._drag.begun:
            return
        if self._transition:
            self._scene.session.selection.set(Selection(transition=self._transition))
        elif not spot.add and not spot.extend:
            self._scene.session.selection.set(Selection())

    def cancel(self) -> None:
        """Select what was selected before."""
        self._scene.box.set(None)
        self._scene.session.selection.set(self._before)


def _key(timeline: Timeline, name: str) -> Keyframe:
    return next(key for key in timeline.keyframes if key.id == name)


def _range(timeline: Timeline, chosen: frozenset[str], key: Keyframe) -> list[str]:
    """Return the keyframes from the nearest selected one to `key`."""
    times = [each.time for each in timeline.keyframes if each.id in chosen]
    other = min(times, key=lambda time: abs(time - key.time), default=key.time)
    first, last = sorted((other, key.time))
    return [each.id for each in timeline.keyframes if first <= each.time <= last]

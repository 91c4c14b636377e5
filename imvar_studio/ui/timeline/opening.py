"""What a double click, or Enter, opens: a field for a value or a name, easings, a new point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect

from imvar_studio.ui.timeline import verbs
from imvar_studio.ui.timeline.easing_popover import EasingPopover
from imvar_studio.ui.timeline.geometry import FILM, RULER
from imvar_studio.ui.timeline.hits import Hit, Part
from imvar_studio.ui.timeline.inline import InlineEdit
from imvar_studio.ui.timeline.lane_tools import add_point
from imvar_studio.ui.timeline.numbers import typed_value, value_text
from imvar_studio.ui.timeline.paint_keys import MIDDLE
from imvar_studio.ui.timeline.words import track_name

if TYPE_CHECKING:
    from imvar_studio.model.curve import Easing
    from imvar_studio.ui.timeline.canvas import TimelineCanvas
    from imvar_studio.ui.timeline.scene import Scene, Spot


class Opening:
    """Opens things on the canvas.

    Args:
        scene: of the timeline.
        canvas: what fields lie over.
    """

    def __init__(self, scene: Scene, canvas: TimelineCanvas) -> None:
        self._scene = scene
        self._canvas = canvas

    def open(self, hit: Hit, spot: Spot) -> None:
        """Open what was clicked twice; an empty place of a track becomes a point."""
        if hit.part is Part.KEY:
            key = next(k for k in self._scene.timeline.keyframes if k.id == hit.name)
            self._scene.session.seek(key.time)
        elif hit.part is Part.TRANSITION:
            self.open_easings(hit.name, spot.x)
        elif hit.part is Part.POINT:
            self.type_point(hit.name, hit.index)
        elif hit.part is Part.MARKER:
            self.rename_marker(hit.time)
        elif hit.part in {Part.LANE, Part.LINE}:
            add_point(self._scene, hit.name, spot)

    def open_selected(self) -> None:
        """Open the one thing that is selected."""
        chosen = self._scene.session.selection.value
        keys = {key.id: key for key in self._scene.timeline.keyframes}
        if chosen.marker is not None:
            self.rename_marker(chosen.marker)
        elif chosen.transition in keys:
            time = keys[chosen.transition].time
            self.open_easings(chosen.transition, self._scene.view.value.x(time) + 60)
        elif len(chosen.points) == 1:
            self.type_point(chosen.track, next(iter(chosen.points)))
        elif len(chosen.keyframes) == 1:
            self._scene.session.seek(keys[next(iter(chosen.keyframes))].time)

    def type_point(self, parameter: str, index: int) -> None:
        """Let a point's value be typed."""
        lane, track = self._scene.lane(parameter), self._scene.timeline.track(parameter)
        if lane is None or track is None or self._scene.session.read_only:
            return
        point = track.curve.points[index]
        at = QPoint(round(self._scene.view.value.x(point.time)), round(lane.y(point.value)))
        name = track_name(parameter)
        field = InlineEdit(self._canvas, name, value_text(point.value), at, 72)

        def take(text: str) -> None:
            value = typed_value(text, parameter)
            if value is not None:
                verbs.set_value(self._scene, parameter, index, value)

        field.entered.connect(take)

    def rename_marker(self, time: float) -> None:
        """Let a marker's name be typed."""
        marker = next((m for m in self._scene.timeline.markers if m.time == time), None)
        if marker is None or self._scene.session.read_only:
            return
        at = QPoint(round(self._scene.view.value.x(time)) + 80, RULER // 2)
        label = self._canvas.tr("Name of the marker")
        field = InlineEdit(self._canvas, label, marker.name, at, 160)
        field.entered.connect(lambda text: verbs.rename_marker(self._scene, time, text))

    def open_easings(self, name: str, x: float) -> EasingPopover:
        """Open the easings of the transition that leaves keyframe `name`, at `x` px."""
        key = next(k for k in self._scene.timeline.keyframes if k.id == name)
        popover = EasingPopover(key.transition.easing, self._canvas)
        merge = object()

        def take(easing: Easing) -> None:
            verbs.set_easing(self._scene, name, easing, merge)

        popover.edited.connect(take)
        popover.gesture_ended.connect(self._scene.session.document.end_merge)
        popover.closed.connect(popover.deleteLater)
        place = QRect(round(x) - 20, round(MIDDLE - FILM / 2), 40, FILM)
        popover.open_over(QRect(self._canvas.mapToGlobal(place.topLeft()), place.size()))
        popover.button(key.transition.easing.shape).setFocus()
        return popover

"""Which gesture a press begins, and which pointer foretells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.ui.timeline.hits import Hit, Part
from imvar_studio.ui.timeline.key_tools import KeysTool, KeyTool
from imvar_studio.ui.timeline.lane_tools import EdgeTool, HandleTool, LaneTool, LineTool, PointTool
from imvar_studio.ui.timeline.ruler_tools import EndTool, HintTool, MarkerTool, MarkTool, ScrubTool

if TYPE_CHECKING:
    from imvar_studio.ui.timeline.scene import Scene, Spot
    from imvar_studio.ui.timeline.tools import Tool

_CURSORS = {
    Part.RULER: "scrub",
    Part.PLAYHEAD: "scrub",
    Part.MARKER: "size-x",
    Part.MARK_IN: "size-x",
    Part.MARK_OUT: "size-x",
    Part.KEY: "grab",
    Part.TRANSITION: "point",
    Part.END: "size-x",
    Part.POINT: "move",
    Part.HANDLE: "cross",
    Part.LINE: "size-y",
    Part.LANE_EDGE: "size-y",
    Part.HINT: "point",
}


def begin(scene: Scene, hit: Hit, spot: Spot) -> Tool | None:
    """Return the gesture that a press of the left button begins, None for none."""
    tool = _in_row(scene, hit, spot) or _in_ruler(scene, hit, spot)
    return tool or _in_lane(scene, hit, spot)


def cursor_over(hit: Hit, *, add: bool = False, copy: bool = False) -> str:
    """Return the name of the pointer's shape over something.

    Args:
        hit: what is under it.
        add: Ctrl is held.
        copy: Alt is held.
    """
    if hit.part is Part.LANE and add:
        return "cross"
    if hit.part is Part.KEY and copy:
        return "copy"
    return _CURSORS.get(hit.part, "arrow")


def _in_row(scene: Scene, hit: Hit, spot: Spot) -> Tool | None:
    if hit.part is Part.KEY:
        return KeyTool(scene, spot, hit.name)
    if hit.part in {Part.TRANSITION, Part.KEYS, Part.STRIP, Part.NOTHING}:
        return KeysTool(scene, spot, hit.name)
    return None


def _in_ruler(scene: Scene, hit: Hit, spot: Spot) -> Tool | None:
    if hit.part in {Part.RULER, Part.PLAYHEAD}:
        return ScrubTool(scene, spot)
    if hit.part is Part.MARKER:
        return MarkerTool(scene, spot, hit.time)
    if hit.part in {Part.MARK_IN, Part.MARK_OUT}:
        return MarkTool(scene, spot, int(hit.part is Part.MARK_OUT))
    return EndTool(scene, spot) if hit.part is Part.END else None


def _in_lane(scene: Scene, hit: Hit, spot: Spot) -> Tool | None:
    if hit.part is Part.POINT:
        return PointTool(scene, spot, hit.name, hit.index)
    if hit.part is Part.HANDLE:
        return HandleTool(scene, spot, hit.name, hit.index, hit.which)
    if hit.part is Part.LINE and not spot.add:
        return LineTool(scene, spot, hit.name)
    if hit.part in {Part.LANE, Part.LINE}:
        return LaneTool(scene, spot, hit.name)
    if hit.part is Part.HINT:
        return HintTool(scene)
    return EdgeTool(scene, spot, hit.name) if hit.part is Part.LANE_EDGE else None

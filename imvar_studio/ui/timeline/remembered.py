"""How the timeline was shown last: kept between runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.model.timeline import TRACK_RANGES
from imvar_studio.ui.memory import window_memory
from imvar_studio.ui.timeline.geometry import LANE_HEIGHTS

if TYPE_CHECKING:
    from imvar_studio.ui.timeline.scene import Scene


def restore(scene: Scene) -> None:
    """Write times, and have tracks' rows as high, as they were last."""
    kept = window_memory()
    scene.seconds.set(kept.value("timeline/seconds") == "yes")
    for parameter in TRACK_RANGES:
        height = str(kept.value(f"timeline/height/{parameter}"))
        if height in map(str, LANE_HEIGHTS):
            scene.set_height(parameter, int(height))


def save(scene: Scene) -> None:
    """Keep how times are written, and the heights that tracks' rows were given."""
    kept = window_memory()
    kept.setValue("timeline/seconds", "yes" if scene.seconds.value else "no")
    for parameter, height in scene.heights.items():
        kept.setValue(f"timeline/height/{parameter}", height)


def forget() -> None:
    """Show timelines as they are at first."""
    window_memory().remove("timeline")

"""The whole timeline, painted from back to front."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imvar_studio.ui.timeline.geometry import RULER
from imvar_studio.ui.timeline.layers import Layers
from imvar_studio.ui.timeline.paint_keys import KeyPainter
from imvar_studio.ui.timeline.paint_lanes import paint_lanes
from imvar_studio.ui.timeline.paint_over import paint_drop, paint_focus, paint_onto, paint_over
from imvar_studio.ui.timeline.paint_ruler import (
    paint_markers,
    paint_outside,
    paint_playhead,
    paint_range,
    paint_ruler,
)
from imvar_studio.ui.timeline.paint_strip import paint_strip
from imvar_studio.ui.timeline.scene import Spot

if TYPE_CHECKING:
    from imvar_studio.ui.asset_files import AssetFiles
    from imvar_studio.ui.timeline.easel import Easel
    from imvar_studio.ui.timeline.thumbs import Thumbs


@dataclass(frozen=True, slots=True)
class Drop:
    """What is dragged over the canvas.

    Args:
        times: seconds where keyframes would be; none where it would take another's place.
        spot: the pointer.
        onto: the id of the keyframe that would show it, "" for none.
    """

    times: tuple[float, ...]
    spot: Spot
    onto: str = ""


class Painting:
    """Paints what is seen of the film.

    Args:
        thumbs: pictures at the size shown.
        assets: where the project's pictures lie.
    """

    def __init__(self, thumbs: Thumbs, assets: AssetFiles) -> None:
        self._thumbs = thumbs
        self._keys = KeyPainter(thumbs, assets)
        self._layers = Layers()

    def paint(self, easel: Easel, phase: float, drop: Drop | None, *, ring: bool) -> bool:
        """Paint everything between `easel.x0` and `easel.x1`.

        Args:
            easel: to paint with.
            phase: as in `paint_strip`.
            drop: what is dragged over the canvas.
            ring: whether the keyboard is here.

        Returns:
            Whether something moves: it is to be painted again soon.
        """
        scene = easel.scene
        self._thumbs.set_ratio(easel.painter.device().devicePixelRatioF())
        ground = easel.color("panel")
        easel.fill(easel.x0, 0, easel.x1 - easel.x0, easel.height, ground)
        moves = False
        if scene.timeline.keyframes:  # else it is said here what to do
            self._keys.paint(easel)
            moves = paint_strip(easel, phase)
            paint_lanes(easel, self._layers)
            paint_outside(easel)
        easel.fill(easel.x0, 0, easel.x1 - easel.x0, RULER, ground)
        paint_range(easel)
        depends = (scene.view.value, scene.fps, scene.seconds.value)
        self._layers.paint(easel, "ruler", (0, RULER), depends, paint_ruler)
        paint_markers(easel)
        paint_playhead(easel)
        paint_over(easel)
        if drop is not None:
            spot = drop.spot
            if drop.onto:
                paint_onto(easel, drop.onto, spot.x, spot.y)
            else:
                paint_drop(easel, drop.times, spot.x, spot.y)
        if ring:
            paint_focus(easel)
        return moves

"""Tracks: their curves, points and handles."""

from __future__ import annotations

from bisect import bisect_left
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from imvar_studio.model.snapping import span
from imvar_studio.ui.theme import fonts
from imvar_studio.ui.timeline.curves import (
    STEP,
    Xy,
    curve_line,
    handles,
    is_crowded,
    is_dense,
    line_columns,
)
from imvar_studio.ui.timeline.easel import Easel, pen, polygon
from imvar_studio.ui.timeline.geometry import HINT, LANES_TOP, LEFT
from imvar_studio.ui.timeline.hits import Part
from imvar_studio.ui.timeline.same import Same

if TYPE_CHECKING:
    from imvar_studio.model.curve import CurvePoint
    from imvar_studio.model.timeline import Track
    from imvar_studio.ui.timeline.geometry import Lane
    from imvar_studio.ui.timeline.layers import Layers
    from imvar_studio.ui.timeline.scene import Scene

_WIDTH = 1.75  # px, of a curve
_FILL = 0.13
_BAND = 0.7
_POINT = 9  # px across
_CROWDED = 9  # px from point to point below which only some are drawn
_MANY = 4  # points in that, above which none is drawn that is not selected
_LIT = {Part.POINT, Part.LINE}  # what looks another under the pointer


def paint_lanes(easel: Easel, layers: Layers) -> None:
    """Draw the rows of the tracks, as far as they are seen."""
    painter, scene = easel.painter, easel.scene
    top = LANES_TOP
    easel.line(easel.x0, top - 0.5, easel.x1, top - 0.5, easel.color("line"))
    painter.save()
    painter.setClipRect(
        QRectF(easel.x0, top, easel.x1 - easel.x0, easel.height - top),
        Qt.ClipOperation.IntersectClip,
    )
    lanes = scene.lanes()
    if not lanes and easel.height - top >= HINT:
        _paint_hint(easel)
    for lane in lanes:
        track = scene.timeline.track(lane.parameter)
        if track is None or lane.bottom < top or lane.top > easel.height:
            continue
        easel.drawn["lanes"] += 1
        layers.paint(
            easel,
            lane.parameter,
            (lane.top, lane.height),
            _depends(scene, lane, track),
            partial(_paint_lane, lane, track),
        )
    painter.restore()
    layers.keep_only(("ruler", *(lane.parameter for lane in lanes)))


def _paint_hint(easel: Easel) -> None:
    """Say what the empty place is for."""
    words = QCoreApplication.translate("Timeline", "Add a track to change a value over time.")
    painter = easel.painter
    painter.setFont(fonts.hint_font())
    painter.setPen(easel.color("text3"))
    place = QRectF(LEFT + 8, LANES_TOP, easel.width - LEFT - 8, HINT)
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, words)


def _depends(scene: Scene, lane: Lane, track: Track) -> tuple[object, ...]:
    """Return all that a track's row shows."""
    selection, hover = scene.session.selection.value, scene.hover.value
    return (
        Same(track),
        (lane.low, lane.high),
        scene.view.value,
        scene.session.duration,
        selection.points if selection.track == lane.parameter else None,
        hover if hover.name == lane.parameter and hover.part in _LIT else None,
    )


def _paint_lane(lane: Lane, track: Track, easel: Easel) -> None:
    if len(track.curve.points) == 1:
        _paint_constant(easel, lane, track)
    else:
        _paint_curve(easel, lane, track)
    easel.line(easel.x0, lane.bottom - 0.5, easel.x1, lane.bottom - 0.5, easel.color("line"))


def _paint_constant(easel: Easel, lane: Lane, track: Track) -> None:
    """Draw a track that is constant: a dashed line at its value, over the film's length."""
    scene = easel.scene
    view = scene.view.value
    y = round(lane.y(track.curve.points[0].value)) + 0.5
    left, right = view.x(0), view.x(scene.session.duration)
    chosen = scene.session.selection.value.track == lane.parameter
    hover = scene.hover.value
    under = hover.part is Part.LINE and hover.name == lane.parameter
    color = easel.color("accent" if chosen else "text" if under else "text2")
    stroke = pen(color, 1.5)
    stroke.setCapStyle(Qt.PenCapStyle.FlatCap)
    stroke.setDashPattern([3, 2.5])
    easel.line(left, y, min(right, easel.x1 + 10) if right > left else easel.x1, y, stroke)


def _paint_curve(easel: Easel, lane: Lane, track: Track) -> None:
    painter, view = easel.painter, easel.scene.view.value
    line = curve_line(track, lane, view, easel.x0 - 4, easel.x1 + 4)
    end = view.x(easel.scene.session.duration)
    left = max(line[0][0], min(view.x(0), easel.x1))
    easel.drawn["samples"] += len(line)
    painter.save()
    wide = max(round(end - left) + 2, 0)
    painter.setClipRect(  # of whole pixels, which is far cheaper
        QRectF(round(left) - 1, round(lane.top) + 1, wide, round(lane.height) - 2),
        Qt.ClipOperation.IntersectClip,
    )
    if is_crowded(track, view, easel.x0, easel.x1):
        _paint_crowded(easel, lane, line, dense=is_dense(track, view, easel.x0, easel.x1))
    else:
        ground = [(line[0][0], lane.floor), *line, (line[-1][0], lane.floor)]
        easel.polygon(ground, easel.color("accent", _FILL))
        stroke = pen(easel.color("accent"), _WIDTH)
        stroke.setJoinStyle(Qt.PenJoinStyle.BevelJoin)  # samples are too close to see joins
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(stroke)
        painter.drawPolyline(polygon(line))
    painter.restore()
    _paint_points(easel, lane, track)


def _paint_crowded(easel: Easel, lane: Lane, line: list[Xy], *, dense: bool) -> None:
    """Draw a mesh of lines: sharp, and of thin boxes, which are cheaper than a jagged shape.

    A dense one is a band of all its values.
    """
    painter, x0, floor = easel.painter, int(easel.x0), round(lane.floor)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    fills, band = [], []
    for n, ends in enumerate(line_columns(line, x0, int(easel.x1))):
        x, top, low = x0 + n * STEP, round(ends[0]), round(ends[1])
        begin = low if dense else top
        if begin < floor:
            fills.append(QRect(x, begin, STEP, floor - begin))
        if dense:
            band.append(QRect(x, top, STEP, low - top + 1))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(easel.color("accent", _FILL))
    painter.drawRects(fills)
    if dense:
        painter.setBrush(easel.color("accent", _BAND))
        painter.drawRects(band)
        return
    stroke = pen(easel.color("accent"), 1)
    stroke.setCosmetic(True)
    stroke.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(stroke)
    painter.drawPolyline(polygon(line))


def _paint_points(easel: Easel, lane: Lane, track: Track) -> None:
    scene, view = easel.scene, easel.scene.view.value
    selection, hover = scene.session.selection.value, scene.hover.value
    chosen = selection.points if selection.track == lane.parameter else frozenset()
    if len(chosen) == 1:
        _paint_handles(easel, lane, track, next(iter(chosen)))
    points = track.curve.points
    over = hover.index if hover.part is Part.POINT and hover.name == lane.parameter else -1
    seen = span(points, *view.span(easel.x0 - _POINT, easel.x1 + _POINT))
    outline = pen(easel.color("accent"), _WIDTH)
    easel.painter.setPen(outline)
    dense = len(seen) > _MANY * easel.width / _CROWDED
    index = seen.stop if dense else seen.start
    while index < seen.stop:  # crowded ones are thinned
        if index not in chosen and index != over:
            _paint_point(easel, lane, points[index], on=False, big=False)
        beyond = points[index].time + _CROWDED / view.scale
        index = max(bisect_left(points, beyond, lo=index + 1, key=_time), index + 1)
    for index in sorted(chosen | {over}):
        if index in seen:
            _paint_point(easel, lane, points[index], on=index in chosen, big=True)


def _paint_point(easel: Easel, lane: Lane, point: CurvePoint, *, on: bool, big: bool) -> None:
    radius = (_POINT + 2 * big - _WIDTH) / 2
    easel.painter.setBrush(easel.color("accent" if on else "panel"))
    place = QPointF(easel.scene.view.value.x(point.time), lane.y(point.value))
    easel.painter.drawEllipse(place, radius, radius)
    easel.drawn["points"] += 1


def _time(point: CurvePoint) -> float:
    return point.time


def _paint_handles(easel: Easel, lane: Lane, track: Track, index: int) -> None:
    for handle in handles(track, index, lane, easel.scene.view.value):
        stem = pen(easel.color("text3"), 1)
        easel.line(handle.from_x, handle.from_y, handle.x, handle.y, stem)
        easel.painter.setPen(pen(easel.color("panel"), 1))
        easel.painter.setBrush(easel.color("text"))
        easel.painter.drawEllipse(QPointF(handle.x, handle.y), 4, 4)
        easel.drawn["handles"] += 1

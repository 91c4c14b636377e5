"""The ruler, its markers and marks, and the playhead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF

from imvar_studio.model.snapping import span
from imvar_studio.ui.theme.fonts import hint_font, tabular
from imvar_studio.ui.timeline.easel import Easel, pen
from imvar_studio.ui.timeline.geometry import RULER, STRIP, STRIP_TOP
from imvar_studio.ui.timeline.hits import FLAG
from imvar_studio.ui.timeline.ticks import ticks

if TYPE_CHECKING:
    from imvar_studio.model.timeline import Marker

_NAME_ROOM = 220  # px that a marker's name may reach to the right
_BASE = RULER - 1


def paint_ruler(easel: Easel) -> None:
    """Draw the ruler's marks and times."""
    scene = easel.scene
    easel.painter.setFont(tabular(hint_font()))
    view = scene.view.value
    marks = ticks(view, scene.fps, seconds=scene.seconds.value, x0=easel.x0, x1=easel.x1)
    for tick in marks:
        x = round(view.x(tick.time)) + 0.5
        tall = 9 if tick.label else 5
        easel.line(x, _BASE - tall, x, _BASE, easel.color("line"))
        if tick.label:
            easel.painter.setPen(easel.color("text2"))
            easel.painter.drawText(
                QRectF(x + 4, 0, 90, 17), Qt.AlignmentFlag.AlignVCenter, tick.label
            )
    easel.drawn["ticks"] += len(marks)
    easel.line(easel.x0, _BASE + 0.5, easel.x1, _BASE + 0.5, easel.color("line"))


def paint_markers(easel: Easel) -> None:
    """Draw the markers: a flag in the ruler with a name, a faint line through everything."""
    scene, view = easel.scene, easel.scene.view.value
    markers = scene.timeline.markers
    seen = span(markers, *view.span(easel.x0 - _NAME_ROOM, easel.x1 + FLAG))
    chosen = scene.session.selection.value.marker
    last = float("-inf")
    for index in seen:
        x = view.x(markers[index].time)
        if x - last < 3 and markers[index].time != chosen:
            continue
        last = x
        room = view.x(markers[index + 1].time) - x if index + 1 < len(markers) else _NAME_ROOM
        _paint_marker(easel, markers[index], x, room, chosen=markers[index].time == chosen)


def paint_playhead(easel: Easel) -> None:
    """Draw the playhead: one line through everything with a grip in the ruler."""
    if not easel.scene.timeline.keyframes:
        return
    x = easel.scene.view.value.x(easel.scene.session.playhead.value)
    if not easel.x0 - 8 <= x <= easel.x1 + 8:
        return
    color = easel.color("text")
    easel.line(x, RULER - 8, x, easel.height, pen(color, 1.5))
    top = RULER - 18
    shape = ((x - 6, top), (x + 6, top), (x + 6, top + 9), (x, top + 15), (x - 6, top + 9))
    easel.painter.setPen(pen(easel.color("panel"), 1))
    easel.polygon(shape, color)


def _paint_marker(easel: Easel, marker: Marker, x: float, room: float, *, chosen: bool) -> None:
    color = easel.color("accent" if chosen else "text2")
    easel.line(x, RULER, x, easel.height, easel.color("accent" if chosen else "text3", 0.45))
    top = RULER - FLAG - 3
    easel.line(x, top, x, RULER, pen(color, 1.5))
    flag = ((x, top), (x + FLAG, top), (x + FLAG - 4, top + 4.5), (x + FLAG, top + 9), (x, top + 9))
    easel.polygon(flag, color)
    easel.drawn["markers"] += 1
    if marker.name and room > FLAG + 24:
        font = hint_font()
        wide = min(room - FLAG - 6, _NAME_ROOM - FLAG)
        metrics = QFontMetricsF(font)
        name = metrics.elidedText(marker.name, Qt.TextElideMode.ElideRight, wide)
        rect = QRectF(x + FLAG + 1, top - 3, metrics.horizontalAdvance(name) + 6, 16)
        easel.rounded(rect, 3, easel.color("panel"))
        easel.painter.setFont(font)
        easel.painter.setPen(easel.color("text"))
        easel.painter.drawText(rect.adjusted(3, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, name)


def paint_range(easel: Easel) -> None:
    """Draw the range between the in and out marks."""
    marks = easel.scene.marks()
    if marks is None:
        return
    view = easel.scene.view.value
    left, right = view.x(marks[0]), view.x(marks[1])
    easel.fill(left, 0, right - left, RULER - 1, easel.color("accent", 0.16))
    bracket = pen(easel.color("accent"), 2)
    for x, to in ((left + 1, 5), (right - 1, -5)):
        easel.line(x, 2, x, RULER - 3, bracket)
        easel.line(x, RULER - 3, x + to, RULER - 3, bracket)
        easel.line(x, 2, x + to, 2, bracket)


def paint_outside(easel: Easel) -> None:
    """Fade what lies outside of the in and out marks, and draw the film's end."""
    scene, view = easel.scene, easel.scene.view.value
    if not scene.timeline.keyframes:
        return
    marks = scene.marks()
    if marks is not None:
        shade = easel.color("bg", 0.55)
        top, tall = RULER, easel.height - RULER
        left, right = view.x(marks[0]), view.x(marks[1])
        easel.fill(easel.x0, top, max(min(left, easel.x1) - easel.x0, 0), tall, shade)
        if right < easel.x1:
            start = max(right, easel.x0)
            easel.fill(start, top, easel.x1 - start, tall, shade)
    end = view.x(scene.session.duration)
    if easel.x0 - 4 <= end <= easel.x1 + 4:
        rect = QRectF(end - 1.5, STRIP_TOP + 4, 3, STRIP + 10)
        easel.rounded(rect, 1.5, easel.color("text3"))

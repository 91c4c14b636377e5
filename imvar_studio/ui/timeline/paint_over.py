"""What lies over everything: snapping lines, boxes, words beside the pointer, drop targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QFontMetricsF

from imvar_studio.ui.theme.fonts import hint_font, tabular
from imvar_studio.ui.theme.tokens import RADIUS, THUMB_RADIUS
from imvar_studio.ui.timeline.easel import Easel, pen
from imvar_studio.ui.timeline.geometry import KEY_ROW, KEYS_TOP, RULER, THUMB

if TYPE_CHECKING:
    from collections.abc import Sequence


def paint_over(easel: Easel) -> None:
    """Draw the snapping line, the box and what is said beside the pointer."""
    scene = easel.scene
    guide, box = scene.guide.value, scene.box.value
    if box is not None:
        rect = QRectF(box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0)
        easel.painter.setPen(pen(easel.color("accent"), 1))
        easel.painter.setBrush(easel.color("accent", 0.16))
        easel.painter.drawRect(rect)
    if guide is None:
        return
    if guide.time is not None:
        stroke = pen(easel.color("accent"), 1, Qt.PenStyle.DashLine)
        x = round(scene.view.value.x(guide.time)) + 0.5
        easel.line(x, 0, x, easel.height, stroke)
    paint_label(easel, guide.text, guide.x, guide.y)


def paint_label(easel: Easel, text: str, x: float, y: float) -> None:
    """Write something beside the pointer at (x, y) px, inside of the canvas."""
    font = tabular(hint_font())
    metrics = QFontMetricsF(font)
    wide, tall = metrics.horizontalAdvance(text) + 16, 24.0
    left = x + 14 if x + 14 + wide < easel.width else x - 10 - wide
    top = y + 14 if y + 14 + tall < easel.height else y - 10 - tall
    rect = QRectF(round(max(left, 2)), round(max(top, 2)), wide, tall)
    easel.rounded(rect, RADIUS, easel.color("raised"), pen(easel.color("line"), 1))
    easel.painter.setFont(font)
    easel.painter.setPen(easel.color("text"))
    easel.painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


def paint_drop(easel: Easel, times: Sequence[float], x: float, y: float) -> None:
    """Light the whole canvas up, and show where what is dragged would land.

    Args:
        easel: to draw with.
        times: seconds where keyframes would be.
        x, y: the pointer, px.
    """
    rect = QRectF(1, 1, easel.width - 2, easel.height - 2)
    accent = easel.color("accent")
    easel.rounded(rect, RADIUS, easel.color("accent", 0.08), pen(accent, 2))
    view = easel.scene.view.value
    for time in times:
        at = round(view.x(time))
        box = QRectF(at - THUMB / 2, KEYS_TOP + (KEY_ROW - THUMB) / 2, THUMB, THUMB)
        easel.rounded(box, THUMB_RADIUS, easel.color("accent", 0.2), pen(accent, 2))
    if times:
        line = round(view.x(times[0])) + 0.5
        easel.line(line, RULER, line, easel.height, pen(accent, 1.5))
        paint_label(easel, easel.scene.write(times[0]), x, y)


def paint_onto(easel: Easel, name: str, x: float, y: float) -> None:
    """Light up the keyframe `name`, which would show what is dragged; the pointer is at (x, y)."""
    key = next((each for each in easel.scene.timeline.keyframes if each.id == name), None)
    if key is None:
        return
    at = round(easel.scene.view.value.x(key.time))
    box = QRectF(at - THUMB / 2, KEYS_TOP + (KEY_ROW - THUMB) / 2, THUMB, THUMB)
    easel.rounded(box, THUMB_RADIUS, easel.color("accent", 0.4), pen(easel.color("accent"), 3))
    paint_label(easel, QCoreApplication.translate("Timeline", "Replace its picture"), x, y)


def paint_focus(easel: Easel) -> None:
    """Draw the ring of what the keyboard reaches."""
    rect = QRectF(1, 1, easel.width - 2, easel.height - 2)
    easel.rounded(rect, RADIUS, None, pen(easel.color("accent"), 2))

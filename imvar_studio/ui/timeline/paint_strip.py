"""The bar of rendered frames."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPainterPath, QPixmap, QTransform

from imvar_studio.ui.frames import FrameState
from imvar_studio.ui.timeline.easel import pen
from imvar_studio.ui.timeline.geometry import FAILED_STRIP, STRIP, STRIP_ROW, STRIP_TOP

if TYPE_CHECKING:
    from PySide6.QtGui import QColor

    from imvar_studio.ui.timeline.easel import Easel

MIDDLE = STRIP_TOP + STRIP_ROW / 2 - 1
_TOP = MIDDLE - STRIP / 2
_GLINT = 48  # px, the light that runs over what is being rendered
_HATCH = 8  # px from one stripe to the next
_SEEN = 6  # px that a failed frame takes at least

Run = tuple[float, float, FrameState]


def runs_of(easel: Easel) -> list[Run]:
    """Return the runs of equal state that are seen: (left, right, state) in px."""
    scene = easel.scene
    count, view, frame = scene.session.frame_count, scene.view.value, scene.frame
    if not count:
        return []
    first = min(max(int(view.time(easel.x0) / frame), 0), count - 1)
    last = min(max(int(view.time(easel.x1) / frame), 0), count - 1)
    shown = last - first + 1
    left, right = view.x(first * frame), view.x((last + 1) * frame)
    buckets = min(shown, max(int(right - left), 1))
    states = scene.session.frames.summary(first, last, buckets)
    found, at = [], 0
    for state, group in itertools.groupby(states):
        end = at + sum(1 for _ in group)
        # buckets are whole frames: their edges in frames, then in px
        a, b = (first + shown * n // buckets for n in (at, end))
        found.append((view.x(a * frame), view.x(b * frame), FrameState(state)))
        at = end
    return found


def paint_strip(easel: Easel, phase: float) -> bool:
    """Draw the bar.

    Args:
        easel: to draw with.
        phase: in [0, 1), how far the light over what is being rendered has run.

    Returns:
        Whether something that is being rendered is seen: the bar is to be drawn again soon.
    """
    runs = runs_of(easel)
    if not runs:
        return False
    painter = easel.painter
    view, session = easel.scene.view.value, easel.scene.session
    painter.save()
    bar = QPainterPath()
    left, right = view.x(0), view.x(session.duration)
    bar.addRoundedRect(QRectF(left, _TOP, right - left, STRIP), 2, 2)
    painter.setClipPath(bar, Qt.ClipOperation.IntersectClip)
    moving = False
    for start, end, state in runs:
        rect = QRectF(start, _TOP, end - start, STRIP)
        if state is FrameState.RENDERED:
            painter.fillRect(rect, easel.color("rendered"))
        elif state is FrameState.STALE:
            painter.fillRect(rect, easel.color("stale", 0.35))
            painter.fillRect(rect, _hatch(easel.color("stale"), painter))
        elif state is FrameState.RENDERING:
            moving = True
            painter.fillRect(rect, easel.color("accent"))
            _paint_glint(easel, rect, phase)
        else:
            painter.fillRect(rect, easel.color("line"))
    painter.restore()
    _paint_failed(easel, runs)
    easel.drawn["runs"] += len(runs)
    return moving


def _paint_failed(easel: Easel, runs: list[Run]) -> None:
    """Draw failed frames over the bar: taller, and wide enough to be seen."""
    for start, end, state in runs:
        if state is FrameState.FAILED:
            wide = max(end - start, _SEEN)
            left = (start + end - wide) / 2
            rect = QRectF(left, MIDDLE - FAILED_STRIP / 2, wide, FAILED_STRIP)
            easel.rounded(rect, 2, easel.color("failed"), pen(easel.color("panel"), 1))


def _paint_glint(easel: Easel, rect: QRectF, phase: float) -> None:
    painter = easel.painter
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    x = rect.left() - _GLINT + (rect.width() + _GLINT) * phase
    for inset, alpha in ((0, 0.18), (10, 0.22)):
        glint = QRectF(x + inset, rect.top(), _GLINT - 2 * inset, rect.height())
        painter.fillRect(glint, easel.color("graph", alpha))
    painter.restore()


def _hatch(color: QColor, painter: QPainter) -> QBrush:
    """Return diagonal stripes, as sharp as the screen can show."""
    ratio = painter.device().devicePixelRatioF()
    side = max(round(_HATCH * ratio), 4)
    stripes = QPixmap(side, side)
    stripes.fill(Qt.GlobalColor.transparent)
    drawer = QPainter(stripes)
    drawer.setRenderHint(QPainter.RenderHint.Antialiasing)
    drawer.setPen(pen(color, side * 0.36))
    for shift in (-side, 0, side):
        drawer.drawLine(shift - side, 2 * side, shift + 2 * side, -side)
    drawer.end()
    brush = QBrush(stripes)
    brush.setTransform(QTransform.fromScale(1 / ratio, 1 / ratio))
    return brush

"""Easings as pictures: the curve in a box, and small previews beside their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPainterPath, QPen, QPixmap

from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import ICON_SIZE
from imvar_studio.ui.widgets.easing_geometry import Graph, course, reach

if TYPE_CHECKING:
    from imvar_studio.model.curve import Easing

CURVE_WIDTH = 1.75  # px


def curve_path(graph: Graph, easing: Easing) -> QPainterPath:
    """Return the curve of an easing in a graph, in px."""
    points = [QPointF(*graph.point(x, y)) for x, y in course(easing)]
    path = QPainterPath(points[0])
    for point in points[1:]:
        path.lineTo(point)
    return path


def easing_icon(easing: Easing) -> QIcon:
    """Return the curve as an icon that follows the theme."""
    return QIcon(_CurveEngine(easing))


class _CurveEngine(QIconEngine):
    """Draws the curve of one easing over the whole icon."""

    def __init__(self, easing: Easing) -> None:
        super().__init__()
        self._easing = easing

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        low, high = reach(self._easing)
        inset = rect.width() / ICON_SIZE * 2
        graph = Graph(
            rect.left() + inset,
            rect.top() + inset,
            rect.width() - 2 * inset,
            rect.height() - 2 * inset,
            low,
            high,
        )
        enabled = mode != QIcon.Mode.Disabled
        pen = QPen(current_theme().color("text2" if enabled else "disabled"))
        pen.setWidthF(rect.width() / ICON_SIZE * 1.5)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.strokePath(curve_path(graph, self._easing), pen)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1)

    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        pixmap = QPixmap(size * scale)  # `size` is without the scale
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _CurveEngine(self._easing)

    def isNull(self) -> bool:
        return False

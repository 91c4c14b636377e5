"""What every part of the timeline paints with."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from imvar_studio.ui.theme.theme import Theme
from imvar_studio.ui.timeline.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(slots=True)
class Easel:
    """A painter with what is painted, and a count of it.

    Args:
        painter: to paint with.
        scene: what is seen.
        theme: the colours.
        x0, x1: px, what is to be painted anew.
        width, height: px of the canvas.
        drawn: how many of each kind of thing were painted.
    """

    painter: QPainter
    scene: Scene
    theme: Theme
    x0: float
    x1: float
    width: int
    height: int
    drawn: Counter[str] = field(default_factory=Counter)
    _colors: dict[tuple[str, float], QColor] = field(default_factory=dict)

    def color(self, name: str, alpha: float = 1.0) -> QColor:
        """Return a token's colour, not to be changed; alpha in [0, 1]."""
        found = self._colors.get((name, alpha))
        if found is None:
            found = self._colors[name, alpha] = self.theme.color(name)
            if alpha < 1:
                found.setAlphaF(alpha)
        return found

    def line(self, x0: float, y0: float, x1: float, y1: float, pen: QPen | QColor) -> None:
        """Draw a straight line."""
        self.painter.setPen(pen)
        self.painter.drawLine(QPointF(x0, y0), QPointF(x1, y1))

    def fill(self, x: float, y: float, width: float, height: float, color: QColor) -> None:
        """Fill a rectangle."""
        self.painter.fillRect(QRectF(x, y, width, height), color)

    def rounded(
        self, rect: QRectF, radius: float, fill: QColor | None = None, pen: QPen | None = None
    ) -> None:
        """Draw a rectangle with round corners."""
        self.painter.setPen(pen or Qt.PenStyle.NoPen)
        self.painter.setBrush(fill or Qt.BrushStyle.NoBrush)
        self.painter.drawRoundedRect(rect, radius, radius)

    def polygon(self, points: Iterable[tuple[float, float]], color: QColor) -> None:
        """Fill a shape."""
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(color)
        self.painter.drawPolygon(polygon(points))


def polygon(points: Iterable[tuple[float, float]]) -> QPolygonF:
    """Return points as Qt takes them."""
    return QPolygonF([QPointF(x, y) for x, y in points])


def pen(color: QColor, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """Return a pen with round ends; its width is in px."""
    found = QPen(color, width, style)
    found.setCapStyle(Qt.PenCapStyle.RoundCap)
    found.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return found

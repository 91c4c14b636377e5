"""A small graph of how guidance falls at a picture that the film passes through."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from imvar_studio.ui.inspector.dip_geometry import DipGraph
from imvar_studio.ui.theme import fonts
from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import RADIUS

_HEIGHT = 64  # px
_INSET = 8.0  # px, left and right
_ABOVE = 12.0  # px, above and below
_SCALE = 30.0  # px, for the numbers at the left
_LINE = 1.75  # px
_DOT = 3.5  # px


class DipView(QWidget):
    """Guidance on the ways to and from a keyframe; it only shows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._course: tuple[tuple[float, float], ...] = ()
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Guidance around this picture"))

    @property
    def course(self) -> tuple[tuple[float, float], ...]:
        """What is drawn: (seconds from the keyframe, guidance)."""
        return self._course

    def show_course(self, course: tuple[tuple[float, float], ...]) -> None:
        """Draw a course of guidance; () draws none."""
        if course != self._course:
            self._course = course
            self.setAccessibleDescription(self._told())
            self.setToolTip(self._told())
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the course over the line of guidance 1."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = current_theme()
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("field"))
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, RADIUS, RADIUS)
        if not self._course:
            return
        graph = DipGraph(
            self._course,
            _INSET + _SCALE,
            _ABOVE,
            max(self.width() - 2 * _INSET - _SCALE, 1.0),
            self.height() - 2 * _ABOVE,
        )
        self._paint_scale(painter, graph)
        line = QPolygonF([QPointF(x, y) for x, y in graph.points()])
        path = QPainterPath()
        path.addPolygon(line)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("accent"), _LINE))
        painter.drawPath(path)
        painter.setPen(QPen(theme.color("accent"), _LINE))
        painter.setBrush(theme.color("field"))
        painter.drawEllipse(QPointF(*graph.keyframe()), _DOT, _DOT)

    def _paint_scale(self, painter: QPainter, graph: DipGraph) -> None:
        theme = current_theme()
        painter.setPen(QPen(theme.color("line"), 1, Qt.PenStyle.DashLine))
        floor = graph.floor()
        painter.drawLine(QPointF(graph.left, floor), QPointF(graph.left + graph.width, floor))
        painter.setPen(theme.color("text3"))
        painter.setFont(fonts.tabular(fonts.hint_font()))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for value, height in ((1.0, floor), (graph.highest, graph.top)):
            if value == 1.0 or floor - graph.top > 2 * _INSET:
                place = QRectF(0, height - _INSET, _SCALE, 2 * _INSET)
                painter.drawText(place, right, f"{value:.1f}")

    def _told(self) -> str:
        if not self._course:
            return ""
        highest = max(value for _, value in self._course)
        return self.tr("Guidance from {high} down to 1 at the picture").format(
            high=f"{highest:.1f}"
        )

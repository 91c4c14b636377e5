"""A graph of an easing with two handles to drag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import FOCUS_WIDTH, RADIUS
from imvar_studio.ui.widgets import easing_geometry as geometry
from imvar_studio.ui.widgets.easing_geometry import Graph, Handle
from imvar_studio.ui.widgets.easing_painting import CURVE_WIDTH, curve_path
from imvar_studio.ui.widgets.key_run import KeyRun, speed_of

if TYPE_CHECKING:
    from imvar_studio.model.curve import Easing

_INSET = 9.0  # px between the frame and the graph
_DOT = 4.0  # px, the radius of a handle
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class EasingEditor(QWidget):
    """The curve of an easing. Tab goes from handle to handle, arrow keys move the one chosen.

    Attributes:
        edited: the easing, a Bezier, whenever a person moved a handle.
        gesture_ended: when a drag or a run of key presses is over.
    """

    edited = Signal(object)
    gesture_ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._easing: Easing | None = None
        self._before_drag: Easing | None = None
        self._held: Handle | None = None
        self._over: Handle | None = None
        self._chosen: Handle = 1
        self._grip = (0.0, 0.0)
        self._drag_graph: Graph | None = None
        self._run = KeyRun(self)
        self._run.ended.connect(self.gesture_ended)
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Preferred, policy.Preferred)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Easing curve"))
        self.setToolTip(self.tr("Drag the handles. Arrow keys move one, Tab goes to the next."))
        current_theme().changed.connect(self.update)

    @property
    def handle(self) -> Handle:
        """The handle that the arrow keys move."""
        return self._chosen

    def easing(self) -> Easing | None:
        """Return the easing; None where the selected things differ."""
        return self._easing

    def set_easing(self, easing: Easing | None) -> None:
        """Show an easing; None, for easings that differ, shows no curve. `edited` is not told."""
        self._easing = easing
        self.update()

    def graph(self) -> Graph:
        """Return where the curve is drawn, in px of the widget."""
        low, high = geometry.reach(self._easing) if self._easing else (0.0, 1.0)
        width, height = self.width() - 2 * _INSET, self.height() - 2 * _INSET
        return Graph(_INSET, _INSET, max(width, 1.0), max(height, 1.0), low, high)

    def sizeHint(self) -> QSize:
        """Return a square that leaves room beside it in a dock."""
        return QSize(112, 112)

    def minimumSizeHint(self) -> QSize:
        """Return the least room in which handles are told apart."""
        return QSize(80, 80)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a handle."""
        if event.button() != Qt.MouseButton.LeftButton or self._easing is None:
            return
        at = event.position()
        graph = self.graph()
        which = geometry.handle_at(graph, self._easing, at.x(), at.y())
        if which is None:
            return
        self._run.finish()
        self._held = self._chosen = which
        self._before_drag = self._easing
        hx, hy = graph.point(*geometry.handles(self._easing)[which - 1])
        self._grip = (hx - at.x(), hy - at.y())  # the handle does not jump to the pointer
        # a pointer above the box would stretch the graph again and again
        self._drag_graph = graph
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the handle, or show which one could be."""
        if self._easing is None:
            return
        at = event.position()
        if self._held is None or self._drag_graph is None:
            self._hover(geometry.handle_at(self.graph(), self._easing, at.x(), at.y()))
            return
        x, y = self._drag_graph.value(at.x() + self._grip[0], at.y() + self._grip[1])
        self._edit(geometry.moved(self._easing, self._held, x, y))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the handle go."""
        if self._held is not None and event.button() == Qt.MouseButton.LeftButton:
            self._end_drag()

    def leaveEvent(self, event: QEvent) -> None:
        """Show no handle as taken."""
        self._hover(None)

    def claims_key(self, key: Qt.Key, held: Qt.KeyboardModifier) -> bool:
        """Keep the arrow keys from the window's shortcuts."""
        return key in _ARROWS and not held & Qt.KeyboardModifier.AltModifier

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the chosen handle; Escape ends a drag."""
        if event.key() == Qt.Key.Key_Escape and self._held is not None:
            if self._before_drag is not None:
                self._edit(self._before_drag)
            self._end_drag()
            return
        arrow = _ARROWS.get(Qt.Key(event.key()))
        if arrow is None or self._easing is None or self._held is not None:
            super().keyPressEvent(event)
            return
        self._run.touch()
        across, up = (direction * speed_of(event) for direction in arrow)
        self._edit(geometry.nudged(self._easing, self._chosen, across, up))

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Go from handle to handle before the focus leaves."""
        if self._easing is not None and self.hasFocus() and forward == (self._chosen == 1):
            self._chosen = 2 if forward else 1
            self._run.finish()
            self.update()
            return True
        return super().focusNextPrevChild(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Choose the handle on the side the focus comes from."""
        super().focusInEvent(event)
        if event.reason() == Qt.FocusReason.TabFocusReason:
            self._chosen = 1
        elif event.reason() == Qt.FocusReason.BacktabFocusReason:
            self._chosen = 2

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """End a run of key presses."""
        super().focusOutEvent(event)
        self._run.finish()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint frame, curve and handles."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frame(painter)
        if self._easing is not None:
            graph = self.graph()
            self._paint_range(painter, graph)
            pen = QPen(self._color("accent"), CURVE_WIDTH)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.strokePath(curve_path(graph, self._easing), pen)
            self._paint_handles(painter, graph, self._easing)

    def _color(self, token: str) -> QColor:
        return current_theme().color(token if self.isEnabled() else "disabled")

    def _paint_frame(self, painter: QPainter) -> None:
        focused = self.hasFocus()
        width = FOCUS_WIDTH if focused else 1
        painter.setPen(QPen(current_theme().color("accent" if focused else "line"), width))
        painter.setBrush(current_theme().color("field"))
        half = width / 2
        frame = QRectF(self.rect()).adjusted(half, half, -half, -half)
        painter.drawRoundedRect(frame, RADIUS, RADIUS)

    def _paint_range(self, painter: QPainter, graph: Graph) -> None:
        """Draw where the values of both ends lie, once the curve leaves the room between."""
        if graph.low == 0 and graph.high == 1:
            return
        painter.setPen(QPen(current_theme().color("line"), 1))
        for y in (0.0, 1.0):
            painter.drawLine(QPointF(*graph.point(0, y)), QPointF(*graph.point(1, y)))

    def _paint_handles(self, painter: QPainter, graph: Graph, easing: Easing) -> None:
        if not geometry.has_handles(easing):
            return
        names: tuple[Handle, Handle] = (1, 2)
        for which, end, at in zip(names, (0.0, 1.0), geometry.handles(easing), strict=True):
            dot = QPointF(*graph.point(*at))
            painter.setPen(QPen(self._color("text3"), 1.25))
            painter.drawLine(QPointF(*graph.point(end, end)), dot)
            chosen = self._held == which or (self.hasFocus() and self._chosen == which)
            ring = QPen(self._color("accent"), FOCUS_WIDTH) if chosen else Qt.PenStyle.NoPen
            painter.setPen(ring)
            painter.setBrush(self._color("text"))
            radius = _DOT + (1 if chosen or self._over == which else 0)
            painter.drawEllipse(dot, radius, radius)

    def _edit(self, easing: Easing) -> None:
        if easing != self._easing:
            self._easing = easing
            self.update()
            self.edited.emit(easing)

    def _end_drag(self) -> None:
        self._held = self._before_drag = self._drag_graph = None
        self.unsetCursor()
        self.update()
        self.gesture_ended.emit()

    def _hover(self, which: Handle | None) -> None:
        if which != self._over:
            self._over = which
            if which is None:
                self.unsetCursor()
            else:
                self.setCursor(Qt.CursorShape.OpenHandCursor)
            self.update()

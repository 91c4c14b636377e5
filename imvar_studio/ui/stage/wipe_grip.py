"""The grip that moves the divider of a comparison, by pointer and by keyboard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import FOCUS_WIDTH

SIDE = 32  # px, with the ring
_STEP, _LEAP = 0.01, 0.1  # of the picture's width


class WipeGrip(QWidget):
    """A round handle on the divider. The canvas puts it where it belongs.

    Attributes:
        moved: to a fraction of the picture's width, in [0, 1], by keyboard.
        dragged: to x on the parent in px, by pointer.
        grabbed: a drag begins.
        dropped: a drag ends; False where Escape ended it.
    """

    moved = Signal(float)
    dragged = Signal(float)
    grabbed = Signal()
    dropped = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._at = 0.5
        self._held = False
        self.setFixedSize(SIDE, SIDE)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Divider"))
        self.setToolTip(self.tr("Drag, or press the arrow keys (Shift for larger steps)"))

    def set_position(self, at: float) -> None:
        """Know where the divider is, in [0, 1]."""
        self._at = at
        self.setAccessibleDescription(self.tr("at {n}%").format(n=round(at * 100)))

    def event(self, event: QEvent) -> bool:
        """Keep the keys that move the divider from the window's shortcuts."""
        # the window's keys for frames are these; while the grip has the focus they are its own
        override = QEvent.Type.ShortcutOverride
        if isinstance(event, QKeyEvent) and event.type() == override and self._is_own(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the divider; Escape takes a drag back."""
        goal = self._goal(event)
        if event.key() == Qt.Key.Key_Escape and self._held:
            self._held = False
            self.dropped.emit(False)
        elif goal is not None:
            self.moved.emit(min(max(goal, 0.0), 1.0))
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = True
            self.grabbed.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with a drag, or foretell one by the pointer's shape."""
        if self._held:
            self.dragged.emit(self.mapToParent(event.position()).x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag."""
        if self._held and event.button() == Qt.MouseButton.LeftButton:
            self._held = False
            self.dropped.emit(True)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it in the theme's colours."""
        theme, middle = current_theme(), SIDE / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = theme.color("accent") if self.hasFocus() else theme.color("graph")
        painter.setPen(QPen(ring, FOCUS_WIDTH))
        painter.setBrush(theme.color("graph_edge"))
        painter.drawEllipse(QRectF(3, 3, SIDE - 6, SIDE - 6))
        painter.setPen(
            QPen(theme.color("graph"), 1.75, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        )
        for side in (-1, 1):
            tip = QPointF(middle + side * 7, middle)
            painter.drawLine(tip, QPointF(middle + side * 3.5, middle - 3.5))
            painter.drawLine(tip, QPointF(middle + side * 3.5, middle + 3.5))

    def _is_own(self, event: QKeyEvent) -> bool:
        return self._goal(event) is not None or (self._held and event.key() == Qt.Key.Key_Escape)

    def _goal(self, event: QKeyEvent) -> float | None:
        """Return where a key moves the divider to, None for other keys."""
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        step = _LEAP if shift else _STEP
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Down:
                return self._at - step
            case Qt.Key.Key_Right | Qt.Key.Key_Up:
                return self._at + step
            case Qt.Key.Key_Home:
                return 0.0
            case Qt.Key.Key_End:
                return 1.0
        return None

"""The canvas: the picture, zoomed and moved, beside what it is compared with."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from imvar_studio.ui.stage import canvas_painting, view
from imvar_studio.ui.stage.content import Content
from imvar_studio.ui.stage.view import Room, View
from imvar_studio.ui.stage.wipe_grip import SIDE, WipeGrip
from imvar_studio.ui.theme.theme import current_theme

_NOTCH = 120  # eighths of a degree of a wheel's notch
_A_NOTCH = 1.2  # times the zoom
_BY_KEY = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class Canvas(QWidget):
    """Shows a picture at a zoom, with another one wiped over it.

    Args:
        parent: the widget it lies in.

    Attributes:
        view_changed: zoom or place became another.
    """

    view_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = Content((1, 1))
        self._other: Content | None = None
        self._names = ("", "")
        self._empty = self._has_bar = True
        self._view, self._held_view = View(), View()
        self._divider = self._held_divider = 0.5
        self._pan_from: QPointF | None = None
        self._lit = self._ringed = self._dragging_line = False
        self._scaled = canvas_painting.Scaled()
        self._grip = WipeGrip(self)
        self._grip.hide()
        self._grip.moved.connect(self.set_divider)
        self._grip.grabbed.connect(self._grab_divider)
        self._grip.dragged.connect(self._drag_divider)
        self._grip.dropped.connect(self._drop_divider)
        self.setMouseTracking(True)
        self.setMinimumSize(160, 120)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Picture at the playhead"))
        current_theme().changed.connect(self.update)

    @property
    def view(self) -> View:
        """How the picture is looked at."""
        return self._view

    @property
    def divider(self) -> float:
        """Where the comparison is parted, as a fraction of the picture's width."""
        return self._divider

    @property
    def scale(self) -> float:
        """Pixels on the screen, device-independent, for one picture pixel."""
        return view.scale_of(self._view, self._room(), self._content.size)

    def picture_rect(self) -> QRectF:
        """Return where the picture lies, in px."""
        ratio = self.devicePixelRatioF()
        return QRectF(*view.place(self._view, self._room(), self._content.size, ratio))

    def set_content(self, content: Content, *, empty: bool = False) -> None:
        """Show something else; `empty` shows nothing."""
        resized = content.size != self._content.size
        self._content, self._empty = content, empty
        self._place_grip()
        self.update()
        if resized:
            self.view_changed.emit()

    def set_other(self, other: Content | None, names: tuple[str, str] = ("", "")) -> None:
        """Compare with another picture, drawn over the right side; None with nothing."""
        self._other, self._names = other, names
        if other is None and self._grip.hasFocus():  # or Qt gives it to whatever comes next
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._grip.setVisible(other is not None)
        self._place_grip()
        self.update()

    def set_bar(self, on: bool) -> None:
        """Leave room above a fitted picture for words and buttons, or none."""
        self._has_bar = on
        self._place_grip()
        self.update()

    def set_view(self, wanted: View) -> None:
        """Zoom or move."""
        if wanted != self._view:
            self._view = wanted
            self._place_grip()
            self._show_cursor()
            self.update()
            self.view_changed.emit()

    def set_cursor_hidden(self, hidden: bool) -> None:
        """Hide the pointer over the picture, or show it again."""
        if hidden:
            self.setCursor(Qt.CursorShape.BlankCursor)
        else:
            self._show_cursor()

    def zoom_to(self, zoom: float | None, at: QPointF | None = None) -> None:
        """Zoom, with the point at `at` (px; the middle by default) staying there.

        Args:
            zoom: px a picture pixel; None fits.
            at: on the canvas.
        """
        if zoom is None:
            self.set_view(View())
            return
        room = self._room()
        point = (room.width / 2, room.height / 2) if at is None else (at.x(), at.y())
        self.set_view(view.zoomed(self._view, zoom, point, room, self._content.size))

    def zoom_by(self, direction: int) -> None:
        """Zoom to the next step up (1) or down (-1)."""
        self.zoom_to(view.next_zoom(self.scale, direction))

    def set_divider(self, at: float) -> None:
        """Part the comparison at a fraction of the picture's width, clamped to [0, 1]."""
        self._divider = min(max(at, 0.0), 1.0)
        self._place_grip()
        self.update()

    def set_lit(self, on: bool) -> None:
        """Show that files dropped here are taken."""
        self._lit = on
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it in the theme's colours."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), current_theme().color("stage"))
        if not self._empty:
            self._paint_pictures(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._lit or (self._ringed and self.hasFocus()):
            canvas_painting.paint_ring(painter, QRectF(self.rect()), self._lit)

    def _paint_pictures(self, painter: QPainter) -> None:
        where = self.picture_rect()
        smooth = view.is_smooth(self._view, self.scale * self.devicePixelRatioF())
        x = where.left() + where.width() * self._divider
        for content, left, right in (
            (self._content, where.left(), where.right() if self._other is None else x),
            (self._other, x, where.right()),
        ):
            if content is not None:
                painter.save()
                painter.setClipRect(QRectF(left, where.top(), right - left, where.height()))
                canvas_painting.paint_content(painter, content, where, smooth, self._scaled)
                painter.restore()
        if self._other is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        canvas_painting.paint_divider(painter, where, x)
        canvas_painting.paint_tags(painter, where, x, self._names, QRectF(self.rect()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place again what depends on the size."""
        self._place_grip()
        self.view_changed.emit()  # a fitted picture has another scale now

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer."""
        notches = event.angleDelta().y() / _NOTCH
        if notches and not self._empty:
            self.zoom_to(self.scale * _A_NOTCH**notches, event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Zoom by a pinch."""
        pinch = Qt.NativeGestureType.ZoomNativeGesture
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == pinch:
            self.zoom_to(self.scale * (1 + event.value()), event.position())
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a drag."""
        left = event.button() == Qt.MouseButton.LeftButton
        if left and self._other is not None and self._near_divider(event.position()):
            self._grip.setFocus(Qt.FocusReason.MouseFocusReason)
            self._grab_divider()
            self._dragging_line = True
        elif (left or event.button() == Qt.MouseButton.MiddleButton) and self._can_pan():
            self._pan_from, self._held_view = event.position(), self._view
        self._show_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with a drag, or foretell one by the pointer's shape."""
        if self._dragging_line:
            self._drag_divider(event.position().x())
        elif self._pan_from is not None:
            by = event.position() - self._pan_from
            size = self._content.size
            self.set_view(view.panned(self._held_view, (by.x(), by.y()), size))
        else:
            self._show_cursor(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag."""
        self._dragging_line, self._pan_from = False, None
        self._show_cursor(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fit the picture, or show it at 100%."""
        if event.button() == Qt.MouseButton.LeftButton and not self._empty:
            self._pan_from = None
            fit = self._view.zoom is None
            self.zoom_to(1.0 if fit else None, event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take a drag back on Escape."""
        if event.key() == Qt.Key.Key_Escape and self._pan_from is not None:
            self._pan_from = None
            self.set_view(self._held_view)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring to who walks by keyboard."""
        self._ringed = event.reason() in _BY_KEY
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the ring."""
        self.update()

    def _room(self) -> Room:
        return Room(self.width(), self.height(), self._has_bar)

    def _can_pan(self) -> bool:
        return self._view.zoom is not None and not self._empty

    def _near_divider(self, at: QPointF) -> bool:
        where = self.picture_rect()
        x = where.left() + where.width() * self._divider
        return abs(at.x() - x) <= SIDE / 4 and where.top() <= at.y() <= where.bottom()

    def _show_cursor(self, at: QPointF | None = None) -> None:
        if self._dragging_line or (at is not None and self._other and self._near_divider(at)):
            self.setCursor(Qt.CursorShape.SplitHCursor)
        elif self._pan_from is not None:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._can_pan():
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.unsetCursor()

    def _place_grip(self) -> None:
        where = self.picture_rect()
        seen = where.intersected(QRectF(self.rect()))
        x = where.left() + where.width() * self._divider
        self._grip.set_position(self._divider)
        self._grip.move(round(x - SIDE / 2), round(seen.center().y() - SIDE / 2))

    def _grab_divider(self) -> None:
        self._held_divider = self._divider

    def _drag_divider(self, x: float) -> None:
        where = self.picture_rect()
        self.set_divider((x - where.left()) / max(where.width(), 1))

    def _drop_divider(self, kept: bool) -> None:
        if not kept:
            self.set_divider(self._held_divider)

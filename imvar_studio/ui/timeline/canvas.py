"""The canvas of the timeline: paints the film and hands the pointer to gestures."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.timeline.cursors import cursor
from imvar_studio.ui.timeline.easel import Easel
from imvar_studio.ui.timeline.geometry import LANES_TOP, RULER, STRIP_ROW, STRIP_TOP
from imvar_studio.ui.timeline.gestures import begin, cursor_over
from imvar_studio.ui.timeline.hits import Hit, row_of
from imvar_studio.ui.timeline.painting import Drop, Painting
from imvar_studio.ui.timeline.ruler_tools import PanTool
from imvar_studio.ui.timeline.scene import Scene, Spot
from imvar_studio.ui.timeline.tips import tip
from imvar_studio.ui.timeline.walking import place_of_selected

if TYPE_CHECKING:
    from PySide6.QtGui import (
        QContextMenuEvent,
        QFocusEvent,
        QHelpEvent,
        QMouseEvent,
        QPaintEvent,
        QResizeEvent,
        QWheelEvent,
    )

    from imvar_studio.ui.asset_files import AssetFiles
    from imvar_studio.ui.timeline.thumbs import Thumbs
    from imvar_studio.ui.timeline.tools import Tool

_BEAT = 50  # ms from one picture of moving things to the next
_RUN = 30  # beats of the light over what is being rendered
_NOTCH = 1.25  # that a step of the wheel zooms by
_EDGE = 24  # px from the canvas's ends where a drag scrolls


class TimelineCanvas(QWidget):
    """Ruler, keyframes, rendered frames and tracks on one widget.

    Args:
        scene: what is seen of the film.
        thumbs: pictures at the size shown.
        assets: where the project's pictures lie.
        parent: owns it.

    Attributes:
        double_clicked: (hit, spot) of a double click of the left button.
        menu_asked: (hit, spot, global position) where a context menu is wanted.
        drawn: how many of each kind of thing the last paint drew.
        drop: what is dragged over it, None without.
    """

    double_clicked = Signal(object, object)
    menu_asked = Signal(object, object, QPoint)

    def __init__(
        self, scene: Scene, thumbs: Thumbs, assets: AssetFiles, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.scene = scene
        self.drawn: Counter[str] = Counter()
        self.drop: Drop | None = None
        self._painting = Painting(thumbs, assets)
        self._tool: Tool | None = None
        self._spot = Spot(0, 0)
        self._beats = 0
        self._by_keys = False
        self._playhead_x = 0
        self._hovered = Hit()
        self._beat = QTimer(self, interval=_BEAT, singleShot=True)
        self._beat.timeout.connect(self._on_beat)
        self._scroll = QTimer(self, interval=30)
        self._scroll.timeout.connect(self._on_scroll)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, LANES_TOP)

    @property
    def is_busy(self) -> bool:
        """Whether a gesture goes on."""
        return self._tool is not None

    def sizeHint(self) -> QSize:
        """Return room for three tracks."""
        return QSize(900, LANES_TOP + 3 * 62 + 12)

    def follow_playhead(self) -> None:
        """Paint anew where the playhead was and is."""
        x = round(self.scene.view.value.x(self.scene.session.playhead.value))
        for each in (self._playhead_x, x):
            self.update(each - 9, 0, 18, self.height())
        self._playhead_x = x

    def follow_hover(self, hit: Hit) -> None:
        """Paint anew the rows of what was and what is under the pointer."""
        for each in (self._hovered, hit):
            top, height = row_of(each, self.scene.lanes())
            if height:
                self.update(0, int(top), self.width(), int(height) + 1)
        self._hovered = hit

    def follow_frames(self, first: int, last: int) -> None:
        """Paint anew what shows the frames from `first` to `last`."""
        view, scene = self.scene.view.value, self.scene
        left = view.x(first * scene.frame) - 80
        right = view.x((last + 1) * scene.frame) + 80
        if right >= 0 and left <= self.width():
            left, right = max(left, 0), min(right, self.width())
            self.update(int(left), RULER, int(right - left) + 1, LANES_TOP - RULER)

    def cancel(self, *, back: bool = True) -> bool:
        """End the gesture that goes on, what it did taken back; return whether there was one."""
        tool, self._tool = self._tool, None
        self._scroll.stop()
        if tool is not None:
            if back:
                tool.cancel()
            self.scene.clear_drag()
            self._point()
        return tool is not None

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what is seen, as far as it is to be painted anew."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = event.rect()
        size = (self.width(), self.height())
        easel = Easel(painter, self.scene, current_theme(), area.left(), area.right() + 1, *size)
        self._playhead_x = round(self.scene.view.value.x(self.scene.session.playhead.value))
        ring = self.hasFocus() and self._by_keys
        moves = self._painting.paint(easel, self._beats / _RUN, self.drop, ring=ring)
        if moves and not self._beat.isActive():
            self._beat.start()
        painter.end()
        self.drawn = easel.drawn

    def resizeEvent(self, event: QResizeEvent) -> None:
        """See as much more, or less, of the film."""
        super().resizeEvent(event)
        self.scene.view.set(replace(self.scene.view.value, width=self.width()))
        self.scene.scroll_to(self.scene.scroll, self.height())

    # the pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a gesture."""
        self._by_keys = False
        if self._tool is not None:
            return
        spot = self._follow(event)
        if event.button() == Qt.MouseButton.MiddleButton:
            self._tool = PanTool(self.scene, spot)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._tool = begin(self.scene, self.scene.find(spot.x, spot.y), spot)
        self._point()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the gesture, or show what a press would begin."""
        spot = self._follow(event)
        if self._tool is None:
            self.scene.hover.set(self.scene.find(spot.x, spot.y))
        else:
            self._tool.move(spot)
            outside = not _EDGE <= spot.x <= self.width() - _EDGE
            if outside and not self._scroll.isActive():
                self._scroll.start()
        self._point()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the gesture."""
        if event.buttons() & (Qt.MouseButton.LeftButton | Qt.MouseButton.MiddleButton):
            return
        tool, self._tool = self._tool, None
        self._scroll.stop()
        spot = self._follow(event)
        if tool is not None:
            tool.release(spot)
        self.scene.hover.set(self.scene.find(spot.x, spot.y))
        self._point()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Tell what was clicked twice; on the ruler it is a press like any other."""
        spot = self._follow(event)
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self.double_clicked.emit(self.scene.find(spot.x, spot.y), spot)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer any more."""
        super().leaveEvent(event)
        if self._tool is None:
            self.scene.hover.set(Hit())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of what is there."""
        if self._tool is not None:
            return
        at = event.pos()
        if event.reason() == event.Reason.Keyboard:  # it is about what is selected, not a place
            at = QPoint(*place_of_selected(self.scene))
        spot = Spot(at.x(), at.y())
        self.menu_asked.emit(self.scene.find(at.x(), at.y()), spot, self.mapToGlobal(at))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer; sideways, or with Shift, see what lies further on."""
        pixels, angle = event.pixelDelta(), event.angleDelta()
        dx = pixels.x() or angle.x()
        dy = pixels.y() or angle.y()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not dx:
            dx, dy = dy, 0
        if abs(dx) > abs(dy):
            self.scene.pan(-dx)
        elif angle.y():
            self.scene.zoom(event.position().x(), _NOTCH ** (angle.y() / 120))
        event.accept()

    # focus and hints

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring where the keyboard came here."""
        self._by_keys = event.reason() in {
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
            Qt.FocusReason.ShortcutFocusReason,
        }
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Cancel what goes on."""
        super().focusOutEvent(event)
        if event.reason() == Qt.FocusReason.ActiveWindowFocusReason:
            self.cancel()
        self.update()

    def event(self, event: QEvent) -> bool:
        """Say what is under the pointer; take Escape from shortcuts while a gesture goes on."""
        if event.type() == QEvent.Type.ToolTip:
            self._show_tip(event)  # type: ignore[arg-type]
            return True
        if event.type() == QEvent.Type.ShortcutOverride and self._tool is not None:
            event.accept()
            return True
        return super().event(event)

    def _show_tip(self, event: QHelpEvent) -> None:
        spot = event.pos()
        text = "" if self._tool else tip(self.scene, self.scene.find(spot.x(), spot.y()), spot.x())
        QToolTip.showText(event.globalPos(), text, self)

    def _follow(self, event: QMouseEvent) -> Spot:
        keys, at = event.modifiers(), event.position()
        held = Qt.KeyboardModifier
        self._spot = Spot(
            at.x(),
            at.y(),
            bool(keys & held.ControlModifier),
            bool(keys & held.ShiftModifier),
            bool(keys & held.AltModifier),
        )
        return self._spot

    def _point(self) -> None:
        """Give the pointer the shape that foretells what it does."""
        if self._tool is not None:
            self.setCursor(cursor(self._tool.cursor, pressed=True))
        else:
            over = cursor_over(self.scene.hover.value, add=self._spot.add, copy=self._spot.copy)
            self.setCursor(cursor(over))

    def _on_scroll(self) -> None:
        """Scroll while a drag is at an end of the canvas."""
        x = self._spot.x
        over = min(x - _EDGE, 0) + max(x - self.width() + _EDGE, 0)
        if self._tool is None or not over or isinstance(self._tool, PanTool):
            self._scroll.stop()
            return
        self.scene.pan(over / 2)
        self._tool.move(self._spot)

    def _on_beat(self) -> None:
        self._beats = (self._beats + 1) % _RUN
        self.update(0, STRIP_TOP, self.width(), STRIP_ROW)

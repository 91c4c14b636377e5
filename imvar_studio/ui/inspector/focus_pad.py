"""A picture with what its framing keeps, and the point kept in view to drag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from imvar_studio.ui.inspector.focus_geometry import Placed, fitted, kept, nudged
from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import FOCUS_WIDTH, RADIUS
from imvar_studio.ui.widgets.key_run import KeyRun, speed_of

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.ui.pictures import Pictures

_HEIGHT = 132  # px
_DOT = 5.0  # px, the radius of the point
_DIMMED = 0.55  # of the ground's colour over what is cut off
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class FocusPad(QWidget):
    """A picture shown whole, what is cut off dimmed. Its point is dragged, or moved by arrow keys.

    Args:
        pictures: reads it.
        parent: the widget it lies in.

    Attributes:
        edited: the point (x, y) in fractions of the picture, whenever a person moved it.
        gesture_ended: when a drag or a run of key presses is over.
    """

    edited = Signal(float, float)
    gesture_ended = Signal()

    def __init__(self, pictures: Pictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._path: Path | None = None
        self._image: QImage | None = None
        self._focus: tuple[float, float] | None = None
        self._zoom = 1.0
        self._frame = (1.0, 1.0)
        self._held = False
        self._before = (0.5, 0.5)
        self._run = KeyRun(self)
        self._run.ended.connect(self.gesture_ended)
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Focus point"))
        pictures.ready.connect(self._on_ready)

    @property
    def focus_point(self) -> tuple[float, float] | None:
        """The point kept in view, in fractions of the picture; None where there is none to move."""
        return self._focus

    def show_picture(self, path: Path | None) -> None:
        """Show a file's picture; an empty ground for None and until it is read."""
        if path != self._path:
            self._path = path
            self._load()

    def show_framing(
        self, focus: tuple[float, float] | None, zoom: float, frame: tuple[float, float]
    ) -> None:
        """Show what is kept of the picture; `edited` is not told.

        Args:
            focus: the point; None where all of it is shown.
            zoom: at least 1.
            frame: width and height of the film.
        """
        if (focus, zoom, frame) == (self._focus, self._zoom, self._frame):
            return
        self._focus, self._zoom, self._frame = focus, zoom, frame
        movable = focus is not None
        policy = Qt.FocusPolicy.StrongFocus if movable else Qt.FocusPolicy.NoFocus
        self.setFocusPolicy(policy)
        self.setCursor(Qt.CursorShape.CrossCursor if movable else Qt.CursorShape.ArrowCursor)
        self.setToolTip(self.tr("Drag the point that stays in view") if movable else "")
        self.update()

    def placed(self) -> Placed:
        """Return where the picture lies, in px of the pad."""
        size = self._image.size() if self._image is not None else QSize(1, 1)
        return fitted((self.width(), self.height()), (size.width(), size.height()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the point."""
        if event.button() == Qt.MouseButton.LeftButton and self._focus is not None:
            self._run.finish()
            self._held, self._before = True, self._focus
            self._move_to(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the point."""
        if self._held:
            self._move_to(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the point."""
        if self._held and event.button() == Qt.MouseButton.LeftButton:
            self._held = False
            self.gesture_ended.emit()

    def claims_key(self, key: Qt.Key, held: Qt.KeyboardModifier) -> bool:
        """Keep the arrow keys from the window's shortcuts."""
        return key in _ARROWS and not held & Qt.KeyboardModifier.AltModifier

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the point by arrow keys; Escape ends a drag."""
        if event.key() == Qt.Key.Key_Escape and self._held:
            self._held = False
            self._edit(self._before)
            self.gesture_ended.emit()
            return
        arrow = _ARROWS.get(Qt.Key(event.key()))
        if arrow is None or self._focus is None:
            super().keyPressEvent(event)
            return
        self._run.touch()
        speed = speed_of(event)
        self._edit(nudged(self._focus, arrow[0] * speed, arrow[1] * speed))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """End a run of key presses."""
        super().focusOutEvent(event)
        self._run.finish()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, what is cut off, and the point."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        theme = current_theme()
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(self.rect()), RADIUS, RADIUS)
        painter.setClipPath(outline)
        painter.fillRect(self.rect(), theme.color("field"))
        if self._image is not None:
            at = self.placed()
            painter.drawImage(QRectF(at.left, at.top, at.width, at.height), self._image)
            if self._focus is not None:
                self._paint_kept(painter, at, self._focus)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 2 * FOCUS_WIDTH))
            painter.drawPath(outline)

    def _paint_kept(self, painter: QPainter, at: Placed, focus: tuple[float, float]) -> None:
        theme = current_theme()
        left, top, width, height = kept((at.width, at.height), self._frame, focus, self._zoom)
        whole, inside = QPainterPath(), QPainterPath()
        whole.addRect(QRectF(at.left, at.top, at.width, at.height))
        inside.addRect(QRectF(*at.point(left, top), width * at.width, height * at.height))
        dim = theme.color("graph_edge")
        dim.setAlphaF(_DIMMED)
        painter.fillPath(whole.subtracted(inside), dim)
        middle = QPointF(*at.point(*focus))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, wide in (("graph_edge", 4.0), ("graph", 2.0)):
            painter.setPen(QPen(theme.color(colour), wide))
            painter.drawEllipse(middle, _DOT, _DOT)

    def _move_to(self, at: QPointF) -> None:
        self._edit(self.placed().fraction(at.x(), at.y()))

    def _edit(self, focus: tuple[float, float]) -> None:
        if focus != self._focus:
            self._focus = focus
            self.update()
            self.edited.emit(*focus)

    def _load(self) -> None:
        side = round(max(self.width(), 2 * _HEIGHT) * self.devicePixelRatioF())
        found = self._pictures.image(self._path, side) if self._path is not None else None
        if found is not None or self._path is None or self._pictures.is_broken(self._path):
            self._image = found
        self.update()

    def _on_ready(self, path: str, side: int) -> None:
        del side
        if self._path is not None and path == str(self._path):
            self._load()

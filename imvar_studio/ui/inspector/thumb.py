"""A small picture, or an icon where there is none yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from imvar_studio.ui.theme.icons import tinted_pixmap
from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import FOCUS_WIDTH, ICON_SIZE, THUMB_RADIUS

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.ui.pictures import Pictures

_CUT = 2  # a picture is read this much larger than the square, which cuts its longer side


class Thumb(QAbstractButton):
    """A square that a picture fills, with rounded corners; it can be clicked.

    Args:
        pictures: reads it.
        side: px.
        parent: the widget it lies in.
    """

    def __init__(self, pictures: Pictures, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._path: Path | None = None
        self._icon = "film"
        self._image: QImage | None = None
        self.setFixedSize(QSize(side, side))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        pictures.ready.connect(self._on_ready)

    def show_picture(self, path: Path | None, icon_name: str) -> None:
        """Show a file's picture; until it is read, and for None, an icon."""
        if (path, icon_name) != (self._path, self._icon):
            self._path, self._icon = path, icon_name
            self._load()

    def has_picture(self) -> bool:
        """Tell whether a picture is shown, not the icon."""
        return self._image is not None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture's middle, or the icon."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        square = QRectF(self.rect())
        outline = QPainterPath()
        outline.addRoundedRect(square, THUMB_RADIUS, THUMB_RADIUS)
        painter.setClipPath(outline)
        if self._image is None:
            self._paint_icon(painter)
        else:
            width, height = self._image.width(), self._image.height()
            side = min(width, height)
            middle_part = QRectF((width - side) / 2, (height - side) / 2, side, side)
            painter.drawImage(square, self._image, middle_part)
        if self.hasFocus():
            painter.setPen(QPen(current_theme().color("accent"), 2 * FOCUS_WIDTH))
            painter.drawPath(outline)

    def _paint_icon(self, painter: QPainter) -> None:
        theme = current_theme()
        painter.fillRect(self.rect(), theme.color("field"))
        mark = tinted_pixmap(self._icon, theme.color("text3"), ICON_SIZE, self.devicePixelRatioF())
        middle = QRectF(self.rect()).center()
        painter.drawPixmap(QPointF(middle.x() - ICON_SIZE / 2, middle.y() - ICON_SIZE / 2), mark)

    def _load(self) -> None:
        side = round(self.width() * self.devicePixelRatioF()) * _CUT
        found = self._pictures.image(self._path, side) if self._path is not None else None
        if found is not None or self._path is None or self._pictures.is_broken(self._path):
            self._image = found
        self.update()

    def _on_ready(self, path: str, side: int) -> None:
        del side
        if self._path is not None and path == str(self._path):
            self._load()

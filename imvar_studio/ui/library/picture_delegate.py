"""How a picture of the library is painted: a square thumbnail with its name beneath."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QFontMetrics, QImage, QPainter, QPen, QTransform
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from imvar_studio.ui.library.grid_geometry import (
    GAP,
    NAME_GAP,
    NAME_HEIGHT,
    Cell,
    cell_for,
    thumbnail_pixels,
)
from imvar_studio.ui.library.picture_model import PATH, STATE, FileState
from imvar_studio.ui.theme import fonts
from imvar_studio.ui.theme.icons import tinted_pixmap
from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import FOCUS_WIDTH, LEFT_DOCK_WIDTH, THUMB_RADIUS

if TYPE_CHECKING:
    from imvar_studio.ui.pictures import Pictures

Index = QModelIndex | QPersistentModelIndex
_RING = 2.5  # px, of what is selected
_BADGE = 18  # px high
_MARK = 12  # px, the badge's icon


class PictureDelegate(QStyledItemDelegate):
    """Paints pictures; what is not read yet is a quiet square until it is there.

    Args:
        pictures: that reads them.
        parent: the view.
    """

    def __init__(self, pictures: Pictures, parent: QWidget) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._cell = cell_for(LEFT_DOCK_WIDTH)

    def set_cell(self, cell: Cell) -> None:
        """Paint in other cells."""
        self._cell = cell

    def pixels(self, scale: float) -> int:
        """Return the side that thumbnails are asked for, in device pixels."""
        return thumbnail_pixels(self._cell.side, scale)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the room it wants."""
        return QSize(self._cell.width, self._cell.height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        place = thumbnail_rect(option.rect)
        self._paint_picture(painter, place, index)
        state = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected or state & QStyle.StateFlag.State_HasFocus:
            _ring(painter, place, _RING if selected else FOCUS_WIDTH, dashed=not selected)
        elif state & QStyle.StateFlag.State_MouseOver:
            _ring(painter, place, 1.0, "text2")
        _name(painter, name_rect(option.rect), str(index.data()), selected)
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Return the field that a name is typed into."""
        editor = QLineEdit(parent)
        editor.setFont(fonts.hint_font())
        editor.setProperty("kind", "inline")
        editor.setAccessibleName(self.tr("Name"))
        editor.setTextMargins(0, 0, 0, 0)
        return editor

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """Put the field over the name."""
        place = name_rect(option.rect)
        height = max(editor.minimumSizeHint().height(), place.height())
        editor.setGeometry(place.x(), place.bottom() + 1 - height, place.width(), height)

    def _paint_picture(self, painter: QPainter, place: QRectF, index: Index) -> None:
        path, state = index.data(PATH), index.data(STATE)
        if state is FileState.MISSING:
            draw_unseen(painter, place, self.tr("missing"))
        elif path is not None and self._pictures.is_broken(path):
            draw_unseen(painter, place, self.tr("unreadable"))
        else:
            scale = painter.device().devicePixelRatioF()
            image = self._pictures.image(path, self.pixels(scale)) if path is not None else None
            if image is None:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(current_theme().color("hover"))
                painter.drawRoundedRect(place, THUMB_RADIUS, THUMB_RADIUS)
            else:
                draw_filling(painter, place, image)


def thumbnail_rect(cell: QRect) -> QRectF:
    """Return where the thumbnail lies in a cell."""
    side = cell.width() - GAP
    return QRectF(cell.x() + GAP / 2, cell.y(), side, side)


def name_rect(cell: QRect) -> QRect:
    """Return where the name lies in a cell."""
    side = cell.width() - GAP
    return QRect(cell.x() + GAP // 2, cell.y() + side + NAME_GAP, side, NAME_HEIGHT)


def draw_filling(painter: QPainter, place: QRectF, image: QImage) -> None:
    """Draw the middle of an image so that it fills a place with rounded corners."""
    scale = max(place.width() / image.width(), place.height() / image.height())
    brush = QBrush(image)
    across, down = image.width() * scale, image.height() * scale
    to = QTransform.fromTranslate(
        place.x() + (place.width() - across) / 2, place.y() + (place.height() - down) / 2
    )
    brush.setTransform(to.scale(scale, scale))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(brush)
    painter.drawRoundedRect(place, THUMB_RADIUS, THUMB_RADIUS)


def _ring(
    painter: QPainter, place: QRectF, width: float, token: str = "accent", *, dashed: bool = False
) -> None:
    inset = width / 2
    pen = QPen(current_theme().color(token), width)
    if dashed:
        pen.setStyle(Qt.PenStyle.DotLine)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    ring = place.adjusted(inset, inset, -inset, -inset)
    painter.drawRoundedRect(ring, THUMB_RADIUS, THUMB_RADIUS)


def _name(painter: QPainter, place: QRect, name: str, selected: bool) -> None:
    font = fonts.hint_font()
    painter.setFont(font)
    painter.setPen(current_theme().color("text" if selected else "text2"))
    shown = QFontMetrics(font).elidedText(name, Qt.TextElideMode.ElideMiddle, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


def draw_unseen(painter: QPainter, place: QRectF, word: str) -> None:
    """Paint a hatched tile with a badge, for a picture that cannot be shown."""
    theme = current_theme()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("field"))
    painter.drawRoundedRect(place, THUMB_RADIUS, THUMB_RADIUS)
    painter.setBrush(QBrush(theme.color("line"), Qt.BrushStyle.BDiagPattern))
    painter.drawRoundedRect(place, THUMB_RADIUS, THUMB_RADIUS)
    font = fonts.hint_font()
    metrics = QFontMetrics(font)
    width = _MARK + 4 + metrics.horizontalAdvance(word) + 12
    badge = QRectF(0, 0, min(width, place.width()), _BADGE)
    badge.moveCenter(place.center())
    painter.setBrush(theme.color("panel"))
    painter.drawRoundedRect(badge, THUMB_RADIUS, THUMB_RADIUS)
    scale = painter.device().devicePixelRatioF()
    mark = tinted_pixmap("triangle-alert", theme.color("stale"), _MARK, scale)
    painter.drawPixmap(round(badge.x() + 6), round(badge.center().y() - _MARK / 2), mark)
    painter.setFont(font)
    painter.setPen(theme.color("stale"))
    words = badge.adjusted(6 + _MARK + 4, 0, -4, 0)
    painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, word)

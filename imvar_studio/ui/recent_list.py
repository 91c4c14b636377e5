"""The recent projects as cards: a picture, the name, where it lies, when it was opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from imvar_studio.ui.library.card_list import INSIDE, CardDelegate
from imvar_studio.ui.library.picture_delegate import draw_filling, draw_unseen
from imvar_studio.ui.library.row_model import ROW, Index, RowModel
from imvar_studio.ui.library.take_list_view import when_text
from imvar_studio.ui.theme import fonts
from imvar_studio.ui.theme.icons import tinted_pixmap
from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import ICON_SIZE, THUMB_RADIUS

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QPainter
    from PySide6.QtWidgets import QStyleOptionViewItem

    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.recent_rows import RecentRow

_WIDE, _HIGH = 156, 108  # px, of the picture
_LINES = (18, 16, 16)  # px
_CARD = QSize(_WIDE + 2 * INSIDE, _HIGH + 6 + sum(_LINES) + 2 * INSIDE)


class RecentModel(RowModel["RecentRow"]):
    """Recent projects, the last first."""

    def title(self, row: RecentRow) -> str:
        """Return the project's name."""
        return row.name

    def tip(self, row: RecentRow) -> str:
        """Return the project's name, where it lies, and whether it is gone."""
        missing = self.tr("Its folder is missing.")
        return f"{row.name}\n{row.recent.path}" + (f"\n{missing}" * row.is_missing)


class RecentList(QListView):
    """Cards in rows; one click opens, or Return.

    Args:
        pictures: that reads their pictures.
        parent: the widget it lies in.

    Attributes:
        opened: the index of what is to be opened.
        forget_wanted: the index of what is to be taken off the list.
    """

    opened = Signal(QModelIndex)
    forget_wanted = Signal(QModelIndex)

    def __init__(self, pictures: Pictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = RecentModel()
        self._delegate = RecentDelegate(pictures, self)
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Recent projects"))
        self.clicked.connect(self._open)
        pictures.ready.connect(self._picture_ready)

    def set_rows(self, rows: tuple[RecentRow, ...]) -> None:
        """List other projects."""
        self._model.set_rows(rows)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open with Return, take off the list with Delete."""
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(index)
        elif event.key() == Qt.Key.Key_Delete and index.isValid():
            self.forget_wanted.emit(index)
        else:
            super().keyPressEvent(event)

    def _picture_ready(self, path: str, side: int) -> None:
        del path, side  # few are seen at a time
        self.viewport().update()

    def _open(self, index: QModelIndex) -> None:
        if index.isValid() and not index.data(ROW).is_missing:
            self.opened.emit(index)


class RecentDelegate(CardDelegate):
    """Paints a recent project.

    Args:
        pictures: that reads their pictures.
        parent: the view.
    """

    def __init__(self, pictures: Pictures, parent: QWidget) -> None:
        super().__init__(parent)
        self._pictures = pictures

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size of a card."""
        return _CARD

    def paint_card(self, painter: QPainter, place: QRect, index: Index) -> None:
        """Paint the content of a row inside `place`."""
        row: RecentRow = index.data(ROW)
        self._paint_picture(painter, QRectF(place.x(), place.y(), _WIDE, _HIGH), row)
        when = when_text(row.recent.opened)
        faint = "text2"
        lines = (
            (row.name, fonts.name_font(), faint if row.is_missing else "text"),
            (row.place, fonts.hint_font(), faint),
            (f"{when[:1].upper()}{when[1:]}", fonts.hint_font(), faint),
        )
        top = place.y() + _HIGH + 6
        for (text, font, token), height in zip(lines, _LINES, strict=True):
            painter.setFont(font)
            painter.setPen(current_theme().color(token))
            line = QRect(place.x(), top, _WIDE, height)
            mode = (
                Qt.TextElideMode.ElideMiddle if text == row.place else Qt.TextElideMode.ElideRight
            )
            cut = painter.fontMetrics().elidedText(text, mode, line.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, cut)
            top += height

    def _paint_picture(self, painter: QPainter, place: QRectF, row: RecentRow) -> None:
        if row.is_missing:
            draw_unseen(painter, place, self.tr("missing"))
            return
        scale = painter.device().devicePixelRatioF()
        side = round(_WIDE * scale * 1.5)
        image = self._pictures.image(row.picture, side) if row.picture else None
        if image is not None:
            draw_filling(painter, place, image)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current_theme().color("field"))
        painter.drawRoundedRect(place, THUMB_RADIUS, THUMB_RADIUS)
        mark = tinted_pixmap("film", current_theme().color("text2"), ICON_SIZE, scale)
        at = place.center()
        painter.drawPixmap(round(at.x() - ICON_SIZE / 2), round(at.y() - ICON_SIZE / 2), mark)

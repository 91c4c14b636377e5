"""Takes as a list that a view shows: a frame, the film, how much of it, when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QCoreApplication,
    QDate,
    QDateTime,
    QLocale,
    QRect,
    QRectF,
    QSize,
    Qt,
)

from imvar_studio.ui.library.card_list import INSIDE, CardDelegate
from imvar_studio.ui.library.picture_delegate import draw_filling
from imvar_studio.ui.library.row_model import ROW, Index, RowModel
from imvar_studio.ui.theme import fonts
from imvar_studio.ui.theme.icons import tinted_pixmap
from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import ICON_SIZE, THUMB_RADIUS

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

    from imvar_studio.ui.library.takes import TakeRow
    from imvar_studio.ui.pictures import Pictures

_SIDE = 56  # px, of the thumbnail
_LINE = 18  # px


class TakeModel(RowModel["TakeRow"]):
    """Takes, the one written last first."""

    def identity(self, row: TakeRow) -> str:
        """Return the take's id."""
        return row.id

    def title(self, row: TakeRow) -> str:
        """Return the film's name."""
        return film_name(row)

    def tip(self, row: TakeRow) -> str:
        """Return the film's name, how much of it there is, and since when."""
        return f"{film_name(row)}\n{frames_text(row)}\n{when_text(row.written)}"


class TakeDelegate(CardDelegate):
    """Paints a take."""

    def __init__(self, pictures: Pictures, parent: QWidget) -> None:
        super().__init__(parent)
        self._pictures = pictures

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the room it wants."""
        return QSize(0, _SIDE + 2 * INSIDE + 2)

    def pixels(self, scale: float) -> int:
        """Return the side that thumbnails are asked for, in device pixels."""
        return round(_SIDE * scale * 1.5)

    def paint_card(self, painter: QPainter, place: QRect, index: Index) -> None:
        """Paint the content of a row inside `place`."""
        row: TakeRow = index.data(ROW)
        theme = current_theme()
        picture = QRectF(place.x(), place.y(), _SIDE, _SIDE)
        self._paint_picture(painter, picture, row)
        words = place.adjusted(_SIDE + INSIDE, 1, 0, 0)
        lines = (
            (film_name(row), fonts.name_font(), "text"),
            (frames_text(row), fonts.tabular(fonts.hint_font()), "text2"),
            (_last_line(row), fonts.tabular(fonts.hint_font()), "text2"),
        )
        for at, (text, font, token) in enumerate(lines):
            painter.setFont(font)
            painter.setPen(theme.color(token))
            line = QRect(words.x(), words.y() + at * _LINE, words.width(), _LINE)
            cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, cut)

    def _paint_picture(self, painter: QPainter, place: QRectF, row: TakeRow) -> None:
        scale = painter.device().devicePixelRatioF()
        image = self._pictures.image(row.picture, self.pixels(scale)) if row.picture else None
        if image is not None:
            draw_filling(painter, place, image)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current_theme().color("hover"))
        painter.drawRoundedRect(place, THUMB_RADIUS, THUMB_RADIUS)
        if row.picture is None:
            mark = tinted_pixmap("film", current_theme().color("text3"), ICON_SIZE, scale)
            at = place.center()
            painter.drawPixmap(round(at.x() - ICON_SIZE / 2), round(at.y() - ICON_SIZE / 2), mark)


def film_name(row: TakeRow) -> str:
    """Return the film's name, or what stands for none."""
    return row.film or QCoreApplication.translate("Takes", "Film without a name")


def frames_text(row: TakeRow) -> str:
    """Return how much of the film is there: "66 of 144 frames"."""
    tr = QCoreApplication.translate
    if row.busy:
        text = tr("Takes", "{done} of {of} frames, rendering")
    elif row.of is None:
        text = tr("Takes", "{done} frames, plan not readable")
    elif row.done == row.of:
        text = tr("Takes", "1 frame") if row.of == 1 else tr("Takes", "{of} frames")
    else:
        text = tr("Takes", "{done} of {of} frames")
    return text.format(done=row.done, of="?" if row.of is None else row.of)


def when_text(seconds: float) -> str:
    """Return a time as people say it: "today 10:42", "yesterday 10:42", "21 Nov 2026"."""
    tr = QCoreApplication.translate
    moment = QDateTime.fromSecsSinceEpoch(round(seconds))
    clock = moment.toString("HH:mm")
    days = moment.date().daysTo(QDate.currentDate())
    if days == 0:
        return tr("Takes", "today {time}").format(time=clock)
    if days == 1:
        return tr("Takes", "yesterday {time}").format(time=clock)
    return QLocale().toString(moment.date(), "d MMM yyyy")


def size_text(size: int) -> str:
    """Return bytes as people read them: "12.3 MB"."""
    places = 1 if size >= 1_000_000 else 0
    text = QLocale().formattedDataSize(size, places, QLocale.DataSizeFormat.DataSizeSIFormat)
    return text.replace(" ", "\u00a0")  # a number and its unit stay on one line


def _last_line(row: TakeRow) -> str:
    when = when_text(row.written)
    return f"{when[:1].upper()}{when[1:]} · {size_text(row.size)}"

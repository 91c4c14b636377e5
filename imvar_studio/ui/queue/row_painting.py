"""Painting a row of the queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPainterPath, QPen, QTextOption

from imvar_studio.jobs.queued import State
from imvar_studio.ui.queue.verbs import Verb, row_verbs
from imvar_studio.ui.queue.words import failure, left_words, share_done, state_words
from imvar_studio.ui.theme import fonts
from imvar_studio.ui.theme.icons import tinted_pixmap
from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import FOCUS_WIDTH, ICON_SIZE, RADIUS, THUMB_RADIUS

if TYPE_CHECKING:
    from imvar_studio.jobs.events import Progress
    from imvar_studio.jobs.queued import Job
    from imvar_studio.ui.queue.row_layout import Box, RowLayout

LINE = 16  # px, of wrapped hints
SIGN = 20  # px, of the sign before a failure's sentence
ICONS = {
    Verb.PAUSE: "pause",
    Verb.RESUME: "play",
    Verb.CANCEL: "x",
    Verb.RETRY: "rotate-ccw",
    Verb.REMOVE: "trash-2",
    Verb.FOLDER: "folder-open",
}
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_LEFT, _RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True, slots=True)
class RowLook:
    """How a row is just looked at.

    Args:
        selected, hovered, focused: the row.
        button: under the pointer, None for none.
        pressed: whether the mouse holds that button down.
    """

    selected: bool = False
    hovered: bool = False
    focused: bool = False
    button: int | None = None
    pressed: bool = False


def again_words() -> str:
    """Return what the button below a failure says."""
    return QCoreApplication.translate("Queue", "Try again")


def again_width() -> int:
    """Return the pixels of the button below a failure."""
    words = QFontMetrics(fonts.body_font()).horizontalAdvance(again_words())
    return 10 + ICON_SIZE + 6 + words + 10


def ground(painter: QPainter, size: QSize, look: RowLook) -> None:
    """Paint what lies under a row: a fill, the bar of the selection, the ring of the focus."""
    theme = current_theme()
    box = QRectF(4, 1, size.width() - 8, size.height() - 2)
    if look.selected or look.hovered:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("hover"))
        painter.drawRoundedRect(box, RADIUS, RADIUS)
    if look.selected:
        painter.setBrush(theme.color("accent"))
        painter.drawRoundedRect(QRectF(4, 10, 3, size.height() - 20), 1.5, 1.5)
    if look.focused:
        half = FOCUS_WIDTH / 2
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("accent"), FOCUS_WIDTH))
        painter.drawRoundedRect(box.adjusted(half, half, -half, -half), RADIUS, RADIUS)


def thumb(painter: QPainter, box: Box, image: QImage | None) -> None:
    """Paint the picture that shows a job, or a film's sign where there is none."""
    theme, square = current_theme(), QRectF(box.x, box.y, box.width, box.height)
    shape = QPainterPath()
    shape.addRoundedRect(square, THUMB_RADIUS, THUMB_RADIUS)
    if image is None:
        painter.fillPath(shape, theme.color("field"))
        _icon(painter, "film", square, "text3")
        return
    side = min(image.width(), image.height())
    part = QRectF((image.width() - side) / 2, (image.height() - side) / 2, side, side)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setClipPath(shape)
    painter.drawImage(square, image, part)
    painter.restore()


def words(painter: QPainter, layout: RowLayout, job: Job, live: Progress | None) -> None:
    """Paint a job's name, its state, the time left, and its line of progress."""
    ended = job.state in (State.FINISHED, State.CANCELLED)
    painter.setFont(fonts.name_font())
    _text(painter, layout.title, job.title, "text2" if ended else "text")
    message, remedy = failure(job)
    if message:
        top = layout.state
        sign = QRectF(top.x, top.y, ICON_SIZE, LINE)
        _icon(painter, "triangle-alert", sign, "failed", 14)
        box = QRectF(top.x + SIGN, top.y, top.width - SIGN, top.height)
        _sentences(painter, box, message, "text")
        hint = layout.hint
        _sentences(painter, QRectF(hint.x, hint.y, hint.width, hint.height), remedy, "text2")
        return
    painter.setFont(fonts.tabular(fonts.hint_font()))
    _text(painter, layout.state, state_words(job, live), "text2")
    _text(painter, layout.left, left_words(job, live), "text2", _RIGHT)
    share = share_done(job, live)
    if share is not None:
        _progress(painter, layout.progress, share, running=job.state is State.RUNNING)


def buttons(painter: QPainter, layout: RowLayout, job: Job, look: RowLook) -> None:
    """Paint a row's buttons: faint until the row is looked at."""
    theme, verbs = current_theme(), row_verbs(job)
    seen = look.hovered or look.selected or look.focused
    for index, verb in enumerate(verbs):
        box = layout.button(index)
        square = QRectF(box.x, box.y, box.width, box.height)
        if look.button == index:
            _fill(painter, square, "pressed" if look.pressed else "panel")
        token = "text" if look.button == index else "text2" if seen else "text3"
        _icon(painter, ICONS[verb], square, token)
    if layout.again:
        at = layout.try_again
        box_f = QRectF(at.x, at.y, at.width, at.height)
        over = look.button == len(verbs)
        _fill(painter, box_f, "pressed" if over and look.pressed else "hover" if over else "raised")
        if over or seen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("line"), 1))
            painter.drawRoundedRect(box_f.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        _icon(painter, "rotate-ccw", QRectF(at.x + 10, at.y, ICON_SIZE, at.height), "text")
        painter.setFont(fonts.body_font())
        painter.setPen(theme.color("text"))
        rest = box_f.adjusted(10 + ICON_SIZE + 6, 0, 0, 0)
        painter.drawText(rest, int(_LEFT | _MIDDLE), again_words())


def drop_line(painter: QPainter, width: int, y: int) -> None:
    """Paint where a dragged row will go."""
    theme = current_theme()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color("accent"), 2))
    painter.drawLine(QPointF(12, y), QPointF(width - 6, y))
    painter.setBrush(theme.color("panel"))
    painter.drawEllipse(QPointF(8, y), 3, 3)


def _text(
    painter: QPainter,
    box: Box,
    text: str,
    token: str,
    side: Qt.AlignmentFlag = _LEFT,
) -> None:
    """Paint a line in the painter's font."""
    painter.setPen(current_theme().color(token))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width)
    painter.drawText(QRect(box.x, box.y, box.width, box.height), side | _MIDDLE, shown)


def _sentences(painter: QPainter, box: QRectF, text: str, token: str) -> None:
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WordWrap)
    painter.setFont(fonts.hint_font())
    painter.setPen(current_theme().color(token))
    painter.drawText(box, text, option)


def _progress(painter: QPainter, box: Box, share: float, *, running: bool) -> None:
    _fill(painter, QRectF(box.x, box.y, box.width, box.height), "line", box.height / 2)
    if share > 0:
        width = max(box.width * share, box.height)
        token = "accent" if running else "text3"
        _fill(painter, QRectF(box.x, box.y, width, box.height), token, box.height / 2)


def _fill(painter: QPainter, box: QRectF, token: str, radius: float = RADIUS) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(current_theme().color(token))
    painter.drawRoundedRect(box, radius, radius)


def _icon(painter: QPainter, name: str, box: QRectF, token: str, size: int = ICON_SIZE) -> None:
    scale = painter.device().devicePixelRatioF()
    pixmap = tinted_pixmap(name, current_theme().color(token), size, scale)
    painter.drawPixmap(
        QPointF(box.x() + (box.width() - size) / 2, box.y() + (box.height() - size) / 2), pixmap
    )

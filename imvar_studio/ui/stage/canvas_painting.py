"""How the canvas is painted: pictures, words, the divider of a comparison, where files drop."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen, QTextOption

from imvar_studio.ui.stage.content import WHOLE, Content
from imvar_studio.ui.theme.fonts import body_font, head_font
from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import FOCUS_WIDTH, RADIUS, SPACING

if TYPE_CHECKING:
    from imvar_studio.ui.stage.framed import Box

_WORDS_SIZE = 18  # px, of a prompt on the stage
_TAG_HEIGHT = 22  # px
_HALF = 0.5  # device pixels a picture pixel; below, a picture is averaged, not sampled


class Scaled:
    """Pictures made smaller for the screen, the last few kept."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, int, int], QImage] = {}

    def get(self, image: QImage, width: int, height: int) -> QImage:
        """Return the image averaged to a size in device pixels."""
        key = image.cacheKey(), width, height
        if key not in self._kept:
            if len(self._kept) >= 2:  # the picture and what it is compared with
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = image.scaled(
                QSize(width, height),
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        return self._kept[key]


def paint_content(
    painter: QPainter, content: Content, where: QRectF, smooth: bool, scaled: Scaled
) -> None:
    """Paint a picture, or words in its place.

    Args:
        painter: of the canvas.
        content: what.
        where: px.
        smooth: not pixel by pixel.
        scaled: keeps what is made smaller.
    """
    if content.ground:
        painter.fillRect(where, QColor(content.ground))
    if content.image is None:
        _paint_words(painter, content.words, where)
        return
    target = _within(where, content.place)
    image, part = content.image, content.part
    source = _within(QRectF(0, 0, image.width(), image.height()), part)
    ratio = painter.device().devicePixelRatioF()
    device_scale = target.width() * ratio / max(source.width(), 1)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    if smooth and device_scale < _HALF and part == WHOLE:
        size = round(target.width() * ratio), round(target.height() * ratio)
        image = scaled.get(image, max(size[0], 1), max(size[1], 1))
        source = QRectF(0, 0, image.width(), image.height())
    painter.drawImage(target, image, source)


def paint_divider(painter: QPainter, where: QRectF, x: float) -> None:
    """Paint the line between the two pictures.

    Args:
        painter: of the canvas.
        where: of the pictures, px.
        x: of the line, px.
    """
    theme = current_theme()
    for token, width in (("graph_edge", 3.0), ("graph", 1.0)):
        pen = QPen(theme.color(token), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLine(QPointF(x, where.top()), QPointF(x, where.bottom()))


def paint_tags(
    painter: QPainter, where: QRectF, x: float, names: tuple[str, str], seen: QRectF
) -> None:
    """Paint what each side of the divider shows, as far as there is room.

    Args:
        painter: of the canvas.
        where: of the pictures, px.
        x: of the divider, px.
        names: of the left and the right side.
        seen: the part of the canvas that nothing covers, px.
    """
    inside = where.intersected(seen).adjusted(SPACING, SPACING, -SPACING, -SPACING)
    theme = current_theme()
    painter.setFont(head_font())
    for letter, name, left in (("A", names[0], True), ("B", names[1], False)):
        text = f"{letter}  {name}" if name else letter
        room = (x - inside.left() if left else inside.right() - x) - SPACING
        width = painter.fontMetrics().horizontalAdvance(text) + 2.0 * SPACING
        if width > room:
            text = letter
            width = painter.fontMetrics().horizontalAdvance(text) + 2.0 * SPACING
        if width > room:
            continue
        at = inside.left() if left else inside.right() - width
        box = QRectF(math.floor(at), math.floor(inside.bottom() - _TAG_HEIGHT), width, _TAG_HEIGHT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("graph_edge"))
        painter.drawRoundedRect(box, RADIUS, RADIUS)
        painter.setPen(theme.color("graph"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def paint_ring(painter: QPainter, where: QRectF, lit: bool) -> None:
    """Paint the ring of the keyboard's focus or, lit, of a drop target, inside a rectangle."""
    accent = current_theme().color("accent")
    if lit:
        glow = QColor(accent)
        glow.setAlphaF(0.16)
        painter.fillRect(where, glow)
    half = FOCUS_WIDTH / 2
    painter.setPen(QPen(accent, FOCUS_WIDTH))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(where.adjusted(half, half, -half, -half), RADIUS, RADIUS)


def _paint_words(painter: QPainter, words: str, where: QRectF) -> None:
    """Paint the outline of a picture that is not there, and what it is to show."""
    theme = current_theme()
    painter.setPen(QPen(theme.color("text2"), 1, Qt.PenStyle.DotLine))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setOpacity(0.4)
    painter.drawRect(where.adjusted(0.5, 0.5, -0.5, -0.5))
    painter.setOpacity(1.0)
    font = QFont(body_font())
    font.setPixelSize(_WORDS_SIZE)
    painter.setFont(font)
    painter.setPen(theme.color("text2"))
    option = QTextOption(Qt.AlignmentFlag.AlignCenter)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    # beside a divider, in the middle of what is seen
    seen = where.intersected(painter.clipBoundingRect()) if painter.hasClipping() else where
    margin = min(24.0, seen.width() / 8)
    painter.save()
    painter.setClipRect(seen, Qt.ClipOperation.IntersectClip)
    painter.drawText(seen.adjusted(margin, margin, -margin, -margin), words, option)
    painter.restore()


def _within(outer: QRectF, box: Box) -> QRectF:
    left, top, width, height = box
    return QRectF(
        outer.left() + left * outer.width(),
        outer.top() + top * outer.height(),
        width * outer.width(),
        height * outer.height(),
    )

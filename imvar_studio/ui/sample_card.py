"""The sample film as the start page offers it: some of its frames, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from imvar_studio.store.places import bundled_folder
from imvar_studio.ui.theme import fonts
from imvar_studio.ui.theme.icons import tinted_pixmap
from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import FOCUS_WIDTH, ICON_SIZE, RADIUS, THUMB_RADIUS

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QEnterEvent, QPaintEvent

    from imvar_studio.ui.pictures import Pictures

_INSIDE = 12  # px around the content
_ROWS, _COLUMNS = 2, 6  # of frames in the picture
_TILE, _PITCH = 80, 82  # px, of a frame, and from one to the next
_WIDE, _HIGH = 490, 162  # px, of all of them
_GAP = 10  # px between the frames and the words
_LINE = 18  # px


class SampleCard(QAbstractButton):
    """A card that opens the sample film.

    Args:
        pictures: that reads its frames.
        parent: the widget it lies in.
    """

    def __init__(self, pictures: Pictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._frames = bundled_folder("resources") / "docs" / "first-film.png"
        self.setText(self.tr("Try the sample film"))
        self._about = self.tr("A turtle becomes a frog, a cat, a fox, and a turtle again.")
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(self._about)
        self.setToolTip(self.tr("A copy is put into your folder, yours to change"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(self.sizeHint())
        pictures.ready.connect(self._picture_ready)
        current_theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return the room it wants."""
        return QSize(_WIDE + 2 * _INSIDE, _HIGH + _GAP + 2 * _LINE + 2 * _INSIDE)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Light up."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Go dark again."""
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the frames, the words, and a ring where the keyboard is."""
        painter, theme = QPainter(self), current_theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        inset = FOCUS_WIDTH / 2
        place = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.setBrush(theme.color("hover" if self.underMouse() else "raised"))
        ring = QPen(theme.color("accent"), FOCUS_WIDTH)
        painter.setPen(ring if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(place, RADIUS, RADIUS)
        self._paint_frames(painter, QRectF(_INSIDE, _INSIDE, _WIDE, _HIGH))
        self._paint_words(painter)

    def _picture_ready(self, path: str, side: int) -> None:
        del path, side  # it has but one
        self.update()

    def _paint_frames(self, painter: QPainter, place: QRectF) -> None:
        scale = self.devicePixelRatioF()
        image = self._pictures.image(self._frames, round(_WIDE * scale))
        theme, outline = current_theme(), QPainterPath()
        outline.addRoundedRect(place, THUMB_RADIUS, THUMB_RADIUS)
        if image is None:
            painter.fillPath(outline, theme.color("line"))
            return
        painter.save()
        painter.setClipPath(outline)
        share = image.width() / place.width()  # of the file's px in the place's
        for row in range(_ROWS):
            for column in range(_COLUMNS):
                tile = QRectF(column * _PITCH, row * _PITCH, _TILE, _TILE)
                source = QRectF(tile.x() * share, tile.y() * share, _TILE * share, _TILE * share)
                painter.drawImage(tile.translated(place.topLeft()), image, source)
        painter.restore()

    def _paint_words(self, painter: QPainter) -> None:
        theme, scale = current_theme(), self.devicePixelRatioF()
        top = _INSIDE + _HIGH + _GAP
        mark = tinted_pixmap("circle-play", theme.color("text"), ICON_SIZE, scale)
        painter.drawPixmap(_INSIDE, top + (_LINE - ICON_SIZE) // 2, mark)
        left = _INSIDE + ICON_SIZE + 8
        for text, font, token in (
            (self.text(), fonts.name_font(), "text"),
            (self._about, fonts.hint_font(), "text2"),
        ):
            line = QRect(left, top, self.width() - left - _INSIDE, _LINE)
            painter.setFont(font)
            painter.setPen(theme.color(token))
            cut = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, line.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, cut)
            top += _LINE

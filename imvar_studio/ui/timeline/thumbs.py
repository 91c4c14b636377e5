"""Pictures at the size shown, cut to fill it and kept as the screen takes them."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from imvar_studio.ui.theme.tokens import THUMB_RADIUS
from imvar_studio.ui.timeline.geometry import THUMB

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtGui import QImage

    from imvar_studio.ui.pictures import Pictures

_MOST = 128  # pixmaps that are kept: more than the widest screen shows
Key = tuple[object, ...]


class Thumbs(QObject):
    """Small pictures by file and size.

    Args:
        pictures: reads them.
        parent: owns it.

    Attributes:
        ready: a picture that was asked for is there now.
    """

    ready = Signal()

    def __init__(self, pictures: Pictures, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._kept: OrderedDict[Key, QPixmap] = OrderedDict()
        self._asked: set[tuple[str, int]] = set()
        self._ratio = 1.0
        pictures.ready.connect(self._on_ready)

    def set_ratio(self, ratio: float) -> None:
        """Take the screen's device pixels per px."""
        if ratio != self._ratio:
            self._ratio = ratio
            self._kept.clear()

    def get(self, path: Path, size: tuple[int, int], edge: QColor | None = None) -> QPixmap | None:
        """Return a picture that fills a size; None where it is not there yet.

        Args:
            path: a picture.
            size: width and height, px.
            edge: of a line around it, which gives it round corners; None for neither.
        """
        width, height = size
        key = (str(path), width, height, edge.rgba() if edge else 0)
        found = self._find(key)
        if found is not None:
            return found
        side = round(2 * THUMB * self._ratio)
        image = self._pictures.image(path, side)
        if image is None:
            if not self._pictures.is_broken(path):
                self._asked.add((str(path), side))
            return None
        found = _filled(image, QSize(width, height), edge, self._ratio)
        self._keep(key, found)
        return found

    def card(
        self, name: str, depends: tuple[object, ...], draw: Callable[[QPainter], None]
    ) -> QPixmap:
        """Return a card of a thumbnail's size that is painted once, and kept as pictures are.

        Args:
            name: of what it shows.
            depends: what else it depends on.
            draw: paints it.
        """
        key = (name, *depends)
        found = self._find(key)
        if found is None:
            found = QPixmap(QSize(THUMB, THUMB) * self._ratio)
            found.setDevicePixelRatio(self._ratio)
            found.fill(Qt.GlobalColor.transparent)
            painter = QPainter(found)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            draw(painter)
            painter.end()
            self._keep(key, found)
        return found

    def is_broken(self, path: Path) -> bool:
        """Whether a file cannot be shown."""
        return self._pictures.is_broken(path)

    def release(self) -> None:
        """Hear of pictures no more."""
        self._pictures.ready.disconnect(self._on_ready)

    def _find(self, key: Key) -> QPixmap | None:
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def _keep(self, key: Key, pixmap: QPixmap) -> None:
        self._kept[key] = pixmap
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)

    def _on_ready(self, path: str, side: int) -> None:
        if (path, side) in self._asked:
            self._asked.discard((path, side))
            self.ready.emit()


def _filled(image: QImage, size: QSize, edge: QColor | None, ratio: float) -> QPixmap:
    """Return the middle of an image, scaled to fill a size."""
    whole = size * ratio
    scaled = image.scaled(
        whole,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    pixmap = QPixmap(whole)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if edge is not None:
        corners = QPainterPath()
        corners.addRoundedRect(QRectF(pixmap.rect()), THUMB_RADIUS * ratio, THUMB_RADIUS * ratio)
        painter.setClipPath(corners)
    left = (whole.width() - scaled.width()) // 2
    painter.drawImage(left, (whole.height() - scaled.height()) // 2, scaled)
    if edge is not None:
        painter.setClipping(False)
        painter.setPen(QPen(edge, ratio))
        half = ratio / 2
        line = QRectF(pixmap.rect()).adjusted(half, half, -half, -half)
        painter.drawRoundedRect(line, THUMB_RADIUS * ratio, THUMB_RADIUS * ratio)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap

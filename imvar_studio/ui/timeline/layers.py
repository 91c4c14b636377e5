"""Pictures of what seldom changes, so that a playhead that runs does not draw curves anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap

from imvar_studio.ui.timeline.easel import Easel
from imvar_studio.ui.timeline.same import Same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Layers:
    """Keeps what was painted, by name, as long as what it depends on is the same."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[tuple[object, ...], QPixmap]] = {}

    def paint(
        self,
        easel: Easel,
        name: str,
        place: tuple[float, float],
        depends: tuple[object, ...],
        draw: Callable[[Easel], None],
    ) -> None:
        """Paint a band of the canvas, from what is kept where nothing is another.

        Args:
            easel: to paint with.
            name: of the band.
            place: its top and height, px; the band is as wide as the canvas.
            depends: what it shows; compared with `==`, large values by identity (`Same`).
            draw: paints it, at its place, for the whole width.
        """
        top, height = place
        ratio = easel.painter.device().devicePixelRatioF()
        key = (*depends, easel.width, height, ratio, Same(easel.theme.tokens))
        kept = self._kept.get(name)
        if kept is None or kept[0] != key:
            kept = (key, self._draw(easel, top, height, ratio, draw))
            self._kept[name] = kept
        band = QRectF(easel.x0, 0, easel.x1 - easel.x0, height)
        source = QRectF(band.x() * ratio, 0, band.width() * ratio, height * ratio)
        easel.painter.drawPixmap(band.translated(0, top), kept[1], source)

    def keep_only(self, names: Iterable[str]) -> None:
        """Drop all bands but these."""
        wanted = set(names)
        self._kept = {name: kept for name, kept in self._kept.items() if name in wanted}

    def _draw(
        self,
        easel: Easel,
        top: float,
        height: float,
        ratio: float,
        draw: Callable[[Easel], None],
    ) -> QPixmap:
        size = QSize(round(easel.width * ratio), round(height * ratio))
        pixmap = QPixmap(size)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(0, -top)
        whole = (easel.width, easel.height)
        own = Easel(painter, easel.scene, easel.theme, 0, easel.width, *whole)
        draw(own)
        painter.end()
        easel.drawn.update(own.drawn)
        easel.drawn["layers"] += 1
        return pixmap

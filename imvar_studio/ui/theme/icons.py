"""Icons: Lucide's outlines, tinted with the theme's colours when they are painted."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from imvar_studio.store.places import bundled_folder
from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import ICON_SIZE, TOKEN_NAMES

if TYPE_CHECKING:
    from pathlib import Path


@cache
def icon_names() -> frozenset[str]:
    """Return the names of all icons that come with the program."""
    return frozenset(file.stem for file in _folder().glob("*.svg"))


def icon(name: str, token: str = "text") -> QIcon:
    """Return an icon that follows the theme, crisp at any scale.

    Args:
        name: Lucide's, such as "undo-2".
        token: the colour it has when enabled and not checked; disabled it fades, checked (on) it
            takes the accent, except an icon on the accent itself.

    Raises:
        KeyError: for a name or a token that does not exist.
    """
    if name not in icon_names():
        raise KeyError(name)
    if token not in TOKEN_NAMES:
        raise KeyError(token)
    return QIcon(_TintedEngine(name, token))


def tinted_pixmap(name: str, colour: QColor, size: int = ICON_SIZE, scale: float = 1) -> QPixmap:
    """Return an icon as pixels, for places that paint it themselves.

    Args:
        name: Lucide's.
        colour: its strokes.
        size: px, before scaling.
        scale: device pixels per px.

    Raises:
        KeyError: for a name that does not exist.
    """
    if name not in icon_names():
        raise KeyError(name)
    side = round(size * scale)
    pixmap = QPixmap(_tinted(name, colour, QSize(side, side)))
    pixmap.setDevicePixelRatio(scale)
    return pixmap


def svg_text(name: str, colour: QColor) -> str:
    """Return the drawing of an icon in a colour, 16 px wide, as SVG.

    Raises:
        KeyError: for a name that does not exist.
    """
    if name not in icon_names():
        raise KeyError(name)
    drawing = _source(name).replace("currentColor", colour.name())
    return drawing.replace('width="24" height="24"', f'width="{ICON_SIZE}" height="{ICON_SIZE}"', 1)


@cache
def _folder() -> Path:
    return bundled_folder("resources") / "icons"


@cache
def _source(name: str) -> str:
    return (_folder() / f"{name}.svg").read_text(encoding="utf-8")


def _tinted(name: str, colour: QColor, size: QSize) -> QPixmap:
    """Return the icon in device pixels; Qt's own cache keeps it."""
    key = f"imvar-icon:{name}:{colour.name()}:{size.width()}x{size.height()}"
    kept = QPixmap()
    if QPixmapCache.find(key, kept):
        return kept
    pixmap = QPixmap(size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    side = min(size.width(), size.height())
    square = QRectF((size.width() - side) / 2, (size.height() - side) / 2, side, side)
    QSvgRenderer(svg_text(name, colour).encode()).render(painter, square)
    painter.end()
    QPixmapCache.insert(key, pixmap)
    return pixmap


class _TintedEngine(QIconEngine):
    """Draws one icon in the colour that its state has in the theme of the moment."""

    def __init__(self, name: str, token: str) -> None:
        super().__init__()
        self._name = name
        self._token = token

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        scale = painter.device().devicePixelRatioF()
        painter.drawPixmap(rect, self.scaledPixmap(rect.size(), mode, state, scale))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1)

    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        if size.isEmpty():
            return QPixmap()
        # `size` is without the scale
        pixmap = QPixmap(_tinted(self._name, self._colour(mode, state), size * scale))
        pixmap.setDevicePixelRatio(scale)
        return pixmap

    def clone(self) -> QIconEngine:
        return _TintedEngine(self._name, self._token)

    def key(self) -> str:
        return f"imvar:{self._name}:{self._token}"

    def iconName(self) -> str:
        return self._name

    def isNull(self) -> bool:
        return False

    def _colour(self, mode: QIcon.Mode, state: QIcon.State) -> QColor:
        theme = current_theme()
        if mode == QIcon.Mode.Disabled:
            return theme.color("disabled")
        if state == QIcon.State.On and self._token != "on_accent":
            return theme.color("accent")
        return theme.color(self._token)

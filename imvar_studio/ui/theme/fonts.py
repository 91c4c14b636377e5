"""The window's type: Inter, bundled, in three weights."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontDatabase

from imvar_studio.store.places import bundled_folder
from imvar_studio.ui.theme.tokens import BODY_SIZE, HINT_SIZE

FAMILY = "Inter"


def load_fonts() -> bool:
    """Make the bundled weights known to Qt.

    Returns:
        Whether all were taken; where one is not, Qt falls back on a font of the system.
    """
    files = sorted((bundled_folder("resources") / "fonts").glob("*.ttf"))
    known = [QFontDatabase.addApplicationFont(str(file)) for file in files]
    return bool(known) and -1 not in known


def body_font() -> QFont:
    """Return the font of content: 13 px, regular."""
    return _font(BODY_SIZE, QFont.Weight.Normal)


def name_font() -> QFont:
    """Return the font of names and of the playhead's time: 13 px, semibold."""
    return _font(BODY_SIZE, QFont.Weight.DemiBold)


def hint_font() -> QFont:
    """Return the font of hints: 12 px, regular."""
    return _font(HINT_SIZE, QFont.Weight.Normal)


def head_font() -> QFont:
    """Return the font of section heads: 12 px, semibold."""
    return _font(HINT_SIZE, QFont.Weight.DemiBold)


def tabular(font: QFont) -> QFont:
    """Return a copy of `font` whose digits are all equally wide, for numbers that change."""
    copy = QFont(font)
    copy.setFeature(QFont.Tag("tnum"), 1)
    return copy


def _font(size: int, weight: QFont.Weight) -> QFont:
    font = QFont(FAMILY)
    font.setPixelSize(size)
    font.setWeight(weight)
    # whole-pixel hinting would round the spacing of small text
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font

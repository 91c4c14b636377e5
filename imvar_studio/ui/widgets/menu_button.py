"""A word with a chevron behind it that opens a menu."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCursor, QFont, QFontMetrics
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from imvar_studio.ui.theme import fonts
from imvar_studio.ui.theme.tokens import FIELD_HEIGHT

CHEVRON = 22  # px that the chevron and the air around it take
_SIDE = 6  # px before the word


class MenuButton(QToolButton):
    """A word, cut where it is too long, and a chevron: a press opens the menu.

    Args:
        widest: px of the word.
        font: of the word; None is the font of content.
        parent: the widget it lies in.
    """

    def __init__(
        self, widest: int, font: QFont | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._widest, self._words = widest, ""
        self.setProperty("kind", "menu")
        self.setFont(font or fonts.body_font())
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setAutoRaise(True)
        self.setFixedHeight(FIELD_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def setMenu(self, menu: QMenu) -> None:
        """Take the menu that a press opens."""
        super().setMenu(menu)
        menu.aboutToHide.connect(self._look_for_pointer)

    def _look_for_pointer(self) -> None:
        # the menu had the mouse, so nothing told the button that the pointer went elsewhere
        here = self.rect().contains(self.mapFromGlobal(QCursor.pos()))
        self.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, here)
        self.update()

    def words(self) -> str:
        """Return the words as they were given, not cut."""
        return self._words

    def set_words(self, words: str) -> None:
        """Show other words."""
        self._words = words
        metrics = QFontMetrics(self.font())
        cut = metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, self._widest)
        self.setText(cut.replace("&", "&&"))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the room of the word and the chevron."""
        shown = self.text().replace("&&", "&")
        wide = QFontMetrics(self.font()).horizontalAdvance(shown)
        return QSize(_SIDE + wide + CHEVRON, FIELD_HEIGHT)

"""The head of the inspector: what is selected, where it is, and how it looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from imvar_studio.ui.inspector.thumb import Thumb
from imvar_studio.ui.theme import fonts
from imvar_studio.ui.theme.tokens import PADDING
from imvar_studio.ui.widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.ui.pictures import Pictures

THUMB_SIDE = 44  # px


class Head(QWidget):
    """A picture, a name, and a line beneath.

    Attributes:
        clicked: the picture was.
    """

    clicked = Signal()

    def __init__(self, pictures: Pictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.thumb = Thumb(pictures, THUMB_SIDE)
        self.thumb.setToolTip(self.tr("Go there"))
        self.thumb.setAccessibleName(self.tr("Go to what is selected"))
        self.thumb.clicked.connect(self.clicked)
        self.name = ElidedLabel()
        self.name.setProperty("kind", "name")
        self.place = QLabel()
        self.place.setProperty("kind", "hint")
        self.place.setFont(fonts.tabular(fonts.hint_font()))
        self.place.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        row.setContentsMargins(PADDING, 10, PADDING, 10)
        row.setSpacing(10)
        row.addWidget(self.thumb)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addStretch(1)
        words.addWidget(self.name)
        words.addWidget(self.place)
        words.addStretch(1)
        row.addLayout(words, 1)

    def show_words(self, name: str, place: str) -> None:
        """Say what is selected and where it is."""
        if name != self.name.text():
            self.name.setText(name)
        if place != self.place.text():
            self.place.setText(place)

    def show_picture(self, path: Path | None, icon_name: str) -> None:
        """Show how it looks; an icon where there is no picture."""
        self.thumb.show_picture(path, icon_name)

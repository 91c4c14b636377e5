"""A field for a frame rate, which may be a fraction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from imvar_studio.model.film_edits import rate_text
from imvar_studio.ui.inspector.film_reading import RATES
from imvar_studio.ui.inspector.preset_button import PresetButton
from imvar_studio.ui.theme import fonts
from imvar_studio.ui.theme.tokens import FIELD_HEIGHT

if TYPE_CHECKING:
    from fractions import Fraction

    from PySide6.QtGui import QFocusEvent, QKeyEvent


class RateText(QLineEdit):
    """The rate as text; Escape puts back what stood there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown = ""
        self.setFont(fonts.tabular(fonts.body_font()))
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFixedHeight(FIELD_HEIGHT)

    def show_text(self, text: str) -> None:
        """Show a text; what is half typed stays."""
        self.shown = text
        if not (self.hasFocus() and self.isModified()):
            self.setText(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Put the rate back on Escape."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.isModified():
            self.setText(self.shown)
            self.selectAll()
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select the rate, so that typing replaces it."""
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self.selectAll()


class RateField(QWidget):
    """Frames a second: `12`, `23.976`, `24000/1001`, or a usual one from the menu.

    Attributes:
        typed: the text a person confirmed; it may be no rate.
        chosen: the rate a person took from the menu, a `Fraction`.
    """

    typed = Signal(str)
    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = RateText()
        self.text.setAccessibleName(self.tr("Frame rate"))
        self.text.setToolTip(self.tr("Frames a second: 0.1 to 240, such as 23.976 or 24000/1001"))
        presets = [(f"{rate_text(rate)} fps", rate) for rate in RATES]
        self.presets = PresetButton([presets], self.chosen.emit, self.tr("Usual frame rates"))
        unit = QLabel(self.tr("fps"))
        unit.setProperty("kind", "hint")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.text, 1)
        row.addWidget(unit)
        row.addWidget(self.presets)
        self.setFocusProxy(self.text)
        self.text.editingFinished.connect(self._commit)

    def set_value(self, rate: Fraction) -> None:
        """Show a rate; nothing is told."""
        self.text.show_text(rate_text(rate))

    def _commit(self) -> None:
        if self.text.isModified():
            self.text.setModified(False)
            if self.text.text().strip() != self.text.shown:
                self.typed.emit(self.text.text())
            else:
                self.text.setText(self.text.shown)

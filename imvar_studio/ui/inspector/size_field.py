"""A field for the size of a film's frames: width, height, presets."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from imvar_studio.model.source import LARGEST_SIDE, SMALLEST_SIDE, Size
from imvar_studio.ui.inspector.film_reading import SQUARES, WIDE
from imvar_studio.ui.inspector.preset_button import PresetButton
from imvar_studio.ui.theme.tokens import NUMBER_WIDTH
from imvar_studio.ui.widgets.number_field import NumberField

_STEP = 8  # px; models work on multiples of it


class SizeField(QWidget):
    """Width and height in pixels.

    Attributes:
        edited: the size, whenever a person made it another.
        gesture_ended: when a run of key presses or typing is over.
    """

    edited = Signal(object)
    gesture_ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Size"))
        self.width_field = NumberField(SMALLEST_SIDE, LARGEST_SIDE, _STEP, name=self.tr("Width"))
        self.height_field = NumberField(SMALLEST_SIDE, LARGEST_SIDE, _STEP, name=self.tr("Height"))
        groups = (
            [self._preset(side, side) for side in SQUARES],
            [self._preset(wide, high) for wide, high in WIDE],
            [self._preset(high, wide) for wide, high in WIDE],
        )
        self.presets = PresetButton(groups, self._choose, self.tr("Usual sizes"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        times = QLabel("\N{MULTIPLICATION SIGN}")
        times.setProperty("kind", "hint")
        for widget in (self.width_field, times, self.height_field):
            row.addWidget(widget, 0 if widget is times else 1)
        row.addWidget(self.presets)
        self.setFocusProxy(self.width_field)
        for field in (self.width_field, self.height_field):
            field.setMinimumWidth(NUMBER_WIDTH - 12)
            field.edited.connect(self._on_edited)
            field.gesture_ended.connect(self.gesture_ended)

    def value(self) -> Size:
        """Return the size that is shown."""
        return Size(round(self.width_field.value() or 0), round(self.height_field.value() or 0))

    def set_value(self, size: Size) -> None:
        """Show a size; `edited` is not told."""
        self.width_field.set_value(size.width)
        self.height_field.set_value(size.height)

    def _preset(self, width: int, height: int) -> tuple[str, Size]:
        return f"{width} \N{MULTIPLICATION SIGN} {height}", Size(width, height)

    def _choose(self, size: Size) -> None:
        self.set_value(size)
        self.edited.emit(size)
        self.gesture_ended.emit()

    def _on_edited(self, value: float) -> None:
        del value
        self.edited.emit(self.value())

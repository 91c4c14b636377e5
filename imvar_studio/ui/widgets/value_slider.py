"""A slider over a range of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget

from imvar_studio.ui.widgets.key_run import KeyRun

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent

    from imvar_studio.ui.widgets.numbers import NumberRange


class ValueSlider(QSlider):
    """A slider whose wheel needs the focus, and whose knob comes to where it is clicked.

    Args:
        numbers: the range.
        name: for screen readers.
        parent: the widget it lies in.

    Attributes:
        edited: the number, whenever a person made it another.
        gesture_ended: when a drag or a run of key presses is over.
    """

    edited = Signal(float)
    gesture_ended = Signal()

    def __init__(self, numbers: NumberRange, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._numbers = numbers
        self._telling = True
        self._before_drag: int | None = None
        self._dropped = False  # Escape ended the drag, the button is still down
        self._run = KeyRun(self)
        self._run.ended.connect(self.gesture_ended)
        self.setAccessibleName(name)
        self.setProperty("mixed", False)
        # the wheel alone does not take the focus
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_numbers(numbers)
        self.valueChanged.connect(self._on_moved)
        self.sliderReleased.connect(self.gesture_ended)

    def set_numbers(self, numbers: NumberRange) -> None:
        """Cover another range."""
        self._numbers = numbers
        self._telling = False
        self.setRange(0, numbers.notches)
        self._telling = True
        self.setPageStep(min(10, numbers.notches))

    def set_number(self, value: float | None) -> None:
        """Show a number; None, for values that differ, fades the knob. `edited` is not told."""
        self._set_mixed(value is None)
        if value is not None and not self.isSliderDown():
            self._telling = False
            self.setValue(self._numbers.to_notch(value))
            self._telling = True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the knob, which comes to the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._run.finish()
            self._before_drag = self.value()
            self._dropped = False
            self._bring_knob(event)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the knob, unless Escape ended the drag."""
        if not self._dropped:
            super().mouseMoveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Move the knob, while it has the focus."""
        if not self.hasFocus():
            event.ignore()  # the panel scrolls
            return
        self._run.touch()
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the knob by arrow keys; Escape ends a drag."""
        if event.key() == Qt.Key.Key_Escape and self.isSliderDown():
            self._drop()
            return
        before = self.value()
        super().keyPressEvent(event)
        if self.value() != before:
            self._run.touch()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """End a run of key presses."""
        super().focusOutEvent(event)
        self._run.finish()

    def _drop(self) -> None:
        """End the drag with the number it began with."""
        self._dropped = True
        if self._before_drag is not None:
            self.setValue(self._before_drag)
        self.setSliderDown(False)

    def _bring_knob(self, event: QMouseEvent) -> None:
        """Put the knob under the pointer, so that the press takes hold of it."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        control, part = QStyle.ComplexControl.CC_Slider, QStyle.SubControl
        knob = self.style().subControlRect(control, option, part.SC_SliderHandle, self)
        groove = self.style().subControlRect(control, option, part.SC_SliderGroove, self)
        if knob.contains(event.position().toPoint()):
            return
        left = round(event.position().x()) - groove.left() - knob.width() // 2
        self.setValue(
            QStyle.sliderValueFromPosition(
                self.minimum(), self.maximum(), left, groove.width() - knob.width()
            )
        )

    def _on_moved(self, notch: int) -> None:
        if self._telling:
            self._set_mixed(False)
            self.edited.emit(self._numbers.from_notch(notch))

    def _set_mixed(self, mixed: bool) -> None:
        if self.property("mixed") != mixed:
            self.setProperty("mixed", mixed)
            self.style().polish(self)  # the sheet knows the property

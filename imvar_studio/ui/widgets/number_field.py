"""A field for one number, with its unit inside."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QLineEdit, QWidget

from imvar_studio.ui.theme import fonts
from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import FIELD_HEIGHT, NUMBER_WIDTH
from imvar_studio.ui.widgets.key_run import KeyRun, speed_of
from imvar_studio.ui.widgets.numbers import NumberRange, Scrub

_STEPS = {
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_PageUp: 10,
    Qt.Key.Key_PageDown: -10,
}
_INSET = 8  # px from the field's edge to its text


class NumberField(QLineEdit):
    """A number that is typed, stepped by keys or wheel, or scrubbed by a label beside it.

    What is typed counts when it is confirmed (Return, Tab, leaving); what is out of range is
    brought into it, what is no number is put back.

    Args:
        minimum, maximum: both belong to the range.
        step: of the arrow keys; Ctrl halves it, Shift multiplies it by 10.
        decimals: digits behind the point.
        unit: inside the field, right of the number.
        name: for screen readers and the tooltip.
        parent: the widget it lies in.

    Attributes:
        edited: the number, whenever a person made it another.
        gesture_ended: when a drag, a run of key presses or typing is over.
    """

    edited = Signal(float)
    gesture_ended = Signal()

    def __init__(  # noqa: PLR0913, PLR0917  (all but two have a default)
        self,
        minimum: float,
        maximum: float,
        step: float = 1.0,
        decimals: int = 0,
        unit: str = "",
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._numbers = NumberRange(minimum, maximum, step, decimals)
        self._unit = unit
        self._value: float | None = None
        self._default: float | None = None
        self._scrub: Scrub | None = None
        self._before_scrub: float | None = None
        self._run = KeyRun(self)
        self._run.ended.connect(self.gesture_ended)
        self.setFont(fonts.tabular(fonts.body_font()))
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFixedHeight(FIELD_HEIGHT)
        self.setMinimumWidth(NUMBER_WIDTH)
        if unit:
            self.setTextMargins(0, 0, self._unit_width() + 3, 0)
        self.setAccessibleName(name)
        self._show_range()
        self._show_value()

    @property
    def numbers(self) -> NumberRange:
        """The numbers it takes."""
        return self._numbers

    @property
    def default(self) -> float | None:
        """What a reset leads to; None where there is nothing to reset to."""
        return self._default

    def value(self) -> float | None:
        """Return the number; None where the selected things differ."""
        return self._value

    def set_value(self, value: float | None) -> None:
        """Show a number, or a dash for None; `edited` is not told. Half-typed text stays."""
        self._value = value
        if not (self.hasFocus() and self.isModified()):
            self._show_value()

    def set_default(self, value: float | None) -> None:
        """Set what a reset leads to."""
        self._default = value

    def set_range(self, minimum: float, maximum: float) -> None:
        """Take other numbers; the value shown stays until it is edited.

        Raises:
            ValueError: if the range is empty.
        """
        self._numbers = NumberRange(minimum, maximum, self._numbers.step, self._numbers.decimals)
        self._show_range()

    def begin_scrub(self) -> None:
        """Begin a drag over a label."""
        self._commit()
        self._before_scrub = self._value
        self._scrub = Scrub(self._numbers, self._start())

    def scrub_by(self, pixels: float, speed: float = 1.0) -> None:
        """Go on with the drag, `pixels` further to the right."""
        if self._scrub is not None:
            self._edit(self._scrub.move(pixels, speed))

    def end_scrub(self) -> None:
        """End the drag."""
        if self._scrub is not None:
            self._scrub = None
            self.gesture_ended.emit()

    def cancel_scrub(self) -> None:
        """End the drag with the number it began with (the range's nearest to a dash's)."""
        if self._scrub is not None and self._before_scrub is not None:
            self._edit(self._before_scrub)
        self.end_scrub()

    def edit_to(self, value: float) -> None:
        """Take a number from a slider beside it, as if it were typed here."""
        self._edit(self._numbers.fit(value))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step, confirm or put back; all else is typed."""
        steps = _STEPS.get(Qt.Key(event.key()))
        if steps is not None:
            self._step(steps, speed_of(event))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._commit()
            self.selectAll()
        elif event.key() == Qt.Key.Key_Escape and self.isModified():
            self._show_value()
            self.selectAll()
        else:
            if event.key() == Qt.Key.Key_Escape:
                event.ignore()
                return
            if event.text():  # Ctrl and Shift belong to the run
                self._run.finish()
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step, while it has the focus."""
        if not self.hasFocus():
            event.ignore()  # the panel scrolls
            return
        turned = event.angleDelta().y() or event.angleDelta().x()
        self._step(turned / 120, speed_of(event))
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Select the number, to type another."""
        self.selectAll()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select the number when the keyboard comes here."""
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason or self._value is None:
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take what was typed."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._commit()
            self._run.finish()
            self.deselect()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the unit behind the number."""
        super().paintEvent(event)
        if self._unit:
            painter = QPainter(self)
            painter.setFont(fonts.hint_font())
            painter.setPen(current_theme().color("text2" if self.isEnabled() else "disabled"))
            rest = QRect(0, 0, self.width() - _INSET, self.height())
            painter.drawText(
                rest, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._unit
            )

    def _unit_width(self) -> int:
        return QFontMetrics(fonts.hint_font()).horizontalAdvance(self._unit)

    def _start(self) -> float:
        """Return what a gesture starts from; a dash starts from the default."""
        for value in (self._value, self._default):
            if value is not None:
                return value
        return self._numbers.fit(0)

    def _step(self, steps: float, speed: float) -> None:
        self._commit()
        self._run.touch()
        self._edit(self._numbers.nudge(self._start(), steps, speed))

    def _commit(self) -> None:
        """Take what was typed."""
        if not self.isModified():
            return
        value = self._numbers.read(self.text(), self._unit)
        self.setModified(False)
        if value is None or value == self._value:
            self._show_value()
            return
        self._edit(value)
        self.gesture_ended.emit()

    def _edit(self, value: float) -> None:
        changed = value != self._value
        self._value = value
        self._show_value()
        if changed:
            self.edited.emit(value)

    def _show_value(self) -> None:
        self.setText(self._numbers.text(self._value))  # not modified after this

    def _show_range(self) -> None:
        low, high = (self._numbers.text(v) for v in (self._numbers.minimum, self._numbers.maximum))
        unit = f" {self._unit}" if self._unit else ""
        name = self.accessibleName()
        told = self.tr("{low} to {high}{unit}").format(low=low, high=high, unit=unit)
        self.setToolTip(f"{name}: {told}" if name else told)

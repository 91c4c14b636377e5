"""A row of an inspector: a label, a slider, a number, and the way back to the default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from imvar_studio.ui.theme.tokens import FIELD_HEIGHT, LABEL_COLUMN, NUMBER_WIDTH, ROW_HEIGHT
from imvar_studio.ui.widgets.buttons import IconButton
from imvar_studio.ui.widgets.elided_label import ElidedLabel
from imvar_studio.ui.widgets.key_run import speed_of
from imvar_studio.ui.widgets.value_slider import ValueSlider

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent

    from imvar_studio.ui.widgets.number_field import NumberField


class ScrubLabel(ElidedLabel):
    """A label over which a number is dragged; Escape puts it back."""

    def __init__(self, text: str, field: NumberField, parent: QWidget | None = None) -> None:
        super().__init__(text, parent=parent)
        self._field = field
        self._at: float | None = None
        self.setProperty("kind", "label")
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setBuddy(field)
        self.set_tooltip(self.tr("Drag to change. Ctrl is finer, Shift is coarser."))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to scrub."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._at = event.globalPosition().x()
            self._field.begin_scrub()
            _app().installEventFilter(self)  # for Escape, wherever the focus is

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrub on; Ctrl and Shift change the speed on the way."""
        if self._at is not None:
            x = event.globalPosition().x()
            self._field.scrub_by(x - self._at, speed_of(event))
            self._at = x

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the scrub."""
        if self._at is not None and event.button() == Qt.MouseButton.LeftButton:
            self._let_go()
            self._field.end_scrub()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go to the field, to type."""
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)
        self._field.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Catch Escape during a drag before a shortcut or the focused widget takes it."""
        kinds = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if self._at is None or event.type() not in kinds or not isinstance(event, QKeyEvent):
            return False
        if event.key() != Qt.Key.Key_Escape:
            return False
        event.accept()
        if event.type() == QEvent.Type.KeyPress:
            self._let_go()
            self._field.cancel_scrub()
        return True

    def _let_go(self) -> None:
        self._at = None
        _app().removeEventFilter(self)


def _app() -> QCoreApplication:
    app = QCoreApplication.instance()
    assert app is not None  # a widget lives
    return app


class ValueRow(QWidget):
    """A named number. Dragging over the name scrubs it.

    Args:
        label: its name; also the field's, unless that has one.
        field: holds the number.
        slider: whether there is one.
        parent: the widget it lies in.

    Attributes:
        edited: the number, from whichever part a person used.
        gesture_ended: when a drag or a run of key presses is over.
        reset: the way back to the default was asked for.
    """

    edited = Signal(float)
    gesture_ended = Signal()
    reset = Signal()

    def __init__(
        self, label: str, field: NumberField, slider: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.field = field
        self.label = ScrubLabel(label, field)
        if not field.accessibleName():
            field.setAccessibleName(label)
        self.reset_button = IconButton("rotate-ccw")
        self.reset_button.set_tooltip(self.tr("Reset {name}").format(name=label))
        self.reset_button.setFixedSize(20, 20)
        self.slider = ValueSlider(field.numbers, label) if slider else None
        self._lay_out()
        self._connect()
        self._show_value()

    def value(self) -> float | None:
        """Return the number; None where the selected things differ."""
        return self.field.value()

    def set_value(self, value: float | None) -> None:
        """Show a number, or a dash for None; `edited` is not told."""
        self.field.set_value(value)
        self._show_value()

    def set_default(self, value: float | None) -> None:
        """Set what the reset button leads to; None hides it."""
        self.field.set_default(value)
        self._show_value()

    def set_range(self, minimum: float, maximum: float) -> None:
        """Take other numbers.

        Raises:
            ValueError: if the range is empty.
        """
        self.field.set_range(minimum, maximum)
        if self.slider is not None:
            self.slider.set_numbers(self.field.numbers)
        self._show_value()

    def _lay_out(self) -> None:
        self.setFixedHeight(ROW_HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(8)
        column = QWidget()
        column.setFixedSize(LABEL_COLUMN, FIELD_HEIGHT)
        names = QHBoxLayout(column)
        names.setContentsMargins(0, 0, 0, 0)
        names.setSpacing(0)
        names.addWidget(self.label, 1)
        names.addWidget(self.reset_button)
        policy = self.reset_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset_button.setSizePolicy(policy)
        row.addWidget(column)
        if self.slider is not None:
            row.addWidget(self.slider, 1)
            self.field.setFixedWidth(max(NUMBER_WIDTH, self.field.minimumWidth()))
        row.addWidget(self.field, 0 if self.slider is not None else 1)

    def _connect(self) -> None:
        self.reset_button.clicked.connect(self.reset)
        self.field.edited.connect(self._on_edited)
        self.field.gesture_ended.connect(self.gesture_ended)
        if self.slider is not None:
            self.slider.edited.connect(self.field.edit_to)
            self.slider.gesture_ended.connect(self.gesture_ended)

    def _on_edited(self, value: float) -> None:
        self._show_value()
        self.edited.emit(value)

    def _show_value(self) -> None:
        value, default = self.field.value(), self.field.default
        if self.slider is not None:
            self.slider.set_number(value)
        self.reset_button.setVisible(default is not None and value != default)

"""Numbers, seeds and choices as a person changes them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from imvar_studio.ui.widgets.choice_field import Choice, ChoiceField
from imvar_studio.ui.widgets.number_field import NumberField
from imvar_studio.ui.widgets.seed_field import SeedField
from imvar_studio.ui.widgets.value_row import ValueRow

# what Qt's offscreen platform says of every window
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def show(qtbot):
    """Show widgets in a window that is active, with a field to go to."""

    windows: list[QWidget] = []  # they live as long as the test

    def show(*widgets: QWidget) -> QWidget:
        window = QWidget()
        windows.append(window)
        qtbot.addWidget(window)
        column = QVBoxLayout(window)
        for widget in (*widgets, QLineEdit()):
            column.addWidget(widget)
        window.resize(300, 60)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        return window

    return show


def told(signal) -> list:
    values: list = []
    signal.connect(lambda *args: values.append(args[0] if args else "ended"))
    return values


def strength() -> NumberField:
    field = NumberField(0, 4, step=0.05, decimals=2, name="Strength")
    field.set_value(1)
    return field


def wheel(widget: QWidget, turns: int, keys=Qt.KeyboardModifier.NoModifier) -> bool:
    event = QWheelEvent(
        QPointF(5, 5), QPointF(widget.mapToGlobal(QPoint(5, 5))), QPoint(), QPoint(0, 120 * turns),
        Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    event.setAccepted(False)
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def drag(widget: QWidget, by: int, keys=Qt.KeyboardModifier.NoModifier) -> None:
    """Move with the button held; the caller presses and releases."""
    at = QPointF(5 + by, 5)
    event = QMouseEvent(
        QEvent.Type.MouseMove, at, QPointF(widget.mapToGlobal(at.toPoint())),
        Qt.MouseButton.NoButton, LEFT, keys,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def test_typing_counts_when_it_is_confirmed(qtbot, show) -> None:
    field = strength()
    show(field)
    edited, ended = told(field.edited), told(field.gesture_ended)
    qtbot.mouseDClick(field, LEFT)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "2,5")
    assert edited == []
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert (edited, ended, field.text(), field.value()) == ([2.5], ["ended"], "2.50", 2.5)


@pytest.mark.parametrize(
    ("typed", "value"), [("9", 4.0), ("-3", 0.0), ("owl", 1.0), ("", 1.0), ("nan", 1.0)]
)
def test_what_is_out_of_range_is_brought_in_and_nonsense_is_put_back(
    qtbot, show, typed: str, value: float
) -> None:
    field = strength()
    show(field)
    field.setFocus()
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClicks(field, typed)
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert not field.hasFocus()
    assert (field.value(), field.text()) == (value, f"{value:.2f}")


def test_escape_puts_typing_back(qtbot, show) -> None:
    field = strength()
    show(field)
    field.setFocus()
    edited = told(field.edited)
    qtbot.keyClicks(field, "3")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert (field.text(), edited) == ("1.00", [])


def test_arrow_keys_step_finer_and_coarser_and_make_one_gesture(qtbot, show) -> None:
    field = NumberField(0, 100, step=2)
    field.set_value(50)
    show(field)
    field.setFocus()
    edited, ended = told(field.edited), told(field.gesture_ended)
    qtbot.keyClick(field, Qt.Key.Key_Up)
    qtbot.keyClick(field, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(field, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert edited == [52, 53, 33]
    assert ended == []
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert ended == ["ended"]


def test_the_wheel_needs_the_focus(qtbot, show) -> None:
    field = strength()
    window = show(field)
    window.setFocus()
    assert not wheel(field, 1)
    assert field.value() == 1
    field.setFocus()
    assert wheel(field, 1)
    assert field.value() == 1.05


def test_a_dash_stands_for_values_that_differ(qtbot, show) -> None:
    field = strength()
    field.set_value(None)
    field.set_default(1.5)
    show(field)
    assert (field.text(), field.value()) == ("—", None)
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert field.value() == 1.55


def test_the_document_does_not_take_typing_away(qtbot, show) -> None:
    field = strength()
    show(field)
    field.setFocus()
    qtbot.keyClicks(field, "3")
    field.set_value(2)
    assert field.text() == "3"
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == 3


def test_dragging_a_label_scrubs_and_modifiers_change_the_speed(qtbot, show) -> None:
    row = ValueRow("Strength", strength())
    show(row)
    edited, ended = told(row.edited), told(row.gesture_ended)
    label = row.label
    assert label.cursor().shape() == Qt.CursorShape.SizeHorCursor
    qtbot.mousePress(label, LEFT, pos=QPoint(5, 5))
    drag(label, 10)
    drag(label, 20, Qt.KeyboardModifier.ControlModifier)
    drag(label, 22, Qt.KeyboardModifier.ShiftModifier)
    qtbot.mouseRelease(label, LEFT, pos=QPoint(27, 5))
    assert edited == pytest.approx([1.5, 1.75, 2.75])
    assert ended == ["ended"]
    assert row.slider is not None
    assert row.slider.value() == 55  # steps of 0.05


def test_escape_cancels_a_scrub(qtbot, show) -> None:
    row = ValueRow("Strength", strength())
    window = show(row)
    window.setFocus()
    qtbot.mousePress(row.label, LEFT, pos=QPoint(5, 5))
    drag(row.label, 30)
    assert row.value() == 2.5
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    drag(row.label, 60)
    assert row.value() == 1


def test_the_slider_comes_to_the_pointer_and_cancels(qtbot, show) -> None:
    row = ValueRow("Strength", strength())
    show(row)
    slider = row.slider
    assert slider is not None
    edited, ended = told(row.edited), told(row.gesture_ended)
    end = QPoint(slider.width() - 2, slider.height() // 2)
    qtbot.mousePress(slider, LEFT, pos=end)
    assert (row.value(), row.field.text()) == (4, "4.00")
    qtbot.keyClick(slider, Qt.Key.Key_Escape)
    qtbot.mouseRelease(slider, LEFT, pos=end)
    assert (edited, ended) == ([4, 1], ["ended"])


def test_the_slider_leaves_the_wheel_to_the_panel(show) -> None:
    row = ValueRow("Strength", strength())
    window = show(row)
    window.setFocus()
    assert row.slider is not None
    assert not wheel(row.slider, 1)
    assert row.value() == 1


def test_reset_shows_where_the_value_is_not_the_default_and_moves_nothing(qtbot, show) -> None:
    row = ValueRow("Strength", strength())
    row.set_default(1)
    show(row)
    assert row.slider is not None
    assert not row.reset_button.isVisible()
    before = (row.label.geometry(), row.slider.geometry(), row.field.geometry())
    row.set_value(2)
    assert row.reset_button.isVisible()
    QApplication.processEvents()
    assert (row.label.geometry(), row.slider.geometry(), row.field.geometry()) == before
    with qtbot.waitSignal(row.reset):
        qtbot.mouseClick(row.reset_button, LEFT)


def test_a_seed_is_never_rounded(qtbot, show) -> None:
    seed = SeedField()
    seed.set_value(6)
    show(seed)
    edited = told(seed.edited)
    seed.setFocus()
    for typed, value in (
        ("9007199254740993", 2**53 + 1),
        ("99999999999999999999", 2**63 - 1),
        ("owl", 2**63 - 1),
    ):
        seed.text.selectAll()
        qtbot.keyClicks(seed.text, typed)
        qtbot.keyClick(seed.text, Qt.Key.Key_Return)
        assert seed.value() == value
    assert edited == [2**53 + 1, 2**63 - 1]


def test_dice_throw_another_seed_unless_it_is_locked(qtbot, show) -> None:
    seed = SeedField()
    seed.set_value(6)
    show(seed)
    edited, locked = told(seed.edited), told(seed.locked)
    qtbot.mouseClick(seed.dice, LEFT)
    assert edited == [seed.value()]
    assert seed.value() != 6
    qtbot.mouseClick(seed.lock, LEFT)
    qtbot.mouseClick(seed.dice, LEFT)
    assert (locked, len(edited), seed.is_locked()) == ([True], 1, True)
    qtbot.mouseClick(seed.lock, LEFT)
    assert (locked, seed.dice.isEnabled()) == ([True, False], True)


def test_a_choice_is_told_once_and_by_a_person_only(qtbot, show) -> None:
    field = ChoiceField([Choice("slerp", "Great arc", "slerp"), Choice("linear", "Straight")])
    show(field)
    edited = told(field.edited)
    assert field.currentIndex() == -1
    field.set_value("slerp")
    assert (edited, field.currentText(), field.toolTip()) == ([], "Great arc", "slerp")
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert (edited, field.value()) == (["linear"], "linear")
    with pytest.raises(KeyError):
        field.set_value("cubic")


def test_a_choice_that_is_disabled_is_passed_over(qtbot, show) -> None:
    field = ChoiceField([Choice("a", "A"), Choice("b", "B"), Choice("c", "C")])
    field.set_value("a")
    field.set_enabled("b", False, "Needs a picture")
    show(field)
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert field.value() == "c"
    field.set_enabled("b", True)
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert field.value() == "b"


def test_a_choice_leaves_the_wheel_to_the_panel(show) -> None:
    field = ChoiceField([Choice("a", "A"), Choice("b", "B")])
    field.set_value("a")
    window = show(field)
    window.setFocus()
    assert not wheel(field, -1)
    assert field.value() == "a"
    field.setFocus()
    wheel(field, -1)
    assert field.value() == "b"

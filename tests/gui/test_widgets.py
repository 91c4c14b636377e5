"""Buttons, bars, sections and text fields as a person uses them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor, QKeySequence
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu, QWidget

from imvar_studio.ui.theme.tokens import DARK
from imvar_studio.ui.widgets.buttons import IconButton, push_button
from imvar_studio.ui.widgets.choice_field import Choice, ChoiceField
from imvar_studio.ui.widgets.elided_label import ElidedLabel
from imvar_studio.ui.widgets.empty_state import EmptyState
from imvar_studio.ui.widgets.field_row import FieldRow
from imvar_studio.ui.widgets.hairline import Hairline
from imvar_studio.ui.widgets.menu_button import MenuButton
from imvar_studio.ui.widgets.popover import Popover
from imvar_studio.ui.widgets.popover_place import place_beside
from imvar_studio.ui.widgets.progress_line import ProgressLine
from imvar_studio.ui.widgets.prompt_edit import PromptEdit
from imvar_studio.ui.widgets.search_field import SearchField
from imvar_studio.ui.widgets.section import Section
from imvar_studio.ui.widgets.tab_row import TabRow
from tests.gui.widget_hands import active_window

# what Qt's offscreen platform says of every window
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(qtbot) -> QWidget:
    return active_window(qtbot)


def put(window: QWidget, widget: QWidget) -> None:
    layout = window.layout()
    assert layout is not None
    layout.addWidget(widget)
    widget.show()
    QApplication.processEvents()


def told(signal) -> list:
    values: list = []
    signal.connect(lambda *args: values.append(args[0] if args else None))
    return values


def test_an_icon_button_says_its_shortcut_and_answers_to_it(qtbot, window: QWidget) -> None:
    button = IconButton("undo-2", tooltip="Undo", shortcut=QKeySequence("Ctrl+Z"))
    put(window, button)
    assert (button.toolTip(), button.accessibleName(), button.height()) == (
        "Undo (Ctrl+Z)",
        "Undo",
        28,
    )
    with qtbot.waitSignal(button.clicked):
        qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    with pytest.raises(KeyError):
        IconButton("no-such-icon")


def test_a_push_button_is_reached_by_keyboard(qtbot, window: QWidget) -> None:
    button = push_button("Export", "primary", "download")
    put(window, button)
    qtbot.keyClick(window.findChild(QLineEdit), Qt.Key.Key_Tab)
    assert button.hasFocus()
    with qtbot.waitSignal(button.clicked):
        qtbot.keyClick(button, Qt.Key.Key_Space)


def test_a_cut_label_tells_the_whole(window: QWidget) -> None:
    label = ElidedLabel("A name that is much too long for its place")
    put(window, label)
    assert (label.shown, label.toolTip()) == (label.text(), "")
    label.setFixedWidth(80)
    QApplication.processEvents()
    assert label.shown.endswith("…")
    assert label.toolTip() == label.text()


def test_tabs_are_chosen_by_click_and_arrow_keys(qtbot, window: QWidget) -> None:
    tabs = TabRow(
        [Choice("pictures", "Pictures"), Choice("looks", "Looks"), Choice("takes", "Takes")]
    )
    put(window, tabs)
    chosen = told(tabs.chosen)
    widths = [tabs.tab(name).width() for name in ("pictures", "looks", "takes")]
    qtbot.mouseClick(tabs.tab("looks"), LEFT)
    qtbot.mouseClick(tabs.tab("looks"), LEFT)
    assert chosen == ["looks"]
    assert tabs.tab("looks").isChecked()
    tabs.tab("takes").setEnabled(False)
    qtbot.keyClick(tabs.tab("looks"), Qt.Key.Key_Right)
    assert (chosen, tabs.current()) == (["looks", "pictures"], "pictures")
    assert tabs.tab("pictures").hasFocus()
    assert [tabs.tab(name).width() for name in ("pictures", "looks", "takes")] == widths
    tabs.set_current("takes")
    assert len(chosen) == 2
    with pytest.raises(KeyError):
        tabs.set_current("films")


def test_a_section_opens_and_shuts_by_its_head(qtbot, window: QWidget) -> None:
    section = Section("Film", "512 px · 12 fps", collapsible=True, collapsed=True)
    inside = QLabel("Steps")
    section.body.addWidget(inside)
    put(window, section)
    toggled = told(section.toggled)
    assert section.head is not None
    assert not inside.isVisible()
    qtbot.mouseClick(section.head, LEFT)
    assert inside.isVisible()
    qtbot.keyClick(section.head, Qt.Key.Key_Space)
    assert (inside.isVisible(), toggled, section.is_collapsed) == (False, [True, False], True)


def test_a_field_row_names_its_field(window: QWidget) -> None:
    field = QLineEdit()
    row = FieldRow("Size", field)
    put(window, row)
    assert field.accessibleName() == "Size"
    assert row.label.width() == 96


def test_a_prompt_grows_with_its_text_and_tells_while_typing(qtbot, window: QWidget) -> None:
    prompt = PromptEdit("Describe the picture")
    put(window, prompt)
    edited, ended = told(prompt.edited), told(prompt.gesture_ended)
    two = prompt.height()
    prompt.setFocus()
    qtbot.keyClicks(prompt, "owl")
    assert (edited, prompt.height()) == (["o", "ow", "owl"], two)
    for _ in range(3):
        qtbot.keyClick(prompt, Qt.Key.Key_Return)
    line = prompt.fontMetrics().lineSpacing()
    assert prompt.height() == two + 2 * line
    for _ in range(6):
        qtbot.keyClick(prompt, Qt.Key.Key_Return)
    assert prompt.height() == two + 3 * line
    assert ended == []
    qtbot.keyClick(prompt, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert len(ended) == 1
    qtbot.keyClick(prompt, Qt.Key.Key_Tab)
    assert (prompt.hasFocus(), len(ended)) == (False, 1)


def test_a_text_from_the_document_is_not_told_and_keeps_the_caret(qtbot, window: QWidget) -> None:
    prompt = PromptEdit()
    put(window, prompt)
    edited = told(prompt.edited)
    prompt.set_text("an owl")
    cursor = prompt.textCursor()
    cursor.setPosition(3)
    prompt.setTextCursor(cursor)
    prompt.set_text("an owl")
    assert (edited, prompt.textCursor().position()) == ([], 3)
    before = prompt.height()
    prompt.set_limit_hint("81 of 77 tokens")
    assert prompt.height() > before


def test_a_search_is_emptied_by_escape_and_by_its_cross(qtbot, window: QWidget) -> None:
    search = SearchField("Find pictures")
    put(window, search)
    search.setFocus()
    qtbot.keyClicks(search, "fox")
    qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert search.text() == ""
    qtbot.keyClicks(search, "owl")
    search.actions()[-1].trigger()
    assert search.text() == ""
    assert not search.actions()[-1].isVisible()


def test_progress_fills_the_line(qtbot) -> None:
    line = ProgressLine("Rendering")
    qtbot.addWidget(line)
    line.resize(100, 4)
    line.set_share(0.4)
    image = line.grab().toImage()
    assert image.pixelColor(20, 2).name() == DARK.accent
    assert image.pixelColor(60, 2).name() == DARK.line
    assert line.accessibleDescription() == "40%"
    line.set_share(7)
    assert line.share == 1


def test_progress_of_unknown_length_moves(qtbot) -> None:
    line = ProgressLine()
    qtbot.addWidget(line)
    line.resize(100, 4)
    line.set_share(None)
    line.show()
    first = line.grab().toImage()
    qtbot.waitUntil(lambda: line.grab().toImage() != first)


def test_an_empty_place_offers_its_action(qtbot, window: QWidget) -> None:
    state = EmptyState("images", "Drop pictures here, or add a prompt.", "Add prompt")
    put(window, state)
    with qtbot.waitSignal(state.activated):
        qtbot.mouseClick(state.button, LEFT)


def test_a_hairline_is_one_pixel(qtbot) -> None:
    line = Hairline()
    qtbot.addWidget(line)
    assert line.height() == 1
    assert line.grab().toImage().pixelColor(0, 0).name() == DARK.line


def test_a_popover_lies_beneath_or_above_and_within_the_screen() -> None:
    room = (0, 0, 1000, 800)
    assert place_beside((100, 100, 50, 28), (200, 150), room) == (100, 132)
    assert place_beside((100, 700, 50, 28), (200, 150), room) == (100, 546)
    assert place_beside((950, 100, 50, 28), (200, 150), room) == (800, 132)


def test_a_popover_closes_on_escape_and_on_a_click_outside(qtbot, window: QWidget) -> None:
    anchor = IconButton("settings", tooltip="Settings")
    put(window, anchor)
    popover = Popover(anchor)
    field = QLineEdit()
    popover.body.addWidget(field)
    closed = told(popover.closed)
    popover.open_at(anchor)
    assert popover.isVisible()
    qtbot.keyClick(popover, Qt.Key.Key_Escape)
    assert not popover.isVisible()
    popover.open_at(anchor)
    qtbot.mousePress(popover, LEFT, pos=QPoint(-50, -50))
    assert (popover.isVisible(), len(closed)) == (False, 2)


def test_a_popover_has_a_ground_of_its_own(qtbot, window: QWidget) -> None:
    anchor = IconButton("settings", tooltip="Settings")
    put(window, anchor)
    popover = Popover(anchor)
    popover.body.addWidget(QLineEdit())
    popover.open_at(anchor)
    seen = popover.grab().toImage().pixelColor(5, 5)
    assert (seen.name(), seen.alpha()) == (DARK.raised, 255)
    assert not popover.testAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)


def test_the_list_of_a_choice_is_as_wide_as_its_longest_name(qtbot, window: QWidget) -> None:
    name = "A great arc over the whole of it"
    field = ChoiceField([Choice("a", "A"), Choice("b", name)])
    put(window, field)
    field.setFixedWidth(80)
    field.showPopup()
    shown = field.view().viewport().width()
    assert shown > field.fontMetrics().horizontalAdvance(name)
    field.hidePopup()
    assert field.width() == 80


def test_a_letter_chooses_nothing_unless_the_list_is_open(qtbot, window: QWidget) -> None:
    field = ChoiceField([Choice("a", "Ample"), Choice("b", "Bare")])
    field.set_value("a")
    put(window, field)
    field.setFocus()
    chosen = told(field.edited)
    qtbot.keyClick(field, Qt.Key.Key_B)
    assert (field.value(), chosen) == ("a", [])
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert (field.value(), len(chosen)) == ("b", 1)


def test_a_menu_that_closes_leaves_its_button_as_the_pointer_says(window: QWidget) -> None:
    button, menu = MenuButton(200), QMenu(window)
    put(window, button)
    button.setMenu(menu)
    menu.addAction("Open")
    for inside in (True, False):
        QCursor.setPos(button.mapToGlobal(QPoint(4, 4 if inside else button.height() + 200)))
        menu.popup(button.mapToGlobal(QPoint(0, button.height())))
        button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)  # as the press left it
        menu.close()
        assert button.underMouse() is inside

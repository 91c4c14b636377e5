"""The whole window: its keys, the way of the focus, names, themes, the layout."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QTabBar, QWidget

from imvar_studio.ui.selection import Selection
from imvar_studio.ui.theme.theme import current_theme

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.gui.window import Studio


# keys, focus, names


def test_every_key_has_its_command_and_every_command_its_action(studio: Studio) -> None:
    actions, taken = studio.window.actions_, defaultdict(list)
    for command in actions.commands:
        keys = [QKeySequence(each) for each in command.shortcut.split(" | ") if each]
        assert actions[command.id].shortcuts() == keys, command.id
        assert not any(key.isEmpty() for key in keys), command.id
        assert actions[command.id] in studio.window.actions()
        for key in keys:
            taken[key.toString()].append(command.id)
    assert {key: ids for key, ids in taken.items() if len(ids) > 1} == {}
    studio.press("help.keys.show")
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    shown = {label.text() for label in dialog.findChildren(QLabel)}
    listed = [command for command in actions.commands if command.shortcut and command.menu]
    assert {command.text.rstrip("…") for command in listed} <= shown
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert QApplication.activeModalWidget() is None


def chain(window: QWidget) -> list[QWidget]:
    """The widgets in the order in which Tab reaches them."""
    found, each = [window], window.nextInFocusChain()
    while each is not window:
        found.append(each)
        each = each.nextInFocusChain()
    return found


def interactive(window: QWidget) -> list[QWidget]:
    tab = Qt.FocusPolicy.TabFocus
    return [
        each
        for each in window.findChildren(QWidget)
        if (each.focusPolicy() & tab) == tab
        and each.isVisible()
        and each.isEnabled()
        and each.window() is window
        and each.focusProxy() is None
        # Qt parks the tab bars of docks it does not need outside of the window
        and not (isinstance(each, QTabBar) and each.x() < 0)
    ]


def nameless(window: QWidget) -> list[str]:
    return [
        f"{type(each).__name__} in {type(each.parent()).__name__}"
        for each in interactive(window)
        if not QAccessible.queryAccessibleInterface(each).text(QAccessible.Text.Name)
    ]


def test_tab_reaches_everything_and_everything_has_a_name(studio: Studio) -> None:
    window = studio.window
    for select in ((), ("key-1",), ("key-2",)):
        studio.session.selection.set(Selection.of_keyframes(*select))
        order, usable = chain(window), interactive(window)
        assert [each for each in usable if each not in order] == []
        assert nameless(window) == []
    assert any(studio.canvas is each for each in interactive(window))


def test_tab_reaches_everything_on_the_start_page(studio: Studio, qtbot: Any) -> None:
    studio.press("file.close.close")
    qtbot.waitUntil(studio.window.start_page.list.isVisible)
    assert nameless(studio.window) == []
    usable = interactive(studio.window)
    assert [each for each in usable if each not in chain(studio.window)] == []
    assert studio.window.start_page.new_button in usable


# looks


def test_the_theme_changes_at_once_and_is_remembered(
    start: Callable[..., Studio], sample: Path
) -> None:
    studio = start(path=sample)

    def ground() -> str:
        canvas = studio.timeline.canvas
        return str(canvas.grab().toImage().pixelColor(4, canvas.height() - 4).name())

    assert ground() == current_theme().color("panel").name()
    dark = ground()
    try:
        studio.window.actions_["view.theme.light"].trigger()
        assert ground() == current_theme().color("panel").name() != dark
        studio.close()
        use_scheme_of_app("dark")
        again = start(path=sample)
        assert current_theme().color("panel").name() != dark
        again.window.actions_["view.theme.dark"].trigger()
    finally:
        use_scheme_of_app("dark")


def use_scheme_of_app(scheme: Any) -> None:
    """Show other colours, and remember nothing."""
    current_theme().set_scheme(scheme)


def test_the_layout_is_remembered(start: Callable[..., Studio], sample: Path) -> None:
    first = start(path=sample)
    docks = first.window.docks
    assert [docks.is_shown(each) for each in ("library", "timeline", "queue")] == [
        True,
        True,
        False,
    ]
    docks.widget("library").toggleViewAction().trigger()
    docks.widget("queue").toggleViewAction().trigger()
    first.window.resize(960, 700)  # Qt's screen without a screen is small
    first.close()
    again = start(path=sample)
    docks = again.window.docks
    assert not docks.is_shown("library")
    assert docks.widget("queue").isVisibleTo(again.window)
    assert docks.is_shown("timeline")
    assert again.window.height() == 700

"""The docks in the whole window: moved, floated, closed and put back by mouse and menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QLabel, QMenu, QTabBar

from imvar_studio.ui.dock_handle import SLIM, TALL, DockHandle
from tests.gui.window import LEFT, NONE, click, drag

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tests.gui.window import Studio


def dock_of(studio: Studio, name: str) -> QDockWidget:
    found = studio.window.docks.widget(name)
    assert isinstance(found, QDockWidget)
    return found


def handle_of(dock: QDockWidget) -> DockHandle:
    found = dock.titleBarWidget()
    assert isinstance(found, DockHandle)
    return found


def float_it(dock: QDockWidget) -> DockHandle:
    """Double click on a dock's handle."""
    handle = handle_of(dock)
    QTest.mouseDClick(handle, LEFT, NONE, handle.rect().center())
    return handle


def seen(dock: QDockWidget, text: str) -> list[QLabel]:
    return [each for each in dock.findChildren(QLabel) if each.text() == text and each.isVisible()]


def panels_menu(studio: Studio) -> dict[str, Any]:
    """The switches of the menu of panels, by their words."""
    menu = studio.window.top_bar.menu_button.menu()
    (panels,) = [each.menu() for each in menu.actions() if each.text() == "Panels"]
    return {each.text(): each for each in panels.actions()}


def test_a_dock_is_dragged_out_of_the_window_by_its_handle(studio: Studio) -> None:
    dock = dock_of(studio, "library")
    handle = handle_of(dock)
    assert handle.isVisible()
    assert handle.height() == SLIM
    middle = handle.rect().center()
    drag(handle, middle.toTuple(), (middle.x() + 400, middle.y() + 300))
    assert dock.isFloating()
    assert not dock_of(studio, "inspector").isFloating()
    studio.window.docks.reset()
    assert not dock.isFloating()
    assert handle.height() == SLIM


@pytest.mark.parametrize("name", ["library", "inspector", "timeline", "queue"])
def test_a_dock_that_floats_says_its_name_once(studio: Studio, name: str) -> None:
    studio.window.show_dock(name)
    dock = dock_of(studio, name)
    handle = float_it(dock)
    assert dock.isFloating()
    assert handle.height() == TALL
    assert len(seen(dock, dock.windowTitle())) == 1
    click(handle.back_button)
    assert not dock.isFloating()
    assert len(seen(dock, dock.windowTitle())) <= 1
    float_it(dock)
    click(handle.close_button)
    assert not dock.isVisible()
    assert not studio.window.docks.is_shown(name)


def test_the_menu_of_panels_floats_and_puts_back(studio: Studio) -> None:
    switch, dock = panels_menu(studio)["Float Queue"], dock_of(studio, "queue")
    assert not dock.isVisible()
    switch.trigger()
    assert dock.isVisible()
    assert dock.isFloating()
    assert switch.isChecked()
    switch.trigger()
    assert not dock.isFloating()
    assert not switch.isChecked()
    panels_menu(studio)["Queue"].trigger()
    assert not dock.isVisible()


def test_the_handle_s_own_menu(studio: Studio) -> None:
    dock = dock_of(studio, "library")
    handle = handle_of(dock)
    at = handle.rect().center()
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, handle.mapToGlobal(at))
    QApplication.sendEvent(handle, asked)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [each.text() for each in menu.actions()] == ["Float Library", "Close Library"]
    QTest.mouseClick(menu, LEFT, NONE, menu.actionGeometry(menu.actions()[1]).center())
    assert not dock.isVisible()


@pytest.mark.parametrize("key", [Qt.Key.Key_Tab, Qt.Key.Key_Backtab])
@pytest.mark.parametrize("front", ["inspector", "queue"])
def test_tab_passes_by_what_lies_behind_another_dock(
    studio: Studio, front: str, key: Qt.Key
) -> None:
    alone = front == "inspector"
    studio.window.show_dock(front)
    studio.window.setFocus()
    reached = []
    for _ in range(60):
        QTest.keyClick(QApplication.focusWidget(), key)
        at = QApplication.focusWidget()
        assert at is not None
        part = next(each for each in _line_of(at) if each.parentWidget() is studio.window)
        assert part.geometry().intersects(studio.window.rect()), at
        reached.append(at)
    assert any(dock_of(studio, "library").isAncestorOf(each) for each in reached)
    assert any(dock_of(studio, "inspector").isAncestorOf(each) for each in reached) is alone
    assert any(isinstance(each, QTabBar) for each in reached) is not alone


def _line_of(widget: QWidget) -> list[QWidget]:
    """A widget and those that it lies in, outwards."""
    above = widget.parentWidget()
    return [widget, *(_line_of(above) if above is not None else [])]


def test_arrows_choose_the_tab_that_has_the_focus(studio: Studio) -> None:
    studio.window.show_dock("queue")
    (tabs,) = [each for each in studio.window.findChildren(QTabBar) if each.count() > 1]
    at, playhead = tabs.currentIndex(), studio.session.playhead.value
    tabs.setFocus(Qt.FocusReason.TabFocusReason)
    studio.key(Qt.Key.Key_Left if at else Qt.Key.Key_Right)
    assert tabs.currentIndex() != at
    assert studio.session.playhead.value == playhead

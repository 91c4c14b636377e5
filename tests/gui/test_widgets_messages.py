"""The message bar as a person meets it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget

from imvar_studio.ui.messages import Action, Message
from imvar_studio.ui.widgets import message_bar as message_bars
from imvar_studio.ui.widgets.message_bar import MessageBar
from tests.gui.widget_hands import active_window

# what Qt's offscreen platform says of every window
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(qtbot) -> QWidget:
    return active_window(qtbot)


def test_a_message_lies_over_and_pushes_nothing(window: QWidget) -> None:
    bar = MessageBar(window)
    field = window.findChild(QLineEdit)
    before = field.geometry()
    bar.tell(Message("Saved a still"))
    QApplication.processEvents()
    assert bar.isVisible()
    assert field.geometry() == before
    assert bar.accessibleName() == "Saved a still"
    window.resize(400, 300)
    QApplication.processEvents()
    assert bar.width() == 384


def test_an_error_stays_and_the_next_waits(qtbot, window: QWidget) -> None:
    bar = MessageBar(window)
    full, long = Message("The disk is full", "error"), Message("The film is long", "warning")
    bar.tell(full)
    bar.tell(full)
    bar.tell(long)
    assert (bar.message, bar.waiting) == (full, 1)
    qtbot.keyClick(bar, Qt.Key.Key_Escape)
    assert (bar.message, bar.waiting) == (long, 0)
    qtbot.mouseClick(bar.close_button, LEFT)
    assert (bar.message, bar.isVisible()) == (None, False)


def test_an_info_leaves_by_itself_and_gives_way(qtbot, window: QWidget, monkeypatch) -> None:
    monkeypatch.setattr(message_bars, "LINGER", 1)
    bar = MessageBar(window)
    with qtbot.waitSignal(bar.closed):
        bar.tell(Message("Saved a still"))
    assert not bar.isVisible()
    monkeypatch.setattr(message_bars, "LINGER", 60_000)
    bar = MessageBar(window)
    bar.tell(Message("Saved a still"))
    bar.tell(Message("The disk is full", "error"))
    assert bar.message == Message("The disk is full", "error")


def test_remedy_details_and_log_are_a_click_away(qtbot, window: QWidget) -> None:
    bar = MessageBar(window)
    done: list[str] = []
    log = Path("render.log")
    again = Action("Try again", lambda: done.append("again"))
    bar.tell(Message("1 frame failed", "error", "Free some space.", again, "No space left", log))
    low = bar.height()
    qtbot.mouseClick(bar.details_button, LEFT)
    assert bar.height() > low
    assert any(
        label.text() == "No space left" and label.isVisible() for label in bar.findChildren(QLabel)
    )
    with qtbot.waitSignal(bar.log_requested) as asked:
        qtbot.mouseClick(bar.log_button, LEFT)
    assert asked.args == [log]
    assert bar.action_button.text() == "Try again"
    qtbot.mouseClick(bar.action_button, LEFT)
    assert (done, bar.message) == (["again"], None)

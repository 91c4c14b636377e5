"""The monkey's hands: every kind of event, at random places and in random order."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QContextMenuEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from imvar_studio.ui.mime import KEYFRAMES, asset_data
from imvar_studio.ui.selection import Selection
from tests.gui.monkey_eyes import Eyes
from tests.gui.window import LEFT, NONE, Studio, drop, move

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_HELD = (
    NONE,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
_KEYS = [
    getattr(Qt.Key, f"Key_{name}")
    for name in (
        "Tab", "Backtab", "Escape", "Return", "Enter", "Space", "Delete", "Backspace", "Left",
        "Right", "Up", "Down", "Home", "End", "PageUp", "PageDown", "F2", "Plus", "Minus",
        *"ACDFIJKLMOPSXZ0159",
    )
]  # fmt: skip
_WORDS = ("a fox", "12", "-3", "0.5", "1e9", "", "cat & dog", "24", "x" * 80, "30000/1001", ".")


class Hands(Eyes):
    """Makes events in a window, all of them from a seed.

    Args:
        studio: the window, with a project open.
        seed: of the events.
        pictures: files to drop.

    Attributes:
        faults: what went wrong.
        last: what was done last, the newest at the end.
    """

    def __init__(self, studio: Studio, seed: int, pictures: Sequence[Path]) -> None:
        super().__init__(seed)
        self.studio, self.pictures = studio, list(pictures)
        self.faults: list[str] = []
        self.last: deque[str] = deque(maxlen=30)
        self._ways: tuple[tuple[int, Callable[[], str]], ...] = (
            (18, self._press_timeline),
            (22, self._drag_timeline),
            (8, self._drag_widget),
            (14, self._click_widget),
            (4, self._double_click),
            (8, self._turn_wheel),
            (12, self._press_command),
            (12, self._press_key),
            (6, self._type),
            (3, self._ask_menu),
            (3, self._drop),
            (5, self._undo),
            (3, self._select),
            (2, self._seek),
        )

    def act(self, number: int) -> None:
        """Do one thing, and leave what opened over the window."""
        weights, ways = zip(*self._ways, strict=True)
        (way,) = self._random.choices(ways, weights)
        self.last.append(f"{number} {way.__name__[1:]}")
        self.last[-1] += f" {way()}"
        self._tidy()

    def settle(self) -> None:
        """Let all that is under way in the background come to its end."""
        background = self.studio.program._background
        for _ in range(3):
            for lane in list(background._lanes.values()):
                lane.submit(lambda: None).result()
            QApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    # what a person does

    def _press_timeline(self) -> str:
        canvas = self.studio.timeline.canvas
        at, held = self._place(canvas), self._choose(_HELD)
        QTest.mouseClick(canvas, LEFT, held, at)
        return f"{at} {held}"

    def _drag_timeline(self) -> str:
        return self._drag(self.studio.timeline.canvas)

    def _drag_widget(self) -> str:
        if self._random.random() < 0.3:
            return self._drag(self.studio.canvas)
        widget = self._widget()
        if isinstance(widget, QAbstractButton) or self._is_list(widget):
            return "nothing"
        return self._drag(widget)

    def _drag(self, widget: QWidget) -> str:
        start, held = self._place(widget), self._choose(_HELD)
        button = LEFT if self._random.random() < 0.9 else Qt.MouseButton.MiddleButton
        far = self._random.choice((4, 20, 60, 300))
        said = f"{type(widget).__name__} {start} {held} {button}"
        QTest.mousePress(widget, button, held, start)
        at = start
        for _ in range(self._random.randint(1, 4)):
            at += QPoint(self._random.randint(-far, far), self._random.randint(-far, far))
            if not self._is_there(widget):
                return said
            move(widget, at, held, button)
        end = self._random.random()
        if end < 0.1:
            self.studio.key(Qt.Key.Key_Escape)
        elif end < 0.15:
            self.studio.press("edit.history.undo")
        if self._is_there(widget):
            QTest.mouseRelease(widget, button, held, at)
        return f"{said} to {at}"

    def _click_widget(self) -> str:
        widget = self._widget()
        said = f"{type(widget).__name__} {widget.accessibleName()!r}"
        QTest.mouseClick(widget, LEFT, self._choose(_HELD), self._place(widget))
        return said

    def _double_click(self) -> str:
        canvas = self.studio.timeline.canvas
        widget = self._choose((canvas, canvas, self.studio.canvas, self._widget()))
        said, at = type(widget).__name__, self._place(widget)
        QTest.mouseDClick(widget, LEFT, NONE, at)
        return f"{said} {at}"

    def _turn_wheel(self) -> str:
        canvas = self.studio.timeline.canvas
        widget = self._choose((canvas, self.studio.canvas, self._widget()))
        at, held = QPointF(self._place(widget)), self._choose(_HELD)
        turn = QPoint(0, self._choose((-480, -120, 120, 480)))
        event = QWheelEvent(
            at, widget.mapToGlobal(at), QPoint(), turn, Qt.MouseButton.NoButton, held,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        said = f"{type(widget).__name__} {turn.y()} {held}"
        QApplication.sendEvent(widget, event)
        return said

    def _press_command(self) -> str:
        commands = [
            each
            for each in self.studio.window.actions_.commands
            if each.shortcut and not each.id.startswith(("file.open", "file.close"))
        ]
        command = self._choose(commands)
        themes = [c for c in self.studio.window.actions_.commands if c.id.startswith("view.theme")]
        if self._random.random() < 0.02:
            theme = self._choose(themes)
            self.studio.window.actions_[theme.id].trigger()
            return theme.id
        self.studio.press(command.id)
        return str(command.id)

    def _press_key(self) -> str:
        key, held = self._choose(_KEYS), self._choose((*_HELD, NONE, NONE, NONE))
        self.studio.key(key, held)
        return f"{key} {held}"

    def _type(self) -> str:
        fields = [
            each
            for each in self.studio.window.findChildren(QWidget)
            if isinstance(each, QLineEdit | QPlainTextEdit) and each.isVisible()
        ]
        if not fields:
            return "nothing"
        field, words = self._choose(fields), self._choose(_WORDS)
        said = f"{type(field).__name__} {field.accessibleName()!r} {words!r}"
        field.setFocus()
        if self._random.random() < 0.7:
            field.selectAll()
        QTest.keyClicks(field, words)
        if self._random.random() < 0.6:
            self.studio.key(self._choose((Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Escape)))
        return said

    def _ask_menu(self) -> str:
        canvas = self.studio.timeline.canvas
        widget = self._choose((canvas, canvas, self.studio.film.stage, self._widget()))
        at = self._place(widget)
        said = f"{type(widget).__name__} {at}"
        reason = QContextMenuEvent.Reason.Mouse
        QApplication.sendEvent(widget, QContextMenuEvent(reason, at, widget.mapToGlobal(at)))
        return said

    def _drop(self) -> str:
        data, what = QMimeData(), self._random.randint(0, 5)
        assets = [entry.sha for entry in self.studio.session.project.assets]
        if what == 0:
            data.setUrls([QUrl.fromLocalFile(str(self._choose(self.pictures)))])
        elif what == 1 and assets:
            data = asset_data(self._random.sample(assets, 1))
        elif what == 2:
            data = asset_data(["0" * 64])
        elif what == 3:
            data.setText(self._choose(_WORDS))
        elif what == 4:
            data.setData(KEYFRAMES, self._choose((b"{}", b"[", b"null", b'{"a": [1e999]}')))
        else:
            data.setUrls([QUrl.fromLocalFile("/nowhere/at all.png")])
        film = self.studio.film
        widget = self._choose((film.timeline.canvas, film.library, self.studio.canvas))
        drop(widget, data, self._place(widget))
        self.settle()
        return f"{what} {type(widget).__name__}"

    def _undo(self) -> str:
        back = self._random.random() < 0.6
        for _ in range(self._random.randint(1, 6)):
            self.studio.press("edit.history.undo" if back else "edit.history.redo")
        return str(back)

    def _select(self) -> str:
        keys = [key.id for key in self.studio.session.timeline.keyframes]
        count = self._random.randint(0, len(keys))
        chosen = self._random.sample(keys, count)
        self.studio.session.selection.set(Selection.of_keyframes(*chosen))
        return str(count)

    def _seek(self) -> str:
        time = self._random.uniform(-1, self.studio.session.duration + 1)
        self.studio.session.seek(time)
        return f"{time:.3f}"

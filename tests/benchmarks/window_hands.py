"""An artist's hands: what is done in the window, by its window system's events, at human speed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtTest import QTest

from imvar_studio.ui.timeline.geometry import KEY_ROW, KEYS_TOP, RULER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtWidgets import QWidget

    from imvar_studio.ui.film_workspace import FilmWorkspace
    from imvar_studio.ui.session import Session
    from imvar_studio.ui.timeline.panel import TimelinePanel
    from imvar_studio.ui.window import MainWindow

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
_HAND = 16  # ms between two places of a moving hand
_ROW = KEYS_TOP + KEY_ROW // 2
Act = tuple[str, "Callable[[], Iterator[int]]"]


class Hands:
    """Mouse and keyboard at one window: events go to the window, which finds the widget.

    Args:
        window: whose.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def at(self, widget: QWidget, x: float, y: float) -> QPoint:
        """Return a place on a widget as the window has it."""
        return widget.mapTo(self._window, QPointF(x, y)).toPoint()

    def click(self, widget: QWidget) -> None:
        """Click a widget in its middle."""
        middle = self.at(widget, widget.width() / 2, widget.height() / 2)
        QTest.mouseClick(self._window.windowHandle(), LEFT, NONE, middle)

    def drag(self, widget: QWidget, start: QPoint, end: QPoint, steps: int) -> Iterator[int]:
        """Press, move and let go; yields the milliseconds until what comes next."""
        handle = self._window.windowHandle()
        QTest.mouseMove(handle, self.at(widget, start.x(), start.y()))
        yield 80
        QTest.mousePress(handle, LEFT, NONE, self.at(widget, start.x(), start.y()))
        for n in range(1, steps + 1):
            yield _HAND
            x = start.x() + (end.x() - start.x()) * n / steps
            y = start.y() + (end.y() - start.y()) * n / steps
            QTest.mouseMove(handle, self.at(widget, x, y))
        yield 60
        QTest.mouseRelease(handle, LEFT, NONE, self.at(widget, end.x(), end.y()))
        yield 120

    def wheel(self, widget: QWidget, x: float, y: float, notches: int) -> Iterator[int]:
        """Turn the wheel; away from the hand is positive."""
        handle, where = self._window.windowHandle(), self.at(widget, x, y)
        for _ in range(abs(notches)):
            QTest.wheelEvent(handle, QPointF(where), QPoint(0, 120 if notches > 0 else -120))
            yield 80

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        """Press a key and let it go."""
        QTest.keyClick(self._window.windowHandle(), key, held)

    def text(self, text: str) -> Iterator[int]:
        """Type, some nine letters a second."""
        for letter in text:
            QTest.keyClick(self._window.windowHandle(), letter)
            yield 110


class Artist:
    """Does one thing after the other, over and over.

    Args:
        window: with a film open.
        workspace: its panels.
        session: the film's.

    Attributes:
        act: what is done now.
    """

    def __init__(self, window: MainWindow, workspace: FilmWorkspace, session: Session) -> None:
        self.act = ""
        self.done: dict[str, int] = {}
        self._session = session
        self._hands = Hands(window)
        self._timeline: TimelinePanel = workspace.timeline
        self._inspector = workspace.inspector
        self._draw = random.Random(1)
        self._stopped = False
        self._timer = QTimer(singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._step)
        self._going = self._work()

    def start(self) -> None:
        """Begin."""
        self._timer.start(0)

    def stop(self) -> None:
        """End after this step."""
        self._stopped = True
        self._timer.stop()

    def _step(self) -> None:
        pause = next(self._going)
        if not self._stopped:
            self._timer.start(pause)

    def _work(self) -> Iterator[int]:
        acts = (self.drag_keyframe, self.scrub, self.play, self.select, self.type, self.zoom)
        while True:
            for act in acts:
                self.act = act.__name__
                yield from act()
                self.done[self.act] = self.done.get(self.act, 0) + 1
                self.act = "rest"
                yield 300

    def drag_keyframe(self) -> Iterator[int]:
        """Drag a keyframe to and fro, then take it back."""
        key = self._draw.choice(self._session.timeline.keyframes[1:-1])
        x = round(self._x(key.time))
        before = self._session.timeline
        yield from self._drag(x, x + self._draw.choice((-40, 40)), _ROW, 60)
        assert self._session.timeline is not before, "the keyframe did not move"
        self._hands.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert self._session.timeline is before, "it was not taken back"
        yield 300

    def scrub(self) -> Iterator[int]:
        """Drag the playhead along the ruler, and back."""
        width = self._timeline.canvas.width()
        yield from self._drag(60, width // 2, RULER // 2, 90)
        yield from self._drag(width // 2, 100, RULER // 2, 90)
        assert self._session.playhead.value > 0

    def play(self) -> Iterator[int]:
        """Play for three seconds."""
        before = self._session.playhead.value
        self._hands.key(Qt.Key.Key_Space)
        yield 3000
        assert self._session.playhead.value != before, "it does not play"
        self._hands.key(Qt.Key.Key_Space)
        yield 100

    def select(self) -> Iterator[int]:
        """Click keyframes, one after the other."""
        for key in self._session.timeline.keyframes[:6]:
            yield from self._drag(round(self._x(key.time)), round(self._x(key.time)), _ROW, 1)
            assert self._session.selection.value.keyframes == {key.id}
            yield 250

    def type(self) -> Iterator[int]:
        """Write another prompt, then take it back."""
        key = self._session.timeline.keyframes[1]
        x = round(self._x(key.time))
        yield from self._drag(x, x, _ROW, 1)
        before = self._session.timeline
        self._inspector.focus_prompt()
        yield 200
        yield from self._hands.text("a red fox in the snow")
        assert self._session.timeline is not before, "nothing was written"
        self._timeline.canvas.setFocus()
        yield 100
        while self._session.timeline is not before and self._session.document.can_undo:
            self._hands.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
            yield 100

    def zoom(self) -> Iterator[int]:
        """Come closer with the wheel, look around, and see it whole again."""
        canvas, scale = self._timeline.canvas, self._timeline.scene.view.value.scale
        yield from self._hands.wheel(canvas, canvas.width() / 3, _ROW, 10)
        assert self._timeline.scene.view.value.scale > scale, "it did not zoom"
        yield from self._hands.wheel(canvas, canvas.width() / 3, _ROW, -10)
        self._timeline.fit()
        yield 100

    def _drag(self, x0: int, x1: int, y: int, steps: int) -> Iterator[int]:
        return self._hands.drag(self._timeline.canvas, QPoint(x0, y), QPoint(x1, y), steps)

    def _x(self, time: float) -> float:
        return self._timeline.scene.view.value.x(time)

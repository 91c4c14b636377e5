"""The whole window for tests: a `Program` in a home of its own, used through events."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QCoreApplication,
    QDeadlineTimer,
    QEvent,
    QMimeData,
    QPoint,
    QPointF,
    Qt,
    QTimer,
    QUrl,
)
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QPushButton, QWidget

from imvar_studio.ui.film_workspace import FilmWorkspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from imvar_studio.jobs.render_events import Listener
    from imvar_studio.jobs.render_thread import Options
    from imvar_studio.jobs.tasks import Task
    from imvar_studio.ui.application import Program
    from imvar_studio.ui.project_desk import ProjectDesk
    from imvar_studio.ui.stage.canvas import Canvas

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
LONG = 120_000  # ms that a worker may take to start, and to render, on a busy machine
SAMPLE = "first-film.imvar"


class QuietThread:
    """Stands in for the render thread where a test is not about rendering.

    It takes every order and never does one: no worker process is started, and nothing is heard.
    """

    def __init__(self, entry: object, queue: object, listener: Listener, options: Options) -> None:
        del entry, queue, listener, options
        self.orders: list[tuple[str, object]] = []
        self._numbers = itertools.count(1)

    def start(self) -> None:
        self.orders.append(("start", None))

    def submit(self, task: Task) -> str:
        self.orders.append(("submit", task))
        return f"now-{next(self._numbers)}"

    def cancel(self, key: str) -> None:
        self.orders.append(("cancel", key))

    def look(self) -> None:
        self.orders.append(("look", None))

    def close(self) -> bool:
        return True


class Files:
    """Answers the file dialogs that would open; a dialog nobody expects gives nothing."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.answers: list[list[str]] = []
        self.asked: list[str] = []
        patch.setattr(QFileDialog, "getSaveFileName", self._one)
        patch.setattr(QFileDialog, "getOpenFileName", self._one)
        patch.setattr(QFileDialog, "getOpenFileNames", self._many)
        patch.setattr(QFileDialog, "getExistingDirectory", lambda *words: self._next(words))

    def answer(self, *paths: Path | str) -> None:
        """Have the next dialog give these paths."""
        self.answers.append([str(path) for path in paths])

    def _next(self, words: tuple[Any, ...]) -> str:
        found = self._take(words)
        return found[0] if found else ""

    def _one(self, *words: Any, **_: Any) -> tuple[str, str]:
        return self._next(words), ""

    def _many(self, *words: Any, **_: Any) -> tuple[list[str], str]:
        return self._take(words), ""

    def _take(self, words: tuple[Any, ...]) -> list[str]:
        self.asked.append(str(words[1]))
        return self.answers.pop(0) if self.answers else []


class Studio:
    """A program with its window, as a person has it before them."""

    def __init__(self, program: Program, home: Path) -> None:
        self.program, self.home = program, home
        self.closed = False

    @property
    def window(self) -> Any:
        return self.program.studio.window

    @property
    def project(self) -> ProjectDesk:
        found = self.program.studio.project
        assert found is not None
        return found

    @property
    def session(self) -> Any:
        return self.project.session

    @property
    def film(self) -> FilmWorkspace:
        (found,) = (
            each
            for each in self.window.findChildren(FilmWorkspace)
            if self.window.workspace is each.workspace
        )
        return found

    @property
    def timeline(self) -> Any:
        return self.film.timeline

    @property
    def canvas(self) -> Canvas:
        return self.film.stage._face.canvas

    def until(self, is_so: Callable[[], object], timeout: int = 10_000) -> None:
        """Let the window live until something is so; AssertionError after `timeout` ms."""
        deadline = QDeadlineTimer(timeout)
        while not is_so():
            assert not deadline.hasExpired(), f"waited {timeout} ms in vain"
            QTest.qWait(10)

    def open(self, path: Path) -> None:
        """Open a project, as a path that was given to the program does."""
        self.program.studio.open(str(path))
        self.until(lambda: self.has(path))

    def has(self, path: Path) -> bool:
        """Whether a project is open, and all of it shown."""
        found = self.program.studio.project
        built = self.window.workspace is not None
        return built and found is not None and found.session.folder.path == path

    def activate(self) -> None:
        """Bring the window to the front, as a click on it does: keys go to the active one."""
        self.window.activateWindow()
        self.until(self.window.isActiveWindow)

    def key(self, key: Any, held: Any = NONE) -> None:
        """Press a key where the focus is."""
        QTest.keyClick(QApplication.focusWidget() or self.window, key, held)

    def press(self, command: str) -> None:
        """Press the first key of a command."""
        if not self.window.isActiveWindow():
            self.activate()
        keys = self.window.actions_[command].shortcuts()
        QTest.keySequence(self.window, keys[0])

    def x(self, seconds: float) -> int:
        """Where a time lies on the timeline."""
        return round(self.timeline.scene.view.value.x(seconds))

    def leave(self) -> None:
        """Close the window as a person does; whatever runs is cancelled first."""
        self.program.desk.cancel_current()
        self.until(lambda: not self.program.desk.status.value.is_busy, LONG)
        self.window.close()
        self.until(lambda: not self.window.isVisible())

    def close(self) -> None:
        """End the program, the window first."""
        if self.closed:
            return
        self.closed = True
        if self.window.isVisible():
            self.leave()
        self.program.close()
        self.window.start_page.release()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def shrink(project: Path, work: dict[str, object] | None = None) -> None:
    """Make the film of a project on disk quick to render, and change what `work` says of it."""
    path = project / "project.json"
    data = json.loads(path.read_text("utf-8"))
    (film,) = data["project"]["works"]
    film["settings"] |= {"fps": "2", "steps": 4, "size": {"width": 64, "height": 64}}
    film |= work or {}
    path.write_text(json.dumps(data), "utf-8")


# what a person's hands do


def move(widget: QWidget, at: QPoint, held: Any = NONE, button: Any = LEFT) -> None:
    """Move the pointer with a button held."""
    where = QPointF(at)
    event = QMouseEvent(
        QEvent.Type.MouseMove, where, widget.mapToGlobal(where), Qt.MouseButton.NoButton,
        button, held,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def drag(widget: QWidget, start: tuple[int, int], end: tuple[int, int], held: Any = NONE) -> None:
    """Press, move in four steps, let go."""
    QTest.mousePress(widget, LEFT, held, QPoint(*start))
    for n in range(1, 5):
        part = [a + (b - a) * n // 4 for a, b in zip(start, end, strict=True)]
        move(widget, QPoint(*part), held)
    QTest.mouseRelease(widget, LEFT, held, QPoint(*end))


def drop(widget: QWidget, data: QMimeData, at: QPoint) -> bool:
    """Drag data onto a place and let it go; returns whether it was taken."""
    copy = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(at, copy, data, LEFT, NONE)
    QApplication.sendEvent(widget, enter)
    if not enter.isAccepted():
        return False
    event = QDropEvent(QPointF(at), copy, data, LEFT, NONE)
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def drop_files(widget: QWidget, paths: list[Path], at: QPoint) -> bool:
    """Drop files on a place of a widget."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return drop(widget, data, at)


def click(button: QWidget) -> None:
    """Click the middle of a widget that is seen."""
    assert button.isVisible(), button
    QTest.mouseClick(button, LEFT, NONE, button.rect().center())


def press_in_dialog(text: str, heard: list[str]) -> None:
    """Have the next modal dialog answered by one of its buttons; its words go to `heard`."""
    timer = QTimer(QApplication.instance())
    timer.setInterval(20)

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, QDialog):
            return
        timer.stop()
        heard.extend(words_of(dialog))
        (button,) = [each for each in dialog.findChildren(QPushButton) if each.text() == text]
        click(button)

    timer.timeout.connect(look)
    timer.start()


def words_of(widget: QWidget) -> list[str]:
    """All that is written on a widget's labels."""
    from PySide6.QtWidgets import QLabel

    return [label.text() for label in widget.findChildren(QLabel)]

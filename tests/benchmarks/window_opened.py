"""The program's window with a project open, and the event loop run until something is so."""

from __future__ import annotations

import gc
import sys
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from imvar_studio.jobs.render_thread import Options
from imvar_studio.store.libraries import prepare_libraries
from imvar_studio.ui.application import Program
from imvar_studio.ui.film_workspace import FilmWorkspace
from imvar_studio.worker.process import main as worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imvar_studio.ui.session import Session

_LOOK = 20  # ms between two looks
_SWITCH = 0.002  # as `application.run` has it


def wait_until(is_so: Callable[[], object], seconds: float = 60.0) -> None:
    """Run the event loop until something is so.

    Raises:
        TimeoutError: if it is not so in time.
    """
    loop, end = QEventLoop(), time.perf_counter() + seconds

    def look() -> None:
        if is_so() or time.perf_counter() > end:
            loop.quit()

    timer = QTimer(interval=_LOOK)
    timer.timeout.connect(look)
    timer.start()
    if not is_so():
        loop.exec()
    timer.stop()
    if not is_so():
        raise TimeoutError


def pause(seconds: float) -> None:
    """Run the event loop for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


class OpenedFilm:
    """The whole program in this process, its worker in another, and a film planned.

    Args:
        path: of the project.
    """

    def __init__(self, path: Path) -> None:
        prepare_libraries()
        sys.setswitchinterval(_SWITCH)
        app = QApplication(["imvar-studio"])
        self.program = Program(app, worker, Options(niceness=10))
        self.desk, self.window = self.program.desk, self.program.studio.window
        self.program.start(str(path))
        gc.freeze()  # as `application.run` does
        wait_until(lambda: self.window.workspace)
        wait_until(lambda: self.desk.planner and self.desk.planner.task)
        workspace = self.window.findChild(FilmWorkspace)
        assert workspace is not None
        self.workspace: FilmWorkspace = workspace
        self.window.activateWindow()
        wait_until(self.window.isActiveWindow)
        pause(1.0)

    @property
    def session(self) -> Session:
        """The film's."""
        project = self.program.studio.project
        assert project is not None
        return project.session

    def close(self) -> None:
        """Close it as a user does who is sure."""
        self.desk.cancel_current()
        wait_until(lambda: not self.desk.status.value.is_busy)
        self.program.studio.quit()
        self.program.close()

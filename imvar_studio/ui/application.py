"""The window's process: Qt's application, what the window needs, and its end."""

from __future__ import annotations

import gc
import logging
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from imvar_studio.jobs.queue import Queue
from imvar_studio.jobs.render_thread import Options, RenderThread
from imvar_studio.model.errors import UserError
from imvar_studio.model.project import FilmWork
from imvar_studio.model.registry import Registry
from imvar_studio.model.settings import Settings
from imvar_studio.store.settings import load_settings
from imvar_studio.ui.background import Background
from imvar_studio.ui.bridge import Poster
from imvar_studio.ui.collecting import Collecting
from imvar_studio.ui.memory import remembered_scheme
from imvar_studio.ui.pictures import Pictures
from imvar_studio.ui.rendering import RenderDesk
from imvar_studio.ui.studio import Studio
from imvar_studio.ui.theme.theme import install_theme
from imvar_studio.ui.workspace import WorkspaceSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from PySide6.QtCore import QMessageLogContext

    from imvar_studio.jobs.worker_link import Entry
    from imvar_studio.ui.context import WindowContext
    from imvar_studio.ui.workspace import Workspace

_log = logging.getLogger(__name__)
_SOON = 200  # ms after the start page came until what a project needs is read
_SWITCH = 0.002  # seconds a thread may keep the interpreter while the window waits for it


class Program:
    """The window with all that it needs, ready to be started.

    Args:
        app: Qt's application.
        entry: of the worker process.
        options: of the render thread.

    Attributes:
        desk: renders.
        studio: has the window.
    """

    def __init__(self, app: QApplication, entry: Entry, options: Options) -> None:
        app.setApplicationName("Imvar Studio")
        app.setDesktopFileName("imvar-studio")
        install_theme(app, remembered_scheme())
        self._collecting = Collecting()
        self._poster = Poster()
        self._background, self._pictures = Background(self._poster.post), Pictures()
        self.desk = RenderDesk(
            self._background,
            lambda: Queue(check=False),
            lambda listener: RenderThread(entry, lambda: Queue(check=False), listener, options),
            self._poster.post,
            QTimer.singleShot,
        )
        self.studio = Studio(
            workspaces(), self.desk, self._pictures, self._background, self._poster
        )

    def start(self, path: str = "") -> None:
        """Show the window, with a project where one is named, and start the worker."""
        self.studio.start(path)
        self.desk.start()
        QTimer.singleShot(_SOON, self.studio.prepare)

    def close(self) -> None:
        """End the worker and all threads; what the queue has waits there."""
        self.desk.close_queue()
        self.desk.close()
        self._pictures.close()
        self._background.close()
        self._collecting.close()


def run(arguments: Sequence[str], entry: Entry) -> int:
    """Show the window until it is closed.

    Args:
        arguments: a project's folder, or nothing.
        entry: of the worker process.

    Returns:
        The process's exit code.
    """
    sys.setswitchinterval(_SWITCH)
    qInstallMessageHandler(_note_message)
    app = QApplication(["imvar-studio"])
    program = Program(app, entry, Options(niceness=_settings().worker_niceness))
    program.start(arguments[0] if arguments else "")
    # modules and classes stay: looking through them for garbage held the window up for 40 ms
    gc.freeze()
    try:
        return app.exec()
    finally:
        program.close()


def workspaces() -> Registry[WorkspaceSpec]:
    """Return the workspaces that come with the program."""
    found: Registry[WorkspaceSpec] = Registry("workspace")
    spec = WorkspaceSpec("film", "Film", FilmWork, _film, _read_film)
    found.add(spec.id, spec, label=spec.title, about="pictures and prompts become a film")
    return found


def _film(context: WindowContext) -> Generator[None, None, Workspace]:
    return _read_film()(context)


def _read_film() -> Callable[[WindowContext], Generator[None, None, Workspace]]:
    # late: the start page needs nothing of it
    from imvar_studio.ui.film_workspace import film_workspace

    return film_workspace


def _settings() -> Settings:
    try:
        return load_settings()
    except UserError as error:
        _log.warning("settings are left out: %s", error)
        return Settings()


def _note_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    """Log what Qt says."""
    del context
    level = logging.DEBUG if kind is QtMsgType.QtDebugMsg else logging.WARNING
    _log.log(level, "Qt: %s", text)

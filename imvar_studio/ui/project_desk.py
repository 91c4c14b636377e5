"""Opening, saving and leaving projects: the lock, autosave, recovery; without Qt."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imvar_studio.model.document import Document
from imvar_studio.model.edits import put_work
from imvar_studio.model.errors import SpecError, StoreError, UserError
from imvar_studio.model.project import FilmWork, Project, UnknownWork
from imvar_studio.model.timeline import Timeline
from imvar_studio.store.lock_file import Lock
from imvar_studio.store.locks import project_lock
from imvar_studio.store.package_reader import unpack
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.recovery import Autosave, AutosaveThread, Recovered, newer
from imvar_studio.ui.films import distinct
from imvar_studio.ui.messages import Message
from imvar_studio.ui.read_only import WRITER, read_only_message
from imvar_studio.ui.sentences import sentence
from imvar_studio.ui.session import Session
from imvar_studio.ui.state import State
from imvar_studio.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imvar_studio.ui.background import Lanes

_LANE = "disk"


@dataclass(frozen=True, slots=True)
class Opened:
    """A project that was opened.

    Args:
        folder: on disk.
        project: as it stands there.
        lock: held, None where the project is read-only.
        read_only: why nothing can be changed, None where it can.
        recovered: changes that a crash left unsaved.
    """

    folder: ProjectFolder
    project: Project
    lock: Lock | None
    read_only: Message | None
    recovered: Recovered | None


def open_project(path: Path) -> Opened:
    """Open a project for writing, or, where another program has it, for reading; slow.

    A package is unpacked beside itself first.

    Raises:
        UserError: if there is none, or it cannot be read.
    """
    if path.suffix.lower() == ".imvarz" and path.is_file():
        path = unpack(path, _free_place(path)).path
    folder = ProjectFolder.open(path)
    wanted = project_lock(folder, WRITER)
    lock, read_only = None, None
    try:
        wanted.acquire()
        lock = wanted
    except StoreError as error:
        read_only = read_only_message(error, wanted.holder())
    try:
        project = _with_film(folder.load(), path)
        recovered = newer(folder) if lock is not None else None
    except BaseException:
        if lock is not None:
            lock.release()
        raise
    return Opened(folder, project, lock, read_only, recovered)


def _free_place(package: Path) -> Path:
    """Return where a package's project can be put: beside it, under its name or the next."""
    names = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
    places = (package.with_name(f"{package.stem}{each}.imvar") for each in names)
    return next(place for place in places if not place.exists())


def _with_film(project: Project, path: Path) -> Project:
    """Return the project with at least one film."""
    if project.films():
        return project
    if any(isinstance(work, UnknownWork) for work in project.works):
        raise SpecError(
            f"{path} holds no film, but works of kinds this version does not know",
            "film",
            "open it with a newer version of Imvar Studio",
        )
    return put_work(project, distinct(project, FilmWork("film-1")))


def create_project(path: Path, name: str = "Film") -> Opened:
    """Make a project of one empty film and open it; slow.

    Raises:
        StoreError: if something is there already, or it cannot be made.
    """
    ProjectFolder.create(path, Project((FilmWork("film-1", name, Timeline(loop=False)),)))
    return open_project(path)


class ProjectDesk:
    """Keeps an open project on disk: saved when asked, by itself every minute and at its end.

    Between saves, changes go to the recovery file within seconds.

    Args:
        opened: the project.
        lanes: where files are written.
        post: calls a function in the window's thread.

    Attributes:
        session: the project's.
        saved_at: when it was saved last, seconds since 1970; None where not in this session.
    """

    def __init__(
        self,
        opened: Opened,
        lanes: Lanes,
        post: Callable[[Callable[[], None]], None],
        interval: float = 5.0,
    ) -> None:
        self.document = Document(opened.project, saved=opened.project)
        why = opened.read_only.text if opened.read_only is not None else ""
        self.session = Session(opened.folder, self.document, lanes, why)
        self.saved_at: State[float | None] = State(None)
        self._failing = ""  # what keeps changes from the disk
        self._folder, self._lock, self._lanes = opened.folder, opened.lock, lanes
        self._saving = False
        self._autosave: Autosave | None = None
        self._thread: AutosaveThread | None = None
        if opened.lock is not None:
            self._autosave = autosave = Autosave(opened.folder)
            self._thread = AutosaveThread(
                autosave, interval, lambda error: post(lambda: self._not_kept(error))
            )
            self._thread.start()
            self.document.changed.connect(lambda change: autosave.changed(change.after))

    @property
    def is_saved(self) -> bool:
        """Whether all changes are in the project's file."""
        return self.document.is_saved

    def restore(self, recovered: Recovered) -> None:
        """Take in changes that a crash left unsaved, as a step that can be undone."""
        self.document.apply(say("Restore unsaved changes"), recovered.project)

    def save(self) -> None:
        """Save; what goes wrong is a message, and the changes stay in the recovery file."""
        if self._autosave is None or self._saving or self.is_saved:
            return
        project, autosave = self.document.project, self._autosave
        self._saving = True

        def write() -> None:
            self._folder.save(project)
            autosave.saved(project)

        def saved(_: None) -> None:
            self._saving = False
            self.document.saved(project)
            self.saved_at.set(time.time())
            self._failing = ""

        self._lanes.run(_LANE, write, saved, self._not_saved)

    def leave(self, done: Callable[[], None], failed: Callable[[Exception], None]) -> None:
        """Save what is not saved, and give the project back.

        Args:
            done: called when it is.
            failed: called where it cannot be saved: all stays as it is, and goes on.
        """
        if self._thread is None or self._autosave is None or self._lock is None:
            self.session.close()
            done()
            return
        thread, autosave, lock = self._thread, self._autosave, self._lock
        project, unsaved = self.document.project, not self.is_saved
        self.session.close()

        def write() -> None:
            if unsaved:
                self._folder.save(project)
                autosave.saved(project)
            thread.stop()
            lock.release()

        def not_left(error: Exception) -> None:
            self.session.reopen()
            failed(error)

        self._lanes.run(_LANE, write, lambda _: done(), not_left)

    def abandon(self, done: Callable[[], None]) -> None:
        """Give the project back without saving; the changes stay in the recovery file."""
        thread, lock = self._thread, self._lock
        self.session.close()

        def write() -> None:
            if thread is not None and lock is not None:
                thread.stop()
                lock.release()

        self._lanes.run(_LANE, write, lambda _: done())

    def _not_saved(self, error: Exception) -> None:
        self._saving = False
        self._tell_failing(error, "not saved")

    def _not_kept(self, error: StoreError) -> None:
        self._tell_failing(error, "not kept")

    def _tell_failing(self, error: Exception, what: str) -> None:
        text = error.message if isinstance(error, UserError) else repr(error)
        remedy = error.remedy if isinstance(error, UserError) else ""
        if self._failing != what:
            self._failing = what
            message = sentence(f"your changes are {what}: {text}")
            self.session.tell(Message(message, "error", sentence(remedy)))

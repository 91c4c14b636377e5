"""Changes that were not saved yet: kept beside a project while it is open, found after a crash.

`recovery.json` is a project.json with two fields more: `base`, the BLAKE2b-256 of the
project.json its changes began from, and `time`, when it was written. It is there only while
there are changes that were not saved. Whoever writes it holds the project's lock.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, count
from typing import TYPE_CHECKING

from imvar_studio.model.errors import FormatError, StoreError, UserError
from imvar_studio.model.project import Project
from imvar_studio.store.atomic import store_error, write_atomic
from imvar_studio.store.hashing import blake2b_of_file
from imvar_studio.store.project_folder import DAMAGED_RECOVERY, project_bytes, project_of
from imvar_studio.store.strict_json import read_json
from imvar_studio.store.versions import keep_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.store.project_folder import ProjectFolder

INTERVAL = 5.0  # seconds from a change to its file; a crash costs at most twice as much
_DIGEST = re.compile(r"[0-9a-f]{64}")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recovered:
    """Changes that were not saved.

    Args:
        project: the project with them.
        time: when they were written, UTC.
        continues: whether they began from the project.json that is there now; else it was
            changed meanwhile, by another program or an earlier run of this one.
    """

    project: Project
    time: datetime
    continues: bool


class Autosave:
    """Brings an open project's changes to its recovery file. Any thread may call it.

    Args:
        folder: the project's; its lock is held.
        delay: seconds from a change until `due`.
        clock: seconds that never go back.
        now: the time of day, UTC.
    """

    def __init__(
        self,
        folder: ProjectFolder,
        *,
        delay: float = INTERVAL,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._folder = folder
        self._delay = delay
        self._clock = clock
        self._now = now
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._newest: Project | None = None
        self._saved: Project | None = None
        self._since: float | None = None  # of the oldest change that is in no file
        self._own = False  # whether the recovery file is this object's
        self._base = _digest(folder)

    def changed(self, project: Project) -> None:
        """Note the newest value; cheap, nothing is written."""
        with self._lock:
            self._newest = project
            if self._since is None:
                self._since = self._clock()

    def due(self, now: float | None = None) -> bool:
        """Whether a change has waited for `delay` seconds; `now` is the clock's."""
        with self._lock:
            now = self._clock() if now is None else now
            return self._since is not None and now - self._since >= self._delay

    def write(self) -> bool:
        """Bring the newest value to the recovery file, if it is not there; tells whether it was.

        Raises:
            StoreError: if it cannot be written; the change stays noted.
        """
        with self._writing:
            with self._lock:  # not held while the disk is busy: `changed` never waits for it
                project, since, self._since = self._newest, self._since, None
            if project is None or since is None:
                return False
            try:
                self._bring(project)
            except BaseException:
                with self._lock:
                    self._since = since
                raise
            return True

    def saved(self, project: Project) -> None:
        """Note that `project` was saved in project.json; the recovery file goes.

        A change that was noted after the save began stays noted, and is written when it is due.

        Raises:
            StoreError: if the file cannot be removed.
        """
        with self._writing, self._lock:
            self._saved, self._base = project, _digest(self._folder)
            if self._newest is not None and self._newest != project:
                self._since = self._clock() if self._since is None else self._since
                return
            self._since = None
            if self._own:
                _remove(self._folder)

    def close(self) -> None:
        """Bring to the file what is not there yet. Raises StoreError as `write` does."""
        self.write()

    def _bring(self, project: Project) -> None:
        if not self._own:
            _set_aside(self._folder)
            self._own = True
        if project == self._saved:  # all was undone
            _remove(self._folder)
            return
        path, stamp = self._folder.recovery, self._now().isoformat(timespec="milliseconds")
        write_atomic(path, project_bytes(project, path, base=self._base, time=stamp))


class AutosaveThread:
    """A thread that writes what an `Autosave` has noted, every few seconds.

    Args:
        autosave: what to write.
        interval: seconds between looks.
        failed: told, in this thread, when writing begins to fail; once until it works again.
    """

    def __init__(
        self,
        autosave: Autosave,
        interval: float = INTERVAL,
        failed: Callable[[StoreError], None] | None = None,
    ) -> None:
        self._autosave = autosave
        self._interval = interval
        self._failed = failed
        self._failing = False
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="autosave", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, and write what is noted; waits for a write that is going on."""
        self._end.set()
        if self._thread.is_alive():
            self._thread.join()
        self.look()

    def look(self) -> None:
        """Write now what is noted; a failure is logged and told, not raised."""
        try:
            self._autosave.write()
        except StoreError as error:
            if not self._failing:
                _log.warning("changes are not autosaved: %s", error)
                if self._failed is not None:
                    self._failed(error)
            self._failing = True
        else:
            self._failing = False

    def _run(self) -> None:
        while not self._end.wait(self._interval):
            self.look()


def newer(folder: ProjectFolder) -> Recovered | None:
    """Return the changes of a project that were not saved, or None where there are none.

    A damaged recovery file is left where it is and logged; it never stops opening a project.
    """
    try:
        found = _read(folder)
    except UserError as error:
        _log.warning("%s cannot be read: %s", folder.recovery, error)
        return None
    if found is None:
        return None
    try:
        same = folder.load() == found.project
    except UserError:  # the project's own file is damaged: all the better that there is another
        same = False
    return None if same else found


def accept(folder: ProjectFolder) -> Project:
    """Make the changes that were not saved the project; what it was becomes a version.

    Raises:
        StoreError: if there are none, or the project cannot be written.
    """
    found = newer(folder)
    if found is None:
        remedy = "see 'imvar versions DIR' for what there is"
        raise StoreError(f"{folder.path} has no unsaved changes to restore", remedy)
    folder.save(found.project)
    _remove(folder)
    return found.project


def discard(folder: ProjectFolder) -> None:
    """Leave the changes that were not saved; they stay among the versions for a while.

    Raises:
        StoreError: if they cannot be put there, or the file not be removed.
    """
    _set_aside(folder)


def _read(folder: ProjectFolder) -> Recovered | None:
    """Return what the recovery file holds, None where there is no file."""
    if not os.path.lexists(folder.recovery):
        return None
    if not folder.recovery.is_file():
        raise FormatError(f"{folder.recovery} is not a file")
    data = read_json(folder.recovery)
    if not isinstance(data, dict):
        raise FormatError(f"{folder.recovery} is not an object")
    base, stamp = data.pop("base", None), data.pop("time", None)
    if base is not None and not (isinstance(base, str) and _DIGEST.fullmatch(base)):
        raise FormatError(f"{folder.recovery} names no project it began from")
    try:
        when = datetime.fromisoformat(stamp if isinstance(stamp, str) else "").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise FormatError(f"{folder.recovery} has no time") from error
    return Recovered(project_of(data), when, base == _digest(folder))


def _set_aside(folder: ProjectFolder) -> None:
    """Take a recovery file that is not ours out of the way, without losing what it holds."""
    if not os.path.lexists(folder.recovery):
        return
    found = newer(folder)
    if found is not None:
        keep_bytes(folder.versions, project_bytes(found.project, folder.file), found.time)
    elif not _is_whole(folder):
        first = folder.path / DAMAGED_RECOVERY
        others = (first.with_name(f"{first.stem}-{number}.json") for number in count(2))
        goal = next(each for each in chain([first], others) if not os.path.lexists(each))
        try:
            os.replace(folder.recovery, goal)  # noqa: PTH105  (as in `atomic`)
        except OSError as error:
            raise store_error(error, "move", folder.recovery) from error
        return
    _remove(folder)


def _is_whole(folder: ProjectFolder) -> bool:
    try:
        return _read(folder) is not None
    except UserError:
        return False


def _remove(folder: ProjectFolder) -> None:
    try:
        folder.recovery.unlink(missing_ok=True)
    except OSError as error:
        raise store_error(error, "remove", folder.recovery) from error


def _digest(folder: ProjectFolder) -> str | None:
    try:
        return blake2b_of_file(folder.file)
    except OSError:
        return None

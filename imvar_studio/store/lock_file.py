"""A lock file: a place that one process at a time holds.

The system's lock on a file decides, and lets go by itself when its process ends, however it
ends. A small JSON file beside it says who holds it; it only serves messages. Both are removed
when the lock is given back, so that a project at rest holds neither.
"""

from __future__ import annotations

import errno
import logging
import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

import psutil

from imvar_studio.model import checks
from imvar_studio.model.codec import decode, encode
from imvar_studio.model.errors import SpecError, StoreError, UserError
from imvar_studio.store.atomic import store_error, write_atomic
from imvar_studio.store.strict_json import json_bytes, read_json

if TYPE_CHECKING:
    from pathlib import Path

    from filelock import BaseFileLock

LOCK, SOFT, NOTE = ".lock", ".pid", ".json"  # endings; the second where a file system has no locks
# a passing probe, or what a dead holder left on a file system without locks, is gone by then
_SETTLE = 0.3
_GATE_WAIT = 60.0
_NO_LOCKS = (errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock, as a message says it.

    Args:
        host: the machine's name.
        pid: of the process.
        what: the program or command, as a person knows it.
        since: when it began, ISO 8601 in UTC; "" where that is not known.
    """

    host: str
    pid: int
    what: str
    since: str

    def __post_init__(self) -> None:
        checks.text(self.host, "host", 255)
        checks.integer(self.pid, "pid", 0, 2**31 - 1)
        checks.text(self.what, "what", 200, empty=False)
        try:
            if self.since and datetime.fromisoformat(self.since).tzinfo is None:
                raise SpecError(f"since must name its time zone, got {self.since}", "since")
        except (TypeError, ValueError) as error:
            raise SpecError("since must be a time in ISO 8601", "since") from error

    @property
    def began(self) -> float:
        """When it began, in seconds since 1970; 0 where that is not known."""
        return datetime.fromisoformat(self.since).timestamp() if self.since else 0.0

    def __str__(self) -> str:
        if not self.since:
            return self.what
        began = datetime.fromisoformat(self.since).astimezone()
        today = began.date() == datetime.now().astimezone().date()
        since = began.strftime("%H:%M" if today else "%Y-%m-%d %H:%M")
        return f"{self.what} (process {self.pid} on {self.host} since {since})"


UNKNOWN = Holder("", 0, "another program", "")


class Lock:
    """A lock file with a note of who holds it: `acquire` and `release`, or a `with` block.

    It belongs to the process that acquired it, in any of its threads. It is not reentrant: a
    second lock of the same file is refused in the same process, too. Keep a reference to it: one
    that is collected gives the lock back.

    Args:
        stem: the files' path without their endings.
        what: the program or command that wants it, as a person knows it.
        busy: what is said when another has it, with `{holder}`, and its remedy.
        goal: what messages call the place, where the system refuses.
        gate: another lock, which must be free once this one is held.
    """

    def __init__(
        self, stem: Path, what: str, busy: tuple[str, str], goal: Path, gate: Lock | None = None
    ) -> None:
        self._stem = stem
        self._what = what
        self._busy = busy
        self._goal = goal
        self._gate = gate
        self._lock: BaseFileLock | None = None

    def acquire(self, wait: float = 0.0) -> None:
        """Take the lock.

        Args:
            wait: seconds to wait for another to give it back.

        Raises:
            StoreError: if another has it, by that one's name; if the system refuses.
        """
        if self._lock is None:
            self._lock = self._taken(max(wait, _SETTLE))
            try:
                self._sign()
                if self._gate is not None:
                    self._gate.acquire(_GATE_WAIT)
                    self._gate.release()
            except BaseException:
                self.release()
                raise

    def release(self) -> None:
        """Give the lock back; one that is not held is left alone."""
        lock, self._lock = self._lock, None
        if lock is None:
            return
        self._remove(NOTE)
        if os.name != "nt":
            # while it is held: whoever waits for this file finds it nameless and opens a new one
            self._remove(LOCK)
        try:
            lock.release()
        except OSError as error:
            _log.warning("the lock %s cannot be given back: %s", self._stem, error)
        if os.name == "nt":  # refused there while anyone has it open, which is as it should be
            self._remove(LOCK)

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._lock is not None

    def holder(self) -> Holder | None:
        """Return who holds the lock now, this process or another; None if nobody does."""
        if self._lock is not None:
            return self._noted() or UNKNOWN
        if not any(self._file(ending).exists() for ending in (LOCK, SOFT)):
            return None
        from filelock import Timeout

        try:
            self._lock = self._lock_file(_SETTLE / 3)
        except Timeout:
            return self._noted() or UNKNOWN
        except OSError:  # a project that can only be read: the note is all there is
            return self._noted()
        self.release()  # and with it what a killed holder left
        return None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *exc: object) -> None:
        self.release()

    def _taken(self, wait: float) -> BaseFileLock:
        from filelock import Timeout  # late: commands that only read do without

        try:
            return self._lock_file(wait)
        except Timeout:
            raise self._refusal(self._noted() or UNKNOWN) from None
        except OSError as error:
            who = self._noted()
            if who is not None:  # another user's lock file may not even be opened
                raise self._refusal(who) from error
            raise store_error(error, "write", self._goal) from error

    def _refusal(self, holder: Holder) -> StoreError:
        message, remedy = self._busy
        return StoreError(message.replace("{holder}", str(holder)), remedy)

    def _lock_file(self, wait: float) -> BaseFileLock:
        """Return the acquired lock; raises Timeout, OSError."""
        import filelock

        native = filelock.FileLock(self._file(LOCK), thread_local=False, fallback_to_soft=False)
        try:
            native.acquire(timeout=wait)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            self._remove(LOCK)
            # a file that is made by one only, with host and process; a dead one's is taken over
            soft = filelock.SoftFileLock(self._file(SOFT), thread_local=False)
            soft.acquire(timeout=wait)
            return soft
        return native

    def _sign(self) -> None:
        since = datetime.now(UTC).isoformat()
        # names and texts from anywhere: what no message could show becomes `?`
        host, what = (
            "".join(char if char.isprintable() else "?" for char in text)[:200]
            for text in (platform.node(), self._what)
        )
        data = json_bytes(encode(Holder(host, os.getpid(), what or UNKNOWN.what, since)))
        try:
            write_atomic(self._file(NOTE), data, durable=False)
        except StoreError as error:  # the lock holds without it
            _log.warning("a lock has no name on it: %s", error)

    def _noted(self) -> Holder | None:
        """Return whom the note names, unless that process is gone."""
        try:
            found = decode(read_json(self._file(NOTE), 4096), Holder)
        except UserError:
            return None
        gone = found.host == platform.node() and not psutil.pid_exists(found.pid)
        return None if gone else found

    def _file(self, ending: str) -> Path:
        return self._stem.with_name(self._stem.name + ending)

    def _remove(self, ending: str) -> None:
        with suppress(OSError):
            self._file(ending).unlink()

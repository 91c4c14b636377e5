"""The queue's rows in SQLite: generic, they know no tasks. For one thread; others make their own.

Every change is one transaction that locks out other writers from its first statement, so that
several programs can share a queue.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass, fields, replace
from typing import TYPE_CHECKING, Self

from imvar_studio.store.atomic import store_error
from imvar_studio.store.hashing import blake2b
from imvar_studio.store.places import user_data_folder
from imvar_studio.store.queue_file import open_database, sentences

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

QUEUE_FILE = "queue.db"


def queue_path() -> Path:
    """Return where the user's queue lies; it may not exist yet."""
    return user_data_folder() / QUEUE_FILE


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A job as the database has it; its task's text lies apart.

    Args:
        id: in [1, 1e9], never given twice.
        created, heartbeat, started, ended: seconds since 1970; None where not yet.
        title, project, message, remedy: for people; what is no Unicode is written with escapes.
        urgency: 0 interactive, 1 foreground, 2 background.
        position: rows are run from the smallest on.
        state: `waiting`, `running`, `paused`, `interrupted`, `finished`, `failed`, `cancelled`.
        request: to whoever runs it: "", `pause`, `cancel` or `yield`.
        host, pid, born: the process that runs it, and when that process started.
        attempts: how often it was started.
        pictures, of: finished, and in all.
        seconds_left: None where not known.
        outputs: JSON list of files.
    """

    id: int
    created: float
    title: str
    project: str
    urgency: int
    position: int
    state: str = "waiting"
    request: str = ""
    host: str = ""
    pid: int = 0
    born: float = 0.0
    heartbeat: float = 0.0
    attempts: int = 0
    pictures: int = 0
    of: int = 0
    seconds_left: float | None = None
    message: str = ""
    remedy: str = ""
    outputs: str = "[]"
    started: float | None = None
    ended: float | None = None


class QueueDB:
    """A connection to the queue's database, for the thread that made it.

    Args:
        path: the file; it is made if missing.
        check: look through the whole file first; once a process is enough.

    Attributes:
        file: device and number of the file, another after a rescue.

    Raises:
        QueueDamagedError: the file is damaged; it is left as it is.
        FormatError: it was made by a newer version.
        StoreError: it cannot be opened or made.
    """

    def __init__(self, path: Path, *, check: bool = True) -> None:
        self.path = path
        self._db = open_database(path, check=check)
        self.file = self._file_now()

    def __enter__(self) -> Self:
        """Return the connection."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the connection; nothing is pending."""
        with sentences(self.path):
            self._db.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """Make what is read and written inside one change: all of it is on the disk at the end.

        Raises:
            StoreError: for a full, read-only or broken disk, a database that stays locked or is
                damaged; then nothing was changed.
        """
        with sentences(self.path):
            self._follow()
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # SQLite may have done so by itself
                    self._db.execute("ROLLBACK")
                raise

    def rows(self) -> list[QueueRow]:
        """Return all rows, by urgency, position and id."""
        return self._rows("SELECT * FROM jobs ORDER BY urgency, position, id")

    def row(self, number: int) -> QueueRow | None:
        """Return the row of an id; None where there is none."""
        found = self._rows("SELECT * FROM jobs WHERE id = ?", number) if 0 < number < 1e9 else []
        return found[0] if found else None

    def first_waiting(self) -> QueueRow | None:
        """Return the waiting row that is to be run first."""
        found = self._rows(
            "SELECT * FROM jobs WHERE state = 'waiting' ORDER BY urgency, position, id LIMIT 1"
        )
        return found[0] if found else None

    def task_text(self, number: int) -> str | None:
        """Return a row's task as it was added; None where it is missing or damaged."""
        with sentences(self.path):
            self._follow()
            query = "SELECT text, digest FROM tasks WHERE id = ?"
            found = self._db.execute(query, (number,)).fetchone()
        return found[0] if found and text_digest(found[0]) == found[1] else None

    def insert(self, row: QueueRow, task: str) -> int:
        """Add a row and its task's text; inside `change`. Returns the id, `row`'s is not used."""
        query = """SELECT 1 + max(ifnull((SELECT max(last) FROM settings), 0),
            ifnull((SELECT max(id) FROM jobs), 0), ifnull((SELECT max(id) FROM tasks), 0))"""
        (number,) = self._db.execute(query).fetchone()
        self.keep(replace(row, id=int(number)), task)
        return int(number)

    def keep(self, row: QueueRow, task: str) -> None:
        """Add a row under its own id, which is free; inside `change`."""
        marks = ", ".join("?" * len(fields(row)))
        self._db.execute(f"INSERT INTO jobs VALUES ({marks})", _values(row))  # noqa: S608
        self._db.execute("INSERT INTO tasks VALUES (?, ?, ?)", (row.id, text_digest(task), task))
        self._db.execute("UPDATE settings SET last = max(last, ?)", (row.id,))

    def save(self, row: QueueRow) -> None:
        """Write a row in place of the one with its id; inside `change`."""
        marks = ", ".join("?" * len(fields(row)))
        self._db.execute(f"REPLACE INTO jobs VALUES ({marks})", _values(row))  # noqa: S608

    def delete(self, number: int) -> None:
        """Remove a row and its task; inside `change`."""
        self._db.execute("DELETE FROM jobs WHERE id = ?", (number,))
        self._db.execute("DELETE FROM tasks WHERE id = ?", (number,))

    def all_paused(self) -> bool:
        """Tell whether nothing is to be started."""
        with sentences(self.path):
            self._follow()
            found = self._db.execute("SELECT paused FROM settings").fetchone()
        return bool(found and found[0])

    def pause_all(self, paused: bool) -> None:
        """Say whether nothing is to be started; inside `change`."""
        self._db.execute("UPDATE settings SET paused = ?", (int(paused),))

    def revision(self) -> tuple[object, ...]:
        """Return what is another after each change of this or any other program; cheap."""
        with sentences(self.path):
            self._follow()
            (version,) = self._db.execute("PRAGMA data_version").fetchone()
        return self.file, version, self._db.total_changes

    def _rows(self, query: str, *values: object) -> list[QueueRow]:
        with sentences(self.path):
            self._follow()
            return [QueueRow(*found) for found in self._db.execute(query, values)]

    def _follow(self) -> None:
        """Open the file anew where another lies in its place: after a rescue, or none at all."""
        if self._db.in_transaction or self._file_now() == self.file:
            return
        # first: where that fails the old one is still there, and the next call tries again
        before, self._db = self._db, open_database(self.path)
        with suppress(sqlite3.Error):
            before.close()
        self.file = self._file_now()

    def _file_now(self) -> tuple[int, int]:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return 0, 0
        except OSError as error:
            raise store_error(error, "read", self.path) from error
        return found.st_dev, found.st_ino


def text_digest(text: str) -> str:
    """Return the BLAKE2b-256 of a task's text, by which it is known to be whole."""
    return blake2b(text.encode("utf-8", "surrogatepass")).hexdigest()


def _values(row: QueueRow) -> tuple[object, ...]:
    return tuple(
        each.encode("utf-8", "backslashreplace").decode() if isinstance(each, str) else each
        for each in astuple(row)
    )

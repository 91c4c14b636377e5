"""The queue's database file: its form, how it is opened, what it says when it cannot be.

SQLite with synchronous=FULL, in WAL mode where the disk is this machine's own: a change is on the
disk when the call returns, and a crash or a pulled plug leaves all of a change or nothing of it.
"""

from __future__ import annotations

import errno
import sqlite3
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from imvar_studio.model.errors import FormatError, StoreError
from imvar_studio.store.atomic import make_folder, store_error
from imvar_studio.store.lock_file import LOCK, SOFT, Lock
from imvar_studio.store.sqlite_place import database_uri, journal_mode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

VERSION = 1
_APPLICATION = 0x494D5651  # "IMVQ" in the file's header
_MOST_VERSIONS = 1000  # a larger number is damage, not the future
_BUSY_SECONDS = 10.0
_RESCUE_SECONDS = 60.0
PAGE_BYTES = 4096  # of new databases

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT)
_BUSY = ("the queue {} is kept busy by another program", "try again, or close the other program")
_READ_ONLY = (
    "cannot write {}, it or its folder is read-only",
    "change the permissions, or set IMVAR_HOME to another folder",
)
_SENTENCES = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_PROTOCOL: _BUSY,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: (
        "cannot open {}, there is no permission or something else has its name",
        "check the file, its folder and their permissions",
    ),
    sqlite3.SQLITE_IOERR: (
        "cannot use {}, the disk is full or reports an error",
        "free some space, check the disk and try again",
    ),
}

# Tasks lie apart, so that a heartbeat does not write them again. There are no indices: the
# quick check would not compare them with their table.
SCHEMA = (
    """CREATE TABLE tasks (
    id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 1000000000),
    digest TEXT NOT NULL CHECK (typeof(digest) = 'text'),
    text TEXT NOT NULL CHECK (typeof(text) = 'text'))""",
    """CREATE TABLE jobs (
    id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 1000000000),
    created REAL NOT NULL CHECK (typeof(created) = 'real' AND created BETWEEN 0 AND 1e11),
    title TEXT NOT NULL CHECK (typeof(title) = 'text'),
    project TEXT NOT NULL CHECK (typeof(project) = 'text'),
    urgency INTEGER NOT NULL CHECK (typeof(urgency) = 'integer' AND urgency BETWEEN 0 AND 2),
    position INTEGER NOT NULL CHECK (
        typeof(position) = 'integer' AND position BETWEEN -1000000000000 AND 1000000000000),
    state TEXT NOT NULL CHECK (state IN (
        'waiting', 'running', 'paused', 'interrupted', 'finished', 'failed', 'cancelled')),
    request TEXT NOT NULL CHECK (request IN ('', 'pause', 'cancel', 'yield')),
    host TEXT NOT NULL CHECK (typeof(host) = 'text'),
    pid INTEGER NOT NULL CHECK (typeof(pid) = 'integer' AND pid BETWEEN 0 AND 4294967295),
    born REAL NOT NULL CHECK (typeof(born) = 'real' AND born BETWEEN 0 AND 1e11),
    heartbeat REAL NOT NULL CHECK (typeof(heartbeat) = 'real' AND heartbeat BETWEEN 0 AND 1e11),
    attempts INTEGER NOT NULL CHECK (
        typeof(attempts) = 'integer' AND attempts BETWEEN 0 AND 1000000000),
    pictures INTEGER NOT NULL CHECK (
        typeof(pictures) = 'integer' AND pictures BETWEEN 0 AND 1000000000),
    of INTEGER NOT NULL CHECK (typeof(of) = 'integer' AND of BETWEEN 0 AND 1000000000),
    seconds_left REAL CHECK (
        seconds_left IS NULL OR typeof(seconds_left) = 'real' AND seconds_left BETWEEN 0 AND 1e11),
    message TEXT NOT NULL CHECK (typeof(message) = 'text'),
    remedy TEXT NOT NULL CHECK (typeof(remedy) = 'text'),
    outputs TEXT NOT NULL CHECK (typeof(outputs) = 'text'),
    started REAL CHECK (
        started IS NULL OR typeof(started) = 'real' AND started BETWEEN 0 AND 1e11),
    ended REAL CHECK (ended IS NULL OR typeof(ended) = 'real' AND ended BETWEEN 0 AND 1e11))""",
    """CREATE TABLE settings (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
    last INTEGER NOT NULL CHECK (typeof(last) = 'integer' AND last BETWEEN 0 AND 1000000000))""",
)
# STEPS[n] are the statements that take a database of version n to version n + 1
STEPS: Mapping[int, Sequence[str]] = {}


class QueueDamagedError(StoreError):
    """The queue's database is damaged; `imvar queue rescue` saves what can be read."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"the queue {path} is damaged, nothing in it was changed",
            "save what can be read of it with 'imvar queue rescue'",
        )


def rescue_lock(path: Path, what: str = "imvar queue rescue") -> Lock:
    """Return the lock of whoever puts another file in the queue's place; nobody opens it then."""
    busy = (f"the queue {path} is being rescued by {{holder}}", "try again when it is done")
    return Lock(path.with_name(f".{path.name}"), what, busy, path)


def open_database(path: Path, *, check: bool = True, rescuing: bool = False) -> sqlite3.Connection:
    """Return a connection for this thread, in autocommit; the database is made if missing.

    Args:
        path: the file; its folder is made.
        check: look through the whole file first (some ms a MB), and leave a damaged one as it is.
        rescuing: the caller holds the `rescue_lock`, for which others wait here.

    Raises:
        QueueDamagedError: it is no database, not whole, or not of our form.
        FormatError: it was made by a newer version.
        StoreError: it cannot be opened or made.
    """
    make_folder(path.parent)
    if not rescuing:
        _wait_for_rescue(path)
    with sentences(path):
        if check and _has_content(path):
            _check(path)
        db = connect(path)
        try:
            _set_up(db, journal_mode(path.parent))
            if _number(db, "PRAGMA user_version") != VERSION:
                _bring_up_to_date(db, path)
        except BaseException:
            db.close()
            raise
    return db


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Return a plain connection, unchecked; raises sqlite3.Error."""
    mode = "ro" if read_only else "rwc"
    db = sqlite3.connect(
        database_uri(path.absolute(), mode),
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
    )
    db.text_factory = _text  # damaged text shows as such, it does not end a list
    return db


@contextmanager
def sentences(path: Path) -> Iterator[None]:
    """Turn what SQLite refuses inside into a `StoreError` about the file at `path`."""
    try:
        yield
    except sqlite3.Error as error:
        ours = _sentence(getattr(error, "sqlite_errorcode", 0), path)
        if ours is None:
            raise  # a fault of the program
        raise ours from error


def _sentence(code: int, path: Path) -> StoreError | None:
    """Return the sentence for an error code of SQLite; None for what no user can put right."""
    kind = code & 0xFF  # the rest says more precisely where it happened
    if kind in _DAMAGED:
        return QueueDamagedError(path)
    if kind == sqlite3.SQLITE_FULL:
        return store_error(OSError(errno.ENOSPC, ""), "write", path)
    known = _SENTENCES.get(kind)
    return StoreError(known[0].format(path), known[1]) if known else None


def _wait_for_rescue(path: Path) -> None:
    """Wait until nobody puts another file in the queue's place."""
    lock = rescue_lock(path, "a look at the queue")
    if any(path.with_name(f".{path.name}{end}").exists() for end in (LOCK, SOFT)):
        lock.acquire(_RESCUE_SECONDS)
        lock.release()


def _has_content(path: Path) -> bool:
    """Tell whether there is a database to be checked."""
    try:
        size = path.stat().st_size if path.exists() else 0
        wal = path.with_name(path.name + "-wal")
        if not size and wal.exists() and wal.stat().st_size:
            raise QueueDamagedError(path)  # SQLite would delete the WAL, with all that is in it
    except OSError as error:
        raise store_error(error, "read", path) from error
    return size > 0


def _check(path: Path) -> None:
    """Refuse what is damaged or newer, without writing.

    A connection that can write compares the rows with our conditions (a read-only one does
    not), but the last one to close writes the WAL back; so a read-only one is closed after it.
    All is read in one transaction: another program may be making the tables.
    """
    with closing(connect(path, read_only=True)) as last, closing(connect(path)) as db:
        if path.with_name(path.name + "-journal").exists():
            _number(db, "PRAGMA user_version")  # a crash left it: undone by who can write
        last.execute("SELECT count(*) FROM sqlite_master").fetchall()  # takes its lock
        db.execute("BEGIN")
        found = [sql for (sql,) in db.execute("SELECT sql FROM sqlite_master ORDER BY rowid")]
        version = _number(db, "PRAGMA user_version")
        if not found and not version:
            return  # a crash came before the tables
        _refuse_newer(version, path)
        ours = _number(db, "PRAGMA application_id") == _APPLICATION
        # only version 1 has been: an older one will have a schema of its own here
        if not ours or version != VERSION or tuple(found) != SCHEMA:
            raise QueueDamagedError(path)
        if db.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
            raise QueueDamagedError(path)


def _refuse_newer(version: int, path: Path) -> None:
    if VERSION < version < _MOST_VERSIONS:
        raise FormatError(
            f"the queue {path} was made by a newer version of Imvar Studio (format {version}, "
            f"this one knows {VERSION})",
            "update Imvar Studio",
        )


def _set_up(db: sqlite3.Connection, journal: str) -> None:
    db.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    until = time.monotonic() + _BUSY_SECONDS
    while True:  # SQLite does not wait by itself while another program changes the mode
        try:
            db.execute(f"PRAGMA journal_mode = {journal}").fetchall()
            break
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if not busy or time.monotonic() > until:
                raise
            time.sleep(0.01)
    for setting in (
        "synchronous = FULL",
        "secure_delete = ON",  # removed prompts are gone, and no rescue brings them back
        "trusted_schema = OFF",
        "cell_size_check = ON",
    ):
        db.execute(f"PRAGMA {setting}")


def _bring_up_to_date(db: sqlite3.Connection, path: Path) -> None:
    """Make the tables of a new database, or those of an older one into ours, in one change."""
    db.execute("BEGIN IMMEDIATE")  # from here on no other program does the same
    try:
        version = _number(db, "PRAGMA user_version")
        _refuse_newer(version, path)
        if version == 0:
            for statement in SCHEMA:
                db.execute(statement)
            db.execute("INSERT INTO settings VALUES (1, 0, 0)")
            db.execute(f"PRAGMA application_id = {_APPLICATION}")
        for each in range(version or VERSION, VERSION):
            for statement in STEPS[each]:
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {VERSION}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _number(db: sqlite3.Connection, pragma: str) -> int:
    (found,) = db.execute(pragma).fetchone()
    return int(found)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")

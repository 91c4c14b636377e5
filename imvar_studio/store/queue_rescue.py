"""Saving what can be read of a damaged queue. The damaged files are kept, byte for byte.

Meanwhile nobody opens the queue, and nobody who has it open writes to it, as far as SQLite can
still lock it. POSIX forgets all locks that a process has on a file when it closes that file
anywhere: so what is copied stays open until the end.
"""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
import tempfile
import time
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imvar_studio.store.atomic import make_folder, store_error, sync_folder
from imvar_studio.store.queue_db import QueueDB, QueueRow, text_digest
from imvar_studio.store.queue_file import (
    PAGE_BYTES,
    QueueDamagedError,
    connect,
    open_database,
    rescue_lock,
    sentences,
)
from imvar_studio.store.sqlite_pages import leaf_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILES = ("", "-wal", "-journal", "-shm")  # of one database
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_TASK_COLUMNS = 2  # beside the id
_LARGEST_ID = 1_000_000_000
_MENDED = "what stood beside its task was lost with the damaged queue"


@dataclass(frozen=True, slots=True)
class Rescued:
    """What became of a damaged queue.

    Args:
        kept: jobs that were whole.
        mended: jobs of which the task was whole and the rest was not; they are interrupted.
        lost: jobs of which something was found, but no whole task.
        moved: where the damaged files lie now; none where the queue was whole.
    """

    kept: int
    mended: int = 0
    lost: int = 0
    moved: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """What could be read: whole tasks' texts, rows, and the ids of all that was seen."""

    tasks: dict[int, str]
    rows: dict[int, QueueRow]
    seen: frozenset[int]


def rescue(path: Path) -> Rescued:
    """Make a new queue of what is whole in the damaged one; a whole queue is left as it is.

    Raises:
        FormatError: the queue was made by a newer version.
        StoreError: something cannot be read or written, another rescues the queue or keeps it
            busy; the damaged queue is still in its place.
    """
    make_folder(path.parent)
    with rescue_lock(path), sentences(path):
        try:
            with closing(open_database(path, rescuing=True)) as db:
                (count,) = db.execute("SELECT count(*) FROM jobs").fetchone()
                return Rescued(int(count))
        except QueueDamagedError:
            pass
        try:
            return _rescue(path)
        except OSError as error:
            raise store_error(error, "rescue", path) from error


def _rescue(path: Path) -> Rescued:
    with (
        tempfile.TemporaryDirectory(prefix=".queue-rescue-", dir=path.parent) as name,
        ExitStack() as still,
    ):
        folder, fresh = Path(name), Path(name) / "fresh.db"
        _hold_still(path, still)
        _copy(path, folder / "damaged.db", still)
        found = _read(folder)
        kept, mended = _write(found, fresh)
        if os.name == "nt":  # what is open has to keep its name there, whoever has it open
            still.close()
        moved = _put_in_place(fresh, path)
    return Rescued(kept, mended, len(found.seen) - kept - mended, moved)


def _hold_still(path: Path, still: ExitStack) -> None:
    """Keep other programs from writing until the end, where the file can still be locked.

    Raises:
        sqlite3.Error: another program keeps it busy.
    """
    if not path.exists() or not path.stat().st_size:
        return  # SQLite would delete the WAL
    # closed last: one that could write would write the WAL back
    last = still.enter_context(closing(connect(path, read_only=True)))
    db = still.enter_context(closing(connect(path)))
    try:
        last.execute("PRAGMA user_version").fetchall()  # takes its lock
        db.execute("BEGIN IMMEDIATE")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in _BUSY:
            raise
        # so damaged that others cannot write either


def _copy(path: Path, copy: Path, still: ExitStack) -> None:
    for each in _FILES[:3]:
        with suppress(FileNotFoundError):
            source = still.enter_context(Path(f"{path}{each}").open("rb"))  # noqa: SIM115
            with Path(f"{copy}{each}").open("wb") as target:
                shutil.copyfileobj(source, target)


def _read(folder: Path) -> _Found:
    """Read copies: SQLite may write to what it opens. The better of two ways counts."""
    best = _Found({}, {}, frozenset())
    for number, way in enumerate((_as_it_is, _with_another_first_page)):
        copy = folder / f"copy-{number}.db"
        for each in _FILES[:3]:
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{folder / 'damaged.db'}{each}", f"{copy}{each}")
        way(copy, folder)
        found = _read_copy(copy)
        if len(found.tasks) > len(best.tasks) or not best.seen:
            best = found
    return best


def _as_it_is(copy: Path, folder: Path) -> None:
    """Leave the copy alone."""


def _with_another_first_page(copy: Path, folder: Path) -> None:
    """Put a new database's first page over the copy's: the tables begin on the same pages."""
    model = folder / "model.db"
    QueueDB(model).close()
    data = bytearray(copy.read_bytes() if copy.exists() else b"")
    first = bytearray(model.read_bytes()[:PAGE_BYTES])
    pages = max(len(data) // PAGE_BYTES, 1)
    first[28:32] = pages.to_bytes(4, "big")  # the size in pages, see sqlite.org/fileformat2.html
    data[:PAGE_BYTES] = first
    copy.write_bytes(data)


def _read_copy(copy: Path) -> _Found:
    """Read what SQLite reads, and the rest out of the pages."""
    texts: dict[int, tuple[Any, ...]] = {}
    rows: dict[int, tuple[Any, ...]] = {}
    with suppress(sqlite3.Error), closing(connect(copy)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        texts |= _until_damage(db, "SELECT id, digest, text FROM tasks ORDER BY id")
        rows |= _until_damage(db, "SELECT * FROM jobs ORDER BY id")
    for number, (_, *values) in _carved(copy):
        if len(values) == _TASK_COLUMNS and not _is_whole(texts.get(number, ())):
            texts[number] = tuple(values)
        elif len(values) == len(fields(QueueRow)) - 1:
            rows.setdefault(number, tuple(values))
    return _Found(
        {number: values[1] for number, values in texts.items() if _is_whole(values)},
        {number: QueueRow(number, *values) for number, values in rows.items()},
        frozenset(texts) | frozenset(rows),
    )


def _carved(copy: Path) -> Iterator[tuple[int, tuple[Any, ...]]]:
    data = copy.read_bytes() if copy.exists() else b""
    for number, values in leaf_rows(data, PAGE_BYTES):
        if values and 0 < number <= _LARGEST_ID:
            yield number, values


def _is_whole(values: tuple[Any, ...]) -> bool:
    """Tell whether these are a task's digest and the text it is of."""
    return (
        len(values) == _TASK_COLUMNS
        and isinstance(values[1], str)
        and text_digest(values[1]) == values[0]
    )


def _until_damage(db: sqlite3.Connection, query: str) -> dict[int, tuple[Any, ...]]:
    found: dict[int, tuple[Any, ...]] = {}
    with suppress(sqlite3.Error):
        for number, *values in db.execute(query):
            if 0 < number <= _LARGEST_ID:
                found[number] = tuple(values)
    return found


def _write(found: _Found, fresh: Path) -> tuple[int, int]:
    """Write a new database; returns how many rows were kept and how many mended."""
    kept = mended = 0
    with QueueDB(fresh) as queue, queue.change():
        for number, text in sorted(found.tasks.items()):
            row = found.rows.get(number)
            if row is not None and _try(queue, row, text):
                kept += 1
            else:
                queue.keep(_mended(number), text)
                mended += 1
    return kept, mended


def _try(queue: QueueDB, row: QueueRow, text: str) -> bool:
    """Add a row, if the database's own checks let it in."""
    try:
        queue.keep(row, text)
    except (sqlite3.IntegrityError, OverflowError):
        return False
    return True


def _mended(number: int) -> QueueRow:
    return QueueRow(
        number, time.time(), f"job {number}", "", 2, number, "interrupted", message=_MENDED
    )


def _put_in_place(fresh: Path, path: Path) -> tuple[Path, ...]:
    """Give the damaged files other names, and the new one theirs; or leave all as it was.

    A WAL of the old file would be read into the new one, so it goes first; and comes back if the
    new one cannot be put there.
    """
    with fresh.open("r+b") as file:
        os.fsync(file.fileno())
    aside = _free_name(path)
    pairs = [(Path(f"{path}{each}"), Path(f"{aside}{each}")) for each in _FILES]
    pairs = [(here, there) for here, there in pairs if here.exists()]
    with ExitStack() as undo:
        for here, there in pairs:
            if here == path:
                undo.callback(there.unlink, missing_ok=True)
                _second_name(here, there)
            else:
                here.rename(there)
                undo.callback(there.rename, here)
        sync_folder(path.parent)
        os.replace(fresh, path)  # noqa: PTH105  (tests make this one fail)
        undo.pop_all()
    sync_folder(path.parent)
    return tuple(there for _, there in pairs)


def _second_name(path: Path, other: Path) -> None:
    try:
        os.link(path, other)
    except OSError:  # not every file system has links
        shutil.copy2(path, other)


def _free_name(path: Path) -> Path:
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    ends = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
    names = (path.with_name(f"{path.stem}-damaged-{stamp}{end}.db") for end in ends)
    return next(name for name in names if not name.exists())

"""The queue on disks of any kind, and beside programs that make or rescue it just now."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import SimpleNamespace
from typing import Any, NoReturn

import psutil
import pytest

from imvar_studio.model.errors import StoreError
from imvar_studio.store import queue_file, queue_rescue
from imvar_studio.store.queue_db import QueueDB, QueueRow
from imvar_studio.store.queue_rescue import rescue
from imvar_studio.store.sqlite_place import database_uri, file_system, journal_mode

ROW = QueueRow(0, 1.5, "owls", "/p/owls.imvar", 2, 7)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "queue.db"


@pytest.fixture
def mounted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Say of which kind the file system of the test's folder is."""

    def say(kind: str) -> None:
        mounts = [SimpleNamespace(mountpoint=str(tmp_path.resolve()), fstype=kind)]
        monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)  # noqa: A006

    return say


@pytest.fixture
def damaged(path: Path) -> Path:
    """A queue with a job, damaged so that programs that have it open can still write."""
    add(path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA application_id = 0")
    return path


def add(path: Path) -> int:
    with QueueDB(path) as db, db.change():
        return db.insert(ROW, "{}")


def contents(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}


# ---- where it lies


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (PurePosixPath("/home/a b/q#?.db"), "file:///home/a%20b/q%23%3F.db?mode=ro"),
        (PureWindowsPath("C:\\a b\\q.db"), "file:///C:/a%20b/q.db?mode=ro"),
        (PureWindowsPath("\\\\nas\\my share\\q.db"), "file:////nas/my%20share/q.db?mode=ro"),
    ],
)
def test_a_databases_uri_names_no_host(path, uri):
    assert database_uri(path, "ro") == uri


def test_sqlite_takes_a_path_that_begins_with_two_slashes(path):
    """As that of a folder of another Windows machine does."""
    add(path)
    uri = "file:///" + database_uri(path, "ro").removeprefix("file://")
    with closing(sqlite3.connect(uri, uri=True)) as db:
        assert db.execute("SELECT count(*) FROM jobs").fetchone() == (1,)


def test_the_last_file_system_that_was_mounted_nearest_counts():
    mounts = [("/", "ext4"), ("/home", "autofs"), ("/home", "nfs4"), ("/homes", "xfs")]
    places = {"/var/x": "ext4", "/home/me/.local": "nfs4", "/homes/me": "xfs", "/home": "nfs4"}
    assert {each: file_system(PurePosixPath(each), mounts) for each in places} == places
    assert file_system(PurePosixPath("/a"), []) == ""


@pytest.mark.parametrize(
    ("kind", "journal"),
    [("nfs4", "delete"), ("cifs", "delete"), ("fuse.sshfs", "delete"), ("9p", "delete"),
     ("ext4", "wal"), ("btrfs", "wal"), ("fuseblk", "wal"), ("", "wal")],
)  # fmt: skip
def test_a_disk_that_machines_share_gets_no_write_ahead_log(path, mounted, kind, journal):
    mounted(kind)
    with QueueDB(path) as db:
        assert db._db.execute("PRAGMA journal_mode").fetchone() == (journal,)
        assert db._db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    assert [add(path), add(path)] == [1, 2]


def test_a_queue_follows_the_disk_that_it_was_moved_to(path, mounted):
    for number, kind in enumerate(("ext4", "nfs", "ext4"), 1):
        mounted(kind)
        assert add(path) == number


def test_where_nobody_knows_the_disk_it_counts_as_a_local_one(path, monkeypatch):
    def refuse(**_: object) -> NoReturn:
        raise PermissionError

    monkeypatch.setattr(psutil, "disk_partitions", refuse)
    assert journal_mode(path.parent) == "WAL"


def test_a_crash_in_the_middle_of_a_change_on_a_shared_disk_is_undone(path, mounted):
    mounted("nfs")
    add(path)
    with QueueDB(path) as db:
        db._db.execute("PRAGMA cache_size = 1")  # so that pages are written before the end
        db._db.execute("BEGIN IMMEDIATE")
        for _ in range(50):
            db.insert(ROW, "x" * 5000)
        crashed = contents(path.parent)
        db._db.execute("ROLLBACK")
    assert len(crashed["queue.db"]) > len(path.read_bytes())
    for name, data in crashed.items():
        (path.parent / name).write_bytes(data)
    with QueueDB(path) as db:
        assert [row.id for row in db.rows()] == [1]


# ---- beside others


def test_a_queue_that_another_makes_just_now_is_not_damaged(path, monkeypatch):
    """The tables come between two of the things that are read."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
    number = queue_file._number

    def made_meanwhile(db: sqlite3.Connection, pragma: str) -> int:
        monkeypatch.setattr(queue_file, "_number", number)
        with closing(queue_file.connect(path)) as other:
            queue_file._bring_up_to_date(other, path)
        return number(db, pragma)

    monkeypatch.setattr(queue_file, "_number", made_meanwhile)
    assert add(path) == 1


def test_nobody_writes_to_a_damaged_queue_while_it_is_rescued(damaged, monkeypatch):
    """Neither a program that has it open, nor one that opens it, nor another rescue."""
    monkeypatch.setattr(queue_file, "_BUSY_SECONDS", 0.0)
    monkeypatch.setattr(queue_file, "_RESCUE_SECONDS", 0.0)
    read, said = queue_rescue._read, []
    with closing(queue_file.connect(damaged)) as window:

        def tried_meanwhile(folder: Path) -> Any:
            found = read(folder)
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                window.execute("UPDATE jobs SET title = 'lost'")
            for use in (add, rescue):
                with pytest.raises(StoreError, match="is being rescued by imvar queue rescue"):
                    use(damaged)
                said.append(use)
            return found

        monkeypatch.setattr(queue_rescue, "_read", tried_meanwhile)
        assert rescue(damaged).kept == 1
    assert said == [add, rescue]
    assert rescue(damaged).moved == ()
    assert add(damaged) == 2
    assert not list(damaged.parent.glob(".queue*"))


def test_a_rescue_waits_for_a_change_and_gives_up_in_a_sentence(damaged, monkeypatch):
    monkeypatch.setattr(queue_file, "_BUSY_SECONDS", 0.0)
    with closing(queue_file.connect(damaged)) as window:
        window.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="kept busy by another program"):
            rescue(damaged)
        window.execute("ROLLBACK")
    assert rescue(damaged).kept == 1


def test_what_cannot_be_put_in_place_leaves_the_damaged_queue_with_its_log(damaged, monkeypatch):
    """Of two jobs the second is only in the log."""
    with closing(queue_file.connect(damaged)) as window:
        window.execute("PRAGMA wal_autocheckpoint = 0")
        for table, change in (("jobs", "id = 2"), ("tasks", "id = 2")):
            window.execute(f"CREATE TEMP TABLE one AS SELECT * FROM {table}")
            window.execute(f"UPDATE one SET {change}")
            window.execute(f"INSERT INTO {table} SELECT * FROM one")
            window.execute("DROP TABLE one")
        before = contents(damaged.parent)
        assert before["queue.db-wal"]

        def refuse(*_: object) -> NoReturn:
            raise PermissionError(13, "Permission denied")

        with monkeypatch.context() as patched:
            patched.setattr(os, "replace", refuse)
            with pytest.raises(StoreError, match="there is no permission"):
                rescue(damaged)
        after = contents(damaged.parent)
        assert after.keys() == before.keys()
        assert all(after[name] == before[name] for name in ("queue.db", "queue.db-wal"))
    assert rescue(damaged).kept == 2

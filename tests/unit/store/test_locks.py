from __future__ import annotations

import errno
import json
import os
import platform
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NoReturn

import pytest

from imvar_studio.model.errors import SpecError, StoreError
from imvar_studio.model.project import Project
from imvar_studio.store.lock_file import Holder
from imvar_studio.store.locks import (
    cleaning,
    project_lock,
    take_lock,
    takes_in_use,
    writer,
)
from imvar_studio.store.project_folder import ProjectFolder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TAKE = "0123456789abcdef"
NO_FLOCK = """
import errno, fcntl
def missing(*_):
    raise OSError(errno.{code}, "flock is missing")
fcntl.flock = missing
"""
HOLD = """
import sys
from pathlib import Path
from imvar_studio.store.locks import project_lock, take_lock
from imvar_studio.store.project_folder import ProjectFolder
project = ProjectFolder.open(Path(sys.argv[1]))
take = sys.argv[2]
lock = take_lock(project, take, "a render") if take else project_lock(project, "a test")
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""
ADD = """
import sys
from dataclasses import replace
from pathlib import Path
from imvar_studio.model.project import FilmWork
from imvar_studio.store.locks import writer
from imvar_studio.store.project_folder import ProjectFolder
project = ProjectFolder.open(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for number in range(8):
    with writer(project, "a test", 60):
        found = project.load()
        project.save(replace(found, works=(*found.works, FilmWork(f"{sys.argv[2]}-{number}"))))
"""


@contextmanager
def running(script: str, *words: object) -> Iterator[subprocess.Popen[str]]:
    """Start a script and wait for its first line."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline()
            yield process
        finally:
            process.kill()


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_second_writer_is_told_who_writes(folder: ProjectFolder) -> None:
    with running(HOLD, folder.path, "") as process:
        with pytest.raises(StoreError) as caught, writer(folder, "imvar add"):
            pytest.fail("two writers")
        note = json.loads((folder.path / ".writer.json").read_bytes())
        since = datetime.fromisoformat(note["since"])
        assert timedelta() <= datetime.now(UTC) - since < timedelta(minutes=5)
        assert str(caught.value) == (
            f"{folder.path} is open for writing by a test (process {process.pid} on "
            f"{platform.node()} since {since.astimezone():%H:%M}): close it there, or wait until "
            "it is done"
        )
        assert project_lock(folder, "").holder() == Holder(**note)
        assert folder.load().works  # reading needs no lock
        assert process.stdin is not None
        process.stdin.close()
        with writer(folder, "imvar add", 60):
            assert process.wait(60) == 0
    assert names_in(folder.path) == ["project.json"]


@pytest.mark.parametrize("before", ["", NO_FLOCK.format(code="ENOSYS"), "ENOLCK"])
def test_a_killed_writer_leaves_nothing_behind(
    folder: ProjectFolder, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a file system without locks, too: there a file with the process's number decides."""
    if before:
        code = "ENOSYS" if "ENOSYS" in before else before
        before = NO_FLOCK.format(code=code)

        def missing(*_: object) -> NoReturn:
            raise OSError(getattr(errno, code), "flock is missing")

        monkeypatch.setattr("fcntl.flock", missing)
    lock = project_lock(folder, "a second")
    with running(before + HOLD, folder.path, "") as process:
        with pytest.raises(StoreError, match=rf"by a test \(process {process.pid} on "):
            lock.acquire()
        assert not lock.held
        process.kill()
        process.wait()
        assert project_lock(folder, "").holder() is None
        lock.acquire()
        assert lock.held
        with pytest.raises(StoreError, match=rf"by a second \(process {os.getpid()} on "):
            project_lock(folder, "a third").acquire()
        lock.release()
    assert names_in(folder.path) == ["project.json"]
    with writer(folder, "a fourth"):
        pass


def test_no_change_of_two_processes_is_lost(folder: ProjectFolder) -> None:
    with running(ADD, folder.path, "a") as one, running(ADD, folder.path, "b") as two:
        for process in (one, two):
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        assert (one.wait(120), two.wait(120)) == (0, 0)
    found = {work.id for work in folder.load().works}
    assert {f"{name}-{number}" for name in "ab" for number in range(8)} <= found
    assert not [name for name in names_in(folder.path) if name.startswith(".")]


def test_a_lock_is_given_back_after_an_error_and_twice_is_once(folder: ProjectFolder) -> None:
    with pytest.raises(ZeroDivisionError), writer(folder, "a test"):
        print(1 / len(list(folder.path.glob(".none"))))
    assert names_in(folder.path) == ["project.json"]
    lock = project_lock(folder, "a test")
    lock.acquire()
    lock.acquire()
    lock.release()
    lock.release()
    with project_lock(folder, "another") as other:
        assert (lock.held, other.held) == (False, True)


def test_a_lock_taken_in_one_thread_is_given_back_in_another(folder: ProjectFolder) -> None:
    lock = project_lock(folder, "the window")
    thread = threading.Thread(target=lock.acquire)
    thread.start()
    thread.join()
    assert lock.held
    with pytest.raises(StoreError, match="by the window"):
        project_lock(folder, "a test").acquire()
    lock.release()
    with project_lock(folder, "a test"):
        pass


def note_of(pid: int) -> bytes:
    note = {"host": platform.node(), "pid": pid, "what": "the window", "since": ""}
    return json.dumps(note).encode()


@pytest.mark.parametrize(
    "note",
    [b"", b"{}", b'{"pid": 3}', b"[" * 5000, note_of(2**31), note_of(2**31 - 1)],
    ids=range(6),
)
def test_a_damaged_note_costs_the_name_only(folder: ProjectFolder, note: bytes) -> None:
    with writer(folder, "a test"):
        (folder.path / ".writer.json").write_bytes(note)
        with pytest.raises(StoreError, match="open for writing by another program: close"):
            project_lock(folder, "a second").acquire()
    assert names_in(folder.path) == ["project.json"]


def test_a_note_that_cannot_be_written_costs_the_name_only(
    folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> NoReturn:
        raise StoreError("the disk is full")

    monkeypatch.setattr("imvar_studio.store.lock_file.write_atomic", full)
    with (
        writer(folder, "a test"),
        pytest.raises(StoreError, match="by another program"),
    ):
        project_lock(folder, "a second").acquire()


def test_a_project_that_can_only_be_read(small_disk: Path, project: Project) -> None:
    folder = ProjectFolder.create(small_disk / "a.imvar", project)
    folder.takes.mkdir()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert folder.load() == project
    assert takes_in_use(folder) == {}
    with pytest.raises(StoreError, match=r"project\.json, the file system is read-only"):
        project_lock(folder, "a test").acquire()
    assert project_lock(folder, "").holder() is None


def test_what_a_project_folder_may_hold_before_it_is_one(tmp_path: Path, project: Project) -> None:
    for name in (".writer.lock", ".writer.json", ".writer.pid"):
        place = tmp_path / name.strip(".")
        place.mkdir()
        (place / name).write_bytes(b"")
        assert ProjectFolder.create(place, project).load() == project


def test_one_project_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second finds a project, though there was none when it looked."""
    place = tmp_path / "a.imvar"

    def made(path: Path) -> None:
        path.mkdir()
        (path / "project.json").write_bytes(b"the first's")

    monkeypatch.setattr("imvar_studio.store.project_folder.make_folder", made)
    with pytest.raises(StoreError, match="is a project already: open it"):
        ProjectFolder.create(place, Project())
    assert names_in(place) == ["project.json"]
    assert (place / "project.json").read_bytes() == b"the first's"


def test_a_take_in_use(folder: ProjectFolder) -> None:
    with running(HOLD, folder.path, TAKE) as process:
        found = takes_in_use(folder)
        assert list(found) == [TAKE]
        assert (found[TAKE].pid, found[TAKE].what) == (process.pid, "a render")
        message = rf"take {TAKE} of .* is being rendered by a render \(process {process.pid} on "
        with pytest.raises(StoreError, match=message):
            take_lock(folder, TAKE, "imvar render").acquire()
        with take_lock(folder, TAKE[::-1], "imvar render"):
            assert sorted(takes_in_use(folder)) == sorted([TAKE, TAKE[::-1]])
        process.kill()
        process.wait()
        assert takes_in_use(folder) == {}
        assert names_in(folder.takes) == []
        with take_lock(folder, TAKE, "imvar render"):
            pass
    assert names_in(folder.takes) == []


def test_a_render_waits_for_a_cleaning_before_it_looks_at_frames(folder: ProjectFolder) -> None:
    folder.takes.mkdir()
    lock, order = take_lock(folder, TAKE, "imvar render"), []

    def render() -> None:
        with lock:
            order.append("render")

    with cleaning(folder, "imvar takes clean"):
        thread = threading.Thread(target=render)
        thread.start()
        while thread.is_alive() and TAKE not in takes_in_use(folder):
            pass
        order.append("clean")
    thread.join()
    assert order == ["clean", "render"]
    assert names_in(folder.takes) == []


def test_only_one_cleans(folder: ProjectFolder) -> None:
    folder.takes.mkdir()
    with cleaning(folder, "a"), pytest.raises(StoreError, match="are being cleaned by a "):
        cleaning(folder, "b").acquire()


def test_a_holder_from_another_day_is_said_with_the_day() -> None:
    since = datetime.now(UTC) - timedelta(days=3)
    holder = Holder("host", 7, "the window", since.isoformat())
    assert (
        str(holder) == f"the window (process 7 on host since {since.astimezone():%Y-%m-%d %H:%M})"
    )
    assert holder.began == pytest.approx(since.timestamp())
    for wrong in ("yesterday", "2026-11-21T10:00:00", 3):
        with pytest.raises(SpecError, match="since"):
            Holder("host", 7, "the window", wrong)  # type: ignore[arg-type]


def test_anothers_lock_file_that_cannot_be_opened_is_a_writer_all_the_same(
    folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied")

    with writer(folder, "the window"):
        monkeypatch.setattr("filelock.FileLock.acquire", refuse)
        with pytest.raises(StoreError, match=r"open for writing by the window \(process "):
            project_lock(folder, "a test").acquire()
    with pytest.raises(StoreError, match=r"project\.json, there is no permission"):
        project_lock(folder, "a test").acquire()

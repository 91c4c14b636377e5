from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from imvar_studio.model.errors import StoreError
from imvar_studio.model.project import FilmWork, Project
from imvar_studio.store.hashing import blake2b_of_file
from imvar_studio.store.project_folder import read_project
from imvar_studio.store.recovery import (
    INTERVAL,
    Autosave,
    AutosaveThread,
    Recovered,
    accept,
    discard,
    newer,
)  # fmt: skip
from imvar_studio.store.versions import list_versions

if TYPE_CHECKING:
    from imvar_studio.store.project_folder import ProjectFolder

NOON = datetime(2026, 11, 21, 12, 0, 0, 5000, tzinfo=UTC)


def named(name: str) -> Project:
    return Project((FilmWork("film", name),))


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def autosave(folder: ProjectFolder, clock: Clock) -> Autosave:
    return Autosave(folder, clock=clock, now=lambda: NOON)


def files(folder: ProjectFolder) -> list[str]:
    return sorted(path.name for path in folder.path.iterdir())


def test_the_newest_change_reaches_its_file_and_not_the_projects(folder, project, autosave):
    before = folder.file.read_bytes()
    autosave.changed(named("one"))
    autosave.changed(named("two"))
    assert files(folder) == ["project.json"]
    assert autosave.write() is True
    assert newer(folder) == Recovered(named("two"), NOON, continues=True)
    assert folder.file.read_bytes() == before
    assert autosave.write() is False
    data = json.loads(folder.recovery.read_bytes())
    assert list(data) == ["format", "version", "project", "base", "time"]
    assert data["base"] == blake2b_of_file(folder.file)
    assert data["time"] == "2026-11-21T12:00:00.005+00:00"


def test_a_change_is_due_after_the_interval_however_often_it_changes_again(autosave, clock):
    assert not autosave.due()
    autosave.changed(named("one"))
    clock.seconds += INTERVAL - 0.1
    autosave.changed(named("two"))
    assert not autosave.due()
    clock.seconds += 0.1
    assert autosave.due()
    assert autosave.due(clock.seconds)
    autosave.write()
    assert not autosave.due(clock.seconds + 100)
    assert 2 * INTERVAL <= 10  # what the program promises


def test_a_save_removes_the_file(folder, autosave):
    autosave.changed(named("one"))
    autosave.write()
    folder.save(named("one"))
    autosave.saved(named("one"))
    assert files(folder) == ["project.json", "versions"]
    assert newer(folder) is None
    assert autosave.write() is False


def test_what_changed_during_a_save_stays_noted(folder, autosave, clock):
    autosave.changed(named("one"))
    autosave.write()
    folder.save(named("one"))
    autosave.changed(named("two"))
    autosave.saved(named("one"))
    clock.seconds += INTERVAL
    assert autosave.due()
    autosave.close()
    assert newer(folder) == Recovered(named("two"), NOON, continues=True)


def test_a_change_that_is_undone_leaves_no_file(folder, project, autosave):
    autosave.saved(project)
    autosave.changed(named("one"))
    autosave.write()
    assert folder.recovery.exists()
    autosave.changed(project)
    autosave.write()
    assert files(folder) == ["project.json"]


def test_what_cannot_be_written_stays_noted(folder, autosave, clock, monkeypatch):
    autosave.changed(named("one"))
    clock.seconds += INTERVAL
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match=r"recovery\.json, the disk is full"):
            autosave.write()
    assert autosave.due()
    assert files(folder) == ["project.json"]
    autosave.close()
    assert newer(folder) == Recovered(named("one"), NOON, continues=True)


def full(*_: object) -> NoReturn:
    raise OSError(28, "No space left on device")


def test_a_write_that_fails_leaves_the_file_before(folder, autosave, monkeypatch):
    autosave.changed(named("one"))
    autosave.write()
    autosave.changed(named("two"))
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        with pytest.raises(StoreError):
            autosave.write()
    assert newer(folder) == Recovered(named("one"), NOON, continues=True)


def test_noting_a_change_never_waits_for_the_disk(folder, autosave, monkeypatch):
    inside, go = threading.Event(), threading.Event()
    real = os.fsync

    def slow(file: int) -> None:
        inside.set()
        assert go.wait(30)
        real(file)

    monkeypatch.setattr(os, "fsync", slow)
    autosave.changed(named("one"))
    writer = threading.Thread(target=autosave.write)
    writer.start()
    assert inside.wait(30)
    autosave.changed(named("two"))  # would never return
    assert not autosave.due()
    go.set()
    writer.join(30)
    autosave.write()
    assert newer(folder).project == named("two")


# ---- after a crash


def crashed(folder: ProjectFolder, name: str = "lost") -> None:
    autosave = Autosave(folder, now=lambda: NOON)
    autosave.changed(named(name))
    autosave.close()


def test_unsaved_changes_become_the_project_which_becomes_a_version(folder, project):
    crashed(folder)
    assert accept(folder) == named("lost")
    assert folder.load() == named("lost")
    assert files(folder) == ["project.json", "versions"]
    (version,) = list_versions(folder.versions)
    assert read_project(version.path) == project
    with pytest.raises(StoreError, match="has no unsaved changes to restore"):
        accept(folder)


def test_discarded_changes_stay_among_the_versions(folder, project):
    crashed(folder)
    discard(folder)
    assert files(folder) == ["project.json", "versions"]
    assert folder.load() == project
    (version,) = list_versions(folder.versions)
    assert (read_project(version.path), version.saved) == (named("lost"), NOON)
    assert newer(folder) is None
    discard(folder)


def test_a_project_that_was_saved_since_is_told(folder):
    crashed(folder)
    folder.save(named("by another program"))
    assert newer(folder) == Recovered(named("lost"), NOON, continues=False)


def test_changes_that_are_saved_already_are_no_news(folder):
    crashed(folder)
    folder.save(named("lost"))  # and then the plug was pulled, before the file went
    assert newer(folder) is None


def test_work_goes_on_from_the_old_state_and_the_lost_changes_are_kept(folder, autosave):
    crashed(folder)
    autosave.changed(named("other"))
    autosave.write()
    assert newer(folder).project == named("other")
    assert [read_project(v.path) for v in list_versions(folder.versions)] == [named("lost")]


def test_a_damaged_project_has_its_recovery(folder, project):
    crashed(folder)
    folder.file.write_bytes(b'{"format": "im')
    assert newer(folder) == Recovered(named("lost"), NOON, continues=False)
    accept(folder)
    assert folder.load() == named("lost")
    assert list_versions(folder.versions)[0].path.read_bytes() == b'{"format": "im'


DAMAGES: dict[str, Any] = {
    "half": lambda d: d[: len(d) // 2],
    "empty": lambda d: b"",
    "a list": lambda d: b"[]",
    "no time": lambda d: d.replace(b'"time"', b'"tide"'),
    "a strange time": lambda d: d.replace(b"2026-11-21T", b"2026-21-11T"),
    "the first time": lambda d: d.replace(b"2026-11-21T12:00:00.005+00:00", b"0001-01-01T00+23:00"),
    "a strange base": lambda d: d.replace(b'"base": "', b'"base": "x'),
    "newer": lambda d: d.replace(b'"version": 1', b'"version": 2'),
    "more": lambda d: d.replace(b'"base"', b'"more": 1, "base"'),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_stops_nothing_and_is_left_there(folder, project, caplog, damage):
    crashed(folder)
    data = DAMAGES[damage](folder.recovery.read_bytes())
    folder.recovery.write_bytes(data)
    assert newer(folder) is None
    assert f"{folder.recovery} cannot be read" in caplog.text
    assert folder.recovery.read_bytes() == data
    assert folder.load() == project


def test_a_damaged_file_is_set_aside_when_there_is_something_to_write(folder, autosave):
    folder.recovery.write_bytes(b"half")
    autosave.changed(named("one"))
    autosave.write()
    assert (folder.path / "recovery-damaged.json").read_bytes() == b"half"
    assert newer(folder).project == named("one")


def test_an_older_damaged_file_is_not_written_over(folder):
    for content in (b"half", b"another", b"third"):
        folder.recovery.write_bytes(content)
        discard(folder)
    found = {path.name: path.read_bytes() for path in folder.path.glob("recovery*")}
    assert found == {
        "recovery-damaged.json": b"half",
        "recovery-damaged-2.json": b"another",
        "recovery-damaged-3.json": b"third",
    }


def test_a_pipe_in_its_place_does_not_stop_the_program(folder):
    os.mkfifo(folder.recovery)
    assert newer(folder) is None


# ---- the thread


def test_the_thread_writes_what_changes(folder, autosave, monkeypatch):
    written = threading.Event()
    write = autosave.write

    def noted() -> bool:
        done = write()
        if done:
            written.set()
        return done

    monkeypatch.setattr(autosave, "write", noted)
    thread = AutosaveThread(autosave, interval=0.01)
    thread.start()
    autosave.changed(named("one"))
    assert written.wait(30)
    assert newer(folder).project == named("one")
    autosave.changed(named("two"))
    thread.stop()
    assert newer(folder).project == named("two")


def test_a_stop_writes_what_is_noted_without_waiting_for_the_interval(folder, autosave):
    thread = AutosaveThread(autosave, interval=1e6)
    thread.start()
    autosave.changed(named("one"))
    thread.stop()
    assert newer(folder).project == named("one")


def test_failing_is_told_once_until_it_works_again(folder, autosave, monkeypatch, caplog):
    told: list[StoreError] = []
    thread = AutosaveThread(autosave, failed=told.append)
    for _ in range(2):
        autosave.changed(named("one"))
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            thread.look()
            thread.look()
        thread.look()
        assert newer(folder).project == named("one")
        autosave.changed(named("two"))
    assert ["the disk is full" in error.message for error in told] == [True, True]
    assert caplog.text.count("not autosaved") == 2

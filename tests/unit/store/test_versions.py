from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NoReturn

import pytest

from imvar_studio.model.errors import StoreError
from imvar_studio.model.project import FilmWork, Project
from imvar_studio.store.project_folder import read_project
from imvar_studio.store.versions import (
    HOURS,
    LAST,
    MOST,
    find_version,
    keep_bytes,
    kept,
    list_versions,
)  # fmt: skip

if TYPE_CHECKING:
    from imvar_studio.store.project_folder import ProjectFolder

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def named(name: str) -> Project:
    return Project((FilmWork("film", name),))


def names(folder: ProjectFolder) -> list[str]:
    """The films' names in the versions, newest first."""
    found = [read_project(version.path) for version in list_versions(folder.versions)]
    return [project.films()[0].name for project in found]


def stamped(folder: ProjectFolder, time: datetime) -> None:
    """Give project.json the time it was saved."""
    os.utime(folder.file, (time.timestamp(), time.timestamp()))


def test_what_was_there_before_a_save_is_a_version_word_for_word(folder, project):
    assert list_versions(folder.versions) == ()
    before = folder.file.read_bytes()
    stamped(folder, NOON + timedelta(microseconds=250_000))
    folder.save(named("one"))
    (version,) = list_versions(folder.versions)
    assert version.path == folder.path / "versions" / "20261121-120000-250000.json"
    assert version.saved == NOON + timedelta(seconds=0.25)
    assert version.path.read_bytes() == before
    folder.save(named("two"))
    assert names(folder) == ["one", "Eulen"]
    assert version.path.read_bytes() == before
    assert folder.load() == named("two")


def test_a_save_that_changes_nothing_makes_no_version(folder):
    folder.save(named("one"))
    for _ in range(3):
        folder.save(named("one"))
    assert names(folder) == ["Eulen"]


def test_no_version_is_equal_to_the_newest(folder, project):
    folder.save(named("one"))  # Eulen is a version
    folder.file.write_bytes(list_versions(folder.versions)[0].path.read_bytes())
    folder.save(named("two"))
    assert names(folder) == ["Eulen"]


def test_a_version_stays_as_it_is_when_the_project_is_changed_in_place(folder):
    folder.save(named("one"))
    (version,) = list_versions(folder.versions)
    before = version.path.read_bytes()
    with folder.file.open("r+b") as file:
        file.write(b"#")
    assert version.path.read_bytes() == before


def test_without_links_versions_are_copied(folder, monkeypatch):
    def refuse(*_: object, **__: object) -> NoReturn:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refuse)
    before = folder.file.read_bytes()
    folder.save(named("one"))
    assert list_versions(folder.versions)[0].path.read_bytes() == before


def test_a_clock_that_was_set_back_does_not_change_the_order(folder):
    stamped(folder, NOON)
    folder.save(named("one"))
    stamped(folder, NOON - timedelta(days=400))
    folder.save(named("two"))
    stamped(folder, NOON - timedelta(days=300))
    folder.save(named("three"))
    assert names(folder) == ["two", "one", "Eulen"]
    moments = [version.saved - NOON for version in list_versions(folder.versions)]
    assert [moment // timedelta(microseconds=1) for moment in moments] == [2, 1, 0]


@pytest.mark.parametrize("broken", ["a file", "unwritable"])
def test_versions_that_cannot_be_written_stop_no_save(folder, monkeypatch, caplog, broken):
    if broken == "a file":
        folder.versions.write_bytes(b"")
    else:
        monkeypatch.setattr("imvar_studio.store.versions.sync_folder", _refuse)
    folder.save(named("one"))
    assert folder.load() == named("one")
    assert f"no version of {folder.file} is kept" in caplog.text
    if broken == "unwritable":
        assert not folder.versions.exists()


def _refuse(*_: object) -> NoReturn:
    raise OSError(28, "No space left on device")


def test_a_save_that_fails_makes_no_version(folder, project, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", _refuse)
        with pytest.raises(StoreError, match="disk is full"):
            folder.save(named("one"))
    assert folder.load() == project
    assert not folder.versions.exists()


def test_what_is_no_version_is_left_alone(folder):
    folder.versions.mkdir()
    for name in ("notes.txt", "mine.json", "20261121-120000-1.json", "00010101-000000-000000.json"):
        (folder.versions / name).write_bytes(b"mine")
    (folder.versions / "20261121-120000-000000.json").mkdir()
    before = sorted(folder.versions.iterdir())
    assert list_versions(folder.versions) == ()
    for i in range(30):
        folder.save(named(str(i)))
    assert set(before) < set(folder.versions.iterdir())


# ---- the rule


def test_the_last_versions_always_stay():
    times = [NOON + timedelta(seconds=i) for i in range(100)]
    assert kept(times) == set(times[-LAST:])


def test_then_the_newest_of_hours_and_of_days():
    saves = [NOON - timedelta(minutes=10 * i) for i in range(6 * 24 * 60)]  # of 60 days
    stay = sorted(kept(saves), reverse=True)
    assert len(stay) == MOST
    assert stay[:LAST] == saves[:LAST]
    # from 11:50 down, the newest of each hour; noon itself is the newest of its own
    hours = [NOON, *(NOON - timedelta(minutes=10 + 60 * i) for i in range(HOURS - 1))]
    assert set(hours) <= set(stay)
    midnight = NOON.replace(hour=23, minute=50)
    days = [midnight - timedelta(days=i) for i in range(1, 10)]
    assert set(stay) == {*saves[:LAST], *hours, *days}


def test_thinning_step_by_step_keeps_hours_and_days_too():
    stay: set[datetime] = set()
    for i in range(6 * 24 * 30):
        stay = set(kept([*stay, NOON + timedelta(minutes=10 * i)]))
        assert len(stay) <= MOST
    days = {time.date() for time in stay}
    assert len(days) >= MOST - LAST - HOURS
    newest = max(stay)
    assert {newest.date() - timedelta(days=i) for i in range(7)} <= days


def test_a_project_that_lay_idle_loses_nothing():
    times = [NOON - timedelta(days=400 * i) for i in range(MOST)]
    assert kept(times) == set(times)


def test_versions_are_thinned_on_the_disk(folder):
    for i in range(40):
        folder.save(named(str(i)))
        stamped(folder, NOON + timedelta(hours=6 * i))
    assert len(list_versions(folder.versions)) <= MOST
    assert names(folder)[:LAST] == ["38", "37", "36", "35", "34"]


# ---- finding and keeping


def test_a_version_is_found_by_the_beginning_of_its_id(folder, project):
    stamped(folder, NOON)
    folder.save(named("one"))
    stamped(folder, NOON + timedelta(hours=1))
    folder.save(named("two"))
    assert find_version(folder.versions, "20261121-12").saved == NOON
    with pytest.raises(StoreError, match="has 2 versions called '20261121': give the whole id"):
        find_version(folder.versions, "20261121")
    for name in ("2025", "", "../project"):
        with pytest.raises(StoreError, match="has no version called"):
            find_version(folder.versions, name)


def test_bytes_are_kept_as_the_newest(folder):
    folder.save(named("one"))
    data = folder.file.read_bytes()
    keep_bytes(folder.versions, data, datetime(1, 1, 1, tzinfo=UTC))  # no clock shows that
    keep_bytes(folder.versions, data, NOON)
    assert names(folder) == ["one", "Eulen"]


def test_a_restored_version_has_the_works_that_are_not_known(folder, project):
    folder.save(replace(project, works=project.works[:1]))
    assert read_project(list_versions(folder.versions)[0].path) == project

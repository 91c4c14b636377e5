from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest

from imvar_studio.store.recent import (
    MOST,
    forget_project,
    recent_file,
    recent_projects,
    remember_project,
)

if TYPE_CHECKING:
    from pathlib import Path


def names() -> list[str]:
    return [recent.name for recent in recent_projects()]


def test_the_last_one_opened_is_first_and_each_is_there_once(tmp_path: Path) -> None:
    for name in ("one", "two", "one"):
        remember_project(tmp_path / f"{name}.imvar", name)
    assert names() == ["one", "two"]
    assert [recent.path for recent in recent_projects()] == [
        tmp_path / "one.imvar",
        tmp_path / "two.imvar",
    ]
    forget_project(tmp_path / "one.imvar")
    assert names() == ["two"]
    forget_project(tmp_path / "two.imvar")
    assert names() == []


def test_at_most_twenty_are_kept(tmp_path: Path) -> None:
    for number in range(MOST + 3):
        remember_project(tmp_path / f"{number}.imvar", str(number))
    assert names() == [str(number) for number in range(MOST + 2, 2, -1)]


def test_a_folder_that_is_gone_is_marked(tmp_path: Path) -> None:
    place = tmp_path / "night.imvar"
    place.mkdir()
    remember_project(place, "Night")
    assert not recent_projects()[0].is_missing
    place.rmdir()
    assert recent_projects()[0].is_missing


@pytest.mark.parametrize(
    "content",
    [
        b"no JSON",
        b"[]",
        b'{"format": "imvar-recent", "version": 2, "projects": []}',
        b'{"format": "imvar-recent", "version": 1, "projects": [{"path": ""}]}',
        b'{"format": "imvar-recent", "version": 1, "projects": [{"path": 3}]}',
        b'{"format": "imvar-recent", "version": 1}',
    ],
)
def test_a_damaged_list_is_empty_and_begins_anew(
    content: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recent_file().parent.mkdir(parents=True, exist_ok=True)
    recent_file().write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert recent_projects() == ()
    assert "not readable" in caplog.text
    remember_project(tmp_path / "one.imvar", "one")
    assert names() == ["one"]


def test_without_a_list_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert recent_projects() == ()
    assert caplog.records == []


def test_what_cannot_be_written_stops_nothing(
    user_home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recent_file().mkdir()
    with caplog.at_level(logging.WARNING):
        remember_project(tmp_path / "one.imvar", "one")
    assert "not kept" in caplog.text
    assert recent_projects() == ()


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    remember_project(tmp_path / "one.imvar", "Straße 梟")
    data = json.loads(recent_file().read_bytes())
    (entry,) = data.pop("projects")
    assert data == {"format": "imvar-recent", "version": 1}
    assert entry.pop("opened") > 1.6e9
    assert entry == {"path": str(tmp_path / "one.imvar"), "name": "Straße 梟"}

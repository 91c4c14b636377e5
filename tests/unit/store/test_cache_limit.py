from __future__ import annotations

import errno
import logging
import os
import time
from typing import TYPE_CHECKING, NoReturn

import pytest

from imvar_studio.model.settings import Settings
from imvar_studio.store.cache import DigestCache
from imvar_studio.store.cache_limit import trim_caches
from imvar_studio.store.locks import take_lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imvar_studio.store.project_folder import ProjectFolder

LATER = 10**12
NAMES = [f"{digit}" * 64 for digit in "abcdef"]
SIZE = 132  # of an entry of 100 bytes, with its checksum


@pytest.fixture
def filled() -> Callable[[DigestCache, Path], DigestCache]:
    """Entries of 100 bytes each, used at 1000 s, 2000 s, ..."""

    def fill(cache: DigestCache, folder: Path) -> DigestCache:
        for number, name in enumerate(NAMES, 1):
            cache.put(name, bytes(100))
            os.utime(folder / name[:2] / name, (number * 1000, number * 1000))
        return cache

    return fill


def left(cache: DigestCache) -> str:
    """The first letters of what is there; looking at it uses it."""
    return "".join(name[0] for name in NAMES if cache.get(name) is not None)


@pytest.mark.parametrize(
    ("limit", "keep_since", "rest"),
    [
        (6 * SIZE, LATER, "abcdef"),
        (6 * SIZE - 1, LATER, "bcdef"),
        (3 * SIZE, LATER, "def"),
        (3 * SIZE - 1, LATER, "ef"),
        (0, LATER, ""),
        (0, 5000, "ef"),
        (4 * SIZE, 2000, "bcdef"),
        (0, 0, "abcdef"),
    ],
)
def test_what_was_not_used_for_longest_goes_first(
    tmp_path: Path,
    filled: Callable[[DigestCache, Path], DigestCache],
    limit: int,
    keep_since: float,
    rest: str,
) -> None:
    cache = filled(DigestCache(tmp_path), tmp_path)
    assert cache.size() == 6 * SIZE
    assert cache.trim(limit, keep_since) == (6 - len(rest)) * SIZE
    assert cache.size() == len(rest) * SIZE
    assert left(cache) == rest


def test_an_entry_that_was_asked_for_is_used_now(
    tmp_path: Path, filled: Callable[[DigestCache, Path], DigestCache]
) -> None:
    cache, before = filled(DigestCache(tmp_path), tmp_path), time.time() - 5
    assert cache.get(NAMES[0]) is not None
    cache.trim(2 * SIZE, LATER)
    assert left(cache) == "af"
    assert (tmp_path / "aa" / NAMES[0]).stat().st_mtime >= before


def test_other_files_are_neither_counted_nor_removed(tmp_path: Path) -> None:
    cache = DigestCache(tmp_path)
    assert (cache.size(), cache.trim(0, LATER)) == (0, 0)
    (tmp_path / "aa").mkdir()
    (tmp_path / "notes.txt").write_bytes(b"mine")
    (tmp_path / "aa" / "notes.txt").write_bytes(b"mine")
    (tmp_path / "aa" / NAMES[0]).mkdir()
    assert (cache.size(), cache.trim(0, LATER)) == (0, 0)
    assert (tmp_path / "aa" / "notes.txt").read_bytes() == b"mine"


def test_what_the_system_keeps_stops_nothing(
    tmp_path: Path,
    filled: Callable[[DigestCache, Path], DigestCache],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    cache = filled(DigestCache(tmp_path), tmp_path)

    def refuse(*_: object) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING):
        patched.setattr(os, "unlink", refuse)
        assert cache.trim(0, LATER) == 0
    assert len(caplog.records) == 6
    with monkeypatch.context() as patched:
        patched.setattr(os, "utime", refuse)
        assert cache.get(NAMES[0]) == bytes(100)
    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", refuse)
        assert (cache.size(), cache.trim(0, LATER)) == (0, 0)
    assert left(cache) == "abcdef"


def test_a_render_that_runs_keeps_what_it_used(
    folder: ProjectFolder, filled: Callable[[DigestCache, Path], DigestCache]
) -> None:
    cache = filled(folder.cache, folder.path / "cache")
    small = Settings(cache_limit=0)
    with take_lock(folder, "f" * 16, "a render"):
        assert cache.get(NAMES[0]) is not None
        assert trim_caches(folder, small) == 5 * SIZE
        assert left(cache) == "a"
        cache.put(NAMES[1], bytes(100))
        assert trim_caches(folder, small) == 0
    past = time.time() - 60
    for name in NAMES[:2]:
        os.utime(folder.path / "cache" / name[:2] / name, (past, past))
    assert trim_caches(folder, Settings()) == 0
    assert trim_caches(folder, small) == 2 * SIZE


def test_a_render_of_unknown_age_keeps_everything(
    folder: ProjectFolder, filled: Callable[[DigestCache, Path], DigestCache]
) -> None:
    filled(folder.cache, folder.path / "cache")
    with take_lock(folder, "f" * 16, "a render"):
        (folder.takes / f".{'f' * 16}.json").unlink()
        assert trim_caches(folder, Settings(cache_limit=0)) == 0

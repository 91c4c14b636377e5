from __future__ import annotations

import errno
import hashlib
import os
from typing import TYPE_CHECKING, NoReturn

import pytest

from imvar_studio.model.errors import SpecError, StoreError
from imvar_studio.model.project import Project
from imvar_studio.store.project_folder import ProjectFolder

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = bytes(range(256)) * 9000  # more than two blocks
SHA = hashlib.sha256(CONTENT).hexdigest()


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "Mein Kater.JPEG"
    path.write_bytes(CONTENT)
    return path


def test_an_asset_is_the_files_bytes_under_their_sha(folder: ProjectFolder, picture: Path) -> None:
    entry = folder.add_asset(picture)
    assert (entry.sha, entry.suffix, entry.name) == (SHA, ".jpeg", "Mein Kater.JPEG")
    path = folder.asset_path(SHA)
    assert path == folder.path / "assets" / f"{SHA}.jpeg"
    assert path.read_bytes() == CONTENT
    assert picture.read_bytes() == CONTENT
    assert names_in(path.parent) == [path.name]


def test_the_same_bytes_are_kept_once(folder: ProjectFolder, picture: Path) -> None:
    folder.add_asset(picture)
    other = picture.rename(picture.with_name("other.png"))
    entry = folder.add_asset(other)
    assert (entry.sha, entry.suffix, entry.name) == (SHA, ".jpeg", "other.png")
    assert names_in(folder.path / "assets") == [f"{SHA}.jpeg"]


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a.PNG", ".png"),
        ("archive.tar.gz", ".gz"),
        ("none", ".bin"),
        (".hidden", ".bin"),
        ("dot.", ".bin"),
        ("x.j p g", ".bin"),
        ("x.häßlich", ".bin"),
        ("x.averyverylongsuffix", ".bin"),
        ("x.a\nb", ".bin"),
        (os.fsdecode(b"bad\xff\x01.png"), ".png"),
    ],
)
def test_suffixes_are_plain(folder: ProjectFolder, tmp_path: Path, name: str, suffix: str) -> None:
    file = tmp_path / name
    file.write_bytes(b"data")
    entry = folder.add_asset(file)
    assert entry.suffix == suffix
    assert folder.asset_path(entry.sha).name == entry.sha + suffix
    folder.save(Project(assets=(entry,)))
    assert folder.load().assets == (entry,)


def test_a_damaged_asset_is_told_by_its_name_and_healed_by_adding_it_again(
    folder: ProjectFolder, picture: Path
) -> None:
    entry = folder.add_asset(picture)
    folder.save(Project(assets=(entry,)))
    kept = folder.asset_path(SHA)
    kept.write_bytes(CONTENT[:-1] + b"!")
    fresh = ProjectFolder.open(folder.path)
    fresh.load()
    with pytest.raises(StoreError, match=r"asset Mein Kater\.JPEG is damaged") as caught:
        fresh.asset_path(SHA)
    assert "add Mein Kater.JPEG to the project again" in caught.value.remedy
    folder.add_asset(picture)  # even by who trusted it
    assert fresh.asset_path(SHA).read_bytes() == CONTENT


def test_an_asset_is_verified_once(folder: ProjectFolder, picture: Path) -> None:
    folder.add_asset(picture)
    fresh = ProjectFolder.open(folder.path)
    path = fresh.asset_path(SHA)
    path.write_bytes(b"changed behind our back")
    assert fresh.asset_path(SHA) == path


def test_a_missing_asset(folder: ProjectFolder, picture: Path) -> None:
    folder.add_asset(picture)
    folder.asset_path(SHA).unlink()
    with pytest.raises(StoreError, match=r"asset Mein Kater\.JPEG is missing from"):
        folder.asset_path(SHA)
    with pytest.raises(StoreError, match=f"asset {'0' * 64} is missing"):
        folder.asset_path("0" * 64)


@pytest.mark.parametrize("sha", ["../project", "", "*", SHA.upper(), SHA + "/.."])
def test_only_digests_make_paths(folder: ProjectFolder, sha: str) -> None:
    with pytest.raises(SpecError, match="64 hexadecimal digits"):
        folder.asset_path(sha)


def test_what_is_no_file(folder: ProjectFolder, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="none does not exist"):
        folder.add_asset(tmp_path / "none")
    with pytest.raises(StoreError, match="is not a file"):
        folder.add_asset(tmp_path)


def test_a_full_disk_leaves_no_half_asset(
    folder: ProjectFolder, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match=r"Mein Kater\.JPEG, the disk is full"):
            folder.add_asset(picture)
    assert names_in(folder.path / "assets") == []
    with pytest.raises(StoreError, match="missing"):
        folder.asset_path(SHA)

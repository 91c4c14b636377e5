from __future__ import annotations

import errno
import os
import stat
import subprocess
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from imvar_studio.model.errors import StoreError
from imvar_studio.store.atomic import make_folder, staged, store_error, write_atomic

if TYPE_CHECKING:
    from pathlib import Path

SENTENCES = {
    errno.EACCES: "no permission: change the permissions",
    errno.EPERM: "no permission",
    errno.EROFS: "file system is read-only: choose",
    errno.ENOSPC: "disk is full: free some space",
    errno.ENOENT: "no such file or folder: check",
    errno.EIO: "disk reports an error: check the disk",
    errno.EPROTO: "check the disk and the path",
}


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomic(path, b"first")
    write_atomic(path, b"second, longer")
    assert path.read_bytes() == b"second, longer"
    assert names_in(tmp_path) == ["file"]


@pytest.mark.parametrize("call", ["open", "write", "fsync", "replace"])
@pytest.mark.parametrize("number", SENTENCES)
def test_what_the_system_refuses_is_told_apart_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    path = tmp_path / "project.json"
    path.write_bytes(b"before")

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, refuse)
        with pytest.raises(StoreError, match=SENTENCES[number]) as caught:
            write_atomic(path, b"after")
    assert "project.json" in caught.value.message
    assert caught.value.remedy
    assert path.read_bytes() == b"before"
    assert names_in(tmp_path) == ["project.json"]


def test_a_disk_takes_a_part_of_a_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:3]))
    write_atomic(tmp_path / "file", b"0123456789")
    assert (tmp_path / "file").read_bytes() == b"0123456789"


def test_data_is_on_the_disk_before_the_name_and_the_name_before_the_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    fsync, replace = os.fsync, os.replace

    def note_fsync(file: int) -> None:
        calls.append("folder" if stat.S_ISDIR(os.fstat(file).st_mode) else "file")
        fsync(file)

    def note_replace(old: Path, new: Path) -> None:
        calls.append("replace")
        replace(old, new)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", note_replace)
    write_atomic(tmp_path / "file", b"data")
    assert calls == ["file", "replace", "folder"]
    write_atomic(tmp_path / "file", b"data", durable=False)
    assert calls[3:] == ["replace"]


def test_a_real_full_disk(small_disk: Path) -> None:
    path = small_disk / "project.json"
    write_atomic(path, b"x" * 100_000)
    with pytest.raises(StoreError, match="disk is full"):
        write_atomic(path, b"y" * 200_000)
    assert path.read_bytes() == b"x" * 100_000
    assert names_in(small_disk) == ["project.json"]


def test_a_real_read_only_file_system(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(StoreError, match="file system is read-only"):
        write_atomic(small_disk / "file", b"data")
    with pytest.raises(StoreError, match=r"cannot make .*read-only"):
        make_folder(small_disk / "new")


def test_a_missing_folder_and_a_file_as_a_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such file or folder"):
        write_atomic(tmp_path / "none" / "file", b"")
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="not a folder"):
        write_atomic(tmp_path / "file" / "below", b"")
    (tmp_path / "taken" / "x").mkdir(parents=True)
    with pytest.raises(StoreError, match="folder of that name"):
        write_atomic(tmp_path / "taken", b"")


def test_what_a_link_leads_to_is_written_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_atomic(tmp_path / "link", b"new")
    assert (tmp_path / "real").read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()


def test_nothing_is_left_when_the_writer_fails(tmp_path: Path) -> None:
    def write_half() -> None:
        with staged(tmp_path) as part:
            part.write(b"half")
            part.write(bytes(1 // 0))

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert names_in(tmp_path) == []


def test_an_unknown_number_keeps_the_systems_words(tmp_path: Path) -> None:
    error = store_error(OSError(errno.ELOOP, "Too many links"), "read", tmp_path)
    assert "Too many links" in error.message
    assert "OSError" in store_error(OSError(), "read", tmp_path).message

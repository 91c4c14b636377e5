"""Files that are there whole or not at all, and sentences for what the system refuses.

A file is written beside its place under another name, flushed to the disk and moved over: a
crash, a full disk or a pulled plug leaves the old file or the new one.
"""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from imvar_studio.model.errors import DiskFullError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FULL = ("the disk is full", "free some space and try again")
_NO_PERMISSION = ("there is no permission", "change the permissions or choose another folder")
_IS_FOLDER = ("there is a folder of that name", "choose another name")
_CAUSES = {
    errno.EACCES: _NO_PERMISSION,
    errno.EPERM: _NO_PERMISSION,
    errno.EROFS: ("the file system is read-only", "choose a folder on another disk"),
    errno.ENOSPC: _FULL,
    errno.EDQUOT: ("the disk quota is used up", _FULL[1]),
    errno.EFBIG: ("the file would be larger than the disk allows", "choose another disk"),
    errno.ENOENT: ("there is no such file or folder", "check the path, or make the folder first"),
    errno.ENOTDIR: ("a part of the path is not a folder", "check the path"),
    errno.EISDIR: _IS_FOLDER,
    errno.EEXIST: ("there is something of that name already", "choose another name"),
    errno.ENAMETOOLONG: ("the name is too long", "choose a shorter one"),
    errno.EMFILE: ("too many files are open", "close other programs and try again"),
    errno.EIO: ("the disk reports an error", "check the disk and copy your work elsewhere"),
}
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
_GENERAL_REMEDY = "check the disk and the path and try again"


def store_error(error: OSError, doing: str, path: Path | str) -> StoreError:
    """Return the sentence for what the system refused.

    Args:
        error: as it was raised.
        doing: the verb after "cannot": `read`, `write`, `make`.
        path: the file or folder it was about, as the user knows it.
    """
    known = _CAUSES.get(error.errno or 0)
    cause, remedy = known or (error.strerror or type(error).__name__, _GENERAL_REMEDY)
    kind = DiskFullError if error.errno in _NO_SPACE else StoreError
    return kind(f"cannot {doing} {path}, {cause}", remedy)


class Staged:
    """A file being written that has no name yet: `write`, then `publish` once.

    Args:
        file: descriptor of the open temporary file.
        path: the temporary file.
        durable: wait for the disk before the file gets its name.
    """

    def __init__(self, file: int, path: Path, *, durable: bool = True) -> None:
        self._file = file
        self._path = path
        self._durable = durable
        self.published = False

    def write(self, data: bytes | memoryview) -> None:
        """Append `data`. Raises OSError, which `staged` turns into a sentence."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._file, rest) :]

    def publish(self, path: Path) -> None:
        """Give the file its name, in the folder it was staged in; what was there is replaced."""
        if self._durable:
            os.fsync(self._file)
        self._close()
        os.replace(self._path, path)  # noqa: PTH105  (tests make this one fail)
        self.published = True
        if self._durable:
            sync_folder(path.parent)

    def discard(self) -> None:
        """Close and remove the temporary file; a second call does nothing."""
        if not self.published:
            with suppress(OSError):
                self._close()
            with suppress(OSError):
                self._path.unlink()

    def _close(self) -> None:
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)


@contextmanager
def staged(folder: Path, goal: Path | None = None, *, durable: bool = True) -> Iterator[Staged]:
    """Open a temporary file in `folder`, removed at the end unless it was published.

    Args:
        folder: where the file will lie.
        goal: what messages call it; `folder` where its name is not known yet.
        durable: as in `write_atomic`.

    Raises:
        StoreError: for everything the system refuses while the file is open.
    """
    part: Staged | None = None
    try:
        temporary = folder / f".{secrets.token_hex(8)}.part"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        part = Staged(os.open(temporary, flags, 0o666), temporary, durable=durable)
        yield part
    except OSError as error:
        raise store_error(error, "write", goal or folder) from error
    finally:
        if part is not None:
            part.discard()


def write_atomic(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write `data` to `path`: afterwards the file is the new one, on failure the old one.

    Args:
        path: the file; where it is a link, the file it leads to.
        data: its whole content.
        durable: wait until disk and folder have it. False where a torn file after a pulled
            plug is noticed and does no harm.

    Raises:
        StoreError: telling no permission, read-only, full disk and no such folder apart.
    """
    goal = path.resolve() if path.is_symlink() else path
    with staged(goal.parent, path, durable=durable) as part:
        part.write(data)
        part.publish(goal)


def make_folder(path: Path) -> None:
    """Make a folder and those above it; one that is there is left alone.

    Raises:
        StoreError: if the system refuses.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise store_error(error, "make", path) from error


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in `folder`; Windows does that by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some network file systems know no such thing
            raise
    finally:
        os.close(descriptor)

"""What a package may hold: a zip from anyone, looked at before a byte of it is unpacked.

What could leave the folder, overwrite another member, or be larger than it looks is refused.
What is harmless and not ours (a file manager's leavings, a cache) is passed over.
"""

from __future__ import annotations

import io
import re
import stat
import unicodedata
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imvar_studio.model.errors import FormatError
from imvar_studio.store.strict_json import MOST_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Step = Callable[[int, int], None]

SUFFIX = ".imvarz"
PROJECT = "project.json"
_OURS = (
    re.compile(r"assets/([0-9a-f]{64})\.[a-z0-9][a-z0-9._-]{0,63}"),
    re.compile(r"frames/[0-9a-f]{2}/[0-9a-f]{64}\.png"),
    re.compile(r"takes/[0-9a-f]{16}/[a-z][a-z0-9_-]{0,60}(\.[a-z0-9]{1,10})?"),
)
# names that Windows keeps for devices
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST = 1024
_FREE_RATIO = 2**20  # bytes that are never called a bomb
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MOST_DIRECTORY = 128 * 2**20  # bytes of a zip's list of members
_TRUSTED = "unpack only packages whose maker you know"
AGAIN = "pack the project again, or get the file again"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a package may ask of this machine.

    Args:
        members: files and folders.
        size: bytes once unpacked.
        ratio: bytes unpacked to bytes packed, of a member above 1 MiB and of the whole.
    """

    members: int = 200_000
    size: int = 2**40
    ratio: int = 200


def go_on(done: int, total: int) -> None:
    """Report to nobody."""


class Meter:
    """Counts a package's bytes for a caller that is told, and may want to stop.

    Args:
        total: bytes in all.
        step: told (bytes done, bytes in all).
    """

    def __init__(self, total: int, step: Step) -> None:
        self._done, self._total, self._step = 0, total, step

    def add(self, count: int) -> None:
        """Count some more; raises what `step` raises."""
        self._done += count
        self._step(min(self._done, self._total), self._total)


class PackageFile(io.BufferedReader):
    """A package's bytes, for `zipfile`, which would read a list of members of any length."""

    def read(self, size: int | None = -1) -> bytes:
        """Return up to `size` bytes; raises BadZipFile where more than 128 MiB are asked for."""
        wanted = _MOST_DIRECTORY + 1 if size is None or size < 0 else size
        if wanted > _MOST_DIRECTORY + 1:
            raise zipfile.BadZipFile("its list of members is too long")
        return super().read(wanted)


def members_of(
    infos: Sequence[zipfile.ZipInfo], package: Path, size: int, limits: Limits
) -> dict[str, zipfile.ZipInfo]:
    """Return the files of a project among a package's members, by their names.

    Args:
        infos: all members.
        package: what messages call it.
        size: the package's own bytes.
        limits: what it may hold.

    Raises:
        FormatError: for what no package of a project has.
    """
    if len(infos) > limits.members:
        raise FormatError(
            f"{package} has {len(infos)} members, the most is {limits.members}", _TRUSTED
        )
    seen: set[str] = set()
    found: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        try:
            _check_name(info)
            _check_kind(info)
            _check_once(info, seen)
        except FormatError as error:
            shown = ascii(info.orig_filename[:60])
            raise FormatError(f"{package} has a member {shown} {error.message}", _TRUSTED) from None
        if not info.is_dir() and is_ours(info.filename):
            found[info.filename] = info
    _check_sizes(infos, package, size, limits)
    if PROJECT not in found:
        remedy = "give a file that 'imvar pack' made"
        raise FormatError(f"{package} is not a project's package, it holds no {PROJECT}", remedy)
    if found[PROJECT].file_size > MOST_BYTES:
        limit = MOST_BYTES // 2**20
        raise FormatError(f"{PROJECT} in {package} is larger than {limit} MiB", AGAIN)
    return found


def asset_of(name: str) -> str | None:
    """Return the SHA-256 that a member's name says, None for what is no asset."""
    match = _OURS[0].fullmatch(name)
    return match[1] if match else None


def is_ours(name: str) -> bool:
    """Whether a member of this name belongs to a project."""
    if name == PROJECT:
        return True
    last = name.rpartition("/")[2]
    return any(form.fullmatch(name) for form in _OURS) and not _DEVICE.fullmatch(last)


def _check_name(info: zipfile.ZipInfo) -> None:
    # as it stands in the package: zipfile cuts names at NUL and turns separators
    name = info.orig_filename
    if not name or len(name) > _LONGEST:
        raise FormatError("whose name is empty or too long")
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in name):
        raise FormatError("whose name holds control characters")
    if "\\" in name or ":" in name:
        raise FormatError("whose name holds a backslash or a colon")
    if name.startswith("/"):
        raise FormatError("whose name begins at the root")
    parts = name.removesuffix("/").split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise FormatError("that would lie outside the project")


def _check_kind(info: zipfile.ZipInfo) -> None:
    mode = stat.S_IFMT(info.external_attr >> 16)
    if mode not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise FormatError("that is a link or a device")
    if mode == stat.S_IFDIR and not info.is_dir():
        raise FormatError("that is a folder by one name and a file by another")
    if info.is_dir() and info.file_size:
        raise FormatError("that is a folder with a content")
    if info.flag_bits & _ENCRYPTED:
        raise FormatError("that is encrypted")
    if info.compress_type not in _METHODS:
        raise FormatError("that is packed in a way no package is")


def _check_once(info: zipfile.ZipInfo, seen: set[str]) -> None:
    # as file systems compare that tell neither case nor composition apart
    name = unicodedata.normalize("NFC", info.orig_filename.removesuffix("/")).casefold()
    if name in seen:
        raise FormatError("that is there twice")
    seen.add(name)


def _check_sizes(
    infos: Sequence[zipfile.ZipInfo], package: Path, size: int, limits: Limits
) -> None:
    """Refuse what declares more than it could hold; the bytes themselves are counted later."""
    whole = sum(info.file_size for info in infos)
    if whole > limits.size:
        raise FormatError(f"{package} would unpack to {whole / 2**30:.0f} GiB", _TRUSTED)
    if sum(info.compress_size for info in infos) > size:
        raise FormatError(f"{package} is damaged, its members are larger than itself", AGAIN)
    free = _FREE_RATIO
    bombs = any(info.file_size > free + limits.ratio * info.compress_size for info in infos)
    if bombs or whole > free * 64 + limits.ratio * size:
        times = f"more than {limits.ratio} times its size"
        raise FormatError(f"{package} would unpack to {times}", _TRUSTED)

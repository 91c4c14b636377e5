"""Assets: media kept in a project byte for byte, named by their SHA-256."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING

from imvar_studio.model import checks
from imvar_studio.model.errors import StoreError
from imvar_studio.model.project import AssetEntry
from imvar_studio.store.atomic import make_folder, staged, store_error
from imvar_studio.store.hashing import sha256_of_file

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}")
_NO_SUFFIX = ".bin"
_BLOCK = 2**20
_LONGEST_NAME = 255


class AssetFolder:
    """The folder `assets/` of a project: files `<sha256>.<ext>`.

    An asset is checked against its name the first time it is asked for; what was checked or
    written by this object is trusted afterwards.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._whole: set[Path | None] = set()
        self._names: dict[str, str] = {}

    def know(self, entries: tuple[AssetEntry, ...]) -> None:
        """Take the names that messages call assets by."""
        self._names.update({entry.sha: entry.name for entry in entries})

    def add(self, file: Path) -> AssetEntry:
        """Copy `file` into the folder; the same bytes are kept once, a damaged copy is replaced.

        Raises:
            StoreError: if `file` is no file, or cannot be read or copied.
        """
        if not file.is_file():
            found = "is not a file" if file.exists() else "does not exist"
            raise StoreError(f"{file} {found}", "choose a picture, sound or film")
        make_folder(self._folder)
        sha, suffix = self._copy(file)
        entry = AssetEntry(sha, suffix, _plain_name(file.name))
        self._names.setdefault(sha, entry.name)
        return entry

    def path(self, sha: str) -> Path:
        """Return the file of an asset, whose content is what its name says.

        Raises:
            StoreError: if it is missing or damaged, by the asset's name.
        """
        path = self._find(sha)
        name = self._names.get(sha, path.name if path else sha)
        remedy = f"add {name} to the project again"
        if path is None:
            raise StoreError(f"the asset {name} is missing from {self._folder}", remedy)
        if not self._is_whole(path, sha):
            raise StoreError(f"the asset {name} is damaged, its content has changed", remedy)
        return path

    def _find(self, sha: str) -> Path | None:
        checks.digest(sha, "asset")
        return next((p for p in sorted(self._folder.glob(f"{sha}.*")) if p.is_file()), None)

    def _is_whole(self, path: Path, sha: str) -> bool:
        if path not in self._whole:
            try:
                found = sha256_of_file(path)
            except OSError as error:
                raise store_error(error, "read", path) from error
            if found != sha:
                return False
            self._whole.add(path)
        return True

    def _copy(self, file: Path) -> tuple[str, str]:
        """Copy and hash in one pass, so that the name fits even a file that changes meanwhile."""
        sha256 = hashlib.sha256()
        with staged(self._folder, self._folder / file.name) as part, _Reader(file) as source:
            while block := source.read():
                sha256.update(block)
                part.write(block)
            sha = sha256.hexdigest()
            there = self._find(sha)
            self._whole -= {there}  # the user may add it again because it is damaged
            if there is not None and self._is_whole(there, sha):
                return sha, there.suffix
            path = there or self._folder / f"{sha}{_suffix(file.name)}"
            part.publish(path)
        self._whole.add(path)
        return sha, path.suffix


class _Reader:
    """A file read in blocks, whose errors name it and not the copy."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> _Reader:
        try:
            self._file = self._path.open("rb")
        except OSError as error:
            raise store_error(error, "read", self._path) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self) -> bytes:
        try:
            return self._file.read(_BLOCK)
        except OSError as error:
            raise store_error(error, "read", self._path) from error


def _suffix(name: str) -> str:
    """Return the suffix in lower case, or `.bin` where it is none a file name needs."""
    dot = name.rfind(".")
    suffix = name[dot:].lower() if dot > 0 else ""
    return suffix if _SUFFIX.fullmatch(suffix) else _NO_SUFFIX


def _plain_name(name: str) -> str:
    """Return a file name as text: what no message could show becomes `?`."""
    shown = [
        "?" if unicodedata.category(char) in ("Cc", "Cs") else char
        for char in unicodedata.normalize("NFC", name)
    ]
    return "".join(shown)[:_LONGEST_NAME]

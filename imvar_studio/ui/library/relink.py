"""Finding media that went missing: by their content, whatever they are called now."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.model.errors import StoreError, UserError
from imvar_studio.store.atomic import store_error
from imvar_studio.store.hashing import sha256_of_file
from imvar_studio.ui.library.entries import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from imvar_studio.model.project import AssetEntry
    from imvar_studio.store.project_folder import ProjectFolder

_MOST_FILES = 100_000  # looked at in one folder


@dataclass(frozen=True, slots=True)
class Relinked:
    """What looking for missing media gave.

    Args:
        found: SHA-256 of those that are in the project again.
        wanted: how many were looked for.
        place: the folder or file that was looked in.
    """

    found: tuple[str, ...]
    wanted: int
    place: Path


def relink(folder: ProjectFolder, missing: Sequence[AssetEntry], place: Path) -> Relinked:
    """Take missing media into the project's folder again, from a file or a folder.

    Slow: it reads files whole. Only a file whose SHA-256 is a missing one's is taken.

    Args:
        folder: the project.
        missing: what is looked for.
        place: a file, or a folder with all that is below it.

    Raises:
        StoreError: for a file with another content; if it cannot be read or copied.
    """
    wanted = {entry.sha: entry for entry in missing}
    if place.is_file():
        _take_file(folder, wanted, place)
    elif place.is_dir():
        _take_from(folder, wanted, place)
    else:
        raise StoreError(f"{place} is not there", "choose another folder")
    found = tuple(entry.sha for entry in missing if entry.sha not in wanted)
    return Relinked(found, len(missing), place)


def _take_file(folder: ProjectFolder, wanted: dict[str, AssetEntry], file: Path) -> None:
    sha = _sha(file)
    if sha not in wanted:
        names = [shown_name(entry) for entry in wanted.values()]
        which = names[0] if len(names) == 1 else "every missing file"
        raise StoreError(
            f"{file.name} has another content than {which}",
            "choose another file, or add this one as a new picture",
        )
    folder.add_asset(file)
    del wanted[sha]


def _take_from(folder: ProjectFolder, wanted: dict[str, AssetEntry], place: Path) -> None:
    for file in _likely(_files(place), wanted.values()):
        if not wanted:
            return
        try:
            sha = _sha(file)
        except UserError:
            continue  # it is one of many, and nobody named it
        if sha in wanted:
            folder.add_asset(file)
            del wanted[sha]


def _likely(files: Iterable[Path], wanted: Iterable[AssetEntry]) -> list[Path]:
    """Return the files that could be meant: of the same name first, then of the same ending."""
    entries = tuple(wanted)
    names = {entry.name.casefold() for entry in entries}
    endings = {entry.suffix for entry in entries}
    alike = [file for file in files if file.suffix.lower() in endings]
    return sorted(alike, key=lambda file: file.name.casefold() not in names)


def _files(place: Path) -> Iterator[Path]:
    count = 0
    for root, folders, names in os.walk(place):
        folders.sort()
        for name in sorted(names):
            yield Path(root, name)
            count += 1
            if count == _MOST_FILES:
                return


def _sha(file: Path) -> str:
    try:
        return sha256_of_file(file)
    except OSError as error:
        raise store_error(error, "read", file) from error

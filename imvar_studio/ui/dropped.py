"""What dropped files are: pictures, projects, exports of this program, or no good.

Looking into files is slow and belongs in a lane.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imvar_studio.model.errors import StoreError, UserError

if TYPE_CHECKING:
    from collections.abc import Iterable

PROJECT_ENDING, PACKAGE_ENDING = ".imvar", ".imvarz"
_HEAD = 16  # bytes that tell what may carry a recipe
_FILMS = (b"\x1a\x45\xdf\xa3", b"GIF8")  # Matroska and WebM, GIF
_STILL_BRANDS = (b"avif", b"avis", b"mif1", b"heic", b"heix", b"hevc")


@dataclass(frozen=True, slots=True)
class Export:
    """A file this program exported, with the record of how it was made.

    Args:
        path: the file.
        record: from `jobs.provenance.read_record`.
        is_picture: whether it can be added as a picture too.
    """

    path: Path
    record: dict[str, Any]
    is_picture: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that nothing can be done with, and why."""

    path: Path
    error: UserError


@dataclass(frozen=True, slots=True)
class Drop:
    """Files by what can be done with them, each kind in the order they came.

    Args:
        pictures: to be added to the project.
        projects: folders and packages to be opened.
        exports: files that tell how they were made.
        others: what is refused.
    """

    pictures: tuple[Path, ...] = ()
    projects: tuple[Path, ...] = ()
    exports: tuple[Export, ...] = ()
    others: tuple[Refused, ...] = ()


def plan_drop(paths: Iterable[Path | str]) -> Drop:
    """Sort files by what can be done with them. Slow: it looks into each."""
    pictures: list[Path] = []
    projects: list[Path] = []
    exports: list[Export] = []
    others: list[Refused] = []
    for path in dict.fromkeys(map(Path, paths)):
        try:
            project = _project(path)
            export = None if project else _export(path)
            if project:
                projects.append(project)
            elif export:
                exports.append(export)
            else:
                _probe(path)
                pictures.append(path)
        except UserError as error:
            others.append(Refused(path, error))
    return Drop(tuple(pictures), tuple(projects), tuple(exports), tuple(others))


def _project(path: Path) -> Path | None:
    """Return the project that a path means: its folder, its package, or a file in it."""
    if path.name == "project.json" and path.parent.suffix.lower() == PROJECT_ENDING:
        return path.parent
    if path.is_dir():
        if (path / "project.json").is_file():
            return path
        raise StoreError(
            f"{path.name} is a folder without a project", "drop the pictures that are in it"
        )
    return path if path.suffix.lower() == PACKAGE_ENDING and path.is_file() else None


def _export(path: Path) -> Export | None:
    """Return a file of ours with its record; None where only a picture can be meant."""
    from imvar_studio.jobs.provenance import read_record

    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return None  # a picture's reader says why
    is_picture = head.startswith(b"\x89PNG")
    is_film = head.startswith(_FILMS) or (head[4:8] == b"ftyp" and head[8:12] not in _STILL_BRANDS)
    if not (is_picture or is_film or head.lstrip().startswith(b"{")):
        return None
    try:
        return Export(path, read_record(path), is_picture)
    except UserError:
        if is_picture or head.startswith(b"GIF8"):
            return None
        raise


def _probe(path: Path) -> None:
    from imvar_studio.media.image_io import probe_picture

    probe_picture(path)

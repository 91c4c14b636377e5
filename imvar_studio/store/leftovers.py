"""What a program that was killed left in a project: files that never got their names."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from imvar_studio.store.project_folder import ProjectFolder

_PART = re.compile(r"\.[0-9a-f]{16}\.part")  # from `atomic.staged`
FILM_FOLDER = ".imvar-film-"  # the folder a film is encoded in
_DAY = 86400.0


def find_leftovers(project: ProjectFolder, in_use: Collection[str], now: float) -> tuple[Path, ...]:
    """Return temporary files and folders that nobody works on any more, older than a day.

    Args:
        project: the folder.
        in_use: ids of takes whose folders are left alone.
        now: seconds since 1970.
    """
    busy = {project.takes / take for take in in_use}
    found: list[Path] = []
    for name, folders, files in os.walk(project.path):
        folder = Path(name)
        if folder in busy:
            folders.clear()
            continue
        found += [folder / file for file in files if _PART.fullmatch(file)]
        films = [each for each in folders if each.startswith(FILM_FOLDER)]
        found += [folder / film for film in films]
        folders[:] = [each for each in folders if each not in films]
    return tuple(sorted(path for path in found if is_old(path, now)))


def sweep_take(take: Path) -> None:
    """Remove what a killed render left in a take's folder, for who holds the take's lock."""
    for path in (*take.glob(f"{FILM_FOLDER}*"), *take.glob(".*.part")):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        elif _PART.fullmatch(path.name):
            with suppress(OSError):
                path.unlink()


def is_old(path: Path, now: float) -> bool:
    """Whether a file or folder was last written more than a day ago."""
    try:
        return path.lstat().st_mtime < now - _DAY
    except OSError:
        return False

"""Removing takes, and what crashes left behind, so that no crash can cost what stays.

A take first gets a hidden name, in one step: from then on it is none. Then go the frames that
no remaining take refers to, and its folder last, so that a second run finds what a crash left.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.store.atomic import store_error, sync_folder
from imvar_studio.store.leftovers import find_leftovers, is_old
from imvar_studio.store.locks import cleaning, takes_in_use
from imvar_studio.store.take_check import verify_takes
from imvar_studio.store.take_list import (
    TakeFolder,
    find_takes,
    folder_size,
    read_take,
    read_takes,
)
from imvar_studio.store.takes import take_id

if TYPE_CHECKING:
    from collections.abc import Collection

    from imvar_studio.store.project_folder import ProjectFolder

_TRASH = ".trash-"
_DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Choice:
    """Which takes go: those that everything given here agrees on; nothing given chooses none.

    Args:
        takes: ids, or their beginnings.
        keep_newest: all but so many that were written last.
        older_than: those written last so many days ago, or earlier.
        damaged: those with frames, videos or plans that are not whole.
    """

    takes: tuple[str, ...] = ()
    keep_newest: int | None = None
    older_than: float | None = None
    damaged: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether no take is chosen: what crashes left is all that goes."""
        given = self.keep_newest is not None or self.older_than is not None
        return not (self.takes or given or self.damaged)


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What goes, or went.

    Args:
        takes: ids of the takes.
        frames: digests of the frames.
        leftovers: files and folders that crashes left.
        size: bytes that come free.
        spared: ids of takes that were chosen and stay, and why.
        blocked: ids of takes that stay and whose plans do not read: while there are any, no
            frame goes, since they may refer to it.
    """

    takes: tuple[str, ...]
    frames: tuple[str, ...]
    leftovers: tuple[Path, ...]
    size: int
    spared: tuple[tuple[str, str], ...]
    blocked: tuple[str, ...]


def clean_takes(
    project: ProjectFolder,
    choice: Choice,
    keep: Collection[str] = (),
    *,
    really: bool,
) -> Cleaning:
    """Remove takes and the frames that no remaining take refers to, or say what would go.

    Never goes: a take in use and its frames, what `keep` names, the project and its assets.

    Args:
        project: the folder.
        choice: of takes.
        keep: digests of plans and of recipes that something else refers to: the queue, the
            undo history, a version.
        really: remove; without it nothing is changed.

    Raises:
        StoreError: for a name of no take; if another cleans; if something cannot be read or
            removed: what was removed until then is whole, and a second run goes on.
    """
    if not really:
        return _planned(project, choice, keep)[0]
    # without takes there is none that could come into use, and no folder to make for that
    gate = cleaning(project, "imvar takes clean") if project.takes.is_dir() else nullcontext()
    with gate:
        plan, trash = _planned(project, choice, keep)
        for take in plan.takes:
            trash.append(_put_away(project, take))
        for frame in plan.frames:
            _remove(project.frames.path(frame))
        for path in (*plan.leftovers, *trash):
            _remove(path)
    return plan


def _planned(
    project: ProjectFolder, choice: Choice, keep: Collection[str]
) -> tuple[Cleaning, list[Path]]:
    """Return what goes, and the hidden folders of takes that a crash let stay."""
    now, in_use = time.time(), takes_in_use(project)
    takes = read_takes(project)
    trash = [read_take(path) for path in sorted(project.takes.glob(f"{_TRASH}*"))]
    kept_ids = {take_id(digest) for digest in keep}
    going: list[TakeFolder] = []
    spared: list[tuple[str, str]] = []
    for take in _chosen(project, takes, choice, now):
        if take.id in in_use:
            spared.append((take.id, f"it is in use by {in_use[take.id]}"))
        elif take.id in kept_ids:
            spared.append((take.id, "the queue, a version or the undo history refers to it"))
        else:
            going.append(take)
    staying = [take for take in takes if take not in going]
    blocked = tuple(take.id for take in staying if take.pictures is None)
    # a take in use that has no plan yet may refer to any frame
    blocked += tuple(sorted(in_use.keys() - {take.id for take in takes}))
    frames: dict[str, int] = {}
    if not blocked:
        needed = {name for take in staying for name in take.frames}.union(keep)
        frames = _frames_to_go(project, [*going, *trash], needed, now)
    leftovers = find_leftovers(project, in_use, now)
    size = sum(frames.values()) + sum(_size(path) for path in leftovers)
    size += sum(folder_size(take.path) for take in (*going, *trash))
    ids = tuple(take.id for take in going)
    cleaning = Cleaning(ids, tuple(frames), leftovers, size, tuple(spared), blocked)
    return cleaning, [take.path for take in trash]


def _chosen(
    project: ProjectFolder, takes: tuple[TakeFolder, ...], choice: Choice, now: float
) -> list[TakeFolder]:
    if choice.is_empty:
        return []
    found = list(find_takes(takes, choice.takes) if choice.takes else takes)
    if choice.keep_newest is not None:
        newest = takes[: choice.keep_newest]
        found = [take for take in found if take not in newest]
    if choice.older_than is not None:
        limit = now - choice.older_than * _DAY
        found = [take for take in found if take.written <= limit]
    if choice.damaged and found:
        checks = verify_takes(project, [take.id for take in found])
        damaged = {check.id for check in checks if not check.is_whole}
        found = [take for take in found if take.id in damaged]
    return found


def _frames_to_go(
    project: ProjectFolder, going: list[TakeFolder], needed: set[str], now: float
) -> dict[str, int]:
    """Return digests and sizes of frames that nothing needs any more.

    A frame that belongs to no take at all goes a day after it was written: what another kind
    of work is about to refer to is not swept away under its hands.
    """
    gone = {name for take in going for name in take.frames}
    return {
        name: size
        for name, size in sorted(project.frames.sizes().items())
        if name not in needed and (name in gone or is_old(project.frames.path(name), now))
    }


def _put_away(project: ProjectFolder, take: str) -> Path:
    """Give a take a name under which it is none, in one step that is on the disk afterwards."""
    path = project.takes / take
    hidden = project.takes / f"{_TRASH}{take}-{secrets.token_hex(4)}"
    try:
        os.replace(path, hidden)  # noqa: PTH105  (tests make this one fail)
        sync_folder(project.takes)
    except OSError as error:
        raise store_error(error, "remove", path) from error
    return hidden


def _remove(path: Path) -> None:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise store_error(error, "remove", path) from error


def _size(path: Path) -> int:
    if path.is_dir() and not path.is_symlink():
        return folder_size(path)
    try:
        return path.lstat().st_size
    except OSError:
        return 0

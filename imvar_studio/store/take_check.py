"""Verifying takes: every frame hashed and held against what the journals say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imvar_studio.store.lock_file import Holder
from imvar_studio.store.locks import takes_in_use
from imvar_studio.store.take_list import TakeFolder, find_takes, read_takes
from imvar_studio.store.take_videos import recorded_videos

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from imvar_studio.store.project_folder import ProjectFolder


@dataclass(frozen=True, slots=True)
class TakeCheck:
    """What was found of one take; frames are named by their digests, in the plan's order.

    Args:
        id: the name of its folder.
        film: the film's name at the time, "" where it is not known.
        plan_reads: whether its plan is readable; without one, what its journal names counts.
        whole: frames whose files have a hash that a journal names.
        missing: a journal names them and there is no file.
        damaged: their files have another hash than every journal names.
        stale: there is a file and no journal names it: a crash came between the two.
        left: pictures that were not rendered yet.
        videos: its videos' files by name, and whether each is whole.
        holder: who renders it now; what is in flight then is not called stale.
    """

    id: str
    film: str
    plan_reads: bool
    whole: int
    missing: tuple[str, ...]
    damaged: tuple[str, ...]
    stale: tuple[str, ...]
    left: int
    videos: tuple[tuple[str, bool], ...]
    holder: Holder | None

    @property
    def is_whole(self) -> bool:
        """Whether nothing has to be put right; an unfinished take may be whole."""
        lost = self.missing or self.damaged or self.stale
        return self.plan_reads and not lost and all(whole for _, whole in self.videos)


def verify_takes(
    project: ProjectFolder,
    names: Collection[str] = (),
    report: Callable[[int, int], None] = lambda done, of: None,
) -> tuple[TakeCheck, ...]:
    """Hash every frame and video of a project's takes; nothing is changed.

    A frame is whole if any journal of the project names the hash it has, as for a render.

    Args:
        project: the folder.
        names: ids of takes, or their beginnings; none checks all.
        report: called with frames hashed and frames in all.

    Raises:
        StoreError: for a name of no take; if a folder or a journal cannot be read.
    """
    takes = read_takes(project)
    chosen = find_takes(takes, names) if names else takes
    in_use = takes_in_use(project)
    vouched: dict[str, set[str]] = {}
    for record in (record for take in takes for record in take.records):
        vouched.setdefault(record.recipe, set()).add(record.file)
    frames = list(dict.fromkeys(name for take in chosen for name in _in_order(take)))
    hashes: dict[str, str | None] = {}
    for number, name in enumerate(frames, 1):
        hashes[name] = project.frames.file_hash(name)
        report(number, len(frames))
    return tuple(_check(take, hashes, vouched, in_use.get(take.id)) for take in chosen)


def _check(
    take: TakeFolder,
    hashes: Mapping[str, str | None],
    vouched: Mapping[str, set[str]],
    holder: Holder | None,
) -> TakeCheck:
    groups: dict[str, list[str]] = {name: [] for name in ("whole", "missing", "damaged", "stale")}
    left = 0
    for name in _in_order(take):
        found, known = hashes[name], vouched.get(name, set())
        if found is None and not known:
            left += 1
        elif found is None:
            groups["missing"].append(name)
        elif not known:
            groups["stale"].append(name)
        else:
            groups["whole" if found in known else "damaged"].append(name)
    if holder is not None:  # a frame is there a moment before its record
        left += len(groups["stale"])
        groups["stale"] = []
    return TakeCheck(
        take.id,
        take.film,
        take.pictures is not None,
        len(groups["whole"]),
        tuple(groups["missing"]),
        tuple(groups["damaged"]),
        tuple(groups["stale"]),
        left,
        tuple((video.path, video.is_whole(take.path)) for video in recorded_videos(take.path)),
        holder,
    )


def _in_order(take: TakeFolder) -> Iterable[str]:
    named = (record.recipe for record in take.records)
    return dict.fromkeys(take.pictures if take.pictures is not None else named)

"""Edits: pure functions from a value to the next one; unchanged parts are shared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imvar_studio.model.errors import SpecError

if TYPE_CHECKING:
    from imvar_studio.model.project import AssetEntry, Project, Work
    from imvar_studio.model.timeline import Keyframe, Timeline


def place(timeline: Timeline, key: Keyframe) -> Timeline:
    """Put a keyframe at its time; one with the same id is replaced, wherever it was."""
    others = [other for other in timeline.keyframes if other.id != key.id]
    taken = next((other for other in others if other.time == key.time), None)
    if taken is not None:
        raise SpecError(
            f"there is a keyframe at {key.time:g} s already", "keyframe time", "choose another time"
        )
    keys = tuple(sorted([*others, key], key=lambda each: each.time))
    return replace(timeline, keyframes=keys)


def remove(timeline: Timeline, key_id: str) -> Timeline:
    """Take a keyframe away; an id that is not there changes nothing."""
    keys = tuple(key for key in timeline.keyframes if key.id != key_id)
    return timeline if len(keys) == len(timeline.keyframes) else replace(timeline, keyframes=keys)


def free_id(timeline: Timeline) -> str:
    """Return the first of `key-1`, `key-2`, ... that no keyframe has."""
    taken = {key.id for key in timeline.keyframes}
    return next(name for n in range(1, len(taken) + 2) if (name := f"key-{n}") not in taken)


def put_work(project: Project, work: Work) -> Project:
    """Replace the work of the same id, or add it at the end."""
    if any(each.id == work.id for each in project.works):
        works = tuple(work if each.id == work.id else each for each in project.works)
    else:
        works = (*project.works, work)
    return replace(project, works=works)


def add_asset(project: Project, asset: AssetEntry) -> Project:
    """Add an asset; one that is there already (the same bytes) keeps its first name."""
    if project.asset(asset.sha) is not None:
        return project
    return replace(project, assets=(*project.assets, asset))

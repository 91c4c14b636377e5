"""What differs between two states of a project, in sentences for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.ui.words import say

if TYPE_CHECKING:
    from imvar_studio.model.project import FilmWork, Project

_MOST = 8  # lines; a comparison is read, not studied


def differences(before: Project, after: Project) -> tuple[str, ...]:
    """Return what is different in `after`, at most a handful of lines."""
    old = {film.id: film for film in before.films()}
    new = {film.id: film for film in after.films()}
    come = [film.name for name, film in new.items() if name not in old]
    gone = [film.name for name, film in old.items() if name not in new]
    lines = [say("the film “{name}” is new", name=name) for name in come]
    lines += [say("the film “{name}” is gone", name=name) for name in gone]
    for name, film in new.items():
        if name in old and old[name] != film:
            lines += _film(old[name], film)
    pictures = len(after.assets) - len(before.assets)
    if pictures:
        lines.append(_media(pictures))
    if len(lines) > _MOST:
        lines = [*lines[: _MOST - 1], say("and {n} more", n=len(lines) - _MOST + 1)]
    return tuple(lines) or (say("nothing that is shown here"),)


def _film(before: FilmWork, after: FilmWork) -> list[str]:
    lines: list[str] = []
    if before.name != after.name:
        lines.append(say("the film “{name}” is called “{new}”", name=before.name, new=after.name))
    old = {key.id: key for key in before.timeline.keyframes}
    new = {key.id: key for key in after.timeline.keyframes}
    added, gone = len(new.keys() - old.keys()), len(old.keys() - new.keys())
    changed = [key for name, key in new.items() if name in old and old[name] != key]
    moved = sum(old[key.id].time != key.time for key in changed)
    rest = len(changed) - moved
    for count, one, many in (
        (added, say("1 keyframe added"), say("{n} keyframes added", n=added)),
        (gone, say("1 keyframe deleted"), say("{n} keyframes deleted", n=gone)),
        (moved, say("1 keyframe moved"), say("{n} keyframes moved", n=moved)),
        (rest, say("1 keyframe changed"), say("{n} keyframes changed", n=rest)),
    ):
        if count:
            lines.append(f"{after.name}: {one if count == 1 else many}")
    if before.timeline.tracks != after.timeline.tracks:
        lines.append(f"{after.name}: {say('tracks changed')}")
    if before.timeline.markers != after.timeline.markers:
        lines.append(f"{after.name}: {say('markers changed')}")
    if (before.settings, before.model) != (after.settings, after.model):
        lines.append(f"{after.name}: {say('settings changed')}")
    return lines


def _media(more: int) -> str:
    n = abs(more)
    if more > 0:
        return say("1 more media file") if n == 1 else say("{n} more media files", n=n)
    return say("1 media file fewer") if n == 1 else say("{n} media files fewer", n=n)

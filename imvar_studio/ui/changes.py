"""What differs between two states of a project, in sentences for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imvar_studio.model.project import FilmWork, Project

_MOST = 8  # lines; a comparison is read, not studied


def differences(before: Project, after: Project) -> tuple[str, ...]:
    """Return what is different in `after`, at most a handful of lines."""
    old = {film.id: film for film in before.films()}
    new = {film.id: film for film in after.films()}
    lines = [f"the film {film.name!r} is new" for name, film in new.items() if name not in old]
    lines += [f"the film {film.name!r} is gone" for name, film in old.items() if name not in new]
    for name, film in new.items():
        if name in old and old[name] != film:
            lines += _film(old[name], film)
    pictures = len(after.assets) - len(before.assets)
    if pictures:
        lines.append(f"{_count(abs(pictures), 'media file')} {'more' if pictures > 0 else 'fewer'}")
    if len(lines) > _MOST:
        lines = [*lines[: _MOST - 1], f"and {len(lines) - _MOST + 1} more"]
    return tuple(lines) or ("nothing that is shown here",)


def _film(before: FilmWork, after: FilmWork) -> list[str]:
    lines: list[str] = []
    if before.name != after.name:
        lines.append(f"the film {before.name!r} is called {after.name!r}")
    old = {key.id: key for key in before.timeline.keyframes}
    new = {key.id: key for key in after.timeline.keyframes}
    added, gone = len(new.keys() - old.keys()), len(old.keys() - new.keys())
    changed = [key for name, key in new.items() if name in old and old[name] != key]
    moved = sum(old[key.id].time != key.time for key in changed)
    for count, what in (
        (added, "added"),
        (gone, "deleted"),
        (moved, "moved"),
        (len(changed) - moved, "changed"),
    ):
        if count:
            lines.append(f"{after.name}: {_count(count, 'keyframe')} {what}")
    if before.timeline.tracks != after.timeline.tracks:
        lines.append(f"{after.name}: tracks changed")
    if before.timeline.markers != after.timeline.markers:
        lines.append(f"{after.name}: markers changed")
    if (before.settings, before.model) != (after.settings, after.model):
        lines.append(f"{after.name}: settings changed")
    return lines


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"

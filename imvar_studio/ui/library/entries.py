"""What the library lists: pictures by name, looks by text, and where each is used."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from imvar_studio.model.contents import parts
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Edit, Picture, Prior, Prompt
from imvar_studio.model.project import FilmWork
from imvar_studio.model.sheet import SheetWork
from imvar_studio.model.source import Asset

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from imvar_studio.model.project import AssetEntry, Project
    from imvar_studio.model.timeline import Keyframe

PICTURE_ENDINGS = (
    ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".avif", ".gif", ".bmp",
)  # fmt: skip
"""Of files that `media.image_io` reads; it goes by their content, a file chooser by these."""


@dataclass(frozen=True, slots=True)
class Use:
    """A place where a picture or a look is used.

    Args:
        film: id of the work.
        name: its name.
        keyframe: id, "" where it is not a keyframe that uses it.
        time: of the keyframe in seconds.
    """

    film: str
    name: str
    keyframe: str = ""
    time: float = 0.0


@dataclass(frozen=True, slots=True)
class LookCard:
    """A text that keyframes show, once, however many show it.

    Args:
        text: of the prompt, or of what an edit goes to.
        uses: the keyframes, in order of film and time.
    """

    text: str
    uses: tuple[Use, ...]

    @property
    def films(self) -> tuple[str, ...]:
        """The ids of the films it is used in."""
        return tuple(dict.fromkeys(use.film for use in self.uses))


def shown_name(entry: AssetEntry) -> str:
    """Return an asset's name without the ending of its file."""
    name = entry.name
    if len(name) > len(entry.suffix) and name.lower().endswith(entry.suffix):
        return name[: -len(entry.suffix)]
    return name


def pictures(project: Project, search: str = "") -> tuple[AssetEntry, ...]:
    """Return the assets whose names hold every word of `search`; sounds are left out."""
    found = (entry for entry in project.assets if entry.suffix in PICTURE_ENDINGS)
    if not search.strip():
        return tuple(found)
    return tuple(entry for entry in found if matches(shown_name(entry), search))


def matches(text: str, search: str) -> bool:
    """Whether a text holds every word of `search`, in any case and order."""
    found = text.casefold()
    return all(word in found for word in search.casefold().split())


def look_cards(project: Project, search: str = "") -> tuple[LookCard, ...]:
    """Return the texts that the films' keyframes show and `search` finds, in order of use."""
    found: dict[str, list[Use]] = {}
    for film in project.films():
        for key in film.timeline.keyframes:
            for text in texts(key):
                found.setdefault(text, []).append(_use(film, key))
    return tuple(LookCard(text, tuple(u)) for text, u in found.items() if matches(text, search))


def texts(key: Keyframe) -> tuple[str, ...]:
    """Return the texts of a keyframe's looks, each once; empty prompts are none."""
    look = key.looks[0].look
    if len(key.looks) == 1 and isinstance(look, (Picture, Prompt)):  # nearly all, of thousands
        return (look.text,) if isinstance(look, Prompt) and look.text.strip() else ()
    return tuple(dict.fromkeys(text for text in _texts(key) if text.strip()))


def _texts(key: Keyframe) -> Iterator[str]:
    for part in parts(key.looks):
        if isinstance(part, (Prompt, Prior)):
            yield part.text
        elif isinstance(part, Edit):
            yield part.target


def uses(project: Project, shas: Collection[str]) -> tuple[Use, ...]:
    """Return where assets are used: keyframes, films' sounds, works of unknown kinds."""
    wanted, found = frozenset(shas), []
    for work in project.works:
        if isinstance(work, SheetWork):
            found += [Use(work.id, work.name)] * (not wanted.isdisjoint(work.assets()))
            continue
        if not isinstance(work, FilmWork):
            found += [Use(work.id, work.id)] * any(sha in work.content for sha in wanted)
            continue
        keys = work.timeline.keyframes
        found += [_use(work, key) for key in keys if not wanted.isdisjoint(_assets(key))]
        if work.audio is not None and work.audio.asset in wanted:
            found.append(Use(work.id, work.name))
    return tuple(found)


def _use(film: FilmWork, key: Keyframe) -> Use:
    return Use(film.id, film.name, key.id, key.time)


def _assets(key: Keyframe) -> set[str]:
    seen = (key.looks, key.start, key.negative)
    return {part.sha for part in parts(seen) if isinstance(part, Asset)}


def rename(project: Project, sha: str, name: str) -> Project:
    """Give an asset another name; the ending of its file stays part of it.

    Raises:
        SpecError: for a name that is empty or too long.
    """
    entry = project.asset(sha)
    name = " ".join(name.split())
    if entry is None or name == shown_name(entry):
        return project
    if not name:
        raise SpecError("a picture needs a name", "name", "type one")
    had_ending = shown_name(entry) != entry.name
    new = replace(entry, name=name + entry.suffix if had_ending else name)
    return replace(
        project, assets=tuple(new if each.sha == sha else each for each in project.assets)
    )


def without(project: Project, shas: frozenset[str]) -> Project:
    """Take assets out of the project; their files stay, so that it can be undone.

    Raises:
        SpecError: if one is used, naming it and where.
    """
    if uses(project, shas):
        for entry in project.assets:
            used = uses(project, {entry.sha} & shas)
            if used:
                raise SpecError(
                    f"{shown_name(entry)} is used {where(used)}",
                    "asset",
                    "delete those keyframes first, or give them another look",
                )
    assets = tuple(entry for entry in project.assets if entry.sha not in shas)
    return project if len(assets) == len(project.assets) else replace(project, assets=assets)


def where(used: tuple[Use, ...]) -> str:
    """Return places as a clause: "in Night animals at 0:02 and 0:04, and in Day"."""
    films: dict[str, list[Use]] = {}
    for use in used:
        films.setdefault(use.film, []).append(use)
    clauses = []
    for each in films.values():
        times = [minutes(use.time) for use in each if use.keyframe]
        more = f" and {len(times) - 3} other times" if len(times) > 4 else ""
        at = f" at {_listed(times[:3] if more else times, bool(more))}{more}" if times else ""
        clauses.append(f"in {each[0].name}{at}")
    return ", ".join(clauses[:-1]) + (", and " if len(clauses) > 1 else "") + clauses[-1]


def _listed(items: list[str], unfinished: bool) -> str:
    if unfinished or len(items) < 2:
        return ", ".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def minutes(time: float) -> str:
    """Return seconds as minutes and seconds: "0:02", with tenths where it is between."""
    tenths = round(time * 10)
    whole = f"{tenths // 600}:{tenths // 10 % 60:02d}"
    return whole if tenths % 10 == 0 else f"{whole}.{tenths % 10}"

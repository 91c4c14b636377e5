"""Which takes a project's states refer to: as it stands, its versions, a recovery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imvar_studio.model.canonical import digest_data
from imvar_studio.model.codec import encode
from imvar_studio.model.errors import UserError
from imvar_studio.model.project import FilmWork, Project
from imvar_studio.model.sheet import SheetWork
from imvar_studio.store.project_folder import read_project
from imvar_studio.store.recovery import newer
from imvar_studio.store.strict_json import read_json
from imvar_studio.store.take_list import read_takes
from imvar_studio.store.takes import PLAN_FILE
from imvar_studio.store.versions import list_versions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from imvar_studio.store.project_folder import ProjectFolder


def referred_takes(project: ProjectFolder, values: Iterable[Project] = ()) -> frozenset[str]:
    """Return the ids of takes that show a work which the project has or a version had.

    A film at whatever size, rate or seed: going back to the version finds its frames made. A
    state that does not read refers to nothing.

    Args:
        project: whose takes.
        values: further states that can be gone back to, such as those of the undo history.

    Raises:
        StoreError: if the takes cannot be read.
    """
    states = [project.file, *(version.path for version in list_versions(project.versions))]
    shown = {digest for state in states for digest in _saved(state)}
    recovered = newer(project)
    shown.update(_shown(recovered.project) if recovered else ())
    shown.update(_shown_of(values))
    return frozenset(take.id for take in read_takes(project) if _shown_by(take.path) & shown)


def _saved(state: Path) -> list[str]:
    try:
        return _shown(read_project(state))
    except UserError:
        return []


def _shown_of(values: Iterable[Project]) -> set[str]:
    """Return what values show; they share most of their timelines, which are read once."""
    works = [work for value in values for work in value.works]
    lines = {id(work.timeline): work.timeline for work in works if isinstance(work, FilmWork)}
    sheets = {id(work): work for work in works if isinstance(work, SheetWork)}
    films = {_timeline(encode(timeline)) for timeline in lines.values()}
    return films | {_sheet(encode(sheet)) for sheet in sheets.values()}


def _shown(project: Project) -> list[str]:
    films = [_timeline(encode(film.timeline)) for film in project.films()]
    return films + [_sheet(encode(sheet)) for sheet in project.sheets()]


def _shown_by(take: Path) -> set[str]:
    try:
        plan: Any = read_json(take / PLAN_FILE)
        spec = plan["spec"]
        if "sheets" in spec:  # a gallery's
            return {_sheet(each["sheet"]) for each in spec["sheets"]}
        return {_sheet(spec["sheet"]) if "sheet" in spec else _timeline(spec["film"]["timeline"])}
    except (UserError, AttributeError, TypeError, KeyError):
        return set()


def _timeline(data: dict[str, Any]) -> str:
    """Return the name of what a timeline shows: markers are not in its pictures."""
    return digest_data({name: part for name, part in data.items() if name != "markers"})


def _sheet(data: dict[str, Any]) -> str:
    """Return the name of what a sheet shows: neither its id nor its words are in its pictures."""
    words = ("id", "name", "caption", "likeness")
    return digest_data({name: part for name, part in data.items() if name not in words})

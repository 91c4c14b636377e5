"""Which takes a project's states refer to: as it stands, its versions, a recovery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imvar_studio.model.canonical import digest_data
from imvar_studio.model.codec import encode
from imvar_studio.model.errors import UserError
from imvar_studio.model.project import FilmWork, Project
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
    """Return the ids of takes that show a timeline which the project has or a version had.

    At whatever size, rate or seed: going back to the version finds its frames made. A state
    that does not read refers to nothing.

    Args:
        project: whose takes.
        values: further states that can be gone back to, such as those of the undo history.

    Raises:
        StoreError: if the takes cannot be read.
    """
    states = [project.file, *(version.path for version in list_versions(project.versions))]
    timelines = {digest for state in states for digest in _saved(state)}
    recovered = newer(project)
    timelines.update(_timelines(recovered.project) if recovered else ())
    timelines.update(_timelines_of(values))
    return frozenset(
        take.id for take in read_takes(project) if _timeline_of(take.path) in timelines
    )


def _saved(state: Path) -> list[str]:
    try:
        return _timelines(read_project(state))
    except UserError:
        return []


def _timelines_of(values: Iterable[Project]) -> set[str]:
    """Return what values show; they share most of their timelines, which are read once."""
    films = [work for value in values for work in value.works if isinstance(work, FilmWork)]
    apart = {id(film.timeline): film.timeline for film in films}
    return {_digest(encode(timeline)) for timeline in apart.values()}


def _timelines(project: Project) -> list[str]:
    films = [work for work in project.works if isinstance(work, FilmWork)]
    return [_digest(encode(film.timeline)) for film in films]


def _timeline_of(take: Path) -> str:
    try:
        plan: Any = read_json(take / PLAN_FILE)
        return _digest(plan["spec"]["film"]["timeline"])
    except (UserError, AttributeError, TypeError, KeyError):
        return ""


def _digest(timeline: dict[str, Any]) -> str:
    """Return the name of what a timeline shows: markers are not in its pictures."""
    return digest_data({name: part for name, part in timeline.items() if name != "markers"})

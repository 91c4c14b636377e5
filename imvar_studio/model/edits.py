"""Edits of a project: pure functions from a value to the next one; unchanged parts are shared.

What happens on a film's timeline is in `keyframe_edits`, `timeline_edits` and `track_edits`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imvar_studio.model.errors import SpecError
from imvar_studio.model.project import FilmWork

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.project import AssetEntry, Project, Work
    from imvar_studio.model.timeline import Timeline


def put_work(project: Project, work: Work) -> Project:
    """Replace the work of the same id, or add it at the end."""
    if any(each.id == work.id for each in project.works):
        works = tuple(work if each.id == work.id else each for each in project.works)
    else:
        works = (*project.works, work)
    return replace(project, works=works)


def film_of(project: Project, work_id: str) -> FilmWork:
    """Return a film by its id.

    Raises:
        SpecError: if the project has no such film.
    """
    for work in project.works:
        if work.id == work_id and isinstance(work, FilmWork):
            return work
    raise SpecError(f"there is no film {work_id!r} in the project", "film")


def edit_timeline(project: Project, work_id: str, edit: Callable[[Timeline], Timeline]) -> Project:
    """Return the project with a film's timeline as `edit` makes it; itself where that is equal.

    Raises:
        SpecError: if the project has no such film, or what `edit` raises.
    """
    film = film_of(project, work_id)
    timeline = edit(film.timeline)
    if timeline == film.timeline:
        return project
    return put_work(project, replace(film, timeline=timeline))


def add_asset(project: Project, asset: AssetEntry) -> Project:
    """Add an asset; one that is there already (the same bytes) keeps its first name."""
    if project.asset(asset.sha) is not None:
        return project
    return replace(project, assets=(*project.assets, asset))

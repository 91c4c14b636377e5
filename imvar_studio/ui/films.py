"""The films of a project: pure edits of which there are, in what order, by what name."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from imvar_studio.model.edits import film_of, put_work
from imvar_studio.model.errors import SpecError
from imvar_studio.model.project import FilmWork, Project
from imvar_studio.model.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 200  # characters of a name


def new_film(project: Project, like: FilmWork, name: str) -> tuple[Project, str]:
    """Add an empty film at the end.

    Args:
        project: to add it to.
        like: the film whose size, rate, model and other settings it begins with.
        name: that it is to have; a number is added where another film has it.

    Returns:
        The project and the film's id.
    """
    film = FilmWork(
        _free_id(project),
        free_name(_names(project), name),
        Timeline(),
        like.settings,
        like.model,
    )
    return put_work(project, film), film.id


def duplicate_film(project: Project, film_id: str) -> tuple[Project, str]:
    """Put a copy of a film behind it.

    Returns:
        The project and the copy's id.

    Raises:
        SpecError: if the project has no such film.
    """
    film = film_of(project, film_id)
    copy = distinct(project, film)
    at = project.works.index(film) + 1
    return replace(project, works=(*project.works[:at], copy, *project.works[at:])), copy.id


def rename_film(project: Project, film_id: str, name: str) -> Project:
    """Give a film another name; takes know their film by it, so no two have the same.

    Raises:
        SpecError: if the name is empty, too long, or another film's.
    """
    film, name = film_of(project, film_id), name.strip()
    if not name:
        raise SpecError("a film needs a name", "name")
    if len(name) > LONGEST:
        raise SpecError(f"the name of a film has at most {LONGEST} characters", "name")
    if any(each.name == name and each.id != film_id for each in project.films()):
        raise SpecError(f"another film is called “{name}”", "name", "choose another name")
    return project if film.name == name else put_work(project, replace(film, name=name))


def delete_film(project: Project, film_id: str) -> Project:
    """Take a film out of the project; its takes stay in the folder.

    Raises:
        SpecError: if the project has no such film, or it is the only one.
    """
    film_of(project, film_id)
    if len(project.films()) == 1:
        raise SpecError("the only film of a project cannot be deleted", "film")
    return replace(project, works=tuple(work for work in project.works if work.id != film_id))


def free_name(taken: Iterable[str], name: str) -> str:
    """Return `name`, or with the first number from 2 behind it that makes it free."""
    names = set(taken)
    if name not in names:
        return name
    stem = re.sub(r" \d+$", "", name)[: LONGEST - 8]
    return next(each for n in itertools.count(2) if (each := f"{stem} {n}") not in names)


def distinct(project: Project, film: FilmWork) -> FilmWork:
    """Return a film with an id and a name of its own, to be added to the project."""
    return replace(film, id=_free_id(project), name=free_name(_names(project), film.name))


def neighbour(project: Project, film_id: str) -> str:
    """Return the id of the film that takes a film's place where it is deleted.

    Raises:
        SpecError: if the project has no such film, or no other.
    """
    ids = [film.id for film in delete_film(project, film_id).films()]
    before = [film.id for film in project.films()].index(film_id)
    return ids[min(before, len(ids) - 1)]


def _names(project: Project) -> list[str]:
    return [film.name for film in project.films()]


def _free_id(project: Project) -> str:
    taken = {work.id for work in project.works}
    return next(each for n in itertools.count(1) if (each := f"film-{n}") not in taken)

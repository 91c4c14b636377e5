"""Edits of a project return new values and share what they leave alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imvar_studio.model import edits
from imvar_studio.model.errors import SpecError
from imvar_studio.model.project import AssetEntry, FilmWork, Project, UnknownWork

OWL = AssetEntry("ab" * 32, ".png", "owl.png")
FILM, ZOOM = FilmWork("film"), UnknownWork("zoom", '{"kind": "zoom-work"}')
PROJECT = Project((FILM, ZOOM), (OWL,))


def test_a_work_is_replaced_in_its_place() -> None:
    named = FilmWork("film", "Owls")
    after = edits.put_work(PROJECT, named)
    assert after.works == (named, ZOOM)
    assert after.works[1] is ZOOM
    assert after.assets is PROJECT.assets
    assert PROJECT.works == (FILM, ZOOM)


def test_a_new_work_comes_last() -> None:
    new = FilmWork("second")
    after = edits.put_work(PROJECT, new)
    assert after.works == (FILM, ZOOM, new)
    assert after.works[0] is FILM


def test_an_asset_is_added_once() -> None:
    fox = AssetEntry("cd" * 32, ".png", "fox.png")
    after = edits.add_asset(PROJECT, fox)
    assert after.assets == (OWL, fox)
    assert after.works is PROJECT.works
    assert after.asset(fox.sha) is fox
    assert after.asset("ef" * 32) is None
    assert edits.add_asset(after, AssetEntry(OWL.sha, ".jpg", "copy.jpg")) is after


def test_a_films_timeline_is_edited_in_its_place() -> None:
    after = edits.edit_timeline(PROJECT, "film", lambda timeline: replace(timeline, loop=True))
    assert after.works[0] == replace(FILM, timeline=replace(FILM.timeline, loop=True))
    assert after.works[1] is ZOOM
    assert after.assets is PROJECT.assets
    assert edits.film_of(after, "film") is after.works[0]


def test_an_edit_that_changes_nothing_gives_the_project_itself() -> None:
    assert edits.edit_timeline(PROJECT, "film", replace) is PROJECT


@pytest.mark.parametrize("name", ["zoom", "none"])
def test_only_films_have_a_timeline(name: str) -> None:
    with pytest.raises(SpecError, match=f"^there is no film '{name}' in the project$"):
        edits.edit_timeline(PROJECT, name, replace)

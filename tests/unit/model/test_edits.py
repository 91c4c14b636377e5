"""Edits return new values and share what they leave alone."""

from __future__ import annotations

import pytest

from imvar_studio.model import edits
from imvar_studio.model.curve import constant
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.project import AssetEntry, FilmWork, Project, UnknownWork
from imvar_studio.model.timeline import Keyframe, Timeline, Track

A, B, C = (
    Keyframe(name, time, (Weighted(Prompt(name)),)) for name, time in (("a", 0), ("b", 1), ("c", 2))
)
TIMELINE = Timeline((A, B, C), (Track("guidance", constant(2)),), duration=5)
OWL = AssetEntry("ab" * 32, ".png", "owl.png")
FILM, ZOOM = FilmWork("film", timeline=TIMELINE), UnknownWork("zoom", '{"kind": "zoom-work"}')
PROJECT = Project((FILM, ZOOM), (OWL,))


@pytest.mark.parametrize(("time", "order"), [(0.5, "anbc"), (1.5, "abnc"), (4, "abcn")])
def test_a_new_keyframe_comes_in_at_its_time(time: float, order: str) -> None:
    new = Keyframe("n", time, A.looks)
    after = edits.place(TIMELINE, new)
    assert "".join(key.id for key in after.keyframes) == order
    assert TIMELINE.keyframes == (A, B, C)


def test_placing_shares_what_it_leaves_alone() -> None:
    new = Keyframe("n", 1.5, A.looks)
    after = edits.place(TIMELINE, new)
    for found, placed in zip(after.keyframes, (A, B, new, C), strict=True):
        assert found is placed
    assert after.tracks is TIMELINE.tracks
    assert (after.duration, after.loop) == (5, False)


@pytest.mark.parametrize(("time", "order"), [(1, "abc"), (0.5, "abc"), (3, "acb")])
def test_a_keyframe_of_the_same_id_is_replaced(time: float, order: str) -> None:
    moved = Keyframe("b", time, (Weighted(Prompt("moved")),))
    after = edits.place(TIMELINE, moved)
    assert "".join(key.id for key in after.keyframes) == order
    assert next(key for key in after.keyframes if key.id == "b") is moved


def test_a_taken_time_is_refused() -> None:
    with pytest.raises(SpecError, match="there is a keyframe at 1 s already: choose another time"):
        edits.place(TIMELINE, Keyframe("n", 1, A.looks))
    with pytest.raises(SpecError, match="there is a keyframe at 2 s already"):
        edits.place(TIMELINE, Keyframe("b", 2, A.looks))


def test_a_keyframe_after_the_end_is_refused() -> None:
    with pytest.raises(SpecError, match="duration must be after the last keyframe at 6 s"):
        edits.place(TIMELINE, Keyframe("n", 6, A.looks))


def test_a_keyframe_is_removed() -> None:
    after = edits.remove(TIMELINE, "b")
    assert after.keyframes == (A, C)
    assert after.keyframes[0] is A
    assert after.tracks is TIMELINE.tracks
    assert TIMELINE.keyframes == (A, B, C)


def test_removing_what_is_not_there_changes_nothing() -> None:
    assert edits.remove(TIMELINE, "n") is TIMELINE


def test_place_undoes_remove() -> None:
    assert edits.place(edits.remove(TIMELINE, "b"), B) == TIMELINE


@pytest.mark.parametrize(
    ("taken", "free"),
    [
        ([], "key-1"),
        (["key-1", "key-2"], "key-3"),
        (["key-2", "key-3"], "key-1"),
        (["key-1", "key-3"], "key-2"),
        (["key-01", "owl"], "key-1"),
    ],
)
def test_the_first_free_id(taken: list[str], free: str) -> None:
    keys = tuple(Keyframe(name, time, A.looks) for time, name in enumerate(taken))
    assert edits.free_id(Timeline(keys)) == free


def test_a_work_is_replaced_in_its_place() -> None:
    named = FilmWork("film", "Owls", TIMELINE)
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

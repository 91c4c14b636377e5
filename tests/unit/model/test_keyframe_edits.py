"""Edits of keyframes: values, order, what is shared, what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imvar_studio.model import keyframe_edits as edits
from imvar_studio.model.curve import Easing, constant
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Nothing, Prompt, Weighted
from imvar_studio.model.source import Asset
from imvar_studio.model.start import Encode, Inverted, Noise
from imvar_studio.model.timeline import Keyframe, Timeline, Track, Transition

A, B, C = (
    Keyframe(name, time, (Weighted(Prompt(name)),)) for name, time in (("a", 0), ("b", 1), ("c", 2))
)
TIMELINE = Timeline((A, B, C), (Track("guidance", constant(2)),), duration=5)
PICTURE = Asset("ab" * 32)


def shown(timeline: Timeline) -> str:
    """Ids and times in order."""
    return " ".join(f"{key.id}{key.time:g}" for key in timeline.keyframes)


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
    after = edits.remove(TIMELINE, {"b"})
    assert after.keyframes == (A, C)
    assert after.keyframes[0] is A
    assert after.tracks is TIMELINE.tracks
    assert TIMELINE.keyframes == (A, B, C)


def test_removing_what_is_not_there_changes_nothing() -> None:
    assert edits.remove(TIMELINE, {"n", "key"}) is TIMELINE


def test_place_undoes_remove() -> None:
    assert edits.place(edits.remove(TIMELINE, {"b"}), B) == TIMELINE


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
    assert edits.free_ids(Timeline(keys), 1) == (free,)


def test_several_free_ids() -> None:
    keys = (replace(A, id="key-2"), replace(B, id="key-4"))
    assert edits.free_ids(Timeline(keys), 3) == ("key-1", "key-3", "key-5")
    assert edits.free_ids(TIMELINE, 0) == ()


@pytest.mark.parametrize(
    ("ids", "delta", "expected"),
    [
        ("b", 0.5, "a0 b1.5 c2"),
        ("b", 2, "a0 c2 b3"),
        ("ab", 2.5, "c2 a2.5 b3.5"),
        ("ac", 0.5, "a0.5 b1 c2.5"),
        ("bc", 1, "a0 b2 c3"),  # to where one of them was
        ("abc", 3, "a3 b4 c5"),
        ("abc", -1, "a0 b1 c2"),  # no farther than 0 s
        ("c", -0.5, "a0 b1 c1.5"),
    ],
)
def test_keyframes_are_moved(ids: str, delta: float, expected: str) -> None:
    after = edits.move(TIMELINE, set(ids), delta)
    assert shown(after) == expected
    assert after.tracks is TIMELINE.tracks
    for key in (A, B, C):
        if key.id not in ids:
            assert any(each is key for each in after.keyframes)


def test_moving_stops_at_the_beginning_with_all_distances() -> None:
    later = Timeline((replace(B, time=1.5), replace(C, time=4)))
    assert shown(edits.move(later, {"b", "c"}, -9)) == "b0 c2.5"


@pytest.mark.parametrize(("ids", "delta"), [("", 1), ("x", 1), ("a", 0), ("ab", -3)])
def test_moving_nothing_gives_the_timeline_itself(ids: str, delta: float) -> None:
    assert edits.move(TIMELINE, set(ids), delta) is TIMELINE


def test_moving_onto_another_keyframe_is_refused() -> None:
    expected = "^there is a keyframe at 2 s already: choose another time$"
    with pytest.raises(SpecError, match=expected):
        edits.move(TIMELINE, {"a", "b"}, 1)
    with pytest.raises(SpecError, match="already"):
        edits.move(TIMELINE, {"b"}, -1)
    with pytest.raises(SpecError, match="already"):  # stopped at 0 s, where one is
        edits.move(TIMELINE, {"b"}, -7)
    with pytest.raises(SpecError, match="duration must be after the last keyframe at 6 s"):
        edits.move(TIMELINE, {"c"}, 4)


def test_copies_have_ids_of_their_own() -> None:
    after, ids = edits.duplicate(TIMELINE, {"a", "b"}, 2.5)
    assert shown(after) == "a0 b1 c2 key-12.5 key-23.5"
    assert ids == ("key-1", "key-2")
    assert after.keyframes[3] == replace(A, id="key-1", time=2.5)
    assert after.keyframes[:3] == (A, B, C)
    assert edits.selected(after, set(ids)) == after.keyframes[3:]
    for key in (A, B, C):
        assert any(each is key for each in after.keyframes)


def test_where_copies_cannot_be() -> None:
    with pytest.raises(SpecError, match="there is a keyframe at 1 s already"):
        edits.duplicate(TIMELINE, {"a"}, 1)
    with pytest.raises(SpecError, match=r"keyframe time must be in \[0, 86400\], got -1"):
        edits.duplicate(TIMELINE, {"a"}, -1)
    assert edits.duplicate(TIMELINE, {"x"}, 1) == (TIMELINE, ())


def test_new_keyframes_may_come_in_any_order() -> None:
    after, ids = edits.insert(TIMELINE, [replace(A, time=1.5), replace(B, time=0.5)])
    assert shown(after) == "a0 key-20.5 b1 key-11.5 c2"
    assert ids == ("key-1", "key-2")
    with pytest.raises(SpecError, match="keyframe times must rise"):
        edits.insert(TIMELINE, [replace(A, time=3), replace(B, time=3)])


SLOW = Transition(Easing("sine-in"), "slerp", "hold")
OWL = (Weighted(Prompt("owl")), Weighted(Nothing(), 2))
SETTERS = {
    "transition": (lambda t, ids: edits.set_transition(t, ids, SLOW), {"transition": SLOW}),
    "easing": (
        lambda t, ids: edits.set_easing(t, ids, SLOW.easing),
        {"transition": Transition(SLOW.easing)},
    ),
    "looks": (lambda t, ids: edits.set_looks(t, ids, OWL), {"looks": OWL}),
    "negative": (lambda t, ids: edits.set_negative(t, ids, Prompt("x")), {"negative": Prompt("x")}),
    "guidance": (lambda t, ids: edits.set_guidance(t, ids, 7), {"guidance": 7.0}),
    "start": (lambda t, ids: edits.set_start(t, ids, Noise(4)), {"start": Noise(4)}),
    "seed": (lambda t, ids: edits.set_seed(t, ids, 4), {"start": Noise(4)}),
}


@pytest.mark.parametrize("name", SETTERS)
def test_several_keyframes_are_set_at_once(name: str) -> None:
    edit, fields = SETTERS[name]
    after = edit(TIMELINE, {"a", "c", "gone"})
    assert after == replace(TIMELINE, keyframes=(replace(A, **fields), B, replace(C, **fields)))
    assert after.keyframes[1] is B
    assert after.tracks is TIMELINE.tracks
    assert edit(after, {"a", "c"}) is after  # there is nothing left to set
    assert edit(TIMELINE, set()) is TIMELINE
    one_more = edit(after, {"a", "b"})
    assert one_more.keyframes[0] is after.keyframes[0]


def test_an_easing_keeps_the_paths() -> None:
    timeline = edits.set_transition(TIMELINE, {"a"}, SLOW)
    after = edits.set_easing(timeline, {"a"}, Easing("hold"))
    assert after.keyframes[0].transition == replace(SLOW, easing=Easing("hold"))


def test_what_a_keyframe_cannot_have_is_refused() -> None:
    with pytest.raises(SpecError, match=r"keyframe guidance must be in \[0, 50\], got 51"):
        edits.set_guidance(TIMELINE, {"a"}, 51)
    with pytest.raises(SpecError, match="keyframe looks must hold 1 to 8 looks, got 0"):
        edits.set_looks(TIMELINE, {"a"}, ())
    with pytest.raises(SpecError, match="seed must be in"):
        edits.set_seed(TIMELINE, {"a"}, -1)


def test_guidance_and_start_go_back_to_the_films() -> None:
    own = edits.set_start(edits.set_guidance(TIMELINE, {"a"}, 7), {"a"}, Noise(1))
    assert edits.set_start(edits.set_guidance(own, {"a"}, None), {"a"}, None) == TIMELINE


def test_a_seed_keeps_the_picture_of_img2img() -> None:
    keys = (replace(A, start=Encode(PICTURE, 0.5, 1)), replace(B, start=Inverted(PICTURE)), C)
    after = edits.set_seed(Timeline(keys), {"a", "b", "c"}, 9)
    assert [key.start for key in after.keyframes] == [Encode(PICTURE, 0.5, 9), Noise(9), Noise(9)]


def test_the_weight_of_one_look_of_an_ensemble() -> None:
    timeline = edits.set_looks(TIMELINE, {"a"}, OWL)
    after = edits.set_weight(timeline, {"a", "b"}, 1, 5)
    assert after.keyframes[0].looks == (OWL[0], Weighted(Nothing(), 5))
    assert after.keyframes[0].looks[0] is OWL[0]
    assert after.keyframes[1] is B  # has one look
    assert edits.set_weight(timeline, {"a"}, -1, 5) is timeline
    with pytest.raises(SpecError, match="keyframe looks weights must not all be 0"):
        edits.set_weight(timeline, {"b"}, 0, 0)

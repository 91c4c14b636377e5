"""Frames in time: how many, which keyframes they lie between, how loops close."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imvar_studio.model.curve import Curve, CurvePoint
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Blend, Prompt
from imvar_studio.model.start import Inverted, Noise
from imvar_studio.model.timeline import Timeline, Track
from imvar_studio.plan import timing
from imvar_studio.plan.film import film
from imvar_studio.plan.timing import lay_out, nearest_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.recipe import Recipe
    from imvar_studio.model.specs import FilmSpec
    from imvar_studio.model.timeline import Keyframe

    Key = Callable[..., Keyframe]
    Frames = Callable[..., list[Recipe]]
    Spec = Callable[..., FilmSpec]

A, B, C = Prompt("a"), Prompt("b"), Prompt("c")
NTSC = Fraction(24000, 1001)
RISING = (Track("guidance", Curve((CurvePoint(0, 0), CurvePoint(40, 40)))),)


def looks(recipes: list[Recipe]) -> list[Any]:
    return [recipe.looks[0].look for recipe in recipes]


@pytest.mark.parametrize(
    ("time", "fps", "frame"),
    [(0, 12, 0), (1, 12, 12), (0.49, 12, 6), (0.625, 12, 8), (1, NTSC, 24), (3600, NTSC, 86314)],
)
def test_the_nearest_frame(time: float, fps: Any, frame: int) -> None:
    assert nearest_frame(time, Fraction(fps)) == frame


@given(st.floats(0, 86_400), st.fractions(Fraction(1, 10), 240, max_denominator=1001))
def test_no_frame_is_nearer(time: float, fps: Fraction) -> None:
    away = abs(nearest_frame(time, fps) - Fraction(time) * fps)
    assert away <= Fraction(1, 2) + Fraction(1, 10**6)


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({}, 25),
        ({"fps": 24}, 49),
        ({"fps": NTSC}, 49),
        ({"duration": 2}, 25),
        ({"duration": 2.04}, 25),
        ({"duration": 5}, 60),
        ({"per": 7}, 15),
        ({"per": 7, "duration": 50}, 15),
        ({"loop": True}, 36),
        ({"loop": True, "duration": 2.5}, 30),
        ({"loop": True, "duration": 5, "fps": NTSC}, 120),
        ({"loop": True, "per": 7}, 21),
        ({"loop": True, "per": 7, "duration": 50}, 21),
        ({"loop": True, "duration": 2.01}, 25),
    ],
    ids=str,
)
def test_how_many_frames(key: Key, frames: Frames, fields: dict[str, Any], count: int) -> None:
    assert len(frames(key(0, "a"), key(1, "b"), key(2, "c"), **fields)) == count


def test_the_first_is_held_before_and_the_last_after(key: Key, frames: Frames) -> None:
    keys = key(0.5, "a", start=Noise(1)), key(1, "b", start=Noise(2))
    made = frames(*keys, duration=2)
    assert len(made) == 24
    assert set(made[:7]) == {made[6]}
    assert set(made[12:]) == {made[12]}
    assert (looks(made)[0], made[0].start) == (A, Noise(1))
    assert (looks(made)[23], made[23].start) == (B, Noise(2))
    assert looks(made)[7] == Blend(A, B, 1 / 6)


@pytest.mark.parametrize(("first", "second"), [("a", "[b]"), ("[a]", "b"), ("[a]", "[b]")])
def test_what_is_held_is_the_keyframes_own_frame(
    key: Key, frames: Frames, first: str, second: str
) -> None:
    made = frames(key(0.5, first), key(1, second), duration=2)
    assert set(made[:7]) == {made[6]}  # on the picture's grid, as its transition is
    assert set(made[12:]) == {made[12]}


def test_tracks_go_on_while_a_keyframe_is_held(key: Key, frames: Frames) -> None:
    made = frames(key(0.5, "a"), key(1, "b"), duration=2, tracks=RISING)
    assert [recipe.guidance for recipe in made] == pytest.approx([i / 12 for i in range(24)])


def test_a_loop_leads_back_to_the_first(key: Key, frames: Frames) -> None:
    made = frames(key(0, "a", start=Noise(1)), key(1, "b", start=Noise(2)), duration=2, loop=True)
    assert len(made) == 24
    shown = looks(made)
    assert (shown[0], shown[12]) == (A, B)
    assert shown[13:] == [Blend(B, A, index / 12) for index in range(1, 12)]
    assert made[23] != made[0]
    assert made[18].start.first == Noise(2)
    assert made[18].start.second == Noise(1)
    assert len(set(made)) == 24


def test_the_way_back_takes_as_long_as_the_last_transition(key: Key, frames: Frames) -> None:
    made = frames(key(0, "a"), key(2, "b"), key(2.5, "c"), loop=True)
    assert len(made) == 36
    assert looks(made)[30:] == [C, *(Blend(C, A, index / 6) for index in range(1, 6))]


def test_the_last_ways_easing_leads_back_through_pictures(key: Key, frames: Frames) -> None:
    made = frames(key(0, "[a]"), key(1, "b"), duration=2, loop=True)
    assert made[0].guidance == 1
    assert isinstance(made[0].start, Inverted)
    assert {recipe.sampler for recipe in made} == {"ddim"}
    assert made[23].guidance == pytest.approx(made[1].guidance)


def test_a_loop_whose_first_keyframe_comes_later_wraps_around(key: Key, frames: Frames) -> None:
    made = frames(key(0.5, "a"), key(1, "b"), duration=2, loop=True)
    assert len(made) == 24
    shown = looks(made)
    assert (shown[6], shown[12]) == (A, B)
    assert shown[13:] == [Blend(B, A, index / 18) for index in range(1, 12)]
    assert shown[:6] == [Blend(B, A, index / 18) for index in range(12, 18)]


def test_a_wrapped_loop_reads_its_tracks_at_the_time_shown(key: Key, frames: Frames) -> None:
    made = frames(key(0.5, "a"), key(1, "b"), duration=2, loop=True, tracks=RISING)
    assert [recipe.guidance for recipe in made] == pytest.approx([i / 12 for i in range(24)])


@pytest.mark.parametrize("fps", [12, 24, NTSC, 7])
def test_tracks_are_read_at_the_time_shown(key: Key, spec: Spec, fps: Fraction) -> None:
    keys = key(0, "a"), key(1, "b"), key(2, "c")
    for fields in ({}, {"duration": 3}, {"duration": 3, "loop": True}):
        timeline = Timeline(keys, **fields)
        for moment in lay_out(timeline, Fraction(fps), None):
            assert moment.time == pytest.approx(moment.index / fps, abs=0.5 / fps)


def test_so_many_frames_a_transition_keep_the_timelines_time(key: Key, frames: Frames) -> None:
    made = frames(key(0, "a"), key(1, "b"), key(3, "c"), per=4, tracks=RISING)
    values = [0, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3]
    assert [recipe.guidance for recipe in made] == pytest.approx(values)
    assert looks(made)[2] == Blend(A, B, 0.5)


def test_two_keyframes_on_one_frame(key: Key, spec: Spec, frames: Frames) -> None:
    keys = key(0, "a"), key(1, "b"), key(1.03, "c")
    with pytest.raises(SpecError) as caught:
        film(spec(*keys))
    assert str(caught.value) == (
        "keyframes at 1 s and 1.03 s fall on one frame at 12 fps: "
        "move one of them, or raise the frame rate"
    )
    assert looks(frames(*keys, fps=48))[48:50] == [B, C]
    assert looks(frames(*keys, per=1)) == [A, B, C]


def test_a_loop_of_one_keyframe_needs_a_length(key: Key, spec: Spec, frames: Frames) -> None:
    with pytest.raises(SpecError) as caught:
        film(spec(key(0), loop=True))
    assert str(caught.value) == (
        "a looping film of one keyframe has no length: give the film a duration"
    )
    assert len(frames(key(0), loop=True, duration=1)) == 12
    assert len(frames(key(0), loop=True, per=5)) == 5


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({"duration": 86_400}, 1_036_800),
        ({"duration": 83_333.5}, 1_000_002),
        ({"per": 100_000, "loop": True}, 1_100_000),
    ],
)
def test_too_many_frames(key: Key, spec: Spec, fields: dict[str, Any], count: int) -> None:
    with pytest.raises(SpecError) as caught:
        film(spec(*(key(time) for time in range(11)), **fields))
    assert str(caught.value) == (
        f"the film has {count} frames, the most is 1000000: shorten it, or lower the frame rate"
    )


def test_the_most_frames(key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "MOST_FRAMES", 25)
    assert len(lay_out(Timeline((key(0), key(2))), Fraction(12), None)) == 25
    with pytest.raises(SpecError, match="the film has 26 frames, the most is 25"):
        lay_out(Timeline((key(0), key(2)), duration=2.2), Fraction(12), None)

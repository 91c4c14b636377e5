"""Films pass through their pictures: the dip of guidance, and the inversion's grid."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from imvar_studio.model.curve import Curve, CurvePoint, Easing, constant
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Picture, Prompt, Weighted
from imvar_studio.model.source import Asset
from imvar_studio.model.start import Between, Circle, InversionSpec, Inverted, Noise
from imvar_studio.model.timeline import Track, Transition
from imvar_studio.plan.film import film

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.recipe import Recipe
    from imvar_studio.model.specs import FilmSpec
    from imvar_studio.model.timeline import Keyframe

    Key = Callable[..., Keyframe]
    Frames = Callable[..., list[Recipe]]
    Spec = Callable[..., FilmSpec]

OWL, FOX = Asset("ab" * 32), Asset("cd" * 32)
CIRCLE = Transition(latent="circle")


def guidances(recipes: list[Recipe]) -> list[float]:
    return [recipe.guidance for recipe in recipes]


def test_a_picture_is_shown_from_its_own_inversion(key: Key, frames: Frames) -> None:
    made = frames(key(0, Picture(OWL)), key(1, Picture(FOX)), key(2, "snow"))
    for place, source in ((0, OWL), (12, FOX)):
        recipe = made[place]
        assert recipe.looks == (Weighted(Picture(source)),)
        assert (recipe.start, recipe.guidance) == (Inverted(source), 1)
        assert recipe.start.look == recipe.looks[0].look
    assert made[6].start == Between(Inverted(OWL), Inverted(FOX), 0.5)
    assert made[18].start == Between(Inverted(FOX), Noise(0), 0.5)


@pytest.mark.parametrize("guidance", [0, 1, 3, 7.5, 50])
@pytest.mark.parametrize("shape", ["linear", "sine-in-out"])
def test_the_dip_between_two_pictures(
    key: Key, frames: Frames, guidance: float, shape: str
) -> None:
    way = Transition(Easing(shape))
    made = frames(key(0, "[a]", transition=way), key(1, "[b]"), guidance=guidance)
    for index in range(1, 12):
        u = Easing(shape)(index / 12)
        assert made[index].guidance == pytest.approx(1 + (guidance - 1) * math.sin(math.pi * u))
    assert (made[0].guidance, made[12].guidance) == (1, 1)


@pytest.mark.parametrize("guidance", [0, 3, 50])
def test_the_dip_where_one_end_is_a_picture(key: Key, frames: Frames, guidance: float) -> None:
    made = frames(key(0, "a"), key(1, "[b]"), key(2, "c"), guidance=guidance)
    for index in range(13):
        fall = 1 + (guidance - 1) * math.cos(math.pi * index / 24)
        assert made[index].guidance == pytest.approx(fall)
        assert made[24 - index].guidance == pytest.approx(fall)
    assert (made[0].guidance, made[12].guidance, made[24].guidance) == (guidance, 1, guidance)


def test_the_dip_at_the_end_of_a_film_is_exact(key: Key, frames: Frames) -> None:
    assert frames(key(0, "a"), key(1, "[b]"), guidance=50)[-1].guidance == 1
    assert frames(key(0, "[a]"), key(1, "[b]"), guidance=50)[-1].guidance == 1


def test_an_easing_that_overshoots_stays_at_the_picture(key: Key, frames: Frames) -> None:
    back = Transition(Easing("back-in-out"))
    values = guidances(frames(key(0, "[a]", transition=back), key(1, "[b]"), guidance=5))
    assert min(values) == 1
    assert values[:3] == [1, 1, 1]
    assert values[-3:] == [1, 1, 1]
    assert max(values) == 5


def test_the_dip_follows_keyframes_and_tracks(key: Key, frames: Frames) -> None:
    keys = key(0, "[a]", guidance=2), key(1, "[b]", guidance=10)
    assert guidances(frames(*keys))[::6] == [1, pytest.approx(6), 1]
    tracked = frames(*keys, tracks=(Track("guidance", constant(4)),))
    assert guidances(tracked)[::6] == [1, pytest.approx(4), 1]
    assert tracked[3].guidance == pytest.approx(1 + 3 * math.sin(math.pi / 4))


def test_a_held_picture_stays_what_it_is(key: Key, frames: Frames) -> None:
    made = frames(key(0, "[a]"), key(1, "[a]"), key(2, "[b]"))
    assert set(made[:13]) == {made[0]}
    assert (made[0].guidance, made[0].start) == (1, own_inversion("a"))
    assert made[13].guidance > 1


def test_one_picture_alone(key: Key, frames: Frames) -> None:
    made = frames(key(0.5, "[a]"), duration=1)
    assert set(guidances(made)) == {1}
    assert {(recipe.sampler, recipe.steps) for recipe in made} == {("ddim", 25)}


def own_inversion(letter: str) -> Inverted:
    return Inverted(Asset(f"{ord(letter):064x}"))


def test_a_picture_with_another_start_or_look_has_no_dip(key: Key, frames: Frames) -> None:
    noise = frames(key(0, Picture(OWL), start=Noise(3)), key(1, "snow"))
    assert set(guidances(noise)) == {3}
    assert {recipe.sampler for recipe in noise} == {"dpmpp-2m"}
    other = frames(key(0, "snow", start=Inverted(OWL)), key(1, "rain"))
    assert set(guidances(other)) == {3}
    assert {recipe.sampler for recipe in other} == {"ddim"}  # latents of an inversion all the same
    both = (Weighted(Picture(OWL)), Weighted(Prompt("snow")))
    ensemble = frames(key(0, both, start=Inverted(OWL)), key(1, "rain"))
    assert ensemble[0].guidance == 3


def test_a_prompt_may_be_what_a_picture_was_inverted_under(key: Key, frames: Frames) -> None:
    start = Inverted(OWL, InversionSpec(look=Prompt("snow")))
    made = frames(key(0, "snow", start=start), key(1, "rain"))
    assert (made[0].guidance, made[12].guidance) == (1, 3)
    made = frames(key(0, Picture(OWL), start=start), key(1, "rain"))
    assert made[0].guidance == 3


def test_only_transitions_that_touch_a_picture_take_its_grid(key: Key, frames: Frames) -> None:
    start = Inverted(OWL, InversionSpec(steps=40, spacing="leading"))
    made = frames(
        key(0, "a"), key(1, "b"), key(2, Picture(OWL), start=start), key(3, "c"), key(4, "d"),
        steps=16, sampler="euler", spacing="linspace",
    )  # fmt: skip
    grids = [(recipe.sampler, recipe.steps, recipe.spacing) for recipe in made]
    assert set(grids[:12]) == {("euler", 16, "linspace")}
    assert set(grids[12:36]) == {("ddim", 40, "leading")}
    assert set(grids[36:]) == {("euler", 16, "linspace")}


def test_the_films_eta_spares_pictures(key: Key, frames: Frames) -> None:
    made = frames(key(0, "a"), key(1, "b"), key(2, "[c]"), sampler="ddim", eta=0.5)
    assert {recipe.eta for recipe in made[:12]} == {0.5}
    assert {(recipe.eta, recipe.variance) for recipe in made[12:]} == {(0, None)}


def test_a_track_of_eta_leaves_a_held_picture(key: Key, frames: Frames) -> None:
    """On the inversion's grid, with guidance coming back as eta rises."""
    track = Track("eta", Curve((CurvePoint(0, 0), CurvePoint(1, 1))))
    made = frames(key(0, "[c]"), key(1, "[c]"), sampler="ddim", steps=9, tracks=(track,))
    assert {(recipe.sampler, recipe.steps) for recipe in made} == {("ddim", 25)}
    assert (made[0].eta, made[0].variance, made[0].guidance) == (0, None, 1)
    assert [recipe.eta for recipe in made] == pytest.approx([i / 12 for i in range(13)])
    assert [recipe.guidance for recipe in made] == pytest.approx([1 + i / 6 for i in range(13)])
    assert {recipe.variance for recipe in made[1:]} == {Noise(0)}
    plain = frames(key(0, "[c]"), key(1, "[c]"), sampler="ddim")
    assert made[0] == plain[0]


def test_a_track_of_eta_lifts_the_dip_of_guidance(key: Key, frames: Frames) -> None:
    still = Track("embedding-strength", constant(2))
    tracks = (Track("eta", constant(0.5)), still)
    made = frames(key(0, "[a]"), key(1, "[b]"), sampler="ddim", guidance=5, tracks=tracks)
    assert (made[0].guidance, made[12].guidance) == (3, 3)
    assert made[0].looks[0].look.factor == 1.5  # it returns as guidance does
    assert made[6].guidance == pytest.approx(5)
    dip = 0.5 * (1 - math.sin(math.pi / 4))
    assert made[3].guidance == pytest.approx(5 - 4 * dip)


@pytest.mark.parametrize(
    ("other", "found"),
    [
        (InversionSpec(steps=30), "25 steps trailing and 30 steps trailing"),
        (InversionSpec(spacing="leading"), "25 steps leading and 25 steps trailing"),
    ],
)
def test_different_grids_do_not_meet(
    key: Key, spec: Spec, frames: Frames, other: InversionSpec, found: str
) -> None:
    owl, fox = key(0, Picture(OWL)), key(1, Picture(FOX), start=Inverted(FOX, other))
    with pytest.raises(SpecError) as caught:
        film(spec(owl, fox))
    assert str(caught.value) == (
        f"pictures that meet in a transition are inverted differently ({found}): "
        "give both the same steps and spacing"
    )
    with pytest.raises(SpecError, match="inverted differently"):  # they meet on the way back
        film(spec(owl, key(0.5, "snow"), fox, duration=2, loop=True))
    apart = frames(owl, key(0.5, "snow"), fox)
    assert {(each.steps, each.spacing) for each in apart[6:]} == {(other.steps, other.spacing)}


def test_pictures_inverted_otherwise_on_one_grid_meet(key: Key, frames: Frames) -> None:
    other = Inverted(FOX, InversionSpec("plain", evaluations=1))
    made = frames(key(0, Picture(OWL)), key(1, Picture(FOX), start=other))
    assert {(recipe.sampler, recipe.steps) for recipe in made} == {("ddim", 25)}
    assert made[12].start == other


def test_films_leave_no_steps_out(key: Key, frames: Frames) -> None:
    whole = Inverted(OWL, InversionSpec("plain", 50, spacing="leading"))
    cut = Inverted(OWL, replace(whole.spec, start_step=1))

    def made(start: Inverted) -> list[Recipe]:
        return frames(key(0, Picture(OWL), start=start), key(1, "rain"))

    assert made(cut) == made(whole)
    assert made(cut)[6].start == Between(whole, Noise(0), 0.5)


def test_a_hold_that_leaves_a_picture(key: Key, frames: Frames) -> None:
    made = frames(key(0, Picture(OWL), transition=Transition(latent="hold")), key(1, "b"))
    assert {recipe.start for recipe in made} == {Inverted(OWL)}
    assert guidances(made)[::6] == [1, pytest.approx(1 + 2 * math.sin(math.pi / 4)), 3]


def test_a_circle_around_a_picture_leaves_it(key: Key, frames: Frames) -> None:
    made = frames(key(0, Picture(OWL), transition=CIRCLE), duration=1, loop=True)
    assert (made[0].start, made[0].guidance) == (Inverted(OWL), 1)
    assert made[3].start == Circle(Inverted(OWL), Noise(1), 0.25)
    assert made[3].guidance == pytest.approx(1 + 2 * math.sin(math.pi / 4))
    assert {recipe.sampler for recipe in made} == {"ddim"}


def test_a_circle_through_a_picture_takes_its_grid(key: Key, frames: Frames) -> None:
    made = frames(key(0, "a", transition=CIRCLE), key(1, Picture(OWL)), key(2, "b"))
    assert {(recipe.sampler, recipe.steps) for recipe in made} == {("ddim", 25)}


def test_embedding_strength_leaves_the_picture_alone(key: Key, frames: Frames) -> None:
    strong = (Track("embedding-strength", constant(4)),)
    made = frames(key(0, "[a]"), key(1, "[b]"), key(2, "[c]"), tracks=strong, guidance=50)
    plain = frames(key(0, "[a]"), key(1, "[b]"), key(2, "[c]"), guidance=50)
    for place in (0, 12, 24):
        assert made[place] == plain[place]
    assert made[6].looks[0].look.factor == pytest.approx(4)
    assert made[3].looks[0].look.factor == pytest.approx(1 + 3 * math.sin(math.pi / 4))

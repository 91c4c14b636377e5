"""Tracks are read at every frame; eta's noise moves as the film says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.model.curve import Curve, CurvePoint, Easing, constant
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Blend, Edit, Jitter, Mix, Prompt, Scale, Weighted
from imvar_studio.model.source import Asset
from imvar_studio.model.start import Between, Encode, Noise
from imvar_studio.model.timeline import Track
from imvar_studio.plan.film import film

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.recipe import Recipe
    from imvar_studio.model.specs import FilmSpec
    from imvar_studio.model.timeline import Keyframe

    Key = Callable[..., Keyframe]
    Frames = Callable[..., list[Recipe]]
    Spec = Callable[..., FilmSpec]

OWL = Prompt("owl")
LAST = 2**63 - 1


def ramp(low: float, high: float, shape: str = "linear") -> Curve:
    return Curve((CurvePoint(0, low, Easing(shape)), CurvePoint(1, high)))


def edited(look: Any) -> Edit:
    return Edit(look, "day", "night", 1)


def amount(recipe: Recipe) -> float:
    return recipe.looks[0].look.amount


def strength(recipe: Recipe) -> float:
    """Of a look that is scaled already: the track puts its own scale around it, but for 1."""
    look = recipe.looks[0].look
    return look.factor if look.look != OWL else 1.0


READ: dict[str, tuple[Any, float, float, Callable[[Recipe], float]]] = {
    "guidance": (OWL, 0, 50, lambda recipe: recipe.guidance),
    "eta": (OWL, 0, 1, lambda recipe: recipe.eta),
    "embedding-strength": (Scale(OWL, 1), 0, 4, strength),
    "edit-amount": (edited(OWL), -2, 2, amount),
    "jitter": (Jitter(OWL, "add", 1, 7), 0, 4, lambda recipe: recipe.looks[0].look.scale),
    "strength": (OWL, 0.01, 1, lambda recipe: recipe.start.strength),
}


@pytest.mark.parametrize("shape", ["linear", "cubic-in", "back-in-out", "bounce-out"])
@pytest.mark.parametrize("parameter", READ)
def test_a_track_is_read_at_every_frame(
    key: Key, frames: Frames, parameter: str, shape: str
) -> None:
    look, low, high, read = READ[parameter]
    start = Encode(Asset("ab" * 32), 0.5, 1) if parameter == "strength" else Noise(1)
    track = Track(parameter, ramp(low, high, shape))
    keys = key(0, look, start=start), key(1, look, start=start)
    made = frames(*keys, tracks=(track,), duration=1.5, sampler="ddim", guidance=9)
    assert len(made) == 18
    for index, recipe in enumerate(made):
        eased = low + (high - low) * Easing(shape)(index / 12)
        assert read(recipe) == pytest.approx(min(max(eased, low), high), abs=1e-12)


def test_a_track_stands_over_keyframes(key: Key, frames: Frames) -> None:
    track = Track("guidance", constant(5))
    made = frames(key(0, "a", guidance=1), key(1, "b", guidance=2), tracks=(track,), guidance=9)
    assert {recipe.guidance for recipe in made} == {5}


def test_edit_films_go_there_and_back(key: Key, frames: Frames) -> None:
    there = Curve((CurvePoint(0, 0), CurvePoint(1, 1), CurvePoint(2, 0)))
    made = frames(key(0, edited(OWL)), duration=2, tracks=(Track("edit-amount", there),))
    values = [amount(recipe) for recipe in made]
    assert values[:13] == pytest.approx([i / 12 for i in range(13)])
    assert values[13:] == pytest.approx([2 - i / 12 for i in range(13, 24)])


def test_edits_and_jitters_are_reached_wherever_they_stand(key: Key, frames: Frames) -> None:
    mix = Mix((Weighted(Scale(edited(OWL), 2)), Weighted(Jitter(OWL, "multiply", 1, 7), 3)))
    tracks = Track("edit-amount", constant(-0.5)), Track("jitter", constant(0.25))
    keys = key(0, mix, negative=edited(Prompt("blur"))), key(1, edited(Prompt("fox")))
    recipe = frames(*keys, tracks=tracks)[6]
    low = Edit(OWL, "day", "night", -0.5)
    parts = (Weighted(Scale(low, 2)), Weighted(Jitter(OWL, "multiply", 0.25, 7), 3))
    fox = Edit(Prompt("fox"), "day", "night", -0.5)
    assert recipe.looks == (Weighted(Blend(Mix(parts), fox, 0.5)),)
    assert recipe.negative.first == Edit(Prompt("blur"), "day", "night", -0.5)


def test_embedding_strength_scales_every_look_but_the_negative(key: Key, frames: Frames) -> None:
    both = (Weighted(OWL, 1), Weighted(Prompt("fox"), 2))
    track = Track("embedding-strength", constant(2.5))
    recipe = frames(key(0, both, negative=Prompt("blur")), tracks=(track,))[0]
    scaled = (Weighted(Scale(OWL, 2.5), 1), Weighted(Scale(Prompt("fox"), 2.5), 2))
    assert recipe.looks == scaled
    assert recipe.negative == Prompt("blur")
    plain = frames(key(0, both), tracks=(Track("embedding-strength", constant(1)),))[0]
    assert plain.looks == both


def test_eta_needs_ddim(key: Key, spec: Spec) -> None:
    expected = "eta needs the sampler ddim, the film has euler: choose ddim, or set eta to 0"
    for fields in ({"eta": 0.1}, {"tracks": (Track("eta", constant(0)),)}):
        with pytest.raises(SpecError) as caught:
            film(spec(key(0), sampler="euler", **fields))
        assert str(caught.value) == expected


def eta_film(key: Key, frames: Frames, motion: str, **fields: Any) -> list[Recipe]:
    keys = key(0, "a"), key(1, "b")
    fields = {"eta": 0.5, "seed": 7} | fields
    return frames(*keys, sampler="ddim", noise_motion=motion, **fields)


def test_held_noise_stays(key: Key, frames: Frames) -> None:
    made = eta_film(key, frames, "held")
    assert {(recipe.eta, recipe.variance) for recipe in made} == {(0.5, Noise(7))}


def test_fresh_noise_is_new_in_every_frame(key: Key, frames: Frames) -> None:
    made = eta_film(key, frames, "fresh")
    assert [recipe.variance for recipe in made] == [Noise(7 + index) for index in range(13)]
    made = eta_film(key, frames, "fresh", seed=LAST)
    assert [recipe.variance for recipe in made[:3]] == [Noise(LAST), Noise(0), Noise(1)]


def test_walking_noise_reaches_the_next_seed_at_the_end(key: Key, frames: Frames) -> None:
    made = eta_film(key, frames, "walk")
    assert made[0].variance == Noise(7)
    walk = [recipe.variance for recipe in made[1:]]
    assert walk == [Between(Noise(7), Noise(8), index / 12) for index in range(1, 13)]
    made = eta_film(key, frames, "walk", seed=LAST)
    assert made[6].variance == Between(Noise(LAST), Noise(0), 0.5)


def test_a_loops_noise_walks_there_and_back(key: Key, frames: Frames) -> None:
    made = eta_film(key, frames, "walk", loop=True, duration=2)
    assert made[0].variance == Noise(7)
    shares = [recipe.variance.u for recipe in made[1:]]
    assert shares == pytest.approx([1 - abs(1 - i / 12) for i in range(1, 24)])


def test_frames_without_eta_have_no_noise_of_it(key: Key, frames: Frames) -> None:
    track = Track("eta", Curve((CurvePoint(0.5, 0), CurvePoint(1, 1))))
    made = eta_film(key, frames, "fresh", tracks=(track,), eta=0.9)
    assert [recipe.variance for recipe in made[:7]] == [None] * 7
    assert [recipe.eta for recipe in made[7:]] == pytest.approx([i / 6 for i in range(1, 7)])
    assert made[7].variance == Noise(14)

"""A keyframe's frame shows it; between two, everything is on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.model.curve import EASINGS, Easing
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Blend, Nothing, Prompt, Weighted
from imvar_studio.model.source import Size
from imvar_studio.model.start import Between, Noise
from imvar_studio.model.timeline import Transition
from imvar_studio.plan.film import film

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.recipe import Recipe
    from imvar_studio.model.specs import FilmSpec
    from imvar_studio.model.timeline import Keyframe

    Key = Callable[..., Keyframe]
    Frames = Callable[..., list[Recipe]]
    Spec = Callable[..., FilmSpec]


WILD = Easing("bezier", 0.9, 5, 0.1, -4)


@pytest.mark.parametrize("easing", [*(Easing(shape) for shape in EASINGS), WILD], ids=str)
@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({}, (0, 12, 30)),
        ({"fps": 24}, (0, 24, 60)),
        ({"fps": "24000/1001"}, (0, 24, 60)),
        ({"fps": 1}, (0, 1, 3)),
        ({"per": 7}, (0, 7, 14)),
        ({"per": 1}, (0, 1, 2)),
    ],
    ids=str,
)
def test_a_keyframe_is_shown_on_its_frame(
    key: Key, frames: Frames, easing: Easing, fields: dict[str, Any], at: tuple[int, ...]
) -> None:
    ways = [{"transition": Transition(easing)} for _ in range(3)]
    keys = [
        key(0, "an owl", start=Noise(1), negative=Prompt("blur"), guidance=2, **ways[0]),
        key(1, "a fox", start=Noise(2), guidance=3.5, **ways[1]),
        key(2.5, "a cat", start=Noise(3), guidance=7, **ways[2]),
    ]
    made = frames(*keys, **fields)
    assert len(made) == at[-1] + 1
    for each, place in zip(keys, at, strict=True):
        recipe = made[place]
        assert (recipe.looks, recipe.start, recipe.negative, recipe.guidance) == (
            each.looks,
            each.start,
            each.negative,
            each.guidance,
        )


def test_a_keyframe_lies_on_the_nearest_frame(key: Key, frames: Frames) -> None:
    keys = [key(0), key(0.49, "a fox"), key(0.625, "a cat"), key(0.71, "a dog")]
    made = frames(*keys)  # 5.88, 7.5 and 8.52 frames
    shown = [made[place].looks[0].look for place in (6, 8, 9)]
    assert shown == [Prompt("a fox"), Prompt("a cat"), Prompt("a dog")]
    assert len(made) == 10


def test_what_holds_for_the_whole_film(key: Key, spec: Spec, frames: Frames) -> None:
    fields = {
        "size": Size(320, 192),
        "steps": 9,
        "sampler": "euler",
        "spacing": "linspace",
        "guidance": 4.5,
        "seed": 11,
    }
    model = spec(key(0)).model
    for recipe in frames(key(0), key(1, "a fox"), **fields):
        assert (recipe.size, recipe.steps, recipe.guidance) == (Size(320, 192), 9, 4.5)
        assert (recipe.sampler, recipe.spacing) == ("euler", "linspace")
        assert (recipe.model, recipe.precision, recipe.start) == (model, "bf16", Noise(11))
        assert (recipe.eta, recipe.variance) == (0, None)


@pytest.mark.parametrize("shape", ["linear", "sine-in-out", "back-out", "bounce-in"])
@pytest.mark.parametrize("path", ["lerp", "slerp", "slerp-whole"])
def test_looks_blend_with_eased_progress(key: Key, frames: Frames, shape: str, path: str) -> None:
    easing = Easing(shape)
    first = key(0, "an owl", negative=Prompt("blur"), transition=Transition(easing, path))
    made = frames(first, key(1, "a fox"))
    for index in range(1, 12):
        u = easing(index / 12)
        look = Blend(Prompt("an owl"), Prompt("a fox"), u, path)
        assert made[index].looks == (Weighted(look),)
        assert made[index].negative == Blend(Prompt("blur"), Nothing(), u, path)


def test_each_transition_has_its_own_way(key: Key, frames: Frames) -> None:
    made = frames(
        key(0, "a", transition=Transition(Easing("cubic-in"), "slerp")),
        key(1, "b", transition=Transition(Easing("hold"))),
        key(2, "c"),
    )
    assert made[6].looks[0].look == Blend(Prompt("a"), Prompt("b"), 0.125, "slerp")
    assert [made[index].looks[0].look for index in (12, 18, 23)] == [Prompt("b")] * 3
    assert made[24].looks[0].look == Prompt("c")


def test_equal_looks_stay_as_they_are(key: Key, frames: Frames) -> None:
    for recipe in frames(key(0, "an owl", start=Noise(1)), key(1, "an owl", start=Noise(2))):
        assert recipe.looks == (Weighted(Prompt("an owl")),)
        assert recipe.negative == Nothing()


@pytest.mark.parametrize(("handle", "edge"), [(5, 2), (-4, -1)])
def test_overshoot_ends_where_looks_do(key: Key, frames: Frames, handle: float, edge: int) -> None:
    easing = Easing("bezier", 0, handle, 1, handle)
    assert not -1 <= easing(0.5) <= 2
    made = frames(key(0, "a", start=Noise(1), transition=Transition(easing)), key(1, "b"))
    assert made[6].looks[0].look == Blend(A, B, edge)
    assert made[6].start == Between(Noise(1), Noise(0), edge)


def test_guidance_moves_between_keyframes(key: Key, frames: Frames) -> None:
    ease = Transition(Easing("cubic-in"))
    made = frames(key(0, "a", guidance=7, transition=ease), key(1, "b"), key(2, "c", guidance=0))
    assert made[6].guidance == pytest.approx(7 + (3 - 7) * 0.125)
    assert made[15].guidance == pytest.approx(3 * 0.75)


def test_guidance_does_not_overshoot(key: Key, frames: Frames) -> None:
    back = Transition(Easing("back-in-out"))
    made = frames(key(0, "a", guidance=0, transition=back), key(1, "b", guidance=50))
    values = [recipe.guidance for recipe in made]
    assert (min(values), max(values)) == (0, 50)
    assert values.count(0) > 2
    assert values.count(50) > 2


A, B, C = Prompt("a"), Prompt("b"), Prompt("c")


def test_ensembles_of_equal_count_blend_look_by_look(key: Key, frames: Frames) -> None:
    made = frames(
        key(0, (Weighted(A, 1), Weighted(B, 2))), key(1, (Weighted(C, 3), Weighted(B, 0)))
    )
    first, second = made[3].looks
    assert (first.look, first.weight) == (Blend(A, C, 0.25), 1.5)
    assert (second.look, second.weight) == (B, 1.5)


def test_ensembles_of_unequal_count_fade(key: Key, frames: Frames) -> None:
    back = Transition(Easing("back-in-out"))
    one, two = (Weighted(A, 5),), (Weighted(B, 1), Weighted(C, 3))
    made = frames(key(0, one), key(1, two, transition=back), key(2, one))
    assert [(part.look, part.weight) for part in made[3].looks] == [
        (A, 0.75),
        (B, 0.0625),
        (C, 0.1875),
    ]
    assert made[12].looks == two
    weights = [[part.weight for part in recipe.looks] for recipe in made[13:24]]
    for each in weights:
        assert sum(each) == pytest.approx(1)
        assert min(each) >= 0
    assert weights[1] == [0.25, 0.75, 0]  # the easing is below 0 there


def test_a_film_needs_a_keyframe(spec: Spec) -> None:
    with pytest.raises(SpecError) as caught:
        film(spec())
    assert str(caught.value) == "film 'Owls' has no keyframes: add a picture or a prompt"


@pytest.mark.parametrize("time", [0, 1.5])
def test_a_film_of_one_keyframe(key: Key, frames: Frames, time: float) -> None:
    made = frames(key(time, "an owl", start=Noise(5)), duration=2)
    assert len(made) == 24
    assert {(recipe.looks, recipe.start, recipe.guidance) for recipe in made} == {
        ((Weighted(Prompt("an owl")),), Noise(5), 3.0)
    }
    assert len(frames(key(0))) == 1


def test_frames_between_are_not_the_keyframes(key: Key, frames: Frames) -> None:
    made = frames(key(0, "a"), key(1, "b"))
    amounts = [recipe.looks[0].look.u for recipe in made[1:-1]]
    assert amounts == [pytest.approx(i / 12) for i in range(1, 12)]

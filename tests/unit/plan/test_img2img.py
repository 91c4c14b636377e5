"""Films of noised pictures: their strength moves without jumps, and batches keep them apart."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from imvar_studio.model.curve import Curve, CurvePoint
from imvar_studio.model.errors import SpecError
from imvar_studio.model.inpaint import Inpaint
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.recipe import ModelRef, Recipe
from imvar_studio.model.source import Asset, Size
from imvar_studio.model.start import Between, Circle, Encode, Noise
from imvar_studio.model.timeline import Track, Transition
from imvar_studio.plan.plan import chunks, gather

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.timeline import Keyframe

    Key = Callable[..., Keyframe]
    Frames = Callable[..., list[Recipe]]

CAT, DOG = Asset("aa" * 32), Asset("bb" * 32)
CIRCLE = Transition(latent="circle")


def test_between_equal_strengths_the_steps_stay_whole(key: Key, frames: Frames) -> None:
    first, second = Encode(CAT, 0.6, 1), Encode(DOG, 0.6, 2)
    made = frames(key(0, start=first), key(1, start=second))
    assert (made[0].start, made[12].start) == (first, second)
    assert made[3].start == Between(first, second, 0.25)


def test_between_other_strengths_it_moves_evenly(key: Key, frames: Frames) -> None:
    first, second = Encode(CAT, 0.2, 1), Encode(DOG, 0.8, 2)
    made = frames(key(0, start=first), key(1, start=second), key(2, start=first))
    assert made[0].start == replace(first, continuous=True)
    for index, recipe in enumerate(made[1:12], 1):
        strength = pytest.approx(0.2 + 0.6 * index / 12)
        for end, asset in ((recipe.start.first, CAT), (recipe.start.second, DOG)):
            assert (end.source, end.strength, end.continuous) == (asset, strength, True)
    assert made[24].start == made[0].start


def test_a_track_makes_every_strength_continuous(key: Key, frames: Frames) -> None:
    track = Track("strength", Curve((CurvePoint(0, 0.3), CurvePoint(1, 0.9))))
    ends = Encode(CAT, 0.5, 1), Encode(DOG, 0.7, 2)
    made = frames(key(0, start=ends[0]), key(1, start=ends[1]), tracks=(track,))
    assert made[0].start == Encode(CAT, 0.3, 1, continuous=True)
    assert made[12].start == Encode(DOG, 0.9, 2, continuous=True)
    middle = made[6].start
    assert (middle.first.strength, middle.second.strength) == (pytest.approx(0.6),) * 2
    assert middle.first.continuous
    assert middle.second.continuous


def test_around_a_picture_its_noise_goes(key: Key, frames: Frames) -> None:
    cat, dog = Encode(CAT, 0.6, 1), Encode(DOG, 0.6, 2)
    for second, through in ((dog, Noise(2)), (Noise(5), Noise(5)), (cat, Noise(8))):
        keys = key(0, start=cat, transition=CIRCLE), key(1, start=second)
        made = frames(*keys, seed=7)
        assert made[3].start == Circle(cat, through, 0.25)
    made = frames(key(0, start=Noise(3), transition=CIRCLE), key(1, start=dog))
    assert made[3].start == Circle(Noise(3), Noise(2), 0.25)


def test_a_picture_and_noise_do_not_meet(key: Key, frames: Frames) -> None:
    keys = key(0, start=Encode(CAT, 0.6, 1)), key(1, "owl")
    with pytest.raises(SpecError) as caught:
        frames(*keys)
    assert str(caught.value) == (
        "there is no way between a noised picture's latents and another kind of start: give both "
        "the same kind of start, or hold the first"
    )
    hold = replace(keys[0], transition=Transition(latent="hold"))
    assert {recipe.start for recipe in frames(hold, keys[1])} == {Encode(CAT, 0.6, 1)}


PLAIN = Recipe(ModelRef("m", "ab" * 32), (Weighted(Prompt("owl")),), Noise(0), Size(64, 64))


def sizes(*changes: dict[str, object]) -> list[int]:
    recipes = [replace(PLAIN, **change) for change in changes]
    return [len(chunk) for chunk in chunks(gather(recipes, Fraction(12), 8))]


def test_a_batch_is_of_one_count_of_steps() -> None:
    def start(*strengths: float, continuous: bool = False) -> list[dict[str, object]]:
        return [{"start": Encode(CAT, s, 1, continuous)} for s in strengths]

    assert sizes(*start(0.5, 0.51, 0.56, 0.57, 0.6, 0.63)) == [3, 2, 1]  # 8, 9 and 10 of 16
    assert sizes(*start(0.1, 0.4, 0.9, 1.0, continuous=True)) == [4]
    assert sizes(*start(1.0), *start(1.0, continuous=True), {"start": Noise(1)}) == [1, 1, 1]


def test_painting_in_part_is_batched_apart_whatever_the_mask() -> None:
    masks = [{"inpaint": Inpaint(CAT, Asset(f"{n:064x}"), n)} for n in range(3)]
    assert sizes({}, *masks) == [1, 3]
    full = {"start": Encode(CAT, 1.0, 1)}  # from noise alone where it is painted in part
    assert sizes(masks[0], {**masks[1], **full}) == [2]
    assert sizes(full, {"start": Noise(1)}) == [1, 1]

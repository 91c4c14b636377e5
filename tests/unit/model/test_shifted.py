"""Starts with a constant added: what they are made of, and what edits leave of the shift."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from imvar_studio.model import keyframe_edits, look_edits
from imvar_studio.model.codec import decode, encode
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Picture, Prompt, Weighted
from imvar_studio.model.recipe import (
    ModelRef,
    Recipe,
    noised_picture,
    recipe_digest,
    settled,
    steps_run,
)
from imvar_studio.model.source import Asset, Framing, Size
from imvar_studio.model.start import (
    Between,
    Circle,
    Encode,
    InversionSpec,
    Inverted,
    Noise,
    Shifted,
    Start,
    encoded,
    inversions,
    shifted_like,
    start_step,
    unshifted,
)
from imvar_studio.model.timeline import Keyframe, Timeline

CAT, FOX = Asset("ab" * 32), Asset("cd" * 32)
CUT = Inverted(CAT, InversionSpec("plain", 100, spacing="leading", start_step=2))
RECIPE = Recipe(
    ModelRef("m", "ab" * 32), (Weighted(Picture(CAT)),), Noise(1), Size(64, 64), sampler="ddim"
)
STARTS: list[Start] = [
    Noise(1),
    Inverted(CAT),
    CUT,
    Encode(CAT, 0.5, 3),
    Between(Inverted(CAT), Inverted(FOX), 0.5),
    Circle(Encode(CAT, 0.5, 3), Noise(2), 0.25),
]


@pytest.mark.parametrize("start", STARTS, ids=lambda start: type(start).__name__)
def test_it_is_made_of_what_its_start_is_made_of(start: Start) -> None:
    for shifted in (Shifted(start, 0.25), Shifted(Shifted(start, -1), 1)):
        assert unshifted(shifted) == start
        assert inversions(shifted) == inversions(start)
        assert encoded(shifted) == encoded(start)
        assert start_step(shifted) == start_step(start)
        plain, recipe = replace(RECIPE, start=start), replace(RECIPE, start=shifted)
        assert (steps_run(recipe), noised_picture(recipe)) == (
            steps_run(plain),
            noised_picture(plain),
        )


def test_ways_lead_between_shifted_latents_and_others() -> None:
    half = Encode(CAT, 0.5, 3)
    assert encoded(Between(Shifted(half, 0.2), half, 0.5)) == half
    assert encoded(Circle(Shifted(half, 0.2), Shifted(Noise(1), 0.1), 0.5)) == half
    assert start_step(Between(Shifted(CUT, 0.2), CUT, 0.5)) == 2
    with pytest.raises(SpecError, match="leads through noise alone"):
        encoded(Circle(half, Shifted(Inverted(CAT), 0.2), 0.5))
    with pytest.raises(SpecError, match="noised to different strengths"):
        encoded(Between(half, Shifted(replace(half, strength=0.6), 0.1), 0.5))
    with pytest.raises(SpecError, match="different start steps, 2 and 0"):
        start_step(Between(Shifted(CUT, 0.2), Noise(1), 0.5))


def test_a_recipe_comes_back_and_is_named_by_its_shift() -> None:
    made = replace(RECIPE, start=Shifted(Noise(1), 0.1 + 0.2))
    data = json.loads(json.dumps(encode(made)))
    assert data["start"]["kind"] == "shifted"
    assert decode(data, Recipe) == made
    assert recipe_digest(settled(made)) == recipe_digest(made)
    names = {recipe_digest(replace(made, start=Shifted(Noise(1), c))) for c in (-0.3, 0, 0.3)}
    assert len(names | {recipe_digest(RECIPE)}) == 4


def test_shifts_are_put_around_another_start() -> None:
    twice = Shifted(Shifted(Noise(1), 0.1), 0.2)
    assert shifted_like(Noise(2), twice) == Shifted(Shifted(Noise(2), 0.1), 0.2)
    assert shifted_like(Noise(2), Noise(1)) == shifted_like(Noise(2), None) == Noise(2)


def one(start: Start, look: Picture | Prompt | None = None) -> Timeline:
    return Timeline((Keyframe("k", 0, (Weighted(look or Picture(CAT)),), start=start),))


def start_of(timeline: Timeline) -> Start | None:
    return timeline.keyframes[0].start


def test_a_seed_keeps_the_shift_of_noise_and_of_img2img() -> None:
    for start, after in (
        (Shifted(Noise(1), 0.3), Shifted(Noise(9), 0.3)),
        (Shifted(Encode(CAT, 0.5, 1), 0.3), Shifted(Encode(CAT, 0.5, 9), 0.3)),
        (Shifted(Inverted(CAT), 0.3), Noise(9)),
    ):
        assert start_of(keyframe_edits.set_seed(one(start), {"k"}, 9)) == after


def test_edits_of_an_inversion_keep_its_shift() -> None:
    timeline = one(Shifted(Inverted(CAT), 0.3))
    assert look_edits.inversion_of(timeline.keyframes[0]) == Inverted(CAT)
    finer = look_edits.set_inversion(timeline, {"k"}, lambda spec: replace(spec, steps=50))
    assert start_of(finer) == Shifted(Inverted(CAT, InversionSpec(steps=50)), 0.3)
    # settings that are all at their defaults are implied only without a shift
    assert look_edits.set_inversion(finer, {"k"}, lambda spec: replace(spec, steps=25)) == timeline
    framed = look_edits.set_framing(timeline, {"k"}, lambda old: replace(old, mode="fit"))
    assert start_of(framed) == Shifted(Inverted(replace(CAT, framing=Framing("fit"))), 0.3)
    assert start_of(look_edits.set_prompt(timeline, {"k"}, "a fox")) is None
    other = one(Shifted(Inverted(FOX), 0.3))
    assert start_of(look_edits.set_framing(other, {"k"}, lambda old: old)) == start_of(other)

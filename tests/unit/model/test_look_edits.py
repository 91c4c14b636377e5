"""Edits of looks, and of how a film passes through pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from imvar_studio.model import look_edits
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Mix, Nothing, Picture, Prompt, Scale, Weighted
from imvar_studio.model.source import Asset, Framing
from imvar_studio.model.start import InversionSpec, Inverted, Noise
from imvar_studio.model.timeline import Keyframe, Timeline, Transition

CAT, FOX = "a" * 64, "b" * 64
MIX = Mix((Weighted(Picture(Asset(CAT))), Weighted(Prompt("snow"))))


def one(look: Any, **fields: Any) -> Timeline:
    return Timeline((Keyframe("k", 0, (Weighted(look),), **fields),))


def key(timeline: Timeline) -> Keyframe:
    return timeline.keyframes[0]


def look(timeline: Timeline) -> Any:
    return key(timeline).looks[0].look


def test_strength_wraps_and_unwraps() -> None:
    made = look_edits.set_strength(one(Prompt("an owl")), {"k"}, 2.0)
    assert look(made) == Scale(Prompt("an owl"), 2.0)
    assert look(look_edits.set_strength(made, {"k"}, 0.5)) == Scale(Prompt("an owl"), 0.5)
    assert look_edits.set_strength(made, {"k"}, 1.0) == one(Prompt("an owl"))
    assert look_edits.set_strength(made, {"other"}, 1.0) is made
    with pytest.raises(SpecError, match="embedding strength"):
        look_edits.set_strength(made, {"k"}, 5.0)


def test_a_prompt_keeps_what_is_around_it() -> None:
    old = one(Scale(Prompt("an owl", match_norm=False), 2.0), start=Noise(6))
    made = look_edits.set_prompt(old, {"k"}, "a fox")
    assert look(made) == Scale(Prompt("a fox", match_norm=False), 2.0)
    assert key(made).start == Noise(6)


def test_pictures_and_prompts_take_each_others_place() -> None:
    picture = one(Picture(Asset(CAT)), start=Inverted(Asset(CAT), InversionSpec(steps=50)))
    prompt = look_edits.set_prompt(picture, {"k"}, "a fox")
    assert (look(prompt), key(prompt).start) == (Prompt("a fox"), None)
    seeded = one(Prompt("a fox"), start=Noise(6))
    assert look_edits.set_picture(seeded, {"k"}, CAT) == one(Picture(Asset(CAT)))
    other = look_edits.set_picture(picture, {"k"}, FOX)
    assert (look(other).source.sha, key(other).start.source.sha) == (FOX, FOX)  # type: ignore[union-attr]
    for expression in (one(MIX), one(Scale(MIX, 2.0))):
        assert look_edits.set_prompt(expression, {"k"}, "a fox") is expression
        assert look_edits.set_picture(expression, {"k"}, FOX) is expression


def test_framing_is_that_of_the_start_too() -> None:
    def fitted(old: Framing) -> Framing:
        return replace(old, mode="fit")

    start = Inverted(Asset(CAT), InversionSpec(steps=50))
    made = look_edits.set_framing(one(Picture(Asset(CAT)), start=start), {"k"}, fitted)
    source = Asset(CAT, Framing("fit"))
    assert (look(made), key(made).start) == (Picture(source), replace(start, source=source))
    prompt = one(Prompt("an owl"))
    assert look_edits.set_framing(prompt, {"k"}, fitted) is prompt


def test_passing_through_or_not() -> None:
    picture = one(Picture(Asset(CAT)))
    noise = look_edits.set_passing(picture, {"k"}, False, 7)
    assert key(noise).start == Noise(7)
    assert look_edits.set_passing(noise, {"k"}, True, 7) == picture
    strong = one(Scale(Picture(Asset(CAT)), 2.0))
    assert look_edits.set_passing(strong, {"k"}, True, 7) == picture
    prompt = one(Prompt("an owl"))
    assert look_edits.set_passing(prompt, {"k"}, True, 7) is prompt


def test_inversions_at_their_defaults_are_none_of_its_own() -> None:
    picture = one(Picture(Asset(CAT)))
    made = look_edits.set_inversion(picture, {"k"}, lambda spec: replace(spec, steps=50))
    assert key(made).start == Inverted(Asset(CAT), InversionSpec(steps=50))
    assert look_edits.set_inversion(made, {"k"}, lambda spec: replace(spec, steps=25)) == picture
    noise = one(Picture(Asset(CAT)), start=Noise(1))
    assert look_edits.set_inversion(noise, {"k"}, lambda spec: replace(spec, steps=50)) is noise


def test_an_inversion_that_is_edited_leaves_no_steps_out() -> None:
    start = Inverted(Asset(CAT), InversionSpec("plain", 50, start_step=1))
    cut = one(Picture(Asset(CAT)), start=start)
    made = look_edits.set_inversion(cut, {"k"}, lambda spec: replace(spec, method="fixed-point"))
    assert key(made).start == Inverted(Asset(CAT), InversionSpec(steps=50))


def test_negative_prompts() -> None:
    old = one(Prompt("an owl"))
    made = look_edits.set_negative_prompt(old, {"k"}, "blur")
    assert key(made).negative == Prompt("blur")
    assert key(look_edits.set_negative_prompt(made, {"k"}, " ")).negative == Nothing()
    odd = one(Prompt("an owl"), negative=MIX)
    assert look_edits.set_negative_prompt(odd, {"k"}, "blur") is odd


def test_seeds_and_paths() -> None:
    old = one(Prompt("an owl"), start=Noise(6))
    assert look_edits.clear_seed(old, {"k"}) == one(Prompt("an owl"))
    made = look_edits.set_paths(old, {"k"}, latent="circle")
    made = look_edits.set_circle_seed(made, {"k"}, 4)
    made = look_edits.set_paths(made, {"k"}, condition="slerp")
    assert key(made).transition == Transition(condition="slerp", latent="circle", circle_seed=4)

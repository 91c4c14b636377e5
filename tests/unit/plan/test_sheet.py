"""From a sheet's shots to recipes: what each parameter does there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import (
    Crop,
    Edit,
    Jitter,
    Look,
    Mix,
    Picture,
    Prompt,
    Scale,
    Shift,
    Weighted,
)
from imvar_studio.model.recipe import ModelRef, Recipe
from imvar_studio.model.sheet import Axis, SheetWork
from imvar_studio.model.shot import Shot
from imvar_studio.model.source import Asset, Size
from imvar_studio.model.specs import SheetModel, SheetSpec
from imvar_studio.model.start import Encode, InversionSpec, Inverted, Noise, Shifted
from imvar_studio.plan.plan import chunks
from imvar_studio.plan.sheet import sheet

CAT = Asset("ab" * 32)
LOOK = Picture(CAT)
FLOWERS = Prompt("flowers")
SHOT = Shot((Weighted(LOOK),), CAT, FLOWERS, "still water", "wild flowers", seed=9)
MODELS = (
    SheetModel("starter", ModelRef("starter", "ab" * 32), Size(256, 256), "dpmpp-2m"),
    SheetModel("other", ModelRef("other", "cd" * 32), Size(512, 512), "euler", "leading"),
)


def recipes(work: SheetWork, batch: int = 4) -> list[Recipe]:
    plan = sheet(SheetSpec(work, MODELS, "bf16", batch))
    return [plan.pictures[index].recipe for index in plan.frames]


def one(**fields: Any) -> Recipe:
    (recipe,) = recipes(SheetWork("s", "S", replace(SHOT, **fields)))
    return recipe


def look(**fields: Any) -> Look:
    (part,) = one(**fields).looks
    return part.look


def test_what_is_neutral_leaves_no_trace() -> None:
    assert one() == Recipe(
        MODELS[0].ref,
        (Weighted(LOOK),),
        Noise(9),
        Size(256, 256),
        steps=16,
        guidance=4.0,
        sampler="dpmpp-2m",
        precision="bf16",
    )


def test_each_parameter_of_the_look() -> None:
    assert look(mix=0.25) == Mix((Weighted(LOOK, 0.75), Weighted(FLOWERS, 0.25)))
    assert look(mix=1) == FLOWERS
    assert look(edit=0.5) == Edit(LOOK, "still water", "wild flowers", 0.5)
    assert look(scale=2) == Scale(LOOK, 2)
    assert look(jitter=0.2) == Jitter(LOOK, "add", 0.2, 9)
    assert look(multiply=0.5) == Jitter(LOOK, "multiply", 0.5, 9)
    assert look(shift=-0.2) == Shift(LOOK, -0.2)
    assert look(crops=6) == Crop(CAT, None, 6, 9)
    assert look(resize="antialiased") == Picture(CAT, "antialiased")


def test_they_follow_each_other_mixed_edited_scaled_jittered_shifted() -> None:
    shifted = look(mix=0.5, edit=1, scale=2, jitter=0.1, shift=0.3)
    assert isinstance(shifted, Shift)
    found = shifted.look
    assert isinstance(found, Jitter)
    assert look(jitter=0.1, multiply=0.2, shift=0.3) == Shift(look(jitter=0.1, multiply=0.2), 0.3)
    assert isinstance(found.look, Scale)
    assert isinstance(found.look.look, Edit)
    assert isinstance(found.look.look.look, Mix)


def test_every_look_of_an_ensemble_is_varied() -> None:
    looks = (Weighted(LOOK, 2), Weighted(FLOWERS))
    assert one(looks=looks, scale=0.5).looks == (
        Weighted(Scale(LOOK, 0.5), 2),
        Weighted(Scale(FLOWERS, 0.5)),
    )


def test_the_starts() -> None:
    img2img = one(start="picture", strength=0.6)
    assert (img2img.start, img2img.sampler) == (Encode(CAT, 0.6, 9), "dpmpp-2m")
    inverted = one(start="inverted", steps=50)
    assert inverted.start == Inverted(CAT)
    assert (inverted.sampler, inverted.steps, inverted.eta) == ("ddim", 25, 0)


def test_every_start_is_shifted_and_otherwise_as_it_was() -> None:
    for fields in ({}, {"start": "picture", "strength": 0.6}, {"start": "inverted", "eta": 0.3}):
        plain = one(**fields)
        assert one(**fields, latent_shift=-0.2) == replace(plain, start=Shifted(plain.start, -0.2))
        assert one(**fields, latent_shift=0) == one(**fields, shift=0) == plain


def test_a_classic_inversion_is_decoded_in_steps_of_its_own() -> None:
    spec = InversionSpec("plain", 500, spacing="leading", start_step=1)
    classic = one(start="inverted", inversion=spec, steps=50)
    assert classic.start == Inverted(CAT, spec)
    assert (classic.steps, classic.spacing, classic.sampler) == (50, "leading", "ddim")
    with pytest.raises(SpecError, match="start step must be below the 1 steps of sampling, got 1"):
        one(start="inverted", inversion=spec, steps=1)
    with pytest.raises(SpecError, match="a start step needs the sampler ddim, got lms"):
        one(start="inverted", inversion=spec, steps=50, sampler="lms")


def test_eta_takes_ddim_and_noise_of_the_seed() -> None:
    rough = one(eta=0.4)
    assert (rough.sampler, rough.variance) == ("ddim", Noise(9))
    assert one(sampler="euler-ancestral").variance == Noise(9)
    with pytest.raises(SpecError, match="eta needs the sampler ddim, got euler"):
        one(eta=0.4, sampler="euler")


def test_a_model_brings_its_size_sampler_and_spacing() -> None:
    work = SheetWork("s", "S", SHOT, columns=Axis("model", ("starter", "other")))
    starter, other = recipes(work)
    assert (starter.model, starter.size) == (MODELS[0].ref, Size(256, 256))
    assert (other.model, other.size) == (MODELS[1].ref, Size(512, 512))
    assert (other.sampler, other.spacing) == ("euler", "leading")
    assert recipes(replace(work, size=Size(320, 256)))[1].size == Size(320, 256)
    with pytest.raises(SpecError, match="the sheet's model 'third' is not resolved"):
        recipes(replace(work, columns=Axis("model", ("third",))))


def test_frames_are_cells_and_models_and_batches_stand_together() -> None:
    work = SheetWork(
        "s", "S", SHOT, rows=Axis("steps", ("8", "16")), columns=Axis("model", ("starter", "other"))
    )
    found = [(recipe.model.id, recipe.steps) for recipe in recipes(work)]
    assert found == [("starter", 8), ("other", 8), ("starter", 16), ("other", 16)]
    made = [p.recipe for p in sheet(SheetSpec(work, MODELS)).pictures]
    assert [recipe.model.id for recipe in made] == ["starter", "starter", "other", "other"]


def test_alike_cells_share_batches_however_they_lie() -> None:
    work = SheetWork(
        "s", "S", SHOT, rows=Axis("seed", ("1", "2", "3")), columns=Axis("steps", ("8", "16"))
    )
    plan = sheet(SheetSpec(work, MODELS, batch=3))
    assert [len(chunk) for chunk in chunks(plan)] == [3, 3]
    assert [recipe.steps for recipe in recipes(work)] == [8, 16] * 3


def test_equal_cells_are_made_once() -> None:
    work = SheetWork("s", "S", SHOT, columns=Axis("guidance", ("4", "2", "4.0")))
    plan = sheet(SheetSpec(work, MODELS))
    assert (len(plan.pictures), plan.frames) == (2, (0, 1, 0))

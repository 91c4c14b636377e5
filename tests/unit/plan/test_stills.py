"""Pictures of one look: a seed each, and everything else alike."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from imvar_studio.model.inpaint import Inpaint
from imvar_studio.model.look import Nothing, Prompt, Weighted
from imvar_studio.model.recipe import STOCHASTIC_SAMPLERS, ModelRef, Recipe
from imvar_studio.model.source import Asset, Size
from imvar_studio.model.specs import PicturesSpec
from imvar_studio.model.start import Encode, Inverted, Noise
from imvar_studio.plan.pictures import pictures
from imvar_studio.plan.plan import chunks

MODEL = ModelRef("starter", "ab" * 32)
LOOKS = (Weighted(Prompt("an owl"), 2.0), Weighted(Prompt("a fox")))


def spec(**settings: Any) -> PicturesSpec:
    defaults: dict[str, Any] = {"seed": 40, "count": 5}
    return PicturesSpec(MODEL, LOOKS, Size(256, 320), **(defaults | settings))


def recipes(**settings: Any) -> list[Recipe]:
    plan = pictures(spec(**settings))
    return [plan.pictures[index].recipe for index in plan.frames]


def test_each_next_picture_has_the_next_seed() -> None:
    plan = pictures(spec())
    assert [recipe.start for recipe in recipes()] == [Noise(n) for n in range(40, 45)]
    assert plan.frames == (0, 1, 2, 3, 4)
    assert len({picture.digest for picture in plan.pictures}) == 5


def test_they_differ_in_nothing_else_and_have_what_was_asked() -> None:
    made = recipes(
        negative=Prompt("blur"), steps=9, guidance=5.5, sampler="euler", spacing="leading",
        precision="bf16",
    )  # fmt: skip
    assert {replace(recipe, start=Noise(0)) for recipe in made} == {
        Recipe(
            MODEL, LOOKS, Noise(0), Size(256, 320), steps=9, guidance=5.5,
            negative=Prompt("blur"), sampler="euler", spacing="leading", precision="bf16",
        )
    }  # fmt: skip
    assert recipes()[0].negative == Nothing()


@pytest.mark.parametrize("sampler", STOCHASTIC_SAMPLERS)
def test_drawn_noise_has_the_pictures_seed(sampler: str) -> None:
    made = recipes(sampler=sampler)
    assert [recipe.variance for recipe in made] == [Noise(n) for n in range(40, 45)]
    assert {recipe.eta for recipe in made} == {0}


def test_eta_has_it_too() -> None:
    made = recipes(sampler="ddim", eta=0.3)
    assert [(recipe.eta, recipe.variance) for recipe in made] == [
        (0.3, Noise(n)) for n in range(40, 45)
    ]
    assert {recipe.variance for recipe in recipes(sampler="ddim")} == {None}


def test_a_picture_has_its_name_from_its_seed_alone() -> None:
    """More of them, from elsewhere, in other batches: the same pictures."""
    names = {p.recipe.start: p.digest for p in pictures(spec()).pictures}
    more = {p.recipe.start: p.digest for p in pictures(spec(seed=38, count=9, batch=3)).pictures}
    assert {start: more[start] for start in names} == names


def test_chunks_are_of_the_batch() -> None:
    assert [len(chunk) for chunk in chunks(pictures(spec(batch=2)))] == [2, 2, 1]
    assert [len(chunk) for chunk in chunks(pictures(spec(batch=64)))] == [5]
    assert pictures(spec(batch=2)).batch == 2


def test_the_largest_seed() -> None:
    assert recipes(seed=2**63 - 2, count=2)[-1].start == Noise(2**63 - 1)


PICTURE = Asset("cd" * 32)


@pytest.mark.parametrize("continuous", [False, True])
def test_each_starts_from_the_picture_with_a_seed_of_its_own(continuous: bool) -> None:
    made = recipes(start=Encode(PICTURE, 0.6, 3, continuous), count=3)
    wanted = [Encode(PICTURE, 0.6, n, continuous) for n in (40, 41, 42)]
    assert [recipe.start for recipe in made] == wanted


def test_an_inverted_start_has_no_seed() -> None:
    start = Inverted(PICTURE)
    assert [recipe.start for recipe in recipes(start=start, count=1)] == [start]
    assert len(pictures(spec(start=start)).pictures) == 1
    drawn = recipes(start=start, sampler="ddim", eta=0.5, count=2)
    assert [recipe.variance for recipe in drawn] == [Noise(40), Noise(41)]


def test_all_paint_the_same_part() -> None:
    inpaint = Inpaint(PICTURE, Asset("ef" * 32), 3.0)
    assert {recipe.inpaint for recipe in recipes(inpaint=inpaint)} == {inpaint}
    assert {recipe.inpaint for recipe in recipes()} == {None}

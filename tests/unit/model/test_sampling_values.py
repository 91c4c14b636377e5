"""Recipes and specs of pictures: where noise is added, and the ranges."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.recipe import STOCHASTIC_SAMPLERS, ModelRef, Recipe, recipe_digest, settled
from imvar_studio.model.source import Size
from imvar_studio.model.specs import PicturesSpec
from imvar_studio.model.start import Between, Inverted, Noise

MODEL = ModelRef("starter", "ab" * 32)
LOOKS = (Weighted(Prompt("an owl")),)
WAY = Between(Noise(1), Noise(2), 0.5)


def recipe(**settings: Any) -> Recipe:
    return Recipe(MODEL, LOOKS, Noise(1), Size(256, 256), **settings)


def spec(**settings: Any) -> PicturesSpec:
    defaults: dict[str, Any] = {"seed": 1}
    return PicturesSpec(MODEL, LOOKS, Size(256, 256), **(defaults | settings))


@pytest.mark.parametrize("sampler", STOCHASTIC_SAMPLERS)
def test_stochastic_samplers_need_one_seeds_noise(sampler: str) -> None:
    made = recipe(sampler=sampler, variance=Noise(3))
    assert settled(made) == made
    with pytest.raises(SpecError, match="exactly where noise is added") as caught:
        recipe(sampler=sampler)
    assert caught.value.field == "variance"
    with pytest.raises(SpecError, match=f"variance of {sampler} must be one seed's noise"):
        recipe(sampler=sampler, variance=WAY)
    other = replace(made, variance=Noise(4))
    assert recipe_digest(other) != recipe_digest(made)


@pytest.mark.parametrize("sampler", ["ddim", "dpmpp-2m", "unipc", "euler", "lms", "pndm"])
def test_the_others_take_none_without_eta(sampler: str) -> None:
    assert recipe(sampler=sampler).variance is None
    for noise in (Noise(3), WAY):
        with pytest.raises(SpecError, match="exactly where noise is added"):
            recipe(sampler=sampler, variance=noise)


def test_eta_takes_a_noise_or_the_way_between_two() -> None:
    for noise in (Noise(3), WAY):
        assert recipe(sampler="ddim", eta=0.5, variance=noise).variance == noise
    with pytest.raises(SpecError, match="exactly where noise is added"):
        recipe(sampler="ddim", eta=0.5)
    with pytest.raises(SpecError, match="exactly where noise is added"):
        recipe(sampler="ddim", eta=0.0, variance=Noise(3))


@pytest.mark.parametrize("sampler", ["dpmpp-2m", "unipc", "euler", "euler-ancestral", "lms", "lcm"])
def test_eta_belongs_to_ddim(sampler: str) -> None:
    for make in (lambda: recipe(sampler=sampler, eta=0.5, variance=Noise(3)),
                 lambda: spec(sampler=sampler, eta=0.5)):  # fmt: skip
        with pytest.raises(SpecError, match=f"eta needs the sampler ddim, got {sampler}"):
            make()


@pytest.mark.parametrize(
    ("field", "inside", "outside"),
    [
        ("seed", (0, 2**63 - 1), (-1, 2**63, 1.0, True, "1", None)),
        ("count", (1, 10_000), (0, 10_001, -1, 1.5, True)),
        ("steps", (1, 1000), (0, 1001, 1.5)),
        ("guidance", (0, 50, 0.5), (-0.1, 50.1, float("nan"), float("inf"), "3", True)),
        ("eta", (0, 1, 0.5), (-0.1, 1.1, float("nan"))),
        ("batch", (1, 64), (0, 65, 2.0)),
        ("spacing", ("trailing", "leading", "linspace"), ("", "karras", None)),
        ("precision", ("fp32", "bf16", "fp16"), ("fp64", "")),
        ("sampler", ("ddim", "x"), ("", "Not A Slug", None)),
    ],
)
def test_ranges_of_pictures(field: str, inside: tuple[Any, ...], outside: tuple[Any, ...]) -> None:
    for value in inside:
        settings = {"sampler": "ddim", field: value}
        assert getattr(spec(**settings), field) == value
    for value in outside:
        with pytest.raises(SpecError) as caught:
            spec(**{"sampler": "ddim", field: value})
        assert caught.value.field == field
        assert "\n" not in str(caught.value)


def test_the_last_seed_must_be_one() -> None:
    assert spec(seed=2**63 - 10, count=10).count == 10
    with pytest.raises(SpecError, match="the last picture's seed is too large") as caught:
        spec(seed=2**63 - 10, count=11)
    assert (caught.value.field, caught.value.remedy) == ("seed", "choose a smaller one")


@pytest.mark.parametrize("sampler", ["euler-ancestral", "lcm", "dpmpp-2m", "euler"])
def test_eta_is_ddims(sampler: str) -> None:
    assert spec(sampler="ddim", eta=0.5).eta == 0.5
    with pytest.raises(SpecError, match=f"eta needs the sampler ddim, got {sampler}: choose ddim"):
        spec(sampler=sampler, eta=0.5)


def test_an_ensemble_is_checked() -> None:
    with pytest.raises(SpecError, match="1 to 8 looks, got 0"):
        PicturesSpec(MODEL, (), Size(256, 256), 1)
    with pytest.raises(SpecError, match="weights must not all be 0"):
        PicturesSpec(MODEL, (Weighted(Prompt("a"), 0),), Size(256, 256), 1)


def test_a_variance_of_pictures_is_refused() -> None:
    with pytest.raises(SpecError):
        recipe(sampler="lcm", variance=Inverted(None))  # type: ignore[arg-type]

"""What is said of a plan before it is rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.model.look import Picture, Weighted
from imvar_studio.model.recipe import ModelRef, Recipe
from imvar_studio.model.source import Asset, Size
from imvar_studio.model.start import Between, Inverted, Noise
from imvar_studio.plan.advice import advice
from imvar_studio.plan.plan import gather

if TYPE_CHECKING:
    from imvar_studio.model.start import Start

CAT = Asset("ab" * 32)


def said(*starts: tuple[Start, float]) -> tuple[str, ...]:
    recipes = [
        Recipe(ModelRef("starter", "ab" * 32), (Weighted(Picture(CAT)),), start, Size(256, 256),
               guidance=guidance, sampler="ddim")
        for start, guidance in starts
    ]  # fmt: skip
    return advice(gather(recipes, 1, 4))  # type: ignore[arg-type]


def test_strong_guidance_on_an_inversion_is_said() -> None:
    assert said((Inverted(CAT), 3.0), (Noise(1), 8.0)) == ()
    (one,) = said((Inverted(CAT), 3.1), (Inverted(CAT), 1.0))
    assert one.startswith("1 picture starts from an inverted picture with guidance above 3: ")
    between = Between(Noise(1), Inverted(CAT), 0.5)
    (two,) = said((Inverted(CAT), 4.0), (between, 8.0), (Noise(2), 8.0))
    assert two.startswith("2 pictures start from an inverted picture")

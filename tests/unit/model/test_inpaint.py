"""Noised pictures and pictures painted in part: what a recipe of them says."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from imvar_studio.model.codec import decode, encode
from imvar_studio.model.contents import parts
from imvar_studio.model.errors import FormatError, SpecError
from imvar_studio.model.inpaint import Inpaint
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.recipe import ModelRef, Recipe, noised_picture, recipe_digest, steps_run
from imvar_studio.model.source import Asset, Framing, Output, Size
from imvar_studio.model.start import Between, Circle, Encode, Inverted, Noise, encoded

CAT, MASK = Asset("ab" * 32, Framing("crop", 0.2, 0.8, 2.0)), Asset("cd" * 32)
PLAIN = Recipe(ModelRef("m", "ab" * 32), (Weighted(Prompt("owl")),), Noise(1), Size(64, 64))


def test_what_is_not_said_is_not_in_the_name() -> None:
    assert "inpaint" not in encode(PLAIN)
    assert "continuous" not in encode(Encode(CAT, 0.5, 1))
    painted = replace(PLAIN, inpaint=Inpaint(CAT, MASK))
    names = {
        recipe_digest(each)
        for each in (
            PLAIN,
            painted,
            replace(painted, inpaint=Inpaint(CAT, MASK, 9.0)),
            replace(painted, inpaint=Inpaint(MASK, CAT)),
            replace(PLAIN, start=Encode(CAT, 0.5, 1)),
            replace(PLAIN, start=Encode(CAT, 0.5, 1, continuous=True)),
        )
    }
    assert len(names) == 6


def test_a_mask_is_framed_as_its_picture() -> None:
    inpaint = Inpaint(CAT, MASK)
    assert inpaint.mask == replace(MASK, framing=CAT.framing)
    assert Inpaint(CAT, replace(MASK, framing=CAT.framing)) == inpaint
    assert Inpaint(CAT, Output("ab" * 32)).mask == Output("ab" * 32)


def test_it_comes_back_from_a_file_and_names_its_assets() -> None:
    painted = replace(PLAIN, inpaint=Inpaint(CAT, MASK, 0.0), start=Encode(CAT, 0.4, 1))
    data = json.loads(json.dumps(encode(painted)))
    assert data["inpaint"]["kind"] == "inpaint"
    assert decode(data, Recipe) == painted
    assert {each.sha for each in parts(painted) if isinstance(each, Asset)} == {CAT.sha, MASK.sha}
    data["inpaint"]["feather"] = 257.0
    with pytest.raises(FormatError, match=r"inpaint: feather must be in \[0, 256\], got 257\.0"):
        decode(data, Recipe)


def test_painting_does_not_start_from_an_inverted_picture() -> None:
    with pytest.raises(SpecError) as caught:
        replace(PLAIN, inpaint=Inpaint(CAT, MASK), start=Between(Noise(1), Inverted(CAT), 0.5))
    assert caught.value.field == "start"
    assert caught.value.remedy == "start from noise or from a picture's noised latents"


@pytest.mark.parametrize(
    ("strength", "steps", "run"),
    [(1.0, 16, 16), (0.9999, 16, 15), (0.5, 16, 8), (0.3, 10, 3), (0.6, 5, 3), (0.0001, 16, 1),
     (5e-324, 1, 1), (1.0, 1, 1), (0.29, 100, 28)],
)  # fmt: skip
def test_the_steps_are_those_of_diffusers(strength: float, steps: int, run: int) -> None:
    """0.29 * 100 is 28.999... in floats, there as here."""
    recipe = replace(PLAIN, start=Encode(CAT, strength, 1), steps=steps)
    assert steps_run(recipe) == run
    turned = Between(recipe.start, Encode(MASK, strength, 2), 0.5)
    assert steps_run(replace(recipe, start=turned)) == run
    assert steps_run(replace(recipe, start=Encode(CAT, strength, 1, continuous=True))) == steps
    assert steps_run(replace(recipe, start=Noise(1))) == steps


def test_painting_at_strength_1_starts_from_noise_alone() -> None:
    inpaint = Inpaint(CAT, MASK)
    for start, alone in (
        (Noise(1), True),
        (Encode(CAT, 1.0, 1), True),
        (Encode(CAT, 0.99, 1), False),
        (Encode(CAT, 1.0, 1, continuous=True), False),
    ):
        found = noised_picture(replace(PLAIN, start=start, inpaint=inpaint))
        assert (found is None) == alone
    whole = Encode(CAT, 1.0, 1)
    assert noised_picture(replace(PLAIN, start=whole)) == whole


HALF = Encode(CAT, 0.5, 1)


@pytest.mark.parametrize(
    ("start", "found"),
    [
        (Noise(1), None),
        (Between(Noise(1), Inverted(CAT), 0.5), None),
        (Circle(Noise(1), Noise(2), 0.5), None),
        (Between(HALF, Encode(MASK, 0.5, 2), 0.5), HALF),
        (Circle(HALF, Between(Noise(1), Noise(2), 0.5), 0.5), HALF),
        (Between(Circle(HALF, Noise(3), 0.1), HALF, 0.5), HALF),
    ],
)
def test_starts_that_go_together(start: Any, found: Encode | None) -> None:
    assert encoded(start) == found

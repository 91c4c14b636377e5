"""The steps that are left out where sampling begins from an inverted picture."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from imvar_studio.model.codec import decode, encode
from imvar_studio.model.errors import FormatError, SpecError
from imvar_studio.model.look import Picture, Weighted
from imvar_studio.model.recipe import ModelRef, Recipe, recipe_digest, steps_run
from imvar_studio.model.shot import INVERSIONS
from imvar_studio.model.source import Asset, Size
from imvar_studio.model.start import Between, Circle, InversionSpec, Inverted, Noise, start_step

CAT, FOX = Asset("ab" * 32), Asset("cd" * 32)
PLAIN = InversionSpec("plain", 100, spacing="leading")
WHOLE = Recipe(
    ModelRef("m", "ab" * 32), (Weighted(Picture(CAT)),), Inverted(CAT, PLAIN), Size(64, 64),
    steps=50, sampler="ddim",
)  # fmt: skip


def inverted(left_out: int, source: Asset = CAT) -> Inverted:
    return Inverted(source, replace(PLAIN, start_step=left_out))


def test_the_classic_inversion_leaves_out_one_of_the_samplings_steps() -> None:
    assert INVERSIONS["classic"] == InversionSpec("plain", 500, spacing="leading", start_step=1)
    assert INVERSIONS["fixed-point"] == InversionSpec()


def test_without_one_nothing_is_said_of_it() -> None:
    data = encode(WHOLE)
    assert "start_step" not in data["start"]["spec"]
    assert replace(WHOLE, start=inverted(0)) == WHOLE
    names = {recipe_digest(replace(WHOLE, start=inverted(n))) for n in (0, 1, 2)}
    assert len(names) == 3


def test_it_comes_back_from_a_file() -> None:
    wanted = replace(WHOLE, start=Between(inverted(1), inverted(1, FOX), 0.5))
    data = json.loads(json.dumps(encode(wanted)))
    assert data["start"]["first"]["spec"]["start_step"] == 1
    assert decode(data, Recipe) == wanted
    data["start"]["first"]["spec"]["start_step"] = 2
    with pytest.raises(FormatError, match="no way between latents of different start steps, 2 and"):
        decode(data, Recipe)
    data["start"]["first"]["spec"]["method"] = "fixed-point"
    with pytest.raises(FormatError, match=r"first\.spec: a start step needs the plain inversion"):
        decode(data, Recipe)


@pytest.mark.parametrize(("steps", "left_out", "run"), [(50, 1, 49), (50, 49, 1), (2, 1, 1)])
def test_the_others_are_run(steps: int, left_out: int, run: int) -> None:
    for start in (
        inverted(left_out),
        Between(inverted(left_out), inverted(left_out, FOX), 0.5),
        Circle(inverted(left_out), inverted(left_out, FOX), 0.25),
    ):
        recipe = replace(WHOLE, steps=steps, start=start)
        assert steps_run(recipe) == run
        assert start_step(start) == left_out
    assert steps_run(replace(WHOLE, steps=steps)) == steps


@pytest.mark.parametrize(
    ("fields", "said", "remedy"),
    [
        (
            {"steps": 3, "start": inverted(3)},
            "the start step must be below the 3 steps of sampling, got 3",
            "take more steps",
        ),
        (
            {"sampler": "euler", "start": inverted(1)},
            "a start step needs the sampler ddim, got euler",
            "choose ddim",
        ),
        (
            {"start": Between(inverted(1), Noise(1), 0.5)},
            "there is no way between latents of different start steps, 1 and 0",
            "give both the same",
        ),
        (
            {"start": Circle(inverted(1), Between(inverted(1), inverted(2), 0.5), 0.5)},
            "there is no way between latents of different start steps, 1 and 2",
            "give both the same",
        ),
    ],
)
def test_what_does_not_go_together(fields: dict[str, Any], said: str, remedy: str) -> None:
    with pytest.raises(SpecError) as caught:
        replace(WHOLE, **fields)
    assert caught.value.field == "start step"
    assert str(caught.value) == f"{said}: {remedy}"


def test_it_is_the_plain_inversions_alone() -> None:
    with pytest.raises(SpecError) as caught:
        InversionSpec(start_step=1)
    said = "a start step needs the plain inversion, got fixed-point"
    assert str(caught.value) == f"{said}: choose plain, or a start step of 0"
    assert caught.value.field == "start step"

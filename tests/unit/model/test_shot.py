"""Shots: what of them goes together, and in which ranges."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Picture, Prompt, Weighted
from imvar_studio.model.shot import Shot
from imvar_studio.model.source import Asset

CAT = Asset("ab" * 32)
SHOT = Shot(
    (Weighted(Picture(CAT)),),
    picture=CAT,
    second=Prompt("flowers"),
    origin="still water",
    target="wild flowers",
)
RANGES = [("mix", 0, 1), ("edit", -2, 2), ("crops", 0, 64)]


@pytest.mark.parametrize(("field", "low", "high"), RANGES)
def test_a_range_is_kept(field: str, low: float, high: float) -> None:
    for value in (low, high):
        assert getattr(replace(SHOT, **{field: value}), field) == value
    for value in (low - 1, high + 1, math.nan, None, "1", True):
        with pytest.raises(SpecError, match=r"must be"):
            replace(SHOT, **{field: value})


@pytest.mark.parametrize("start", ["noise", "picture", "inverted"])
def test_a_start(start: str) -> None:
    assert replace(SHOT, start=start).start == start


@pytest.mark.parametrize("sampler", [None, "ddim"])
def test_a_sampler(sampler: str | None) -> None:
    assert replace(SHOT, sampler=sampler).sampler == sampler


ALONE: list[tuple[dict[str, Any], str]] = [
    ({"mix": 0.5, "second": None}, "mix needs a second look: say what to mix in"),
    ({"edit": 0.5, "origin": " "}, "edit needs two texts: say what it leads from and to"),
    ({"edit": 0.5, "target": ""}, "edit needs two texts: say what it leads from and to"),
    ({"start": "inverted", "picture": None}, "a start of inverted needs a picture: give a picture"),
    ({"start": "picture", "picture": None}, "a start of picture needs a picture: give a picture"),
    ({"crops": 2, "picture": None}, "random crops need a picture: give a picture"),
    ({"start": "film"}, "start must be one of noise, picture, inverted, got 'film'"),
    ({"sampler": ""}, "sampler must be 1 to 64 of a-z"),
    ({"looks": ()}, "ensemble must hold 1 to 8 looks, got 0"),
]


@pytest.mark.parametrize(("fields", "sentence"), ALONE)
def test_what_does_not_go_together(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SpecError) as caught:
        replace(SHOT, **fields)
    assert str(caught.value).startswith(sentence)

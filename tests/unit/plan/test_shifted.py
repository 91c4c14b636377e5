"""Films of shifted latents: they pass through pictures and between strengths as unshifted ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from imvar_studio.model.curve import Curve, CurvePoint
from imvar_studio.model.look import Picture
from imvar_studio.model.source import Asset
from imvar_studio.model.start import (
    Between,
    Circle,
    Encode,
    InversionSpec,
    Inverted,
    Noise,
    Shifted,
)
from imvar_studio.model.timeline import Track, Transition

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.recipe import Recipe
    from imvar_studio.model.timeline import Keyframe

    Key = Callable[..., Keyframe]
    Frames = Callable[..., list[Recipe]]

CAT, DOG = Asset("aa" * 32), Asset("bb" * 32)
CIRCLE = Transition(latent="circle")


def test_a_shifted_inversion_has_its_grid_its_dip_and_no_eta(key: Key, frames: Frames) -> None:
    spec = InversionSpec("plain", 30, start_step=1)
    start = Inverted(CAT, spec)

    def made(first: Inverted | Shifted) -> list[Recipe]:
        return frames(
            key(0, Picture(CAT), start=first), key(1, "an owl"), sampler="ddim", eta=0.5, steps=10
        )

    plain, moved = made(start), made(Shifted(start, 0.2))
    whole = Inverted(CAT, replace(spec, start_step=0))
    assert moved[0].start == Shifted(whole, 0.2)
    assert (moved[0].guidance, moved[0].eta, moved[0].steps) == (1.0, 0.0, 30)
    for ours, theirs in zip(moved[:-1], plain[:-1], strict=True):
        swapped = Shifted(whole, 0.2)
        start_there = theirs.start
        if isinstance(start_there, Between):
            assert ours == replace(theirs, start=replace(start_there, first=swapped))
        else:
            assert ours == replace(theirs, start=swapped)


def test_between_other_strengths_it_moves_evenly(key: Key, frames: Frames) -> None:
    first, second = Shifted(Encode(CAT, 0.2, 1), 0.3), Encode(DOG, 0.8, 2)
    made = frames(key(0, start=first), key(1, start=second))
    assert made[0].start == Shifted(Encode(CAT, 0.2, 1, continuous=True), 0.3)
    assert made[12].start == replace(second, continuous=True)
    middle = made[6].start
    strength = middle.second.strength
    assert strength == pytest.approx(0.5)
    assert middle.first == Shifted(Encode(CAT, strength, 1, continuous=True), 0.3)
    assert middle.second == Encode(DOG, strength, 2, continuous=True)
    track = Track("strength", Curve((CurvePoint(0, 0.4),)))
    tracked = frames(key(0, start=first), tracks=(track,))
    assert tracked[0].start == Shifted(Encode(CAT, 0.4, 1, continuous=True), 0.3)


def test_around_a_shifted_picture_its_noise_goes(key: Key, frames: Frames) -> None:
    cat, dog = Shifted(Encode(CAT, 0.6, 1), 0.2), Shifted(Encode(DOG, 0.6, 2), -0.1)
    for second, through in ((dog, Shifted(Noise(2), -0.1)), (cat, Noise(8)), (cat.start, Noise(8))):
        made = frames(key(0, start=cat, transition=CIRCLE), key(1, start=second), seed=7)
        assert made[3].start == Circle(cat, through, 0.25)

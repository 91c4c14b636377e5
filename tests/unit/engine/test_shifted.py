"""A constant added to the latents that sampling begins from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from imvar_studio.engine.noise import start_noise
from imvar_studio.engine.renderer import Renderer
from imvar_studio.model.look import Picture
from imvar_studio.model.start import (
    Between,
    Circle,
    Encode,
    InversionSpec,
    Inverted,
    Noise,
    Shifted,
    Start,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.model.recipe import Recipe

SPEC = InversionSpec(steps=4, evaluations=2)
CUT = InversionSpec("plain", 10, spacing="trailing", start_step=1)
KINDS = ("noise", "inverted", "cut", "encode", "lerp", "slerp", "circle", "shifted")


def start_of(kind: str, asset: Any) -> Start:
    starts: dict[str, Start] = {
        "noise": Noise(3),
        "inverted": Inverted(asset, SPEC),
        "cut": Inverted(asset, CUT),
        "encode": Encode(asset, 0.5, 3),
        "lerp": Between(Noise(3), Inverted(asset, SPEC), 0.25, "lerp"),
        "slerp": Between(Noise(3), Noise(4), 0.25),
        "circle": Circle(Inverted(asset, SPEC), Noise(4), 0.125),
        "shifted": Shifted(Noise(3), 0.5),
    }
    return starts[kind]


@pytest.mark.parametrize("offset", [-1.0, 0.0, 0.2])
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_added_to_every_component(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any, kind: str, offset: float
) -> None:
    starts = Renderer(tiny, pictures)._starts
    plain = start_of(kind, pictures.asset("waves 64x64"))
    base = starts.latents(recipe(tiny, start=plain, sampler="ddim")).clone()
    moved = starts.latents(recipe(tiny, start=Shifted(plain, offset), sampler="ddim"))
    assert moved.dtype == torch.float32
    assert torch.equal(moved, base + offset)
    # what is kept of an inversion stays as it is
    assert torch.equal(starts.latents(recipe(tiny, start=plain, sampler="ddim")), base)


def test_within_a_way_each_end_has_its_own(tiny: Bundle, recipe: Callable[..., Recipe]) -> None:
    starts = Renderer(tiny, lambda asset: None)._starts  # type: ignore[arg-type, return-value]
    shape = tiny.latent_shape(tiny.card.native)
    way = Between(Shifted(Noise(1), 0.4), Noise(2), 0.25, "lerp")
    wanted = torch.lerp(start_noise(1, shape) + 0.4, start_noise(2, shape), 0.25)
    assert torch.allclose(starts.latents(recipe(tiny, start=way)), wanted, atol=1e-6)


def test_a_picture_stays_and_its_noise_moves(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any
) -> None:
    asset, renderer = pictures.asset("waves 64x64"), Renderer(tiny, pictures)
    plain, moved = Encode(asset, 0.5, 3), Shifted(Encode(asset, 0.5, 3), 0.3)
    clean = [renderer._starts.clean(recipe(tiny, start=start)) for start in (plain, moved)]
    assert torch.equal(*clean)
    way = Shifted(Between(moved, Encode(pictures.asset("waves 64x80"), 0.5, 4), 0.0), 0.1)
    assert torch.equal(renderer._starts.clean(recipe(tiny, start=way)), clean[0])


def test_an_inversion_is_made_once_for_all_shifts(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any
) -> None:
    asset, renderer = pictures.asset("waves 64x64"), Renderer(tiny, pictures)
    plain, moved = (
        recipe(tiny, start=start, sampler="ddim")
        for start in (Inverted(asset, SPEC), Shifted(Inverted(asset, SPEC), 0.3))
    )
    count = renderer.inversions_to_make([plain])
    assert count > 0
    assert renderer.inversions_to_make([plain, moved]) == count
    renderer.prepare([moved])
    assert renderer.inversions_to_make([plain, moved]) == 0


@pytest.mark.parametrize("kind", ["noise", "inverted", "encode", "circle"])
def test_pictures_move_with_it_and_stay_without(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any, kind: str
) -> None:
    asset, renderer = pictures.asset("waves 64x64"), Renderer(tiny, pictures)
    plain = start_of(kind, asset)

    def picture(start: Start) -> Any:
        made = recipe(tiny, Picture(asset), start=start, sampler="ddim", guidance=1.0)
        return renderer.render([made], 1, [0])[0]

    assert np.array_equal(picture(Shifted(plain, 0.0)), picture(plain))
    assert not np.array_equal(picture(Shifted(plain, 0.25)), picture(plain))


def test_in_a_batch_each_has_its_own(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any
) -> None:
    renderer = Renderer(tiny, pictures)
    recipes = [recipe(tiny, start=Shifted(Noise(1), offset)) for offset in (-0.5, 0.0, 0.5)]
    alone: list[Tensor] = [renderer.latents([each]) for each in recipes]
    torch.testing.assert_close(renderer.latents(recipes), torch.cat(alone), rtol=1e-4, atol=1e-5)

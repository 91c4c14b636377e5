"""Stopping within a layer: often enough, without a trace in the pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from imvar_studio.engine.framing import to_tensor
from imvar_studio.engine.interruptible import interruptible
from imvar_studio.engine.pixels import decode, encode
from imvar_studio.engine.renderer import Renderer
from imvar_studio.engine.tokens import run_text_tower
from imvar_studio.engine.towers import embed_pixels
from imvar_studio.model.errors import Cancelled
from imvar_studio.model.look import Picture, Prompt
from imvar_studio.model.source import Size
from imvar_studio.model.start import Between, InversionSpec, Inverted, Noise

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.model.recipe import Recipe


class Count:
    """A check that counts, and stops at the call `stop`."""

    def __init__(self, stop: int | None = None) -> None:
        self.calls = 0
        self.stop = stop

    def __call__(self) -> None:
        self.calls += 1
        if self.calls == self.stop:
            raise Cancelled


def hooks(bundle: Bundle) -> int:
    parts = (bundle.unet, bundle.precise, bundle.vae, bundle.image_tower, bundle.text_tower)
    return sum(
        len(module._forward_pre_hooks)
        for part in parts
        if part is not None
        for module in part.modules()
    )


@pytest.fixture
def way(recipe: Callable[..., Recipe], pictures: Any) -> Callable[[Bundle], Recipe]:
    """Bundle -> a recipe that uses all of it: towers, encoder, UNet, precise UNet, decoder."""

    def make(bundle: Bundle) -> Recipe:
        source = Inverted(pictures.asset("waves 64x80"), InversionSpec(steps=4, evaluations=1))
        looks = (Picture(pictures.asset("waves 70x64")), Prompt("a cat"))
        start = Between(source, Noise(5), 0.4)
        return recipe(bundle, *looks, start=start, sampler="ddim", guidance=1.7)

    return make


@pytest.fixture(params=["fp32", "bf16"])
def bundle(load_model: Callable[..., Bundle], request: pytest.FixtureRequest) -> Bundle:
    """One whose fp32 copy of the UNet is not made yet."""
    bundle = load_model("v_prediction", request.param)
    bundle.precise = None
    return bundle


def test_a_picture_is_the_same_to_the_bit(
    bundle: Bundle, way: Callable[[Bundle], Recipe], pictures: Any
) -> None:
    wanted = Renderer(bundle, pictures).render([way(bundle)], 4, [0])[0]
    check = Count()
    bundle.precise = None
    with interruptible(bundle, check):
        found = Renderer(bundle, pictures).render([way(bundle)], 4, [0])[0]
        assert hooks(bundle) > 0
    np.testing.assert_array_equal(found, wanted)
    assert check.calls > 500
    assert hooks(bundle) == 0


@torch.inference_mode()
def test_each_part_is_checked_many_times(tiny: Bundle, pictures: Any) -> None:
    picture = to_tensor(pictures(pictures.asset("waves 64x64").sha, "#000000"))
    latents = torch.zeros(1, 4, 8, 8)
    runs: list[tuple[int, Callable[[], object]]] = [
        (20, lambda: tiny.unet(latents, 5, torch.zeros(1, 1, 32))),
        (20, lambda: decode(tiny, latents, Size(64, 64))),
        (20, lambda: encode(tiny, picture)),
        (10, lambda: embed_pixels(tiny, picture)),
        (10, lambda: run_text_tower(tiny, "a cat")),
    ]
    for least, run in runs:
        check = Count()
        with interruptible(tiny, check):
            run()
        assert check.calls >= least


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_after_a_stop_anywhere_the_model_renders_the_same_bits(
    bundle: Bundle, way: Callable[[Bundle], Recipe], pictures: Any, share: float
) -> None:
    whole = Count()
    with interruptible(bundle, whole):
        wanted = Renderer(bundle, pictures).render([way(bundle)], 4, [0])[0]
    bundle.precise = None
    check = Count(int(whole.calls * share))
    renderer = Renderer(bundle, pictures)
    with pytest.raises(Cancelled), interruptible(bundle, check):
        renderer.render([way(bundle)], 4, [0])
    assert check.calls == check.stop  # at once, not at the next step
    assert hooks(bundle) == 0
    np.testing.assert_array_equal(renderer.render([way(bundle)], 4, [0])[0], wanted)


@torch.inference_mode()
def test_the_innermost_check_counts(tiny: Bundle) -> None:
    outer, inner = Count(), Count(3)
    latents = torch.zeros(1, 4, 8, 8)
    with interruptible(tiny, outer):
        with pytest.raises(Cancelled), interruptible(tiny, inner):
            decode(tiny, latents, Size(64, 64))
        assert (outer.calls, inner.calls) == (0, 3)
        decode(tiny, latents, Size(64, 64))
        assert outer.calls > 20
        assert inner.calls == 3
    assert hooks(tiny) == 0
    decode(tiny, latents, Size(64, 64))
    assert inner.calls == 3


def test_the_copy_in_fp32_stops_too_whenever_it_was_made(load_model: Callable[..., Bundle]) -> None:
    bundle = load_model("v_prediction", "bf16")
    arguments = torch.zeros(1, 4, 8, 8), 5, torch.zeros(1, 1, 32)
    bundle.precise = None
    for _ in ("made while open", "made before"):
        check = Count()
        with torch.inference_mode(), interruptible(bundle, check):
            bundle.precise_unet()(*arguments)
        assert check.calls > 20
        assert hooks(bundle) == 0


def test_models_without_towers(load_model: Callable[..., Bundle]) -> None:
    bundle = load_model("text", "fp32")
    check = Count()
    with torch.inference_mode(), interruptible(bundle, check):
        run_text_tower(bundle, "a cat")
    assert check.calls >= 10

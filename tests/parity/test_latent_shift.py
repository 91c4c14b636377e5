"""Final latents from shifted noise against diffusers' pipeline, given the same noise + c."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from imvar_studio.engine.framing import load_framed
from imvar_studio.engine.renderer import Renderer
from imvar_studio.model.look import Picture
from imvar_studio.model.start import Noise, Shifted
from tests.parity.measure import error
from tests.parity.test_samplers import LIMIT, SAMPLERS, recipe, seed_noise

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_shifted_noise_ends_where_diffusers_does(
    load_model: Callable[..., Bundle],
    pictures: Any,
    stock_pipeline: Callable[..., Any],
    stock_scheduler: Callable[..., Any],
    tower_input: Callable[..., Tensor],
    sampler: str,
) -> None:
    bundle, asset = load_model("epsilon", "fp32"), pictures.asset("waves 64x64")
    pipeline = stock_pipeline(bundle, stock_scheduler(bundle, sampler, "trailing"))
    size = bundle.card.native
    noise = seed_noise(7, bundle.latent_shape(size))

    def theirs(offset: float) -> Tensor:
        latents: Tensor = pipeline(
            image=tower_input(load_framed(asset, size, pictures), bundle),
            height=size.height,
            width=size.width,
            num_inference_steps=10,
            guidance_scale=3.0,
            latents=noise + offset,
            output_type="latent",
        ).images
        return latents

    for offset in (-0.5, 0.2):
        wanted = recipe(
            bundle, Picture(asset), start=Shifted(Noise(7), offset), sampler=sampler, steps=10
        )
        ours = Renderer(bundle, pictures).latents([wanted])
        assert torch.isfinite(ours).all()
        assert error(ours, theirs(offset)) <= LIMIT
        assert error(ours, theirs(0.0)) > 100 * LIMIT

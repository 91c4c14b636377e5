"""Inpainting against diffusers' StableDiffusionInpaintPipeline: the same to 1e-4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionInpaintPipeline

from imvar_studio.engine.framing import load_framed
from imvar_studio.engine.renderer import Renderer
from imvar_studio.model.inpaint import Inpaint
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.recipe import Recipe
from imvar_studio.model.source import Asset
from imvar_studio.model.start import Encode, Noise
from tests.parity.measure import error

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from imvar_studio.engine.bundle import Bundle

LIMIT = 1e-4
LOOK, NEGATIVE = "a red cat in the snow", "a blurred dog"
SHA = "cd" * 32


class WithMask:
    """The pictures of the tests, and a mask on the grid of the latents, where both agree."""

    def __init__(self, pictures: Any) -> None:
        self._pictures = pictures
        cells = np.array([[0, 0, 1, 1, 1, 0, 0, 0]] * 3 + [[0, 1, 1, 1, 1, 1, 1, 0]] * 5)
        self.mask = np.kron(cells, np.ones((8, 8)))

    def __call__(self, sha: str, background: str) -> NDArray[Any]:
        if sha == SHA:
            return np.repeat((255 * self.mask).astype(np.uint8)[..., None], 3, axis=-1)
        found: NDArray[Any] = self._pictures(sha, background)
        return found


@pytest.mark.parametrize("start", ["noise", 1.0, 0.75, 0.3])
@pytest.mark.parametrize("sampler", ["ddim", "dpmpp-2m", "unipc", "euler"])
@pytest.mark.parametrize("kind", ["text", "text_inpainting"])
def test_painting_ends_where_diffusers_pipeline_does(
    load_model: Callable[..., Bundle],
    stock_picture_pipeline: Callable[..., Any],
    stock_scheduler: Callable[..., Any],
    pictures: Any,
    kind: str,
    sampler: str,
    start: Any,
) -> None:
    bundle, load = load_model(kind, "fp32"), WithMask(pictures)
    asset, size = pictures.asset("waves 64x64"), bundle.card.native
    wanted = Recipe(
        bundle.card.ref,
        (Weighted(Prompt(LOOK)),),
        Noise(7) if start == "noise" else Encode(asset, start, 7),
        size,
        steps=10,
        guidance=5.0,
        negative=Prompt(NEGATIVE),
        sampler=sampler,
        inpaint=Inpaint(asset, Asset(SHA)),
    )
    ours = Renderer(bundle, load).latents([wanted])
    scheduler = stock_scheduler(bundle, sampler, "trailing")
    pipeline = stock_picture_pipeline(StableDiffusionInpaintPipeline, bundle, scheduler)
    theirs = pipeline(
        prompt=LOOK,
        negative_prompt=NEGATIVE,
        image=load_framed(asset, size, load)[None],
        mask_image=torch.from_numpy(load.mask).float()[None, None],
        height=size.height,
        width=size.width,
        strength=1.0 if start == "noise" else start,
        num_inference_steps=10,
        guidance_scale=5.0,
        generator=torch.Generator("cpu").manual_seed(7),
        output_type="latent",
    ).images
    assert error(ours, theirs) <= LIMIT

"""The other side: diffusers' own pipeline and UNet on the same weights."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    StableDiffusionImageVariationPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPVisionModelWithProjection

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle


@pytest.fixture(scope="session")
def stock_unet() -> Callable[[str], UNet2DConditionModel]:
    """Folder of a model -> its UNet in fp32 as diffusers loads it, with its own attention."""

    @functools.cache
    def load(path: str) -> UNet2DConditionModel:
        unet = UNet2DConditionModel.from_pretrained(
            Path(path) / "unet", torch_dtype=torch.float32, local_files_only=True
        )
        return unet.eval().requires_grad_(False)

    return load


@pytest.fixture(scope="session")
def stock_scheduler() -> Callable[[Bundle, str, str], Any]:
    """(bundle, our sampler's name, spacing) -> diffusers' scheduler, as a script makes it."""

    def make(bundle: Bundle, sampler: str, spacing: str) -> Any:
        config = {**bundle.scheduler_config, "timestep_spacing": spacing}
        if sampler == "ddim":
            return DDIMScheduler.from_config(config)
        if sampler == "euler":
            return EulerDiscreteScheduler.from_config(config)
        return DPMSolverMultistepScheduler.from_config(config, algorithm_type="dpmsolver++")

    return make


@pytest.fixture(scope="session")
def stock_pipeline(
    stock_unet: Callable[[str], UNet2DConditionModel],
) -> Callable[[Bundle, Any], StableDiffusionImageVariationPipeline]:
    """(bundle, scheduler) -> diffusers' pipeline on the bundle's files, in fp32."""

    @functools.cache
    def parts(path: str) -> dict[str, Any]:
        return {
            "unet": stock_unet(path),
            "vae": AutoencoderKL.from_pretrained(Path(path) / "vae", torch_dtype=torch.float32),
            "image_encoder": CLIPVisionModelWithProjection.from_pretrained(
                Path(path) / "image_encoder", dtype=torch.float32
            ),
        }

    def make(bundle: Bundle, scheduler: Any) -> StableDiffusionImageVariationPipeline:
        pipeline = StableDiffusionImageVariationPipeline(
            **parts(bundle.card.path),
            scheduler=scheduler,
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    return make


@pytest.fixture(scope="session")
def tower_input() -> Callable[[Tensor, Bundle], Tensor]:
    """(picture (3, h, w) in [0, 1], bundle) -> (1, 3, s, s), written out for both sides."""

    def make(picture: Tensor, bundle: Bundle) -> Tensor:
        side, antialias = (128, True) if bundle.card.ref.id == "starter" else (32, False)
        small = F.interpolate(picture[None], (side, side), mode="bicubic", antialias=antialias)
        mean = torch.tensor([0.48145466, 0.4578275, 0.40821073]).reshape(3, 1, 1)
        std = torch.tensor([0.26862954, 0.26130258, 0.27577711]).reshape(3, 1, 1)
        return (small - mean) / std

    return make

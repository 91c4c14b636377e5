"""The other side: diffusers' own pipeline and UNet on the same weights."""

from __future__ import annotations

import functools
import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    LCMScheduler,
    LMSDiscreteScheduler,
    PNDMScheduler,
    StableDiffusionImageVariationPipeline,
    StableDiffusionPipeline,
    UNet2DConditionModel,
    UniPCMultistepScheduler,
)
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from safetensors.torch import load_file, save_file
from transformers import CLIPVisionModelWithProjection

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle

SCHEDULERS: dict[str, tuple[Any, dict[str, Any]]] = {
    "ddim": (DDIMScheduler, {}),
    "dpmpp-2m": (DPMSolverMultistepScheduler, {"algorithm_type": "dpmsolver++"}),
    "euler": (EulerDiscreteScheduler, {}),
    "euler-ancestral": (EulerAncestralDiscreteScheduler, {}),
    "lcm": (LCMScheduler, {}),
    "lms": (LMSDiscreteScheduler, {}),
    "pndm": (PNDMScheduler, {"skip_prk_steps": True}),
    "unipc": (UniPCMultistepScheduler, {}),
}


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
        cls, options = SCHEDULERS[sampler]
        return cls.from_config(config, **options)

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
def stock_text_pipeline() -> Callable[[Bundle, Any], StableDiffusionPipeline]:
    """(bundle of the text family, scheduler) -> diffusers' pipeline on its files, in fp32."""

    @functools.cache
    def load(path: str) -> StableDiffusionPipeline:
        pipeline = StableDiffusionPipeline.from_pretrained(
            path, dtype=torch.float32, local_files_only=True
        )
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    def make(bundle: Bundle, scheduler: Any) -> StableDiffusionPipeline:
        pipeline = load(bundle.card.path)
        pipeline.scheduler = scheduler
        return pipeline

    return make


@pytest.fixture
def stock_picture_pipeline(
    stock_text_pipeline: Callable[[Bundle, Any], StableDiffusionPipeline],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Any]:
    """(class, bundle of the text family, scheduler) -> diffusers' pipeline that takes a picture.

    Its VAE gives the mean of its distribution, as ours does, where diffusers draws from it.
    """
    monkeypatch.setattr(
        DiagonalGaussianDistribution, "sample", lambda self, generator=None: self.mean
    )

    def make(cls: Any, bundle: Bundle, scheduler: Any) -> Any:
        parts = stock_text_pipeline(bundle, scheduler).components
        pipeline = cls(**parts, requires_safety_checker=False)
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    return make


@pytest.fixture(scope="session")
def write_original(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """(folder, metadata) -> one safetensors file of the same weights in the original layout."""
    script = runpy.run_path(str(Path(__file__).with_name("original_layout.py")))
    place = tmp_path_factory.mktemp("files")

    def write(folder: Path, dtype: torch.dtype = torch.float32, **notes: str) -> Path:
        parts = ("unet/diffusion_pytorch_model", "vae/diffusion_pytorch_model",
                 "text_encoder/model")  # fmt: skip
        unet, vae, text = (load_file(folder / f"{part}.safetensors") for part in parts)
        weights = script["original_weights"](
            unet, vae, text, layers=1, levels=4, open_clip=folder.name.endswith("2")
        )
        weights = {
            name: tensor.to(dtype) if tensor.is_floating_point() else tensor
            for name, tensor in weights.items()
        }
        weights["alphas_cumprod"] = torch.linspace(1, 0, 1000)  # as those files keep them
        path = place / f"{folder.name}-{len(list(place.iterdir()))}.safetensors"
        save_file(weights, path, {"format": "pt", **notes})
        return path

    return write


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

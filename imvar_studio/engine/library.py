"""Loading models: from a folder in diffusers layout, as a model card describes it."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors import SafetensorError
from transformers import CLIPTextModelWithProjection, CLIPTokenizer, CLIPVisionModelWithProjection

from imvar_studio.engine.attention import SingleTokenAttention
from imvar_studio.engine.bundle import Bundle
from imvar_studio.model.errors import ModelError
from imvar_studio.model.model_card import IMAGE_VARIATION

if TYPE_CHECKING:
    from imvar_studio.engine.device import Compute
    from imvar_studio.model.model_card import ModelCard

_log = logging.getLogger(__name__)


def load_bundle(card: ModelCard, compute: Compute) -> Bundle:
    """Load a model's components; nothing is downloaded and no pickled code runs.

    Raises:
        ModelError: for a family that can't be rendered, or files that don't load.
    """
    if card.family != IMAGE_VARIATION or card.inpainting:
        raise ModelError(
            f"model {card.ref.id} is of the {card.family} family, which films cannot use yet",
            "choose an image-variation model such as the starter",
        )
    path = Path(card.path)
    try:
        return _load(card, path, compute)
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        _log.debug("loading %s failed", path, exc_info=True)
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(
            f"model {card.ref.id} cannot be loaded ({reason})", "get its files again"
        ) from error


def _load(card: ModelCard, path: Path, compute: Compute) -> Bundle:
    unet = _component(UNet2DConditionModel, path / "unet", compute, compute.dtype)
    unet.set_attn_processor(SingleTokenAttention())
    return Bundle(
        card=card,
        compute=compute,
        unet=unet.to(memory_format=torch.channels_last),
        vae=_component(AutoencoderKL, path / "vae", compute, compute.dtype).to(
            memory_format=torch.channels_last
        ),
        image_tower=_component(
            CLIPVisionModelWithProjection, path / card.image_tower, compute, torch.float32
        ),
        text_tower=_text_tower(path / card.text_tower, compute) if card.text_tower else None,
        tokenizer=_tokenizer(path / "tokenizer") if card.text_tower else None,
        scheduler_config=json.loads((path / "scheduler/scheduler_config.json").read_text("utf-8")),
    )


def _component(cls: Any, path: Path, compute: Compute, dtype: torch.dtype) -> Any:
    # diffusers still calls transformers' `dtype` by its older name
    name = "torch_dtype" if cls.__module__.startswith("diffusers") else "dtype"
    module, loaded = cls.from_pretrained(
        path, local_files_only=True, output_loading_info=True, **{name: dtype}
    )
    # what a file lacks would be random numbers, others each time
    if missing := sorted(loaded["missing_keys"]):
        raise ValueError(f"{path.name} lacks the weights {missing[0]}")
    return module.to(compute.device).eval().requires_grad_(False)


def _text_tower(path: Path, compute: Compute) -> Any:
    return _component(CLIPTextModelWithProjection, path, compute, torch.float32)


def _tokenizer(path: Path) -> Any:
    return CLIPTokenizer.from_pretrained(path, local_files_only=True)

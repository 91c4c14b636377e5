"""Stable Diffusion 1.x and 2.x from one safetensors file, as they were first published.

The file holds weights alone; what the components look like is read off the shapes of their
tensors, so nothing is asked of a hub. diffusers converts the names.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders.single_file_utils import (
    convert_ldm_clip_checkpoint,
    convert_ldm_unet_checkpoint,
    convert_ldm_vae_checkpoint,
    convert_open_clip_checkpoint,
)
from safetensors.torch import load_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from imvar_studio.engine.bundle import Parts
from imvar_studio.engine.single_file_shapes import text_config, unet_config, vae_config

if TYPE_CHECKING:
    from torch import Tensor

    from imvar_studio.model.model_card import ModelCard

_OPEN_CLIP = "cond_stage_model.model."


def load_single_file(card: ModelCard) -> Parts:
    """Return the components of a single file.

    Args:
        card: as the store recognised it; `tokenizer_path` holds CLIP's tokenizer.

    Raises:
        KeyError, ValueError, RuntimeError: tensors that are missing or do not fit together.
    """
    weights = load_file(card.path)
    shapes = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    unet = unet_config(shapes)
    vae = vae_config(shapes)
    return Parts(
        unet=_filled(UNet2DConditionModel, unet, convert_ldm_unet_checkpoint(dict(weights), unet)),
        vae=_filled(AutoencoderKL, vae, convert_ldm_vae_checkpoint(dict(weights), vae)),
        image_tower=None,
        text_tower=_text_tower(weights, shapes),
        tokenizer=_tokenizer(Path(card.tokenizer_path), weights),
        scheduler_config=_schedule(card),
    )


def _filled(cls: Any, config: dict[str, Any], weights: dict[str, Tensor]) -> Any:
    # in the file's own precision while it is filled: half the memory
    dtype = next(iter(weights.values())).dtype
    model = torch.nn.Module.to(cls.from_config(config), dtype)
    model.load_state_dict(weights, strict=True)
    return model


def _text_tower(weights: dict[str, Tensor], shapes: dict[str, tuple[int, ...]]) -> CLIPTextModel:
    model = CLIPTextModel(CLIPTextConfig(**text_config(shapes)))
    if _of_open_clip(weights):
        found = convert_open_clip_checkpoint(model, dict(weights), prefix=_OPEN_CLIP)
    else:
        found = convert_ldm_clip_checkpoint(dict(weights))
    own = model.state_dict()
    # older files keep the numbers 0 to 76 beside the weights, newer classes drop the prefix
    found = {_own_name(name, own): tensor for name, tensor in found.items()}
    found = {name: tensor.to(torch.float32) for name, tensor in found.items() if name in own}
    model.load_state_dict(found, strict=True)
    return model


def _own_name(name: str, own: dict[str, Tensor]) -> str:
    short = name.removeprefix("text_model.")
    return short if short in own else name


def _of_open_clip(weights: dict[str, Tensor]) -> bool:
    return any(name.startswith(_OPEN_CLIP) for name in weights)


def _tokenizer(path: Path, weights: dict[str, Tensor]) -> Any:
    # Stable Diffusion 2 pads with "!", the token of number 0
    pad = "!" if _of_open_clip(weights) else "<|endoftext|>"
    return CLIPTokenizer.from_pretrained(path, local_files_only=True, pad_token=pad)


def _schedule(card: ModelCard) -> dict[str, Any]:
    return {
        "_class_name": "PNDMScheduler",
        "num_train_timesteps": 1000,
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "clip_sample": False,
        "set_alpha_to_one": False,
        "skip_prk_steps": True,
        "steps_offset": 1,
        "prediction_type": card.prediction or "epsilon",
    }

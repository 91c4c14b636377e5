"""Loading models: from a folder in diffusers layout or a single file, as a card describes."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import (
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPVisionModelWithProjection,
)

from imvar_studio.engine.attention import SingleTokenAttention
from imvar_studio.engine.bundle import Bundle, Parts
from imvar_studio.engine.components import component, loaded, placed, read_tokenizer
from imvar_studio.engine.single_file import load_single_file
from imvar_studio.model.model_card import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.engine.device import Compute
    from imvar_studio.model.model_card import ModelCard
    from imvar_studio.model.prior_card import PriorCard


def load_bundle(
    card: ModelCard, compute: Compute, find_prior: Callable[[str], PriorCard] | None = None
) -> Bundle:
    """Load a model's components; nothing is downloaded and no pickled code runs.

    Args:
        card: the model's.
        compute: device and precision.
        find_prior: as in `Bundle`.

    Raises:
        ModelError: for files that don't load.
        MemoryError: if the memory does not hold it.
    """
    path = Path(card.path)

    def load() -> Parts:
        return load_single_file(card) if path.is_file() else _load_folder(card, path, compute)

    bundle = _placed(card, compute, loaded(load, f"model {card.ref.id}"))
    bundle.find_prior = find_prior
    return bundle


def load_companion(card: ModelCard, compute: Compute) -> tuple[Any, Any]:
    """Load the text tower, fp32, that stands in for the one the model lacks, and its tokenizer.

    Raises:
        ModelError: for files that don't load.
        MemoryError: if the memory does not hold it.
    """
    path = Path(card.companion)

    def load() -> tuple[Any, Any]:
        width = {"projection_dim": card.width}  # of a whole CLIP, the text's part may not name it
        tower = component(CLIPTextModelWithProjection, path, torch.float32, **width)
        return tower, read_tokenizer(path)

    tower, tokenizer = loaded(load, f"the text tower in {path}")
    return placed(tower, compute, torch.float32), tokenizer


def _load_folder(card: ModelCard, path: Path, compute: Compute) -> Parts:
    return Parts(
        unet=component(UNet2DConditionModel, path / "unet", compute.dtype),
        vae=component(AutoencoderKL, path / "vae", compute.dtype),
        image_tower=component(CLIPVisionModelWithProjection, path / card.image_tower, torch.float32)
        if card.image_tower
        else None,
        text_tower=_text_tower(card, path / card.text_tower) if card.text_tower else None,
        tokenizer=read_tokenizer(path / "tokenizer") if card.text_tower else None,
        scheduler_config=json.loads((path / "scheduler/scheduler_config.json").read_text("utf-8")),
    )


def _text_tower(card: ModelCard, path: Path) -> Any:
    cls = CLIPTextModel if card.family == TEXT else CLIPTextModelWithProjection
    return component(cls, path, torch.float32)


def _placed(card: ModelCard, compute: Compute, parts: Parts) -> Bundle:
    """Return the bundle with every part on its device, in its dtype and layout."""
    unet = placed(parts.unet, compute, compute.dtype)
    unet.set_attn_processor(SingleTokenAttention())
    return Bundle(
        card=card,
        compute=compute,
        unet=unet.to(memory_format=torch.channels_last),
        vae=placed(parts.vae, compute, compute.dtype).to(memory_format=torch.channels_last),
        image_tower=placed(parts.image_tower, compute, torch.float32),
        text_tower=placed(parts.text_tower, compute, torch.float32),
        tokenizer=parts.tokenizer,
        scheduler_config=parts.scheduler_config,
        load_text=partial(load_companion, card, compute) if card.companion else None,
    )

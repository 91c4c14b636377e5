"""Loading models: from a folder in diffusers layout or a single file, as a card describes."""

from __future__ import annotations

import json
import logging
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors import SafetensorError
from transformers import (
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    CLIPVisionModelWithProjection,
)

from imvar_studio.engine.attention import SingleTokenAttention
from imvar_studio.engine.bundle import Bundle, Parts
from imvar_studio.engine.out_of_memory import memory_used_up
from imvar_studio.engine.single_file import load_single_file
from imvar_studio.model.errors import ModelError
from imvar_studio.model.model_card import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.engine.device import Compute
    from imvar_studio.model.model_card import ModelCard

T = TypeVar("T")

_log = logging.getLogger(__name__)


def load_bundle(card: ModelCard, compute: Compute) -> Bundle:
    """Load a model's components; nothing is downloaded and no pickled code runs.

    Raises:
        ModelError: for files that don't load.
        MemoryError: if the memory does not hold it.
    """
    path = Path(card.path)

    def load() -> Parts:
        return load_single_file(card) if path.is_file() else _load_folder(card, path, compute)

    return _placed(card, compute, _loaded(load, f"model {card.ref.id}"))


def load_companion(card: ModelCard, compute: Compute) -> tuple[Any, Any]:
    """Load the text tower, fp32, that stands in for the one the model lacks, and its tokenizer.

    Raises:
        ModelError: for files that don't load.
        MemoryError: if the memory does not hold it.
    """
    path = Path(card.companion)

    def load() -> tuple[Any, Any]:
        width = {"projection_dim": card.width}  # of a whole CLIP, the text's part may not name it
        tower = _component(CLIPTextModelWithProjection, path, torch.float32, **width)
        return tower, _tokenizer(path)

    tower, tokenizer = _loaded(load, f"the text tower in {path}")
    return _place(tower, compute, torch.float32), tokenizer


def _loaded(load: Callable[[], T], what: str) -> T:
    """Return what `load` gives; its errors are told of `what`."""
    try:
        return load()
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        if memory_used_up(error):
            raise MemoryError(str(error)) from error
        _log.debug("loading %s failed", what, exc_info=True)
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(f"{what} cannot be loaded ({reason})", "get its files again") from error


def _load_folder(card: ModelCard, path: Path, compute: Compute) -> Parts:
    return Parts(
        unet=_component(UNet2DConditionModel, path / "unet", compute.dtype),
        vae=_component(AutoencoderKL, path / "vae", compute.dtype),
        image_tower=_component(
            CLIPVisionModelWithProjection, path / card.image_tower, torch.float32
        )
        if card.image_tower
        else None,
        text_tower=_text_tower(card, path / card.text_tower) if card.text_tower else None,
        tokenizer=_tokenizer(path / "tokenizer") if card.text_tower else None,
        scheduler_config=json.loads((path / "scheduler/scheduler_config.json").read_text("utf-8")),
    )


def _component(cls: Any, path: Path, dtype: torch.dtype, **config: Any) -> Any:
    # diffusers still calls transformers' `dtype` by its older name
    name = "torch_dtype" if cls.__module__.startswith("diffusers") else "dtype"
    module, loaded = cls.from_pretrained(
        path, local_files_only=True, output_loading_info=True, **{name: dtype}, **config
    )
    # what a file lacks would be random numbers, others each time
    if missing := sorted(loaded["missing_keys"]):
        raise ValueError(f"{path.name} lacks the weights {missing[0]}")
    return module


def _text_tower(card: ModelCard, path: Path) -> Any:
    cls = CLIPTextModel if card.family == TEXT else CLIPTextModelWithProjection
    return _component(cls, path, torch.float32)


def _tokenizer(path: Path) -> Any:
    return CLIPTokenizer.from_pretrained(path, local_files_only=True)


def _placed(card: ModelCard, compute: Compute, parts: Parts) -> Bundle:
    """Return the bundle with every part on its device, in its dtype and layout."""
    unet = _place(parts.unet, compute, compute.dtype)
    unet.set_attn_processor(SingleTokenAttention())
    return Bundle(
        card=card,
        compute=compute,
        unet=unet.to(memory_format=torch.channels_last),
        vae=_place(parts.vae, compute, compute.dtype).to(memory_format=torch.channels_last),
        image_tower=_place(parts.image_tower, compute, torch.float32),
        text_tower=_place(parts.text_tower, compute, torch.float32),
        tokenizer=parts.tokenizer,
        scheduler_config=parts.scheduler_config,
        load_text=partial(load_companion, card, compute) if card.companion else None,
    )


def _place(part: Any, compute: Compute, dtype: torch.dtype) -> Any:
    if part is None:
        return None
    # torch's own: diffusers' warns of modules to be kept in fp32, of which there are none
    module = torch.nn.Module.to(part, compute.device, dtype)
    return module.eval().requires_grad_(False)

"""A loaded model, and the shapes it works in."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import (
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    CLIPVisionModelWithProjection,
)

from imvar_studio.engine.device import Compute
from imvar_studio.engine.priors import LoadedPrior
from imvar_studio.model.model_card import ModelCard
from imvar_studio.model.prior_card import PriorCard

if TYPE_CHECKING:
    from imvar_studio.model.source import Size


@dataclass(frozen=True, slots=True)
class Parts:
    """A model's components as they come from its files; None where it has none."""

    unet: Any
    vae: Any
    image_tower: Any
    text_tower: Any
    tokenizer: Any
    scheduler_config: dict[str, Any]


@dataclass(slots=True, weakref_slot=True)
class Bundle:
    """Everything of a model that rendering needs, on one device.

    Args:
        card: what its files say.
        compute: device and precision.
        unet, vae: in `compute.dtype`, channels_last.
        image_tower, text_tower: in fp32; None where the model has none.
        tokenizer: of the text tower.
        scheduler_config: the model's own, from which every sampler is built.
        precise: see `precise_unet`.
        load_text: loads a text tower that is not the model's own, with its tokenizer; None
            without one.
        find_prior: gives the card of a prior by its id; None where there are none.
        held_prior: the one that was used last, see `priors.prior_of`.
    """

    card: ModelCard
    compute: Compute
    unet: UNet2DConditionModel
    vae: AutoencoderKL
    image_tower: CLIPVisionModelWithProjection | None
    text_tower: CLIPTextModelWithProjection | None
    tokenizer: CLIPTokenizer | None
    scheduler_config: dict[str, Any]
    precise: UNet2DConditionModel | None = None
    load_text: Callable[[], tuple[Any, Any]] | None = None
    find_prior: Callable[[str], PriorCard] | None = None
    held_prior: LoadedPrior | None = None

    def precise_unet(self) -> UNet2DConditionModel:
        """Return the UNet in fp32, a copy made when it is first asked for."""
        if self.precise is None:
            same = self.compute.dtype == torch.float32
            self.precise = self.unet if same else copy.deepcopy(self.unet).float()
        return self.precise

    def text_side(self) -> tuple[Any, Any]:
        """Return text tower and tokenizer, None for what the model lacks.

        A tower that is not the model's own is loaded when it is first asked for.
        """
        if self.text_tower is None and self.load_text is not None:
            self.text_tower, self.tokenizer = self.load_text()
        return self.text_tower, self.tokenizer

    def working_size(self, size: Size) -> Size:
        """Return the size that is computed for a finished size: the next the UNet can take."""
        return size.padded(self.card.multiple)

    def latent_shape(self, size: Size) -> tuple[int, int, int]:
        """Return (channels, h, w) of the latents for a working size."""
        factor = 2 ** (len(self.vae.config.block_out_channels) - 1)
        return self.vae.config.latent_channels, size.height // factor, size.width // factor

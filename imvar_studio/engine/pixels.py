"""Between pixels and latents: the VAE."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from imvar_studio.engine.framing import cut_middle, extend
from imvar_studio.model.source import Size

if TYPE_CHECKING:
    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle


def encode(bundle: Bundle, picture: Tensor) -> Tensor:
    """Return the latents (1, c, h, w) fp32 of `picture` (3, H, W) fp32 in [0, 1].

    The mode of the VAE's distribution, scaled to unit power; sizes the model can't take are
    extended by reflection.
    """
    _, height, width = picture.shape
    whole = extend(picture, bundle.working_size(Size(width, height)))
    x = whole[None].to(bundle.compute.device, bundle.vae.dtype) * 2 - 1
    latents: Tensor = bundle.vae.encode(x).latent_dist.mode().float()
    scaled: Tensor = (latents - _shift(bundle)) * bundle.vae.config.scaling_factor
    return scaled


def decode(bundle: Bundle, latents: Tensor, size: Size) -> Tensor:
    """Return pictures (b, h, w, 3) uint8 on the CPU of latents (b, c, h', w') fp32."""
    decoded = decode_float(bundle, latents, size)
    return decoded.mul(255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu()


def decode_float(bundle: Bundle, latents: Tensor, size: Size) -> Tensor:
    """Return pictures (b, 3, h, w) fp32 in [0, 1], on the device, cut to `size`."""
    z = latents / bundle.vae.config.scaling_factor + _shift(bundle)
    z = z.to(bundle.vae.dtype, memory_format=torch.channels_last)
    decoded = bundle.vae.decode(z, return_dict=False)[0].float()
    return cut_middle((decoded / 2 + 0.5).clamp(0, 1), size)


def _shift(bundle: Bundle) -> float:
    return bundle.vae.config.shift_factor or 0.0

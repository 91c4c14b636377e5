"""Between pixels and latents: the VAE."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch

from imvar_studio.engine.framing import cut_middle, extend
from imvar_studio.model.source import Size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle

_SMALLEST_TILE = 8  # latents a side


def encode(bundle: Bundle, picture: Tensor, *, tiled: bool = False) -> Tensor:
    """Return the latents (1, c, h, w) fp32 of `picture` (3, H, W) fp32 in [0, 1].

    The mode of the VAE's distribution, scaled to unit power; sizes the model can't take are
    extended by reflection. `tiled` takes a fraction of the memory and gives slightly other
    latents.
    """
    _, height, width = picture.shape
    whole = extend(picture, bundle.working_size(Size(width, height)))
    x = whole[None].to(bundle.compute.device, bundle.vae.dtype) * 2 - 1
    _, height, width = bundle.latent_shape(Size(x.shape[3], x.shape[2]))
    with _tiles(bundle, max(height, width), tiled=tiled):
        latents: Tensor = bundle.vae.encode(x).latent_dist.mode().float()
    scaled: Tensor = (latents - _shift(bundle)) * bundle.vae.config.scaling_factor
    return scaled


def decode(bundle: Bundle, latents: Tensor, size: Size, *, tiled: bool = False) -> Tensor:
    """Return pictures (b, h, w, 3) uint8 on the CPU of latents (b, c, h', w') fp32.

    `tiled` decodes overlapping tiles, which takes a fraction of the memory.
    """
    decoded = decode_float(bundle, latents, size, tiled=tiled)
    return decoded.mul(255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu()


def decode_float(bundle: Bundle, latents: Tensor, size: Size, *, tiled: bool = False) -> Tensor:
    """Return pictures (b, 3, h, w) fp32 in [0, 1], on the device, cut to `size`."""
    z = latents / bundle.vae.config.scaling_factor + _shift(bundle)
    z = z.to(bundle.vae.dtype, memory_format=torch.channels_last)
    with _tiles(bundle, max(z.shape[2:]), tiled=tiled):
        decoded = bundle.vae.decode(z, return_dict=False)[0].float()
    return cut_middle((decoded / 2 + 0.5).clamp(0, 1), size)


@contextmanager
def _tiles(bundle: Bundle, side: int, *, tiled: bool) -> Iterator[None]:
    """Have the VAE work in tiles of half the longer side, in latents, that overlap by a quarter."""
    if not tiled:
        yield
        return
    vae: Any = bundle.vae
    tile = max(_SMALLEST_TILE, -(-side // 2))
    vae.tile_latent_min_size = tile
    vae.tile_sample_min_size = tile * 2 ** (len(vae.config.block_out_channels) - 1)
    vae.enable_tiling()
    try:
        yield
    finally:
        vae.disable_tiling()


def _shift(bundle: Bundle) -> float:
    return bundle.vae.config.shift_factor or 0.0

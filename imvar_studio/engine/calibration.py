"""How long the model takes on this machine: a few calls at the shapes that will be rendered."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from imvar_studio.engine.guidance import run_unet
from imvar_studio.engine.pixels import decode
from imvar_studio.model.model_card import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.model.source import Size


@dataclass(frozen=True, slots=True)
class Calibration:
    """Seconds a call.

    Args:
        step: one UNet call for a whole chunk with `looks` looks and the unconditional one.
        single: one UNet call of one sample (inversion).
        decode: the VAE for a whole chunk.
    """

    step: float
    single: float
    decode: float


@torch.inference_mode()
def calibrate(
    bundle: Bundle, size: Size, batch: int, looks: int = 1, *, tiled: bool = False
) -> Calibration:
    """Time the model at the shapes of a chunk; the calls also warm it up.

    Raises:
        MemoryError, RuntimeError: if the memory does not hold them, as Python and torch say it.
    """
    working = bundle.working_size(size)
    shape = bundle.latent_shape(working)
    device = bundle.compute.device
    timestep = torch.tensor(500, device=device)

    def unet(count: int) -> Callable[[], object]:
        # 9 in an inpainting UNet
        x = torch.zeros(count, bundle.unet.config.in_channels, *shape[1:], device=device)
        tokens = bundle.card.window if bundle.card.family == TEXT else 1
        condition = torch.zeros(
            count, tokens, bundle.card.width, device=device, dtype=bundle.compute.dtype
        )
        return lambda: run_unet(bundle, x, timestep, condition)

    latents = torch.zeros(batch, *shape, device=device)
    return Calibration(
        step=_seconds(unet(batch * (1 + looks)), device),
        single=_seconds(unet(1), device),
        decode=_seconds(lambda: decode(bundle, latents, size, tiled=tiled), device),
    )


def _seconds(call: Callable[[], object], device: torch.device) -> float:
    """Return the shorter of two timed calls after one that warms up."""
    call()
    times = []
    for _ in range(2):
        begin = time.perf_counter()
        call()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        times.append(time.perf_counter() - begin)
    return min(times)

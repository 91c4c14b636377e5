"""The UNet's prediction under classifier-free guidance and ensembles.

eps = eps_u + g * (mean_i w_i eps_i - eps_u), for every g >= 0: 0 is the unconditional
picture, 1 the conditional one. Guidance is applied after the ensemble's average.
Stepping each look from the shared latents and averaging the steps is the same in all eight
samplers, whose steps are linear (tests/parity: 1e-4), if the drawn noise is shared; where a
schedule clips x0 it is not.

Source: Ho, Salimans 2022, "Classifier-free diffusion guidance".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from imvar_studio.engine.bundle import Bundle


@dataclass(frozen=True, slots=True)
class Guided:
    """Predicts for a batch of b pictures, (1 + m) UNet samples a picture.

    Args:
        bundle: the model.
        conditions: (1 + m, b, k, d) fp32 on the UNet's device: the unconditional
            one, then the m looks of the ensemble.
        weights: (m, b) fp32, each column sums to 1.
        guidance: (b,) fp32.
        precise: timesteps that run in fp32 whatever the precision.
    """

    bundle: Bundle
    conditions: Tensor
    weights: Tensor
    guidance: Tensor
    precise: frozenset[int] = frozenset()

    def __call__(self, x: Tensor, timestep: Tensor) -> Tensor:
        """Return the guided prediction (b, c, h, w) fp32 at `x` (b, c, h, w)."""
        looks, b = self.conditions.shape[:2]
        stacked = x.repeat(looks, 1, 1, 1)
        if timestep.ndim:  # each picture's own
            timestep = timestep.repeat(looks)
        conditions = self.conditions.flatten(0, 1)
        parts = run_unet(self.bundle, stacked, timestep, conditions, self.precise)
        parts = parts.unflatten(0, (looks, b))
        unconditional = parts[0]
        mean = (self.weights[:, :, None, None, None] * parts[1:]).sum(0)
        guided: Tensor = unconditional + self.guidance[:, None, None, None] * (mean - unconditional)
        return guided


def run_unet(
    bundle: Bundle,
    x: Tensor,
    timestep: Tensor,
    conditions: Tensor,
    precise: frozenset[int] = frozenset(),
) -> Tensor:
    """Return the UNet's raw prediction (n, c, h, w) fp32.

    Args:
        bundle: the model.
        x: (n, c, h, w) fp32.
        timestep: a scalar tensor, or (n,) where none is precise.
        conditions: (n, k, d) fp32 or in the UNet's dtype.
        precise: timesteps that run in fp32.
    """
    unet, dtype = bundle.unet, bundle.compute.dtype
    if precise and int(timestep) in precise:
        unet, dtype = bundle.precise_unet(), torch.float32
    x = x.to(dtype, memory_format=torch.channels_last)
    output: Any = unet(x, timestep, conditions.to(dtype), return_dict=False)[0]
    prediction: Tensor = output.float()
    return prediction

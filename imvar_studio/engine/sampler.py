"""What a sampler is: steps from noise to a picture, made for one run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor


class Sampler(Protocol):
    """Steps from noise to a picture. `x` and predictions are (b, c, h, w) fp32."""

    timesteps: Tensor
    """(n,), or (n, b) where each picture has its own, falling, on the latents' device."""
    noise_scale: float
    """What N(0, 1) is multiplied by to start from."""
    latent_scale: float
    """What latents at the noisiest level are multiplied by (inverted pictures)."""

    def model_input(self, x: Tensor, step: int) -> Tensor:
        """Return what the UNet is shown for `x` at `step`."""
        ...

    def step(self, prediction: Tensor, step: int, x: Tensor) -> Tensor:
        """Return x one step on."""
        ...

    def noised(self, x0: Tensor, noise: Tensor, step: int) -> Tensor:
        """Return x at the level that `step`, the next to be made, begins at.

        Args:
            x0: clean latents (b, c, h, w).
            noise: N(0, 1), as large.
            step: in [0, n).
        """
        ...


@dataclass(frozen=True, slots=True)
class SamplerSetup:
    """What a sampler is made from.

    Args:
        scheduler_config: the model's own.
        steps, spacing: of the timesteps.
        device: of the latents.
        eta: (b,) in [0, 1], or None.
        variance: step -> (b, c, h, w) N(0, 1), or None.
        generators: step -> b generators on the CPU, for samplers that draw noise themselves;
            None where the pictures have no noise for it.
        begin: steps that are left out; `variance` and `generators` count from the first that is
            made.
    """

    scheduler_config: dict[str, Any]
    steps: int
    spacing: str
    device: torch.device
    eta: Tensor | None = None
    variance: Callable[[int], Tensor] | None = None
    generators: Callable[[int], list[torch.Generator]] | None = None
    begin: int = 0

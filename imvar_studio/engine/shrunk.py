"""Continuous img2img: a model's schedule cut down to a strength.

The first `strength` of the schedule is sampled anew at as many points as the whole has. A
sampler lays out the same grid as ever on it, and the UNet is told the timesteps shrunk by the
strength. No timestep is rounded on the way: a little more strength makes little difference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from diffusers import DDIMScheduler

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from imvar_studio.engine.sampler import Sampler

_CLOSEST = 0.1  # timesteps between two steps: nearer, fp32 does not tell their levels apart


def reach_of(scheduler_config: dict[str, Any], strength: float, steps: int) -> float:
    """Return the share of a model's schedule that `steps` steps at `strength` take, in (0, 1].

    It is the strength, but for the smallest: steps lie at least 0.1 timesteps apart.
    """
    trained = int(scheduler_config.get("num_train_timesteps", 1000))
    return min(max(strength, _CLOSEST * steps / trained), 1.0)


def shrunk(scheduler_config: dict[str, Any], reach: float) -> dict[str, Any]:
    """Return the config of a schedule whose timestep t is the model's `reach` t.

    Between two timesteps of the model the signal's amplitude is interpolated.

    Args:
        scheduler_config: the model's own.
        reach: in (0, 1].
    """
    if reach == 1:
        return scheduler_config
    scheduler: Any = DDIMScheduler.from_config(scheduler_config)
    amplitude = scheduler.alphas_cumprod.double().sqrt()
    at = torch.arange(len(amplitude), dtype=torch.float64) * reach
    low = at.floor().long()
    share = at - low
    alpha = amplitude[low] * (1 - share) + amplitude[low + 1] * share
    power = torch.cat([torch.ones(1, dtype=torch.float64), alpha**2])
    betas = 1 - power[1:] / power[:-1]
    own = {"trained_betas": betas.tolist(), "rescale_betas_zero_snr": False}
    return scheduler_config | own


class SideBySide:
    """Samplers of one picture each as one sampler of all, every picture on its own schedule.

    Args:
        samplers: of one picture each, equally many steps.
        reaches: what each one's timesteps are shrunk by before the UNet sees them.
    """

    def __init__(self, samplers: Sequence[Sampler], reaches: Sequence[float]) -> None:
        self._samplers = samplers
        pairs = zip(samplers, reaches, strict=True)
        own = [sampler.timesteps.float() * reach for sampler, reach in pairs]
        self.timesteps: Tensor = torch.stack(own, dim=1)
        self.noise_scale = samplers[0].noise_scale
        self.latent_scale = samplers[0].latent_scale

    def model_input(self, x: Tensor, step: int) -> Tensor:
        """Return what the UNet is shown for `x` (b, c, h, w) at `step`."""
        pairs = zip(self._samplers, x.split(1), strict=True)
        return torch.cat([sampler.model_input(part, step) for sampler, part in pairs])

    def step(self, prediction: Tensor, step: int, x: Tensor) -> Tensor:
        """Return x (b, c, h, w) one step on."""
        rows = zip(self._samplers, prediction.split(1), x.split(1), strict=True)
        return torch.cat([sampler.step(part, step, own) for sampler, part, own in rows])

    def noised(self, x0: Tensor, noise: Tensor, step: int) -> Tensor:
        """Return x (b, c, h, w) at the level that `step`, the next to be made, begins at."""
        rows = zip(self._samplers, x0.split(1), noise.split(1), strict=True)
        return torch.cat([sampler.noised(part, own, step) for sampler, part, own in rows])

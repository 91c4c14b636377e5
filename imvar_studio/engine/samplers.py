"""The samplers, by name: each built from the model's own schedule, one instance a render."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from diffusers import DPMSolverMultistepScheduler, EulerDiscreteScheduler
from torch import Tensor

from imvar_studio.engine.ddim import Ddim, make_grid
from imvar_studio.model.registry import Registry


class Sampler(Protocol):
    """Steps from noise to a picture. `x` and predictions are (b, c, h, w) fp32."""

    timesteps: Tensor
    """(n,), falling, on the latents' device."""
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


@dataclass(frozen=True, slots=True)
class SamplerSetup:
    """What a sampler is made from.

    Args:
        scheduler_config: the model's own.
        steps, spacing: of the timesteps.
        device: of the latents.
        eta: (b,) in [0, 1], or None.
        variance: step -> (b, c, h, w) N(0, 1), or None.
    """

    scheduler_config: dict[str, Any]
    steps: int
    spacing: str
    device: torch.device
    eta: Tensor | None = None
    variance: Callable[[int], Tensor] | None = None


class DiffusersSampler:
    """A diffusers scheduler as a sampler."""

    def __init__(self, scheduler: Any, setup: SamplerSetup) -> None:
        scheduler.set_timesteps(setup.steps, device=setup.device)
        self._scheduler = scheduler
        self.timesteps: Tensor = scheduler.timesteps
        self.noise_scale = float(scheduler.init_noise_sigma)
        self.latent_scale = 1.0

    def model_input(self, x: Tensor, step: int) -> Tensor:
        """Return `x` scaled as the scheduler asks."""
        scaled: Tensor = self._scheduler.scale_model_input(x, self.timesteps[step])
        return scaled

    def step(self, prediction: Tensor, step: int, x: Tensor) -> Tensor:
        """Return the scheduler's previous sample."""
        result: Tensor = self._scheduler.step(prediction, self.timesteps[step], x).prev_sample
        return result


def _ddim(setup: SamplerSetup) -> Sampler:
    grid = make_grid(setup.scheduler_config, setup.steps, setup.spacing)
    return Ddim(grid, setup.device, setup.eta, setup.variance)


def _dpmpp_2m(setup: SamplerSetup) -> Sampler:
    scheduler = DPMSolverMultistepScheduler.from_config(
        setup.scheduler_config, timestep_spacing=setup.spacing, algorithm_type="dpmsolver++"
    )
    return DiffusersSampler(scheduler, setup)


def _euler(setup: SamplerSetup) -> Sampler:
    scheduler = EulerDiscreteScheduler.from_config(
        setup.scheduler_config, timestep_spacing=setup.spacing
    )
    sampler = DiffusersSampler(scheduler, setup)
    # its x is x0 + sigma eps: latents of unit power meet it stretched
    sampler.latent_scale = (float(scheduler.sigmas[0]) ** 2 + 1) ** 0.5
    return sampler


def built_in_samplers() -> Registry[Callable[[SamplerSetup], Sampler]]:
    """Return the samplers that come with the program."""
    samplers: Registry[Callable[[SamplerSetup], Sampler]] = Registry("sampler")
    samplers.add("dpmpp-2m", _dpmpp_2m, label="DPM-Solver++ 2M", about="the fastest to converge")
    samplers.add("ddim", _ddim, label="DDIM", about="the only one with eta; leads back pictures")
    samplers.add("euler", _euler, label="Euler", about="simple and robust, wants more steps")
    return samplers

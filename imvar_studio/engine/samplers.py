"""The samplers, by name: each built from the model's own schedule, one instance a render."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from diffusers import (
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    LCMScheduler,
    LMSDiscreteScheduler,
    PNDMScheduler,
    UniPCMultistepScheduler,
)
from torch import Tensor

from imvar_studio.engine.ddim import Ddim, make_grid, set_timesteps
from imvar_studio.model.errors import SpecError
from imvar_studio.model.registry import Registry

if TYPE_CHECKING:
    from imvar_studio.engine.sampler import Sampler, SamplerSetup

LeaveOut = Callable[[Any, int], Tensor]


class DiffusersSampler:
    """A diffusers scheduler as a sampler.

    Args:
        scheduler: built from the model's own configuration.
        setup: what is asked.
        draws: it draws noise at every step, from each picture's own generator.
        leave_out: (scheduler, steps) -> the timesteps that are left without its first steps.
    """

    def __init__(
        self,
        scheduler: Any,
        setup: SamplerSetup,
        *,
        draws: bool = False,
        leave_out: LeaveOut | None = None,
    ) -> None:
        if draws and setup.generators is None:
            raise SpecError("the sampler draws noise at every step", "variance", "give it a seed")
        set_timesteps(scheduler, setup.steps, setup.device)
        self._scheduler = scheduler
        self._generators = setup.generators if draws else None
        self.timesteps: Tensor = scheduler.timesteps
        if setup.begin:
            self.timesteps = (leave_out or _begin_at)(scheduler, setup.begin)
        self.noise_scale = float(scheduler.init_noise_sigma)
        self.latent_scale = 1.0

    def model_input(self, x: Tensor, step: int) -> Tensor:
        """Return `x` scaled as the scheduler asks."""
        scaled: Tensor = self._scheduler.scale_model_input(x, self.timesteps[step])
        return scaled

    def step(self, prediction: Tensor, step: int, x: Tensor) -> Tensor:
        """Return the scheduler's previous sample."""
        drawn = {} if self._generators is None else {"generator": self._generators(step)}
        t = self.timesteps[step]
        result: Tensor = self._scheduler.step(prediction, t, x, **drawn).prev_sample
        return result

    def noised(self, x0: Tensor, noise: Tensor, step: int) -> Tensor:
        """Return x at the level that `step`, the next to be made, begins at."""
        t = self.timesteps[step : step + 1]
        result: Tensor = self._scheduler.add_noise(x0, noise, t)
        return result


def _begin_at(scheduler: Any, steps: int) -> Tensor:
    scheduler.set_begin_index(steps)
    timesteps: Tensor = scheduler.timesteps[steps:]
    return timesteps


def _cut_lms(scheduler: Any, steps: int) -> Tensor:
    # told to begin later it would take the coefficients of steps that it did not make
    scheduler.sigmas = scheduler.sigmas[steps:]
    timesteps: Tensor = scheduler.timesteps[steps:]
    scheduler.timesteps = timesteps
    return timesteps


def _cut_pndm(scheduler: Any, steps: int) -> Tensor:
    # its second timestep is there twice, for the Heun step it begins with; cut before it, the
    # steps would be one ahead of the noise
    whole = scheduler.timesteps
    left = torch.cat([whole[:1], whole[2:]])[steps:]
    timesteps = torch.cat([left[:2], left[1:2], left[2:]])
    scheduler.timesteps = timesteps
    return timesteps


# what diffusers has not written: models of prediction_type "sample", schedules that end in noise
_NOT_OF_X0 = {PNDMScheduler: "pndm", EulerAncestralDiscreteScheduler: "euler-ancestral"}
_NOT_TO_NOISE = {PNDMScheduler: "pndm", LMSDiscreteScheduler: "lms"}


def _ddim(setup: SamplerSetup) -> Sampler:
    grid = make_grid(setup.scheduler_config, setup.steps, setup.spacing)
    return Ddim(grid.after(setup.begin), setup.device, setup.eta, setup.variance)


def _from_config(cls: Any, setup: SamplerSetup, **options: Any) -> Any:
    if cls in _NOT_OF_X0 and setup.scheduler_config.get("prediction_type") == "sample":
        raise SpecError(
            f"the sampler {_NOT_OF_X0[cls]} does not know models that predict the picture itself",
            "sampler",
            "choose another",
        )
    if cls in _NOT_TO_NOISE and setup.scheduler_config.get("rescale_betas_zero_snr"):
        raise SpecError(
            f"the sampler {_NOT_TO_NOISE[cls]} does not know schedules of zero terminal SNR",
            "sampler",
            "choose another",
        )
    return cls.from_config(setup.scheduler_config, timestep_spacing=setup.spacing, **options)


def _dpmpp_2m(setup: SamplerSetup) -> Sampler:
    scheduler = _from_config(DPMSolverMultistepScheduler, setup, algorithm_type="dpmsolver++")
    return DiffusersSampler(scheduler, setup)


def _unipc(setup: SamplerSetup) -> Sampler:
    return DiffusersSampler(_from_config(UniPCMultistepScheduler, setup), setup)


def _pndm(setup: SamplerSetup) -> Sampler:
    if setup.spacing == "linspace":
        # it takes the previous timestep to be t - T // n, which is not on that grid
        raise SpecError("the sampler pndm cannot use linspace spacing", "spacing", "choose another")
    # without the Runge-Kutta steps, as Stable Diffusion ships it
    scheduler = _from_config(PNDMScheduler, setup, skip_prk_steps=True)
    return DiffusersSampler(scheduler, setup, leave_out=_cut_pndm)


def _lcm(setup: SamplerSetup) -> Sampler:
    scheduler = _from_config(LCMScheduler, setup)
    most = scheduler.config.original_inference_steps  # of the distillation: 50 as published
    if setup.steps > most:
        raise SpecError(f"the sampler lcm takes at most {most} steps, got {setup.steps}", "steps")
    return DiffusersSampler(scheduler, setup, draws=True)


def _in_sigmas(
    cls: Any, *, draws: bool = False, leave_out: LeaveOut | None = None
) -> Callable[[SamplerSetup], Sampler]:
    """Return the factory of a scheduler whose x is x0 + sigma eps."""

    def make(setup: SamplerSetup) -> Sampler:
        scheduler = _from_config(cls, setup)
        sampler = DiffusersSampler(scheduler, setup, draws=draws, leave_out=leave_out)
        # latents of unit power meet it stretched
        sampler.latent_scale = (float(scheduler.sigmas[0]) ** 2 + 1) ** 0.5
        return sampler

    return make


def built_in_samplers() -> Registry[Callable[[SamplerSetup], Sampler]]:
    """Return the samplers that come with the program."""
    samplers: Registry[Callable[[SamplerSetup], Sampler]] = Registry("sampler")
    for name, make, label, about in (
        ("dpmpp-2m", _dpmpp_2m, "DPM-Solver++ 2M", "the fastest to converge"),
        ("unipc", _unipc, "UniPC", "as fast, predictor and corrector"),
        ("ddim", _ddim, "DDIM", "the only one with eta; leads back pictures"),
        ("euler", _in_sigmas(EulerDiscreteScheduler), "Euler", "simple and robust"),
        (
            "euler-ancestral",
            _in_sigmas(EulerAncestralDiscreteScheduler, draws=True),
            "Euler ancestral",
            "draws noise at every step, never settles",
        ),
        (
            "lms",
            _in_sigmas(LMSDiscreteScheduler, leave_out=_cut_lms),
            "LMS",
            "linear multistep, as the first films",
        ),
        ("pndm", _pndm, "PNDM", "as Stable Diffusion 1 shipped"),
        ("lcm", _lcm, "LCM", "for models distilled to 2 to 8 steps"),
    ):
        samplers.add(name, make, label=label, about=about)
    return samplers

"""DDIM on an explicit grid of timesteps, forwards and backwards.

diffusers' DDIMScheduler takes the next timestep to be t - T // n, which leaves its own grid
where n does not divide T; a film that passes through its pictures needs the very grid that
they were inverted on. Where n divides T both agree (tests/parity).

Source: Song, Meng, Ermon 2021, "Denoising diffusion implicit models", formula (12).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch
from diffusers import DDIMScheduler

from imvar_studio.model.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Level:
    """A noise level: x = alpha x0 + sigma eps, alpha^2 + sigma^2 = 1."""

    alpha: float
    sigma: float

    @classmethod
    def of(cls, alpha_bar: float) -> Level:
        """Return the level whose signal power is `alpha_bar`."""
        return cls(alpha_bar**0.5, (1 - alpha_bar) ** 0.5)


@dataclass(frozen=True, slots=True)
class Grid:
    """The timesteps of a model's schedule, falling, with the noise level before and after each.

    Args:
        timesteps: n integers.
        levels: n + 1, from the noisiest to the clean end.
        prediction: `epsilon`, `v_prediction` or `sample`.
        clip: the range x0 is clamped to, None for latent models.
    """

    timesteps: tuple[int, ...]
    levels: tuple[Level, ...]
    prediction: str
    clip: float | None

    def after(self, steps: int) -> Grid:
        """Return the grid without its first `steps`."""
        return replace(self, timesteps=self.timesteps[steps:], levels=self.levels[steps:])

    def up_to(self, other: Grid) -> Grid:
        """Return the grid with `other`'s first timestep as its own, and its own steps below."""
        top = other.timesteps[0]
        above = sum(t >= top for t in self.timesteps)
        timesteps = (top, *self.timesteps[above:])
        return replace(self, timesteps=timesteps, levels=(other.levels[0], *self.levels[above:]))


def set_timesteps(scheduler: Any, steps: int, device: torch.device | None = None) -> None:
    """Have a diffusers scheduler lay out its timesteps.

    Raises:
        SpecError: the model's schedule has not as many, or not at this spacing.
    """
    trained = int(scheduler.config.num_train_timesteps)
    if steps <= trained:
        scheduler.set_timesteps(steps, device=device)
        _drop_surplus(scheduler)
        first, last = int(scheduler.timesteps[0]), int(scheduler.timesteps[-1])
        # with an offset, `leading` overshoots by one; DPM-Solver's stands still
        if first < trained and (first > last or steps == 1):
            return
    spacing = getattr(scheduler.config, "timestep_spacing", "its")
    raise SpecError(
        f"the model's schedule has {trained} timesteps, {steps} steps at {spacing} spacing "
        "go beyond it",
        "steps",
        "take fewer",
    )


def _drop_surplus(scheduler: Any) -> None:
    """Drop the timestep -1 that `trailing` ends with at 62 step counts, the first of them 61.

    diffusers counts down by T / n with numpy's arange, which rounds one step too far there.
    """
    if int(scheduler.timesteps[-1]) >= 0:
        return
    scheduler.timesteps = scheduler.timesteps[:-1]
    sigmas = getattr(scheduler, "sigmas", None)
    if sigmas is not None:  # one each, and the clean end
        scheduler.sigmas = torch.cat([sigmas[:-2], sigmas[-1:]])


def make_grid(scheduler_config: dict[str, Any], steps: int, spacing: str) -> Grid:
    """Return the grid that `steps` and `spacing` give on the model's own schedule.

    Raises:
        SpecError: more steps than the schedule has.
    """
    scheduler = DDIMScheduler.from_config(scheduler_config, timestep_spacing=spacing)
    set_timesteps(scheduler, steps)
    timesteps = tuple(scheduler.timesteps.tolist())
    bars = [float(scheduler.alphas_cumprod[t]) for t in timesteps]
    bars.append(float(scheduler.final_alpha_cumprod))
    config = scheduler.config
    clip = config.clip_sample_range if config.clip_sample else None
    return Grid(timesteps, tuple(Level.of(bar) for bar in bars), config.prediction_type, clip)


SENSITIVE = 0.15
"""Signal power below which the way from and to an inverted picture amplifies rounding most."""


def sensitive_timesteps(grid: Grid) -> frozenset[int]:
    """Return the timesteps that must run in fp32 for a picture to come back in bf16.

    From some inverted latents sampling amplifies errors a hundredfold, nearly all of it at the
    noisiest levels: bf16 alone brought one of four pictures back at 31 dB, with these steps in
    fp32 at 50 dB (measured with the starter; the other three need no help).
    """
    return frozenset(
        t
        for t, level in zip(grid.timesteps, grid.levels, strict=False)
        if level.alpha**2 < SENSITIVE
    )


def denoised(grid: Grid, prediction: Tensor, x: Tensor, level: Level) -> tuple[Tensor, Tensor]:
    """Return (x0, eps) that the UNet's `prediction` at `x` means, all (b, c, h, w)."""
    a, s = level.alpha, level.sigma
    if grid.prediction == "v_prediction":
        x0, eps = a * x - s * prediction, a * prediction + s * x
    elif grid.prediction == "sample":
        x0, eps = prediction, (x - a * prediction) / s
    else:
        x0, eps = (x - s * prediction) / a, prediction
    return (x0 if grid.clip is None else x0.clamp(-grid.clip, grid.clip)), eps


class Ddim:
    """DDIM with its stochastic term, per picture.

    Args:
        grid: of timesteps and levels.
        device: of the latents.
        eta: (b,) in [0, 1]; None is 0 for all.
        variance: step -> (b, c, h, w) N(0, 1); needed where eta is above 0.
    """

    def __init__(
        self,
        grid: Grid,
        device: torch.device,
        eta: Tensor | None = None,
        variance: Callable[[int], Tensor] | None = None,
    ) -> None:
        self._grid = grid
        self._eta = None if eta is None else eta.to(device)[:, None, None, None]
        self._variance = variance
        self.timesteps = torch.tensor(grid.timesteps, device=device)
        self.noise_scale = 1.0
        self.latent_scale = 1.0

    def model_input(self, x: Tensor, step: int) -> Tensor:
        """Return `x`: DDIM's latents are what the UNet was trained on."""
        return x

    def step(self, prediction: Tensor, step: int, x: Tensor) -> Tensor:
        """Return x one level down, (b, c, h, w)."""
        here, below = self._grid.levels[step], self._grid.levels[step + 1]
        x0, eps = denoised(self._grid, prediction, x, here)
        if self._eta is None or self._variance is None:
            return below.alpha * x0 + below.sigma * eps
        ratio = 1 - (here.alpha / below.alpha) ** 2
        sigma = self._eta * (below.sigma / here.sigma) * max(ratio, 0.0) ** 0.5
        towards = (below.sigma**2 - sigma**2).clamp(min=0).sqrt()
        noise = self._variance(step).to(x)
        stepped: Tensor = below.alpha * x0 + towards * eps + sigma * noise
        return stepped

    def noised(self, x0: Tensor, noise: Tensor, step: int) -> Tensor:
        """Return x at the level that `step` begins at."""
        level = self._grid.levels[step]
        return level.alpha * x0 + level.sigma * noise

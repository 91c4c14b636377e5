"""What rendering evaluates: the UNet's calls, counted from recipes before anything is rendered.

A chunk is always computed whole, with the unconditional sample and each look's of every picture,
whatever guidance is and however few of its pictures are left. Steps on the way to and from
inverted pictures run in fp32 where the noise is strongest (`ddim.sensitive_timesteps`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from diffusers import DDIMScheduler

from imvar_studio.engine.ddim import SENSITIVE, make_grid
from imvar_studio.model import checks
from imvar_studio.model.recipe import steps_run
from imvar_studio.model.start import inversions

if TYPE_CHECKING:
    from imvar_studio.engine.starts import Inversion
    from imvar_studio.model.recipe import Recipe

# samplers that evaluate their first step twice
_TWICE_AT_FIRST = ("pndm",)


@dataclass(frozen=True, slots=True, order=True)
class Call:
    """The shape of a UNet call.

    Args:
        samples: evaluated at once.
        precise: in fp32 whatever the precision.
    """

    samples: int
    precise: bool = False

    def __post_init__(self) -> None:
        checks.integer(self.samples, "samples", 1, 2**20)


@dataclass(frozen=True, slots=True)
class Schedule:
    """What of a model's schedule says which steps run in fp32.

    Args:
        trained: timesteps it has.
        offset: of its timesteps at `leading` spacing.
        sensitive: its first timestep that does; `trained` where none does.
    """

    trained: int = 1000
    offset: int = 0
    sensitive: int = 1000

    def __post_init__(self) -> None:
        checks.integer(self.trained, "trained", 1, 2**20)
        checks.integer(self.offset, "offset", 0, 2**20)
        checks.integer(self.sensitive, "sensitive", 0, self.trained)

    @classmethod
    def of(cls, scheduler_config: dict[str, Any]) -> Schedule:
        """Return the schedule that a model's scheduler has."""
        scheduler = DDIMScheduler.from_config(scheduler_config)
        # the signal's power falls from the first timestep to the last
        sensitive = int((scheduler.alphas_cumprod >= SENSITIVE).sum())
        config = scheduler.config
        return cls(int(config.num_train_timesteps), int(config.steps_offset), sensitive)

    @property
    def config(self) -> dict[str, Any]:
        """Return what lays out timesteps as the model's own scheduler does."""
        return {"num_train_timesteps": self.trained, "steps_offset": self.offset}


def chunk_calls(recipe: Recipe, batch: int, schedule: Schedule) -> Counter[Call]:
    """Return the UNet calls of a chunk, and how often each is made.

    Args:
        recipe: any of the chunk's.
        batch: pictures that are computed at once.
        schedule: of the model.
    """
    samples, steps = batch * (1 + len(recipe.looks)), steps_run(recipe)
    precise = 0
    if recipe.precision == "bf16" and inversions(recipe.start):
        precise = _precise_steps(schedule, recipe.steps, recipe.spacing, steps)
    steps += recipe.sampler in _TWICE_AT_FIRST
    return +Counter({Call(samples): steps - precise, Call(samples, precise=True): precise})


def inversion_calls(inversion: Inversion, precision: str, schedule: Schedule) -> Counter[Call]:
    """Return the UNet calls that lead a picture back to noise, and how often each is made.

    Args:
        inversion: of one picture.
        precision: of the model as it is loaded.
        schedule: of the model.
    """
    spec = inversion.inverted.spec
    timesteps = inversion.grid(schedule.config).timesteps
    evaluations = [1 if spec.method == "plain" else spec.evaluations] * len(timesteps)
    if spec.method != "plain":  # see `inversion.invert_fixed_point`
        evaluations[-1] = 2 * spec.evaluations + 1
    least = schedule.sensitive if precision == "bf16" else schedule.trained
    each = zip(timesteps, evaluations, strict=True)
    precise = sum(count for timestep, count in each if timestep >= least)
    return +Counter({Call(1): sum(evaluations) - precise, Call(1, precise=True): precise})


@lru_cache(256)
def _precise_steps(schedule: Schedule, steps: int, spacing: str, run: int) -> int:
    """Return how many of a grid's last `run` steps are made in fp32."""
    timesteps = make_grid(schedule.config, steps, spacing).timesteps[-run:]
    return sum(timestep >= schedule.sensitive for timestep in timesteps)

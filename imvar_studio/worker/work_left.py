"""What is left of a take in the model's work, counted as the engine will do it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imvar_studio.engine.evaluations import Call, chunk_calls, inversion_calls
from imvar_studio.engine.starts import missing_inversions
from imvar_studio.engine.tensor_cache import TensorCache

if TYPE_CHECKING:
    from imvar_studio.engine.device import Compute
    from imvar_studio.engine.evaluations import Schedule
    from imvar_studio.engine.starts import Inversion
    from imvar_studio.worker.take_job import TakeJob


@dataclass(frozen=True, slots=True)
class Work:
    """The model's work.

    Args:
        calls: of the UNet, and how often each is made.
        chunks: that are decoded.
    """

    calls: Counter[Call]
    chunks: int


def work_left(job: TakeJob, compute: Compute, batch: int, schedule: Schedule) -> Work:
    """Return what is left of a take.

    Prompts of one chunk that are read in several numbers of windows are taken for one.

    Args:
        job: with something left to render.
        compute: what it will be rendered with.
        batch: pictures that are computed at once.
        schedule: of its model.
    """
    calls: Counter[Call] = Counter()
    chunks = 0
    for run in job.left:
        parts = len({slot // batch for slot, _ in run})
        for call, count in chunk_calls(run[0][1].recipe, batch, schedule).items():
            calls[call] += parts * count
        chunks += parts
    for inversion in inversions_left(job, compute):
        calls += inversion_calls(inversion, compute.precision, schedule)
    return Work(calls, chunks)


def inversions_left(job: TakeJob, compute: Compute) -> list[Inversion]:
    """Return the pictures that all models together still have to lead back to noise."""
    found: list[Inversion] = []
    recipes = [picture.recipe for run in job.left for _, picture in run]
    for model in dict.fromkeys(recipe.model for recipe in recipes):
        tensors = TensorCache(job.project.cache, model, compute.fingerprint(1))
        own = [recipe for recipe in recipes if recipe.model == model]
        found += [inversion for inversion, _ in missing_inversions(own, tensors)]
    return found

"""Estimating a film before it is rendered: by what earlier renders took, or by a calibration.

A calibration is kept in the user's cache, so that only the first estimate at some shapes loads
the model.
"""

from __future__ import annotations

import logging
import platform
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from imvar_studio.engine.calibration import calibrate
from imvar_studio.engine.starts import inversion_evaluations, missing_inversions
from imvar_studio.engine.tensor_cache import TensorCache
from imvar_studio.jobs.estimate import Estimate
from imvar_studio.model import checks
from imvar_studio.model.canonical import digest_data
from imvar_studio.model.codec import decode, encode
from imvar_studio.model.errors import UserError
from imvar_studio.model.recipe import steps_run
from imvar_studio.store.cache import DigestCache
from imvar_studio.store.places import user_cache_folder
from imvar_studio.store.strict_json import json_bytes, parse_json
from imvar_studio.worker.earlier import measured

if TYPE_CHECKING:
    from imvar_studio.engine.device import Compute
    from imvar_studio.engine.renderer import Renderer
    from imvar_studio.worker.take_job import TakeJob

_log = logging.getLogger(__name__)

# Bytes a pixel that a frame's PNG and its share of the film take (measured on the sample films:
# 1.3 to 1.7 and 0.1 to 0.3).
_BYTES_A_PIXEL = 2.0
# Seconds a megapixel for a frame's PNG and for x264 with reading it back (measured on 2 cores).
_PNG, _X264 = 0.1, 0.2
# What a UNet call of one sample takes against its share of a chunk's (measured on 2 cores).
_SINGLE = 2.5


def estimate_take(job: TakeJob, renderer: Renderer, batch: int | None = None) -> Estimate:
    """Return what the rest of a film takes; calibrates where that is not known yet.

    Args:
        job: with something left to render.
        renderer: with the model loaded.
        batch: pictures that are computed at once; None is the plan's.

    Raises:
        MemoryError, RuntimeError: where the memory does not hold so many (`worker.memory`).
    """
    batch = batch or job.plan.batch
    fingerprint = renderer.fingerprint(batch)
    key = _calibration_key(job, fingerprint)
    times = _kept(key)
    if times is None:
        size = job.left[0][0][1].recipe.size
        found = calibrate(renderer.bundle, size, batch, _looks(job), tiled=renderer.tiled)
        times = _Kept(found.step, found.single, found.decode, _peak_memory())
        _cache().put(key, json_bytes(encode(times)))
    rate = measured(job.project, job.plan, fingerprint, batch)
    recipes = [picture.recipe for run in job.left for _, picture in run]
    return _estimate(job, batch, times, rate, renderer.inversions_to_make(recipes))


def quick_estimate(job: TakeJob, compute: Compute, batch: int | None = None) -> Estimate | None:
    """Return what the rest of a film takes where that can be told without its model, else None.

    Args:
        job: with something left to render.
        compute: what it will be rendered with.
        batch: as in `estimate_take`.
    """
    batch = batch or job.plan.batch
    fingerprint = compute.fingerprint(batch)
    times = _kept(_calibration_key(job, fingerprint))
    rate = measured(job.project, job.plan, fingerprint, batch)
    if times is None and rate is None:
        return None
    return _estimate(job, batch, times, rate, inversions_to_make(job, compute))


@dataclass(frozen=True, slots=True)
class _Kept:
    """A calibration and the peak of memory that it took, in bytes."""

    step: float
    single: float
    decode: float
    memory: int

    def __post_init__(self) -> None:
        for name in ("step", "single", "decode"):
            checks.put(self, **{name: checks.number(getattr(self, name), name, 0, 1e6)})
        checks.integer(self.memory, "memory", 0, 2**60)


def _estimate(
    job: TakeJob, batch: int, times: _Kept | None, rate: float | None, inversions_left: int
) -> Estimate:
    """Return the estimate from a calibration, from earlier takes, or both; one is there."""
    size = job.left[0][0][1].recipe.size
    megapixels = size.width * size.height / 1e6
    samples, calls, seconds = 0, 0, 0.0
    most = _looks(job)
    for run in job.left:
        recipe = run[0][1].recipe
        parts = len({slot // batch for slot, _ in run})
        samples += parts * steps_run(recipe) * batch * (1 + len(recipe.looks))
        calls += parts
        # the calibration was of the most looks
        share = (1 + len(recipe.looks)) / (1 + most)
        seconds += 0.0 if times is None else parts * steps_run(recipe) * times.step * share
    if rate is not None:
        seconds = samples * rate
    elif times is not None:
        seconds += calls * times.decode
    single = times.single if times is not None else (rate or 0.0) * _SINGLE
    seconds += inversions_left * single
    seconds += (job.pictures_left * _PNG + job.makes_film * len(job.names) * _X264) * megapixels
    return Estimate(
        pictures=job.pictures_left,
        of=job.pictures,
        seconds=seconds,
        memory=0 if times is None else times.memory,
        disk=int(job.pictures_left * megapixels * 1e6 * _BYTES_A_PIXEL),
        as_before=rate is not None,
    )


def _looks(job: TakeJob) -> int:
    return max(len(run[0][1].recipe.looks) for run in job.left)


def inversions_to_make(job: TakeJob, compute: Compute) -> int:
    """Return what `Renderer.inversions_to_make` would for all models, without one."""
    found = 0
    recipes = [picture.recipe for run in job.left for _, picture in run]
    for model in dict.fromkeys(recipe.model for recipe in recipes):
        tensors = TensorCache(job.project.cache, model, compute.fingerprint(1))
        own = [recipe for recipe in recipes if recipe.model == model]
        missing = missing_inversions(own, tensors)
        found += sum(inversion_evaluations(start) for start, _ in missing)
    return found


def _cache() -> DigestCache:
    return DigestCache(user_cache_folder() / "calibrations")


def _calibration_key(job: TakeJob, fingerprint: str) -> str:
    """Return the name of a calibration at the job's shapes; `fingerprint` names the batch."""
    recipe = job.left[0][0][1].recipe
    return digest_data(
        {
            "fingerprint": fingerprint,
            "machine": [platform.node(), platform.machine()],
            "weights": recipe.model.weights,
            "size": str(recipe.size),
            "looks": _looks(job),
        }
    )


def _kept(key: str) -> _Kept | None:
    data = _cache().get(key)
    if data is None:
        return None
    try:
        return decode(parse_json(data, "cache"), _Kept)
    except UserError as error:
        _log.warning("a calibration is made again: %s", error)
        return None


def _peak_memory() -> int:
    """Return this process's peak so far: the calibration ran what the render will run."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)

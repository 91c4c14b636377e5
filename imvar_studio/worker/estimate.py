"""Estimating a take before it is rendered: what its pictures evaluate, times what that takes.

The UNet's calls and the decodes of what is left are counted exactly. A calibration says what
each takes with the machine to itself, the project's earlier renders how much longer than that
they took. A calibration is kept in the user's cache, so that only the first estimate at some
shapes loads the model.
"""

from __future__ import annotations

import logging
import platform
import sys
from functools import partial
from typing import TYPE_CHECKING

import psutil

from imvar_studio.engine.calibration import calibrate
from imvar_studio.engine.evaluations import Schedule
from imvar_studio.engine.starts import inversion_evaluations
from imvar_studio.jobs.estimate import Estimate
from imvar_studio.model.canonical import digest_data
from imvar_studio.model.codec import decode, encode
from imvar_studio.model.errors import UserError
from imvar_studio.store.cache import DigestCache
from imvar_studio.store.places import user_cache_folder
from imvar_studio.store.strict_json import json_bytes, parse_json
from imvar_studio.worker.costs import Costs, Timed
from imvar_studio.worker.earlier import measured
from imvar_studio.worker.work_left import inversions_left, work_left

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imvar_studio.engine.device import Compute
    from imvar_studio.engine.evaluations import Call
    from imvar_studio.engine.renderer import Renderer
    from imvar_studio.model.source import Size
    from imvar_studio.worker.take_job import TakeJob
    from imvar_studio.worker.work_left import Work

_log = logging.getLogger(__name__)

# Bytes a pixel that a picture's PNG takes, and its share of a film (measured: 0.8 to 1.0 on the
# starter's films and galleries, 1.3 to 1.7 on more detailed pictures; 0.1 to 0.3).
_PNG_BYTES, _FILM_BYTES = 1.3, 0.3
# Files that show a sheet's cell: the picture's own, and the contact sheet.
_SHEET_FILES = 2
# Seconds a megapixel for a frame's PNG and for x264 with reading it back (measured on 2 cores).
_PNG, _X264 = 0.1, 0.2


def estimate_take(job: TakeJob, renderer: Renderer, batch: int | None = None) -> Estimate:
    """Return what the rest of a take takes; calibrates where that is not known yet.

    Args:
        job: with something left to render.
        renderer: with the model loaded.
        batch: pictures that are computed at once; None is the plan's.

    Raises:
        MemoryError, RuntimeError: where the memory does not hold so many (`worker.memory`).
    """
    batch = batch or job.plan.batch
    bundle, fingerprint = renderer.bundle, renderer.fingerprint(batch)
    key = _calibration_key(job, fingerprint)
    costs = _kept(key) or Costs()
    work = work_left(job, bundle.compute, batch, Schedule.of(bundle.scheduler_config))
    missing = costs.unknown(work.calls)
    if missing:
        size = _size(job)
        found = calibrate(bundle, size, batch, _outermost(missing), tiled=renderer.tiled)
        timed = tuple(Timed(call, seconds) for call, seconds in found.unet.items())
        costs = costs.joined(Costs(timed, found.decode, _peak_memory(), found.schedule))
        _cache().put(key, json_bytes(encode(costs)))
    return _estimate(job, work, costs, _pace(job, fingerprint, batch, costs))


def quick_estimate(job: TakeJob, compute: Compute, batch: int | None = None) -> Estimate | None:
    """Return what the rest of a take takes where that can be told without its model, else None.

    Args:
        job: with something left to render.
        compute: what it will be rendered with.
        batch: as in `estimate_take`.
    """
    batch = batch or job.plan.batch
    fingerprint = compute.fingerprint(batch)
    costs = _kept(_calibration_key(job, fingerprint)) or Costs()
    work = work_left(job, compute, batch, costs.schedule)
    pace = _pace(job, fingerprint, batch, costs)
    if pace is None and costs.unknown(work.calls):
        return None
    return _estimate(job, work, costs, pace)


def inversions_to_make(job: TakeJob, compute: Compute) -> int:
    """Return what `Renderer.inversions_to_make` would for all models, without one."""
    return sum(inversion_evaluations(each) for each in inversions_left(job, compute))


def _estimate(job: TakeJob, work: Work, costs: Costs, pace: float | None) -> Estimate:
    """Return the estimate, by the pace of earlier renders where there were any."""
    size = _size(job)
    pixels = size.width * size.height
    seconds = costs.work(work.calls, work.chunks) * (1.0 if pace is None else pace)
    files, disk = job.pictures_left * _PNG, job.pictures_left * _PNG_BYTES
    if job.makes_film:
        files += len(job.names) * _X264
        disk += job.pictures_left * _FILM_BYTES
    else:
        shown = _cells(job) * _SHEET_FILES
        files += shown * _PNG
        disk += shown * _PNG_BYTES
    return Estimate(
        pictures=job.pictures_left,
        of=job.pictures,
        seconds=seconds + files * pixels / 1e6,
        memory=costs.memory,
        disk=int(disk * pixels),
        as_before=pace is not None,
    )


def _pace(job: TakeJob, fingerprint: str, batch: int, costs: Costs) -> float | None:
    """Return how many times as long as its costs a chunk took in earlier renders, None without."""
    return measured(job.project, job.plan, fingerprint, partial(costs.chunk, batch=batch), batch)


def _size(job: TakeJob) -> Size:
    return job.left[0][0][1].recipe.size


def _cells(job: TakeJob) -> int:
    """Return how many cells of a sheet show pictures of the models that have some left."""
    models = {run[0][1].recipe.model for run in job.left}
    pictures = job.plan.pictures
    return sum(pictures[index].recipe.model in models for index in job.plan.frames)


def _outermost(calls: Iterable[Call]) -> set[Call]:
    """Return the calls of fewest and of most samples in each precision; a line goes between."""
    found: set[Call] = set()
    for precise in (False, True):
        alike = sorted(call for call in calls if call.precise is precise)
        found.update(alike[:1], alike[-1:])
    return found


def _cache() -> DigestCache:
    return DigestCache(user_cache_folder() / "calibrations")


def _calibration_key(job: TakeJob, fingerprint: str) -> str:
    """Return the name of a calibration at the job's size; `fingerprint` names the batch."""
    recipe = job.left[0][0][1].recipe
    return digest_data(
        {
            "fingerprint": fingerprint,
            "machine": [platform.node(), platform.machine()],
            "weights": recipe.model.weights,
            "size": str(recipe.size),
        }
    )


def _kept(key: str) -> Costs | None:
    data = _cache().get(key)
    if data is None:
        return None
    try:
        return decode(parse_json(data, "cache"), Costs)
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

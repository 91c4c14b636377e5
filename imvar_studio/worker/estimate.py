"""Estimating a film before it is rendered."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import psutil

from imvar_studio.engine.calibration import calibrate
from imvar_studio.jobs.estimate import Estimate
from imvar_studio.worker.memory import enough_memory

if TYPE_CHECKING:
    from imvar_studio.engine.renderer import Renderer
    from imvar_studio.worker.film import FilmJob

# Bytes a pixel that a frame's PNG and its share of the film take (measured on the sample films:
# 1.3 to 1.7 and 0.1 to 0.3).
_BYTES_A_PIXEL = 2.0
# Seconds a megapixel for a frame's PNG and for x264 with reading it back (measured on 2 cores).
_PNG, _X264 = 0.1, 0.2


def estimate_film(job: FilmJob, renderer: Renderer) -> Estimate:
    """Return what the rest of a film takes, from a calibration at its shapes.

    Args:
        job: from `plan_film`, with something left to render.
        renderer: with the model loaded; it is warm afterwards.

    Raises:
        SpecError: if one chunk takes more memory than there is.
    """
    plan = job.plan
    size = plan.pictures[0].recipe.size
    megapixels = size.width * size.height / 1e6
    looks = max(len(run[0][1].recipe.looks) for run in job.left)
    with enough_memory(plan):
        times = calibrate(renderer.bundle, size, plan.batch, looks)
    recipes = [picture.recipe for run in job.left for _, picture in run]
    steps = sum(run[0][1].recipe.steps for run in job.left)
    seconds = steps * times.step + len(job.left) * times.decode
    seconds += renderer.inversions_to_make(recipes) * times.single
    seconds += (job.pictures_left * _PNG + len(plan.frames) * _X264) * megapixels
    disk = int(job.pictures_left * megapixels * 1e6 * _BYTES_A_PIXEL)
    return Estimate(job.pictures_left, len(plan.pictures), seconds, _peak_memory(), disk)


def _peak_memory() -> int:
    """Return this process's peak so far: the calibration ran what the render will run."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)

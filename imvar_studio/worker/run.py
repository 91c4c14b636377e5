"""Running tasks: the same in the worker process, on the command line and on a farm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Estimated, Finished, Stopped
from imvar_studio.jobs.tasks import (
    EstimateTask,
    FilmTask,
    GalleryTask,
    PicturesTask,
    ProbeTask,
    SheetTask,
    Task,
)
from imvar_studio.model.errors import Cancelled
from imvar_studio.worker.compute import find_out
from imvar_studio.worker.run_film import estimate_task, run_film
from imvar_studio.worker.run_gallery import run_gallery
from imvar_studio.worker.run_pictures import run_pictures
from imvar_studio.worker.run_sheet import run_sheet

if TYPE_CHECKING:
    from imvar_studio.jobs.context import JobContext
    from imvar_studio.worker.workshop import Workshop


def run_task(task: Task, workshop: Workshop, ctx: JobContext) -> Finished | Stopped:
    """Do what a task says, and return how it ended.

    Raises:
        UserError: for what the user can put right; what is finished is kept.
    """
    match task:
        case FilmTask():
            return run_film(task, workshop, ctx)
        case PicturesTask():
            return run_pictures(task, workshop, ctx)
        case SheetTask():
            return run_sheet(task, workshop, ctx)
        case GalleryTask():
            return run_gallery(task, workshop, ctx)
        case ProbeTask(device, precision):
            found = find_out(device or None, precision or None)
            return Finished((), f"It renders in {found.precision}, {found.batch} at once.")
        case EstimateTask(film):
            return _run_estimate(film, workshop, ctx)


def _run_estimate(film: FilmTask, workshop: Workshop, ctx: JobContext) -> Finished | Stopped:
    try:
        estimate = estimate_task(film, workshop, ctx)
        ctx.step(Estimated(estimate))
    except Cancelled:
        return Stopped(0, 0)
    return Finished((), estimate.sentence())

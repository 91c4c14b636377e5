"""Running a gallery's task: the pictures of all its sheets as one take, then sheets and page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Finished, Progress, Stopped
from imvar_studio.jobs.tasks import PAGE, SHEETS, GalleryTask, SheetTask
from imvar_studio.media.gallery_page import Figure, gallery_page
from imvar_studio.model.codec import encode
from imvar_studio.model.errors import Cancelled
from imvar_studio.model.sheet_text import slug
from imvar_studio.plan.sheet import sheet, sheets
from imvar_studio.store.atomic import make_folder, write_atomic
from imvar_studio.store.cache_limit import trim_caches
from imvar_studio.store.leftovers import sweep_take
from imvar_studio.store.locks import take_lock
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.settings import load_settings
from imvar_studio.store.takes import Take, take_id
from imvar_studio.worker.chunks import runs_left
from imvar_studio.worker.disk import written
from imvar_studio.worker.loading import find_model
from imvar_studio.worker.run_sheet import (
    advise,
    check_pictures,
    compute_of,
    findings_of,
    open_sheet,
)
from imvar_studio.worker.sheet_files import write_sheet
from imvar_studio.worker.take_job import TakeJob

if TYPE_CHECKING:
    from imvar_studio.jobs.context import JobContext
    from imvar_studio.model.model_card import ModelCard
    from imvar_studio.plan.plan import Plan
    from imvar_studio.worker.workshop import Workshop


def run_gallery(task: GalleryTask, workshop: Workshop, ctx: JobContext) -> Finished | Stopped:
    """Render what is left of a gallery, write its sheets, and the page that shows them.

    Raises:
        UserError: for what the user can put right; what is finished is kept.
    """
    from imvar_studio.worker.take_models import render_with_models  # slow: torch

    folder = ProjectFolder.open(Path(task.project))
    plan = sheets(task.specs)
    first = task.specs[0]
    cards = [
        find_model(place, model.ref) for place, model in zip(task.models, first.models, strict=True)
    ]
    assets = frozenset[str]().union(*(spec.sheet.assets() for spec in task.specs))
    check_pictures(plan, cards, assets, folder)
    job: TakeJob | None = None
    try:
        take = take_id(plan.digest)
        lock = written(folder.path, lambda: take_lock(folder, take, "a gallery"), ctx)
        with lock:
            sweep_take(folder.takes.resolve() / take)
            job = written(folder.path, lambda: _opened(task, plan, folder), ctx)
            compute = compute_of(task.device, first.precision)
            advise(job, ctx)
            render_with_models(job, cards, compute, workshop, ctx)
            files = _written(task, job, cards, workshop, ctx)
    except Cancelled:
        kept = job.pictures_kept if job is not None else 0
        return Stopped(kept, len(plan.pictures))
    finally:
        trim_caches(folder, load_settings())
    text = f"{len(task.specs)} figures of {len(plan.pictures)} pictures: open {files[0]}."
    return Finished(files, text)


def _opened(task: GalleryTask, plan: Plan, folder: ProjectFolder) -> TakeJob:
    data = {"sheet": {"name": task.title}, "sheets": [encode(spec) for spec in task.specs]}
    take = Take.open_or_create(folder, plan, data)
    finished = take.finished()
    names = tuple(plan.pictures[index].digest for index in plan.frames)
    return TakeJob(folder, plan, take, finished, runs_left(plan, finished), names)


def _written(
    task: GalleryTask,
    whole: TakeJob,
    cards: list[ModelCard],
    workshop: Workshop,
    ctx: JobContext,
) -> tuple[str, ...]:
    """Write the sheets and the page; returns all files, the page first."""
    place = Path(task.folder)
    make_folder(place)
    figures: list[Figure] = []
    files: list[str] = []
    for number, spec in enumerate(task.specs, 1):
        target = place / SHEETS / f"{number:02}-{slug(spec.sheet.id)}.png"
        own = SheetTask(
            task.project,
            spec,
            task.models,
            str(target),
            device=task.device,
            overwrite=True,
            keep_prompts=task.keep_prompts,
        )
        job = open_sheet(spec, sheet(spec), whole.project)
        made = write_sheet(own, job, findings_of(own, job, cards, workshop, ctx), ctx)
        files += made
        words = (spec.sheet.name, spec.sheet.caption)
        shown = words if task.keep_prompts else (f"Figure {number}", "")
        figures.append(Figure(f"figure-{number}", *shown, Path(made[0])))
        count = len(whole.plan.pictures)
        ctx.step(Progress("encoding", number, len(task.specs), count, count))
    data = gallery_page(task.title, figures).encode()
    page = place / PAGE
    written(place, lambda: write_atomic(page, data), ctx, len(data))
    return (str(page), *files)

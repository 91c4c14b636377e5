"""Running a film's task: what is left is rendered, then the film is exported."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.jobs.estimate import Estimate, film_length, size
from imvar_studio.jobs.events import Estimated, Finished, Note, Progress, Stopped, Waiting
from imvar_studio.model.errors import Cancelled, StoreError, UserError
from imvar_studio.model.film_export import SEQUENCE
from imvar_studio.plan.film import film
from imvar_studio.store.cache_limit import trim_caches
from imvar_studio.store.leftovers import sweep_take
from imvar_studio.store.locks import take_lock
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.settings import load_settings
from imvar_studio.store.takes import Take, take_id
from imvar_studio.worker.compute import compute_of
from imvar_studio.worker.disk import free_space, written
from imvar_studio.worker.export import check_target, export_film, is_exported
from imvar_studio.worker.film import announce, check_sources, mixed_note, open_film, render_film
from imvar_studio.worker.film_part import part_that_is_there, wanted_part
from imvar_studio.worker.loading import find_model, stoppable
from imvar_studio.worker.memory import Fallback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imvar_studio.engine.renderer import Renderer
    from imvar_studio.jobs.context import JobContext
    from imvar_studio.jobs.tasks import FilmTask
    from imvar_studio.model.model_card import ModelCard
    from imvar_studio.plan.plan import Plan
    from imvar_studio.store.journal import JournalRecord
    from imvar_studio.worker.film import FilmJob
    from imvar_studio.worker.workshop import Workshop

_LOOK = 0.25  # seconds between two looks whether a take is free


def run_film(task: FilmTask, workshop: Workshop, ctx: JobContext) -> Finished | Stopped:
    """Render what is left of a film and export it, as far as the task asks for that.

    Raises:
        UserError: for what the user can put right; what is finished is kept.
    """
    folder = ProjectFolder.open(Path(task.project))
    with suppress(UserError):  # the task is a snapshot: of the project it wants names alone
        folder.load()
    plan = film(task.spec)
    task.export.frames(len(plan.frames))
    if task.target and not task.frames_only:
        target = Path(task.target)
        known = task.overwrite or is_exported(Take(folder, plan), target)
        check_target(target, plan.fps, codec=task.export.codec, overwrite=known)
    if task.export.there_only:
        return _export_what_is_there(task, plan, folder, ctx)
    return _render_and_export(task, plan, folder, workshop, ctx)


def _export_what_is_there(
    task: FilmTask, plan: Plan, folder: ProjectFolder, ctx: JobContext
) -> Finished | Stopped:
    """Export without the take's lock: a render that goes on meanwhile is what it is for."""
    job = wanted_part(open_film(task.spec, plan, folder, look=True), task)
    job, text = part_that_is_there(job)
    ctx.step(Note(text))
    try:
        return _exported(task, job, ctx)
    except Cancelled:
        return Stopped(job.pictures_kept, job.pictures)


def _render_and_export(
    task: FilmTask, plan: Plan, folder: ProjectFolder, workshop: Workshop, ctx: JobContext
) -> Finished | Stopped:
    card = find_model(task.model, task.spec.model)
    job: FilmJob | None = None

    def opened() -> FilmJob:
        found = open_film(task.spec, plan, folder, redo_odd=task.redo_odd)
        return wanted_part(found, task)

    try:
        with _held(folder, take_id(plan.digest), workshop, ctx) as known:
            job = written(folder.path, opened, ctx)
            if not (known and task.redo_odd):
                known.update(job.finished)
                job = replace(job, finished=known)
            _render(task, job, card, workshop, ctx)
            return _exported(task, job, ctx)
    except Cancelled:
        kept, of = (job.pictures_kept, job.pictures) if job else (0, len(plan.pictures))
        return Stopped(kept, of)
    finally:
        trim_caches(folder, load_settings())


@contextmanager
def _held(
    folder: ProjectFolder, take: str, workshop: Workshop, ctx: JobContext
) -> Iterator[dict[str, JournalRecord]]:
    """Hold a take's lock, once whoever renders it now is done.

    Yields:
        The take's finished pictures as far as jobs of this process know them. Where another job
        stands still around this one and holds the lock, they work on the same ones.
    """
    place = folder.takes.resolve() / take
    known = workshop.films.get(place)
    if known is not None:
        yield known
        return
    lock = written(folder.path, lambda: take_lock(folder, take, "a render"), ctx)
    waits = False
    while True:
        try:
            lock.acquire()
            break
        except StoreError as error:
            if lock.holder() is None:
                raise
            if not waits:
                ctx.step(Waiting(f"{error.message}: this render goes on when that is done."))
                waits = True
        ctx.between_chunks()
        time.sleep(_LOOK)
    try:
        sweep_take(place)
        workshop.films[place] = {}
        yield workshop.films[place]
    finally:
        workshop.films.pop(place, None)
        lock.release()


def _render(
    task: FilmTask, job: FilmJob, card: ModelCard, workshop: Workshop, ctx: JobContext
) -> None:
    """Render what is left of a job."""
    if not job.left:
        ctx.step(Estimated(_nothing_left(job)))
        return
    check_sources(job, card)
    announce(job, ctx)
    renderer = _loaded(task, job, card, workshop, ctx)
    with stoppable(renderer, ctx):
        fallback = Fallback(renderer, job.plan, ctx)
        estimate = fallback.attempt(lambda: _estimate(job, renderer, fallback))
        ctx.step(Estimated(estimate))
        _warn_of_disk(job, estimate.disk, ctx)
        render_film(job, renderer, ctx, fallback, estimate.seconds)


def _exported(task: FilmTask, job: FilmJob, ctx: JobContext) -> Finished:
    """Export a job whose pictures are finished, and return what became of it."""
    count = len(job.names)
    if task.frames_only:
        return Finished((), f"{count} frame{'s are' if count > 1 else ' is'} there.", frames=count)
    for text in mixed_note(job):
        ctx.step(Note(text))
    target = Path(task.target) if task.target else job.take.video_path()
    encoded = export_film(job, target, task, ctx)
    made = "frames are in" if task.export.codec == SEQUENCE else "film is"
    text = f"The {made} {target} ({film_length(count, job.plan.fps)})."
    return Finished((str(target),), text, encoded, count)


def estimate_task(task: FilmTask, workshop: Workshop, ctx: JobContext) -> Estimate:
    """Return what is left of a film would take; the model is loaded if it must be.

    Raises:
        UserError: for what would end the render, too.
        Cancelled: if the job is to stop.
    """
    folder = ProjectFolder.open(Path(task.project))
    folder.load()
    there_only = task.export.there_only
    card = None if there_only else find_model(task.model, task.spec.model)
    found = open_film(task.spec, film(task.spec), folder, redo_odd=task.redo_odd, look=True)
    job = wanted_part(found, task)
    if there_only:
        job, _ = part_that_is_there(job)
    if card is None or not job.left:
        return _nothing_left(job)
    check_sources(job, card)
    announce(job, ctx)
    if (known := _known_estimate(task, job)) is not None:
        return known
    renderer = _loaded(task, job, card, workshop, ctx)
    with stoppable(renderer, ctx):
        fallback = Fallback(renderer, job.plan, ctx)
        return fallback.attempt(lambda: _estimate(job, renderer, fallback))


def _nothing_left(job: FilmJob) -> Estimate:
    return Estimate(0, job.pictures, 0, 0, 0)


def _loaded(
    task: FilmTask, job: FilmJob, card: ModelCard, workshop: Workshop, ctx: JobContext
) -> Renderer:
    compute = compute_of(task.device, task.spec.precision)
    if not workshop.holds(card, compute):
        of = job.pictures
        ctx.step(Progress("loading", 0, job.samples_left(), of - job.pictures_left, of))
    return workshop.renderer(card, compute, job.project)


def _known_estimate(task: FilmTask, job: FilmJob) -> Estimate | None:
    from imvar_studio.worker.estimate import quick_estimate

    return quick_estimate(job, compute_of(task.device, task.spec.precision))


def _estimate(job: FilmJob, renderer: Renderer, fallback: Fallback) -> Estimate:
    from imvar_studio.worker.estimate import estimate_take

    return estimate_take(job, renderer, fallback.batch)


def _warn_of_disk(job: FilmJob, needed: int, ctx: JobContext) -> None:
    """Say before the render that its frames will not fit as things stand."""
    free = free_space(job.take.path)
    if free is not None and free < needed:
        ctx.step(
            Note(
                f"The film needs about {size(needed)} on the disk, {size(free)} are free: the "
                "render will wait there until you make space."
            )
        )

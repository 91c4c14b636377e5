"""Running tasks: the same in the worker process, on the command line and on a farm."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.jobs.estimate import Estimate, film_length, size
from imvar_studio.jobs.events import Estimated, Finished, Note, Progress, Stopped, Waiting
from imvar_studio.jobs.tasks import FilmTask, PicturesTask, Task
from imvar_studio.model.errors import Cancelled, ModelError, StoreError, UserError
from imvar_studio.plan.film import film
from imvar_studio.store.cache_limit import trim_caches
from imvar_studio.store.leftovers import sweep_take
from imvar_studio.store.locks import take_lock
from imvar_studio.store.models import resolve
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.settings import load_settings
from imvar_studio.store.takes import Take, take_id
from imvar_studio.worker.disk import free_space, written
from imvar_studio.worker.export import check_target, export_film, is_exported
from imvar_studio.worker.film import announce, check_sources, mixed_note, open_film, render_film
from imvar_studio.worker.memory import Fallback
from imvar_studio.worker.prompts import check_prompts
from imvar_studio.worker.stills import made_before, render_stills

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imvar_studio.engine.renderer import Renderer
    from imvar_studio.jobs.context import JobContext
    from imvar_studio.model.model_card import ModelCard
    from imvar_studio.model.recipe import ModelRef
    from imvar_studio.worker.film import FilmJob
    from imvar_studio.worker.workshop import Workshop

_LOOK = 0.25  # seconds between two looks whether a take is free
_OTHERWISE = (
    "The picture was rendered with other arithmetic ({}): this one will be alike, not equal to "
    "the bit."
)


def run_task(task: Task, workshop: Workshop, ctx: JobContext) -> Finished | Stopped:
    """Do what a task says, and return how it ended.

    Raises:
        UserError: for what the user can put right; what is finished is kept.
    """
    if isinstance(task, FilmTask):
        return _run_film(task, workshop, ctx)
    return _run_pictures(task, workshop, ctx)


def _run_film(task: FilmTask, workshop: Workshop, ctx: JobContext) -> Finished | Stopped:
    folder = ProjectFolder.open(Path(task.project))
    with suppress(UserError):  # the task is a snapshot: of the project it wants names alone
        folder.load()
    card = find_model(task.model, task.spec.model)
    plan = film(task.spec)
    if task.target:
        target = Path(task.target)
        known = task.overwrite or is_exported(Take(folder, plan), target)
        check_target(target, plan.fps, overwrite=known)
    job: FilmJob | None = None

    def opened() -> FilmJob:
        return open_film(task.spec, plan, folder, redo_odd=task.redo_odd)

    try:
        with _held(folder, take_id(plan.digest), ctx):
            sweep_take(folder.takes / take_id(plan.digest))
            job = written(folder.path, opened, ctx)
            return _make_film(task, job, card, workshop, ctx)
    except Cancelled:
        return Stopped(len(job.finished) if job else 0, len(plan.pictures))
    finally:
        trim_caches(folder, load_settings())


@contextmanager
def _held(folder: ProjectFolder, take: str, ctx: JobContext) -> Iterator[None]:
    """Hold a take's lock, once whoever renders it now is done."""
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
        yield
    finally:
        lock.release()


def _make_film(
    task: FilmTask, job: FilmJob, card: ModelCard, workshop: Workshop, ctx: JobContext
) -> Finished:
    if not job.left:
        ctx.step(Estimated(Estimate(0, len(job.plan.pictures), 0, 0, 0)))
    else:
        check_sources(job, card)
        announce(job, ctx)
        renderer = _loaded(task, job, card, workshop, ctx)
        with _stoppable(renderer, ctx):
            fallback = Fallback(renderer, job.plan, ctx)
            estimate = fallback.attempt(lambda: _estimate(job, renderer, fallback))
            ctx.step(Estimated(estimate))
            _warn_of_disk(job, estimate.disk, ctx)
            render_film(job, renderer, ctx, fallback, estimate.seconds)
    for text in mixed_note(job):
        ctx.step(Note(text))
    target = Path(task.target) if task.target else job.take.video_path()
    encoded = export_film(
        job, target, ctx, overwrite=task.overwrite, keep_prompts=task.keep_prompts
    )
    frames = len(job.plan.frames)
    text = f"The film is {target} ({film_length(frames, job.plan.fps)})."
    return Finished((str(target),), text, encoded, frames)


def _run_pictures(task: PicturesTask, workshop: Workshop, ctx: JobContext) -> Finished | Stopped:
    from imvar_studio.engine.device import choose_compute  # slow: torch

    folder = ProjectFolder.open(Path(task.project))
    targets = [Path(target) for target in task.targets]
    recipe = task.plan.pictures[0].recipe
    card = find_model(task.model, recipe.model)
    check_prompts(task.plan.pictures, card)
    done = Finished(task.targets, f"Made {len(targets)} picture{'s' * (len(targets) > 1)}.")
    made = made_before(task.plan, targets)
    if len(made) == len(targets):
        return done
    compute = choose_compute(task.device or None, recipe.precision)
    try:
        if not workshop.holds(card, compute):
            ctx.step(Progress("loading", 0, 1, 0, len(targets)))
        renderer = workshop.renderer(card, compute, folder)
        if task.numerics not in ("", renderer.fingerprint(task.plan.batch)):
            ctx.step(Note(_OTHERWISE.format(task.numerics)))
        with _stoppable(renderer, ctx):
            render_stills(task, made, renderer, ctx)
    except Cancelled:
        return Stopped(sum(target.exists() for target in targets), len(targets))
    finally:
        trim_caches(folder, load_settings())
    return done


def estimate_task(task: FilmTask, workshop: Workshop, ctx: JobContext) -> Estimate:
    """Return what is left of a film would take; the model is loaded if it must be.

    Raises:
        UserError: for what would end the render, too.
    """
    folder = ProjectFolder.open(Path(task.project))
    folder.load()
    card = find_model(task.model, task.spec.model)
    job = open_film(task.spec, film(task.spec), folder, redo_odd=task.redo_odd, look=True)
    if not job.left:
        return Estimate(0, len(job.plan.pictures), 0, 0, 0)
    check_sources(job, card)
    announce(job, ctx)
    if (known := _known_estimate(task, job)) is not None:
        return known
    renderer = _loaded(task, job, card, workshop, ctx)
    fallback = Fallback(renderer, job.plan, ctx)
    return fallback.attempt(lambda: _estimate(job, renderer, fallback))


def find_model(model: str, wanted: ModelRef) -> ModelCard:
    """Return the card of a task's model, by the name the task's recipes have for it.

    Raises:
        ModelError: if it is not there, or its weights are others than the task was made for.
    """
    card = resolve(model)
    if card.ref.weights != wanted.weights:
        raise ModelError(
            f"model {card.ref.id} has other weights than when the job was made",
            "put the old weights back, or make the job anew",
        )
    # the id is only a name, the weights are what decides
    return card if card.ref == wanted else replace(card, ref=wanted)


def _loaded(
    task: FilmTask, job: FilmJob, card: ModelCard, workshop: Workshop, ctx: JobContext
) -> Renderer:
    from imvar_studio.engine.device import choose_compute  # slow: torch

    compute = choose_compute(task.device or None, task.spec.precision)
    if not workshop.holds(card, compute):
        of = len(job.plan.pictures)
        ctx.step(Progress("loading", 0, job.samples_left(), of - job.pictures_left, of))
    return workshop.renderer(card, compute, job.project)


def _stoppable(renderer: Renderer, ctx: JobContext) -> AbstractContextManager[None]:
    from imvar_studio.engine.interruptible import interruptible

    return interruptible(renderer.bundle, ctx.check)


def _known_estimate(task: FilmTask, job: FilmJob) -> Estimate | None:
    from imvar_studio.engine.device import choose_compute
    from imvar_studio.worker.estimate import quick_estimate

    return quick_estimate(job, choose_compute(task.device or None, task.spec.precision))


def _estimate(job: FilmJob, renderer: Renderer, fallback: Fallback) -> Estimate:
    from imvar_studio.worker.estimate import estimate_film

    return estimate_film(job, renderer, fallback.batch)


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

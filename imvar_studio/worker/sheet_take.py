"""The take of a task of sheets: its pictures are rendered under its lock, then it is finished."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Finished, Note, Stopped
from imvar_studio.model.codec import Data
from imvar_studio.model.errors import Cancelled
from imvar_studio.model.specs import SheetSpec
from imvar_studio.plan.advice import advice
from imvar_studio.plan.plan import Plan
from imvar_studio.store.cache_limit import trim_caches
from imvar_studio.store.leftovers import sweep_take
from imvar_studio.store.locks import take_lock
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.settings import load_settings
from imvar_studio.store.takes import Take, take_id
from imvar_studio.worker.chunks import runs_left
from imvar_studio.worker.compute import compute_of
from imvar_studio.worker.disk import written
from imvar_studio.worker.loading import find_model
from imvar_studio.worker.sheet_checks import check_pictures
from imvar_studio.worker.sheet_findings import Comparer
from imvar_studio.worker.take_job import TakeJob

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.jobs.context import JobContext
    from imvar_studio.model.model_card import ModelCard
    from imvar_studio.worker.workshop import Workshop


@dataclass(frozen=True, slots=True)
class SheetTake:
    """What a task of sheets renders.

    Args:
        folder: the project.
        plan: of all pictures.
        specs: of the sheets, of one precision; each knows all models.
        models, device: as in `SheetTask`.
        data: JSON-ready, kept beside the plan: what it was made from.
        what: it is, as the lock says.
    """

    folder: ProjectFolder
    plan: Plan
    specs: tuple[SheetSpec, ...]
    models: tuple[str, ...]
    device: str
    data: Data
    what: str

    def cards(self) -> tuple[ModelCard, ...]:
        """Return the models' cards; the pictures are checked against them.

        Raises:
            UserError: a model that is not there or changed, or what `check_pictures` refuses.
        """
        wanted = (model.ref for model in self.specs[0].models)
        cards = tuple(map(find_model, self.models, wanted))
        assets = frozenset[str]().union(*(spec.sheet.assets() for spec in self.specs))
        check_pictures(self.plan, cards, assets, self.folder)
        return cards


def render_take(
    wanted: SheetTake,
    workshop: Workshop,
    ctx: JobContext,
    finish: Callable[[TakeJob, Comparer], Finished],
) -> Finished | Stopped:
    """Render what is left of a take of sheets, and finish it while it is still locked.

    Args:
        wanted: what is rendered.
        workshop: loads the models.
        ctx: reports; a stop that it asks for is the task's end, not an error.
        finish: is given the take, whose pictures are all there, and what compares them.

    Raises:
        UserError: for what the user can put right; what is finished is kept.
    """
    from imvar_studio.worker.take_models import render_with_models  # slow: torch

    folder, plan, cards = wanted.folder, wanted.plan, wanted.cards()
    job: TakeJob | None = None
    try:
        take = take_id(plan.digest)
        lock = written(folder.path, lambda: take_lock(folder, take, wanted.what), ctx)
        with lock:
            sweep_take(folder.takes.resolve() / take)
            job = written(folder.path, lambda: open_take(folder, plan, wanted.data), ctx)
            for text in advice(plan) if job.left else ():
                ctx.step(Note(text))
            compute = compute_of(wanted.device, wanted.specs[0].precision)
            render_with_models(job, cards, compute, workshop, ctx)
            renderer = partial(workshop.renderer, compute=compute, folder=folder)
            return finish(job, Comparer(folder, cards, renderer, ctx))
    except Cancelled:
        return Stopped(job.pictures_kept if job is not None else 0, len(plan.pictures))
    finally:
        trim_caches(folder, load_settings())


def open_take(folder: ProjectFolder, plan: Plan, data: Data) -> TakeJob:
    """Find out what of a plan is there already, and make its take if it is new.

    Args:
        folder: the project it belongs to.
        plan: of all pictures.
        data: as in `SheetTake`.
    """
    take = Take.open_or_create(folder, plan, data)
    finished = take.finished()
    names = tuple(plan.pictures[index].digest for index in plan.frames)
    return TakeJob(folder, plan, take, finished, runs_left(plan, finished), names)

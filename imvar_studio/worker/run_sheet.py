"""Running a sheet's task: what is left is rendered, model by model, then the files are written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Finished, Note, Stopped
from imvar_studio.model.codec import encode
from imvar_studio.model.contents import parts
from imvar_studio.model.errors import Cancelled, ModelError, SpecError
from imvar_studio.model.look import Crop, Mix, Picture, Prior, token_count
from imvar_studio.model.model_card import TEXT, check_paints
from imvar_studio.plan.advice import advice
from imvar_studio.plan.sheet import sheet
from imvar_studio.store.cache_limit import trim_caches
from imvar_studio.store.leftovers import sweep_take
from imvar_studio.store.locks import take_lock
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.settings import load_settings
from imvar_studio.store.takes import Take, take_id
from imvar_studio.worker.chunks import runs_left
from imvar_studio.worker.disk import written
from imvar_studio.worker.loading import find_model
from imvar_studio.worker.prompts import check_prompts
from imvar_studio.worker.sheet_files import check_sheet_files, write_sheet
from imvar_studio.worker.sheet_findings import Findings, find_out
from imvar_studio.worker.take_job import TakeJob

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imvar_studio.engine.device import Compute
    from imvar_studio.jobs.context import JobContext
    from imvar_studio.jobs.tasks import SheetTask
    from imvar_studio.model.model_card import ModelCard
    from imvar_studio.model.recipe import Recipe
    from imvar_studio.model.specs import SheetSpec
    from imvar_studio.plan.plan import Plan
    from imvar_studio.worker.workshop import Workshop


def run_sheet(task: SheetTask, workshop: Workshop, ctx: JobContext) -> Finished | Stopped:
    """Render what is left of a sheet and write its files.

    Raises:
        UserError: for what the user can put right; what is finished is kept.
    """
    from imvar_studio.worker.take_models import render_with_models  # slow: torch

    folder = ProjectFolder.open(Path(task.project))
    plan = sheet(task.spec)
    if task.target:
        check_sheet_files(task, plan)
    cards = [
        find_model(place, model.ref)
        for place, model in zip(task.models, task.spec.models, strict=True)
    ]
    check_pictures(plan, cards, task.spec.sheet.assets(), folder)
    job: TakeJob | None = None
    try:
        lock = written(folder.path, lambda: take_lock(folder, take_id(plan.digest), "a sheet"), ctx)
        with lock:
            sweep_take(folder.takes.resolve() / take_id(plan.digest))
            job = written(folder.path, lambda: open_sheet(task.spec, plan, folder), ctx)
            advise(job, ctx)
            render_with_models(
                job, cards, compute_of(task.device, task.spec.precision), workshop, ctx
            )
            findings = findings_of(task, job, cards, workshop, ctx)
            files = write_sheet(task, job, findings, ctx) if task.target else ()
    except Cancelled:
        kept = job.pictures_kept if job is not None else 0
        return Stopped(kept, len(plan.pictures))
    finally:
        trim_caches(folder, load_settings())
    count = len(plan.pictures)
    where = f" The sheet is {task.target}." if task.target else ""
    return Finished(files, f"{count} picture{'s are' if count > 1 else ' is'} there.{where}")


def open_sheet(spec: SheetSpec, plan: Plan, folder: ProjectFolder) -> TakeJob:
    """Find out what of a sheet's plan is there already, and make its take if it is new."""
    take = Take.open_or_create(folder, plan, encode(spec))
    finished = take.finished()
    names = tuple(plan.pictures[index].digest for index in plan.frames)
    return TakeJob(folder, plan, take, finished, runs_left(plan, finished), names)


def advise(job: TakeJob, ctx: JobContext) -> None:
    """Say what is seldom wanted, where something is left to render."""
    for text in advice(job.plan) if job.left else ():
        ctx.step(Note(text))


def check_pictures(
    plan: Plan, cards: Sequence[ModelCard], assets: Iterable[str], folder: ProjectFolder
) -> None:
    """Refuse what would end the render half way, before a model is loaded.

    Args:
        plan: of all pictures.
        cards: of all their models.
        assets: SHA-256 of what they are made from.
        folder: where the assets are.

    Raises:
        UserError: an asset that is missing, or what `check_looks` refuses.
    """
    for asset in sorted(assets):
        folder.asset_path(asset)
    check_looks(plan, cards)


def check_looks(plan: Plan, cards: Sequence[ModelCard]) -> None:
    """Refuse pictures that their models cannot make.

    Raises:
        SpecError: a sampler that is not known, a prompt that is too long, a mix of looks of
            unequal token counts.
        ModelError: a prompt or a picture, where the model reads none.
    """
    from imvar_studio.engine.samplers import built_in_samplers  # slow: torch

    samplers = built_in_samplers()
    for name in {picture.recipe.sampler for picture in plan.pictures}:
        samplers[name]
    for card in cards:
        own = tuple(each.recipe for each in plan.pictures if each.recipe.model == card.ref)
        for recipe in own:
            check_paints(recipe, card)
            _check_parts(recipe, card)
        check_prompts(own, card)


def _check_parts(recipe: Recipe, card: ModelCard) -> None:
    for part in parts((recipe.looks, recipe.negative)):
        if card.family == TEXT and isinstance(part, Picture | Crop | Prior):
            raise ModelError(
                f"model {card.ref.id} takes prompts only, a picture cannot be its look",
                "use a prompt, or an image-variation model",
            )
        if card.family != TEXT and isinstance(part, Mix):
            counts = {token_count(each.look) for each in part.parts}
            if len(counts) > 1:
                raise SpecError(
                    f"mix needs looks of equal token counts, got {sorted(counts)}",
                    "mix",
                    "join them instead",
                )


def findings_of(
    task: SheetTask,
    job: TakeJob,
    cards: Sequence[ModelCard],
    workshop: Workshop,
    ctx: JobContext,
) -> Findings:
    """Return what is found out about a finished sheet, and say what the user should know."""
    compute = compute_of(task.device, task.spec.precision)
    found = find_out(task, job, cards, lambda c: workshop.renderer(c, compute, job.project), ctx)
    if found.copies:
        count = len(found.copies)
        them = "them" if count > 1 else "it"
        what = "pictures are near copies" if count > 1 else "picture is a near copy"
        sheet_name = f"{task.spec.sheet.name}: " if task.keep_prompts else ""
        text = f"{count} {what} of the input, the model may have memorised {them}."
        ctx.step(Note(sheet_name + text))
    return found


def compute_of(device: str, precision: str) -> Compute:
    """Return what a task runs on; as `choose_compute`."""
    from imvar_studio.engine.device import choose_compute  # slow: torch

    return choose_compute(device or None, precision)

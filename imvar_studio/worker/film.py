"""The film job: from a spec to a take whose frames and video are on disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Note
from imvar_studio.model.codec import encode
from imvar_studio.model.contents import parts
from imvar_studio.model.model_card import check_paints
from imvar_studio.model.source import Asset
from imvar_studio.model.specs import FilmSpec
from imvar_studio.store.takes import Take
from imvar_studio.worker.chunks import runs_left
from imvar_studio.worker.memory import Fallback
from imvar_studio.worker.meter import Meter
from imvar_studio.worker.prompts import check_prompts
from imvar_studio.worker.take_job import TakeJob, render_left

if TYPE_CHECKING:
    from imvar_studio.engine.renderer import Renderer
    from imvar_studio.jobs.context import JobContext
    from imvar_studio.model.model_card import ModelCard
    from imvar_studio.plan.plan import Plan
    from imvar_studio.store.project_folder import ProjectFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmJob(TakeJob):
    """A film job that was planned: what there is, and what is left.

    Args:
        spec: what was asked.
        frames: the film's frames that are asked for, by their indices in the plan's.
    """

    spec: FilmSpec
    frames: range


def open_film(
    spec: FilmSpec,
    plan: Plan,
    project: ProjectFolder,
    *,
    redo_odd: bool = False,
    look: bool = False,
) -> FilmJob:
    """Find out what of a film's plan is there already, and make its take if it is new.

    Args:
        spec: the film.
        plan: made from it.
        project: where it belongs.
        redo_odd: take pictures of other numerics than most of the take as missing.
        look: only look, and make nothing.
    """
    take = Take(project, plan) if look else Take.open_or_create(project, plan, encode(spec))
    finished = take.finished(adopt=not look)
    if redo_odd:
        for digest in take.odd(finished):
            del finished[digest]
    names = tuple(plan.pictures[index].digest for index in plan.frames)
    left = runs_left(plan, finished)
    return FilmJob(
        project=project,
        plan=plan,
        take=take,
        finished=finished,
        left=left,
        names=names,
        makes_film=True,
        spec=spec,
        frames=range(len(names)),
    )


def notes(job: FilmJob) -> tuple[str, ...]:
    """Return what the user should know before the render."""
    settings = job.spec.film.settings
    pictures = [picture.recipe for picture in job.plan.pictures]
    asked = (settings.sampler, settings.steps)
    on_grid = [recipe for recipe in pictures if (recipe.sampler, recipe.steps) != asked]
    if not on_grid:
        return ()
    steps = " or ".join(map(str, sorted({recipe.steps for recipe in on_grid})))
    return (
        f"{len(on_grid)} of {len(pictures)} pictures lie on the way to or from a picture of yours: "
        f"they take {steps} DDIM steps in place of {settings.steps} of {settings.sampler}, "
        f"and guidance falls to 1 where the film passes through it.",
    )


def mixed_note(job: FilmJob) -> tuple[str, ...]:
    """Return what the user should know where the pictures were not all made alike."""
    count = len(job.take.odd(job.finished))
    if not count:
        return ()
    pictures = "picture was" if count == 1 else "pictures were"
    return (
        f"{count} of {len(job.plan.pictures)} {pictures} made with other numerics than the rest "
        "(another machine or version, or short of memory) and may differ slightly: "
        "'imvar render --redo-odd' makes them again.",
    )


def check_sources(job: FilmJob, card: ModelCard) -> None:
    """Refuse what would end a render half way, before the model is loaded.

    Raises:
        StoreError: an asset that is missing or damaged.
        SpecError: a prompt that is too long for the model, a sampler that is not known.
        ModelError: a prompt, where the model reads none, or an inpainting model.
    """
    from imvar_studio.engine.samplers import built_in_samplers  # slow: torch

    check_paints(job.plan.pictures[0].recipe, card)
    samplers = built_in_samplers()
    for name in {picture.recipe.sampler for run in job.left for _, picture in run}:
        samplers[name]
    timeline = job.spec.film.timeline
    for asset in {part.sha for part in parts(timeline) if isinstance(part, Asset)}:
        job.project.asset_path(asset)
    check_prompts(timeline, card)


def render_film(
    job: FilmJob,
    renderer: Renderer,
    ctx: JobContext,
    fallback: Fallback | None = None,
    seconds: float | None = None,
) -> None:
    """Render what is left of a film, chunk by chunk; what is finished is on disk at once.

    Args:
        job: from `open_film`.
        renderer: with the film's model.
        ctx: reports; may raise `Cancelled`.
        fallback: as far down as it is by now.
        seconds: that it was estimated to take.

    Raises:
        OutOfMemoryError: if not even one picture in tiles can be rendered.
        StoreError: if a frame cannot be written.
    """
    fallback = fallback or Fallback(renderer, job.plan, ctx)
    recipes = [picture.recipe for run in job.left for _, picture in run]
    work = renderer.inversions_to_make(recipes) + job.samples_left()
    of = job.pictures
    meter = Meter(ctx, work, of, of - job.pictures_left, seconds)
    render_left(job, renderer, fallback, meter)


def announce(job: FilmJob, ctx: JobContext) -> None:
    """Say what the user should know before the render."""
    for text in notes(job):
        ctx.step(Note(text))

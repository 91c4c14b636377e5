"""The film job: from a spec to a take whose frames and video are on disk."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Made, Note
from imvar_studio.model.codec import encode
from imvar_studio.model.contents import parts
from imvar_studio.model.source import Asset
from imvar_studio.model.specs import FilmSpec
from imvar_studio.plan.plan import Plan
from imvar_studio.store.journal import JournalRecord
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.takes import Take
from imvar_studio.worker.chunks import Rendered, Run, render_run, runs_left, samples
from imvar_studio.worker.disk import written
from imvar_studio.worker.memory import Fallback
from imvar_studio.worker.meter import Meter
from imvar_studio.worker.pictures import frame_file
from imvar_studio.worker.prompts import check_prompts

if TYPE_CHECKING:
    from imvar_studio.engine.renderer import Renderer
    from imvar_studio.jobs.context import JobContext
    from imvar_studio.model.model_card import ModelCard


@dataclass(frozen=True, slots=True)
class FilmJob:
    """A film job that was planned: what there is, and what is left.

    Args:
        spec: what was asked.
        project: where it belongs.
        plan: all pictures.
        take: its folder.
        finished: pictures that are there, verified.
        left: runs of pictures to render, each with the slots in its chunk, in order.
        frames: the film's frames that are asked for, by their indices in the plan's.
        names: the digest of the picture that each of them shows.
        makes_film: whether they become a film.
    """

    spec: FilmSpec
    project: ProjectFolder
    plan: Plan
    take: Take
    finished: dict[str, JournalRecord]
    left: tuple[Run, ...]
    frames: range
    names: tuple[str, ...]
    makes_film: bool = True

    @property
    def pictures(self) -> int:
        """Return how many pictures are asked for."""
        return len(set(self.names))

    @property
    def pictures_kept(self) -> int:
        """Return how many of them are finished by now."""
        return len(set(self.names) & self.finished.keys())

    @property
    def pictures_left(self) -> int:
        """Return how many pictures are left to render."""
        return sum(len(run) for run in self.left)

    def samples_left(self) -> int:
        """Return the UNet samples that chunks still take (inversions not counted)."""
        return sum(samples(run[0][1], self.plan.batch) for run in self.left)


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
    return FilmJob(spec, project, plan, take, finished, left, range(len(names)), names)


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
        "(another machine or version, or short of memory) and may differ slightly: --redo-odd "
        "makes them again.",
    )


def check_sources(job: FilmJob, card: ModelCard) -> None:
    """Refuse what would end a render half way, before the model is loaded.

    Raises:
        StoreError: an asset that is missing or damaged.
        SpecError: a prompt that is too long for the model, a sampler that is not known.
        ModelError: a prompt, where the model reads none.
    """
    from imvar_studio.engine.samplers import built_in_samplers  # slow: torch

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
    for run in job.left:
        meter.begin(samples(run[0][1], job.plan.batch))
        # a job that ran inside of this one just now may have made some of them
        missing = tuple(each for each in run if each[1].digest not in job.finished)
        meter.found(len(run) - len(missing))
        if missing:
            # just before they are needed: what is looked at is not to wait for the whole film
            starts = [picture.recipe for _, picture in missing]
            fallback.attempt(partial(renderer.prepare, starts, meter.inverting), batched=False)
            render_run(missing, renderer, fallback, meter, lambda made: _keep(job, made, meter))
        meter.end(worked=bool(missing))


def _keep(job: FilmJob, made: Rendered, meter: Meter) -> None:
    """Put a picture on the disk and into the journal, and wait where the disk is full."""
    digest, frames = made.picture.digest, job.project.frames
    data = frame_file(made.picture, made.pixels, made.fingerprint, made.batch)

    def put() -> JournalRecord:
        file_hash = frames.put(digest, data)
        return job.take.record(digest, file_hash, made.fingerprint, made.seconds)

    ctx, still = meter.ctx, meter.standing_still
    job.finished[digest] = written(job.take.path, put, ctx, len(data), still)
    ctx.step(Made(digest, str(frames.path(digest))))


def announce(job: FilmJob, ctx: JobContext) -> None:
    """Say what the user should know before the render."""
    for text in notes(job):
        ctx.step(Note(text))

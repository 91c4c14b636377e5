"""The film job: from a spec to a take whose frames and video are on disk."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Note, Progress
from imvar_studio.model.codec import encode
from imvar_studio.model.source import Asset
from imvar_studio.model.specs import FilmSpec
from imvar_studio.plan.film import film
from imvar_studio.plan.plan import Plan, PlannedPicture, chunks
from imvar_studio.store.journal import JournalRecord
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.takes import Take
from imvar_studio.worker.contents import parts
from imvar_studio.worker.memory import enough_memory
from imvar_studio.worker.pictures import frame_file
from imvar_studio.worker.prompts import check_prompts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
        left: runs of pictures to render, each with the slots in its chunk.
    """

    spec: FilmSpec
    project: ProjectFolder
    plan: Plan
    take: Take
    finished: dict[str, JournalRecord]
    left: tuple[tuple[tuple[int, PlannedPicture], ...], ...]

    @property
    def pictures_left(self) -> int:
        """Return how many pictures are left to render."""
        return sum(len(run) for run in self.left)

    def samples_left(self) -> int:
        """Return the UNet samples that chunks still take (inversions not counted)."""
        return sum(_samples(run[0][1], self.plan.batch) for run in self.left)


def plan_film(spec: FilmSpec, project: ProjectFolder) -> FilmJob:
    """Plan a film and find out what of it is there already; loads no model."""
    plan = film(spec)
    take = Take.open_or_create(project, plan, encode(spec))
    finished = take.finished()
    left = []
    for chunk in chunks(plan):
        run = tuple(
            (slot, picture) for slot, picture in enumerate(chunk) if picture.digest not in finished
        )
        if run:
            left.append(run)
    return FilmJob(spec, project, plan, take, finished, tuple(left))


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


def render_film(job: FilmJob, renderer: Renderer, ctx: JobContext) -> None:
    """Render what is left of a film, chunk by chunk; what is finished is on disk at once.

    Args:
        job: from `plan_film`.
        renderer: with the film's model.
        ctx: reports; may raise `Cancelled`.

    Raises:
        SpecError: if one chunk takes more memory than there is.
        StoreError: if a frame cannot be written.
    """
    recipes = [picture.recipe for run in job.left for _, picture in run]
    inversion = renderer.inversions_to_make(recipes)
    meter = _Meter(job, inversion, ctx)
    with enough_memory(job.plan):
        renderer.prepare(recipes, meter.inverting)
        _render_left(job, renderer, meter, inversion)


def _render_left(job: FilmJob, renderer: Renderer, meter: _Meter, inversion: int) -> None:
    meter.done = inversion
    fingerprint = renderer.fingerprint(job.plan.batch)
    for run in job.left:
        begin = time.perf_counter()
        pixels = renderer.render(
            [picture.recipe for _, picture in run],
            job.plan.batch,
            [slot for slot, _ in run],
            meter.chunk(_samples(run[0][1], job.plan.batch)),
        )
        seconds = (time.perf_counter() - begin) / len(run)
        for (_, picture), frame in zip(run, pixels, strict=True):
            data = frame_file(picture, frame, fingerprint, job.plan.batch)
            file_hash = job.project.frames.put(picture.digest, data)
            record = job.take.record(picture.digest, file_hash, fingerprint, seconds)
            job.finished[picture.digest] = record
        meter.finish(len(run))


def announce(job: FilmJob, ctx: JobContext) -> None:
    """Say what the user should know before the render."""
    for text in notes(job):
        ctx.step(Note(text))


def frame_paths(job: FilmJob) -> list[Path]:
    """Return the film's frames in order; a picture shown twice stands twice."""
    names = [job.plan.pictures[index].digest for index in job.plan.frames]
    return [job.project.frames.path(name) for name in names]


def frame_hashes(job: FilmJob) -> list[str]:
    """Return the file hashes of the film's frames in order, once all are finished."""
    return [job.finished[job.plan.pictures[index].digest].file for index in job.plan.frames]


def _samples(picture: PlannedPicture, batch: int) -> int:
    recipe = picture.recipe
    return recipe.steps * batch * (1 + len(recipe.looks))


class _Meter:
    """Turns the engine's reports into the job's progress."""

    def __init__(self, job: FilmJob, inversion: int, ctx: JobContext) -> None:
        self.done = 0
        self._total = inversion + job.samples_left()
        self._of = len(job.plan.pictures)
        self._finished = self._of - job.pictures_left
        self._ctx = ctx
        self._chunk = 0

    def inverting(self, phase: str, done: int, total: int) -> None:
        self._say(phase, done)

    def chunk(self, samples: int) -> Callable[[str, int, int], None]:
        self._chunk = samples
        return lambda phase, done, total: self._say(phase, self.done + samples * done // total)

    def finish(self, pictures: int) -> None:
        self.done += self._chunk
        self._finished += pictures
        self._say("denoising", self.done)

    def _say(self, phase: str, done: int) -> None:
        self._ctx.step(Progress(phase, done, self._total, self._finished, self._of))

"""Rendering what is left of a take whose pictures are made by several models, one after another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Estimated, Progress
from imvar_studio.worker.estimate import estimate_take, inversions_to_make, quick_estimate
from imvar_studio.worker.loading import stoppable
from imvar_studio.worker.memory import Fallback
from imvar_studio.worker.meter import Meter
from imvar_studio.worker.take_job import TakeJob, render_left

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imvar_studio.engine.device import Compute
    from imvar_studio.engine.renderer import Renderer
    from imvar_studio.jobs.context import JobContext
    from imvar_studio.jobs.estimate import Estimate
    from imvar_studio.model.model_card import ModelCard
    from imvar_studio.model.recipe import ModelRef
    from imvar_studio.worker.chunks import Run
    from imvar_studio.worker.workshop import Workshop


def render_with_models(
    job: TakeJob,
    cards: Sequence[ModelCard],
    compute: Compute,
    workshop: Workshop,
    ctx: JobContext,
) -> None:
    """Render what is left of a take, model by model; the estimate is said first.

    Args:
        job: whose pictures.
        cards: of all its models.
        compute: where they run.
        workshop: loads them.
        ctx: reports; may raise `Cancelled`.

    Raises:
        UserError: for what the user can put right; what is finished is kept.
    """
    known = known_estimate(job, compute)
    if known is not None and job.left:
        ctx.step(Estimated(known))
    work = job.samples_left() + inversions_to_make(job, compute)
    of = job.pictures
    seconds = None if known is None else known.seconds
    meter = Meter(ctx, work, of, of - job.pictures_left, seconds)
    for card in cards:
        own = replace(job, left=_runs_of(job, card.ref))
        if own.left:
            if not workshop.holds(card, compute):
                ctx.step(Progress("loading", 0, work, of - own.pictures_left, of))
            _render(own, card, compute, workshop, meter, measure=known is None)


def _render(  # noqa: PLR0913, PLR0917  (a function, so that no model stays while the next loads)
    job: TakeJob,
    card: ModelCard,
    compute: Compute,
    workshop: Workshop,
    meter: Meter,
    measure: bool,
) -> None:
    renderer = workshop.renderer(card, compute, job.project)
    with stoppable(renderer, meter.ctx):
        fallback = Fallback(renderer, job.plan, meter.ctx)
        if measure:
            meter.ctx.step(Estimated(_measured(job, renderer, fallback)))
        render_left(job, renderer, fallback, meter)


def known_estimate(job: TakeJob, compute: Compute) -> Estimate | None:
    """Return what is left with all models takes, where that is known without loading one."""
    found = None
    for model in dict.fromkeys(run[0][1].recipe.model for run in job.left):
        part = quick_estimate(replace(job, left=_runs_of(job, model)), compute)
        if part is None:
            return None
        found = part if found is None else found.joined(part)
    return found


def _runs_of(job: TakeJob, model: ModelRef) -> tuple[Run, ...]:
    return tuple(run for run in job.left if run[0][1].recipe.model == model)


def _measured(job: TakeJob, renderer: Renderer, fallback: Fallback) -> Estimate:
    return fallback.attempt(lambda: estimate_take(job, renderer, fallback.batch))

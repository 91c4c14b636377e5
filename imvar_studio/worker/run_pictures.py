"""Running a task of single pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Finished, Note, Progress, Stopped
from imvar_studio.model.errors import Cancelled
from imvar_studio.model.model_card import check_paints
from imvar_studio.store.cache_limit import trim_caches
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.settings import load_settings
from imvar_studio.worker.compute import compute_of
from imvar_studio.worker.loading import find_model, stoppable
from imvar_studio.worker.prompts import check_prompts
from imvar_studio.worker.stills import made_before, render_stills

if TYPE_CHECKING:
    from imvar_studio.jobs.context import JobContext
    from imvar_studio.jobs.tasks import PicturesTask
    from imvar_studio.worker.workshop import Workshop

_OTHERWISE = (
    "The picture was rendered with other arithmetic ({}): this one will be alike, not equal to "
    "the bit."
)


def run_pictures(task: PicturesTask, workshop: Workshop, ctx: JobContext) -> Finished | Stopped:
    """Render single pictures, each to a file of its own.

    Raises:
        UserError: for what the user can put right; what is finished is kept.
    """
    folder = ProjectFolder.open(Path(task.project))
    targets = [Path(target) for target in task.targets]
    recipe = task.plan.pictures[0].recipe
    card = find_model(task.model, recipe.model)
    check_prompts(task.plan.pictures, card)
    for picture in task.plan.pictures:
        check_paints(picture.recipe, card)
    done = Finished(task.targets, f"Made {len(targets)} picture{'s' * (len(targets) > 1)}.")
    made = made_before(task.plan, targets)
    if len(made) == len(targets):
        return done
    compute = compute_of(task.device, recipe.precision)
    try:
        if not workshop.holds(card, compute):
            ctx.step(Progress("loading", 0, 1, 0, len(targets)))
        renderer = workshop.renderer(card, compute, folder)
        if task.numerics not in ("", renderer.fingerprint(task.plan.batch)):
            ctx.step(Note(_OTHERWISE.format(task.numerics)))
        with stoppable(renderer, ctx):
            render_stills(task, made, renderer, ctx)
    except Cancelled:
        return Stopped(sum(target.exists() for target in targets), len(targets))
    finally:
        trim_caches(folder, load_settings())
    return done

"""The job of single pictures: from a plan to PNG files that carry their recipes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Made
from imvar_studio.jobs.provenance import read_record
from imvar_studio.media.png import write_png
from imvar_studio.model.errors import StoreError, UserError
from imvar_studio.store.atomic import make_folder, write_atomic
from imvar_studio.worker.chunks import Rendered, render_run, runs_left, samples
from imvar_studio.worker.disk import written
from imvar_studio.worker.memory import Fallback
from imvar_studio.worker.meter import Meter
from imvar_studio.worker.provenance import picture_text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from imvar_studio.engine.renderer import Renderer
    from imvar_studio.jobs.context import JobContext
    from imvar_studio.jobs.tasks import PicturesTask
    from imvar_studio.plan.plan import Plan


def render_stills(
    task: PicturesTask, finished: Collection[str], renderer: Renderer, ctx: JobContext
) -> None:
    """Render a task's pictures and write each as it is finished.

    Args:
        task: a plan of stills, with a file for each.
        finished: digests of those that are there, from `made_before`; they stay.
        renderer: with the plan's model.
        ctx: reports; may raise `Cancelled`, what is written stays.

    Raises:
        OutOfMemoryError: if not even one picture in tiles can be rendered.
        StoreError: a file that cannot be written.
    """
    plan, targets = task.plan, [Path(target) for target in task.targets]
    places = dict(zip((picture.digest for picture in plan.pictures), targets, strict=True))
    for folder in {target.parent for target in targets}:
        make_folder(folder)
    left = runs_left(plan, finished)
    fallback = Fallback(renderer, plan, ctx)
    recipes = [picture.recipe for run in left for _, picture in run]
    work = sum(samples(run[0][1], plan.batch) for run in left)
    work += renderer.inversions_to_make(recipes)
    meter = Meter(ctx, work, len(plan.pictures), len(finished))
    fallback.attempt(lambda: renderer.prepare(recipes, meter.inverting), batched=False)

    def keep(made: Rendered) -> None:
        digest = made.picture.digest
        text = picture_text(
            made.picture, made.fingerprint, made.batch, keep_prompts=task.keep_prompts
        )
        data = write_png(made.pixels, text=text, compress_level=6)
        path, still = places[digest], meter.standing_still
        written(path.parent, lambda: write_atomic(path, data), ctx, len(data), still)
        ctx.step(Made(digest, str(path)))

    for run in left:
        meter.begin(samples(run[0][1], plan.batch))
        render_run(run, renderer, fallback, meter, keep)
        meter.end()


def made_before(plan: Plan, targets: Sequence[Path]) -> frozenset[str]:
    """Return the digests of pictures that their files already are: the job was begun before.

    Raises:
        StoreError: for a file that is something else.
    """
    found = set()
    for picture, target in zip(plan.pictures, targets, strict=True):
        if not target.exists():
            continue
        try:
            same = read_record(target).get("digest") == picture.digest
        except UserError:
            same = False
        if not same:
            raise StoreError(f"{target} exists", "give another name")
        found.add(picture.digest)
    return frozenset(found)


def free_targets(plan: Plan, folder: Path, name: str, seeds: Sequence[int]) -> list[Path]:
    """Return a file name for each picture, none of which exists.

    Args:
        plan: of stills.
        folder: where to.
        name: what all begin with, for people.
        seeds: a number for each picture.
    """
    found: list[Path] = []
    for _, seed in zip(plan.pictures, seeds, strict=True):
        path, number = folder / f"{name}-{seed}.png", 2
        while path in found or path.exists():
            path, number = folder / f"{name}-{seed}-{number}.png", number + 1
        found.append(path)
    return found

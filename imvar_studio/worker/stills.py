"""The job of single pictures: from a plan to PNG files that carry their recipes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imvar_studio.jobs.events import Progress
from imvar_studio.media.png import write_png
from imvar_studio.plan.plan import Plan, chunks
from imvar_studio.store.atomic import make_folder, write_atomic
from imvar_studio.worker.memory import enough_memory
from imvar_studio.worker.provenance import picture_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from imvar_studio.engine.renderer import Renderer
    from imvar_studio.jobs.context import JobContext


def render_stills(
    plan: Plan,
    targets: Sequence[Path],
    renderer: Renderer,
    ctx: JobContext,
    *,
    keep_prompts: bool = True,
) -> None:
    """Render a plan's pictures and write each as it is finished.

    Args:
        plan: of stills.
        targets: a file for each of the plan's pictures.
        renderer: with the plan's model.
        ctx: reports; may raise `Cancelled`, what is written stays.
        keep_prompts: whether the files carry their texts.

    Raises:
        SpecError: if one chunk takes more memory than there is.
        StoreError: a file that cannot be written.
    """
    with enough_memory(plan):
        _render(plan, targets, renderer, ctx, keep_prompts=keep_prompts)


def _render(
    plan: Plan,
    targets: Sequence[Path],
    renderer: Renderer,
    ctx: JobContext,
    *,
    keep_prompts: bool,
) -> None:
    numerics = renderer.fingerprint(plan.batch)
    places = dict(zip((picture.digest for picture in plan.pictures), targets, strict=True))
    for folder in {target.parent for target in targets}:
        make_folder(folder)
    # an inverted picture takes long, and is to be stopped like the rest
    renderer.prepare([picture.recipe for picture in plan.pictures], _teller(ctx, plan, 0, 0))
    finished = 0
    for chunk in chunks(plan):
        recipes = [picture.recipe for picture in chunk]
        tell = _teller(ctx, plan, finished, len(chunk))
        for picture, pixels in zip(
            chunk, renderer.render(recipes, plan.batch, range(len(chunk)), tell), strict=True
        ):
            text = picture_text(picture, numerics, plan.batch, keep_prompts=keep_prompts)
            write_atomic(places[picture.digest], _file(pixels, text))
        finished += len(chunk)
        tell("denoising", 0, 1)


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


def _file(pixels: NDArray[Any], text: dict[str, str]) -> bytes:
    return write_png(pixels, text=text, compress_level=6)


def _teller(
    ctx: JobContext, plan: Plan, finished: int, count: int
) -> Callable[[str, int, int], None]:
    of = len(plan.pictures)

    def tell(phase: str, done: int, total: int) -> None:
        work = finished * 1000 + count * 1000 * done // total
        ctx.step(Progress(phase, work, of * 1000, finished, of))

    return tell

"""Chunks: runs of pictures rendered as one batch, smaller where the memory asks for it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from imvar_studio.jobs.events import Making, Preview
from imvar_studio.model.recipe import steps_run
from imvar_studio.plan.plan import Plan, PlannedPicture, chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from torch import Tensor

    from imvar_studio.engine.renderer import Renderer
    from imvar_studio.worker.memory import Fallback
    from imvar_studio.worker.meter import Meter

Run = tuple[tuple[int, PlannedPicture], ...]
"""Pictures of one chunk that are left to render, each with its slot."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A picture that was just rendered.

    Args:
        picture: what it shows.
        pixels: (h, w, 3) uint8 sRGB.
        fingerprint: the numerics it was rendered with.
        batch: pictures that were computed at once.
        seconds: that it took, its share of the batch.
    """

    picture: PlannedPicture
    pixels: NDArray[Any]
    fingerprint: str
    batch: int
    seconds: float


def runs_left(plan: Plan, finished: Container[str]) -> tuple[Run, ...]:
    """Return the chunks of a plan without the pictures that are there, by their digests."""
    runs = (
        tuple((slot, each) for slot, each in enumerate(chunk) if each.digest not in finished)
        for chunk in chunks(plan)
    )
    return tuple(run for run in runs if run)


def render_run(
    run: Run,
    renderer: Renderer,
    fallback: Fallback,
    meter: Meter,
    keep: Callable[[Rendered], None],
) -> None:
    """Render a chunk's pictures and hand each to `keep`.

    Args:
        run: at most the plan's batch.
        renderer: with the pictures' model.
        fallback: says how many at once.
        meter: hears of every step; the chunk has begun there.
        keep: has the picture on disk when it returns; called before more are rendered.
    """
    left = list(run)
    meter.ctx.step(Making(tuple(picture.digest for _, picture in run)))
    while left:
        for rendered in fallback.attempt(lambda: _next(left, renderer, fallback, meter)):
            keep(rendered)
            meter.found(1)
            del left[0]


def _next(
    left: list[tuple[int, PlannedPicture]], renderer: Renderer, fallback: Fallback, meter: Meter
) -> list[Rendered]:
    """Render the pictures that share the first one's batch."""
    batch = fallback.batch
    part = [(slot, picture) for slot, picture in left if slot // batch == left[0][0] // batch]
    begin = time.perf_counter()
    recipes, slots = [picture.recipe for _, picture in part], [slot % batch for slot, _ in part]

    def glimpse(step: int, steps: int, x0: Callable[[], Tensor]) -> None:
        if meter.ctx.wants_preview():
            pixels = renderer.preview(x0()[slots[0]], recipes[0].size)
            height, width, _ = pixels.shape
            seen = Preview(width, height, pixels.tobytes(), step, steps, part[0][1].digest)
            meter.ctx.step(seen)

    frames = renderer.render(recipes, batch, slots, meter.denoising, glimpse)
    seconds = (time.perf_counter() - begin) / len(part)
    numerics = fallback.fingerprint
    return [
        Rendered(picture, pixels, numerics, batch, seconds)
        for (_, picture), pixels in zip(part, frames, strict=True)
    ]


def samples(picture: PlannedPicture, batch: int) -> int:
    """Return the UNet samples of the chunk that `picture` is rendered in."""
    recipe = picture.recipe
    return steps_run(recipe) * batch * (1 + len(recipe.looks))

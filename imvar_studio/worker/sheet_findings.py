"""What is found out about a finished sheet: how alike its pictures are to what they came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from imvar_studio.media.image_io import read_picture
from imvar_studio.model.start import Noise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from imvar_studio.engine.renderer import Renderer
    from imvar_studio.jobs.context import JobContext
    from imvar_studio.jobs.tasks import SheetTask
    from imvar_studio.model.model_card import ModelCard
    from imvar_studio.model.recipe import Recipe
    from imvar_studio.worker.take_job import TakeJob


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found out about a sheet's pictures.

    Args:
        notes: what stands behind each row.
        copies: cells, by their places in the plan's frames, that are near copies of their input.
        given: each row's input (h, w, 3) uint8; None where it has none, several,
            or the one above it.
    """

    notes: tuple[str, ...]
    copies: frozenset[int]
    given: tuple[NDArray[Any] | None, ...]


def find_out(
    task: SheetTask,
    job: TakeJob,
    cards: Sequence[ModelCard],
    renderer: Callable[[ModelCard], Renderer],
    ctx: JobContext,
) -> Findings:
    """Compare each picture with the input of its row.

    Args:
        task: of the sheet.
        job: all of whose pictures are there.
        cards: of its models.
        renderer: gives one with a model; asked only where likeness is wanted.
        ctx: may raise `Cancelled`.
    """
    from imvar_studio.engine.framing import load_framed, to_tensor  # slow: torch
    from imvar_studio.engine.likeness import is_near_copy
    from imvar_studio.worker.pictures import picture_loader

    sheet, load = task.spec.sheet, picture_loader(job.project)
    shots, recipes = sheet.cells(), [job.plan.pictures[n].recipe for n in job.plan.frames]
    copies: set[int] = set()
    given: list[NDArray[Any] | None] = []
    notes: list[str] = []
    before = None
    for row in range(sheet.height):
        places = range(row * sheet.width, (row + 1) * sheet.width)
        pairs = {}
        for place in places:
            ctx.check()
            picture = shots[place].picture
            if picture is not None:
                shown = load_framed(picture, recipes[place].size, load)
                pixels = read_picture(job.project.frames.path(job.names[place]))
                pairs[place] = shown, to_tensor(pixels)
                if _is_free(recipes[place]) and is_near_copy(*pairs[place]):
                    copies.add(place)
        inputs = {shots[place].picture for place in places}
        (only,) = inputs if len(inputs) == 1 else (None,)
        again, before = only == before, only
        shows = only is not None and not again
        given.append(_as_pixels(pairs[places[0]][0]) if shows else None)
        asked = sheet.likeness and bool(pairs)
        notes.append(_likeness(pairs, recipes, cards, renderer) if asked else "")
    return Findings(tuple(notes), frozenset(copies), tuple(given))


def _as_pixels(picture: Tensor) -> NDArray[Any]:
    pixels: NDArray[Any] = (picture * 255).round().byte().permute(1, 2, 0).numpy()
    return pixels


def _likeness(
    pairs: dict[int, tuple[Tensor, Tensor]],
    recipes: Sequence[Recipe],
    cards: Sequence[ModelCard],
    renderer: Callable[[ModelCard], Renderer],
) -> str:
    """Return the mean likeness of a row's pictures to their inputs in words.

    The tower of the first model measures the whole row: numbers of two are not to be averaged.
    """
    from imvar_studio.engine.likeness import tower_likeness

    card = next(each for each in cards if each.ref == recipes[min(pairs)].model)
    if not card.image_tower:
        return ""
    bundle = renderer(card).bundle
    values = [tower_likeness(bundle, shown, made) for shown, made in pairs.values()]
    return f"likeness {sum(values) / len(values):.2f}"


def _is_free(recipe: Recipe) -> bool:
    """Whether nothing but its look ties a picture to its input."""
    return isinstance(recipe.start, Noise)

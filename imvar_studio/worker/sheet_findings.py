"""What is found out about a finished sheet: how alike its pictures are to what they came from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from imvar_studio.jobs.events import Note
from imvar_studio.media.image_io import read_picture
from imvar_studio.model.recipe import Recipe
from imvar_studio.model.source import Asset
from imvar_studio.model.start import Noise, unshifted
from imvar_studio.worker.pictures import picture_loader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from imvar_studio.engine.protocols import PictureLoader
    from imvar_studio.engine.renderer import Renderer
    from imvar_studio.jobs.context import JobContext
    from imvar_studio.jobs.tasks import SheetTask
    from imvar_studio.model.model_card import ModelCard
    from imvar_studio.model.recipe import ModelRef
    from imvar_studio.model.source import Size
    from imvar_studio.store.project_folder import ProjectFolder
    from imvar_studio.worker.take_job import TakeJob

_KEPT = 32  # inputs that stay in memory, of 3 MB each at 512 px


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


@dataclass(frozen=True, slots=True)
class _Cell:
    """A picture that was made: its place and digest, its input and its recipe."""

    place: int
    name: str
    picture: Asset | None
    recipe: Recipe

    @property
    def is_free(self) -> bool:
        """Whether nothing but its look ties it to its input."""
        return isinstance(unshifted(self.recipe.start), Noise)


class Comparer:
    """Compares the pictures of finished sheets with the inputs of their rows.

    An input is read only where something asks for it, and once for all sheets of a task, as long
    as they are of no more than 32 inputs and sizes.

    Args:
        project: whose pictures.
        cards: of the sheets' models.
        renderer: gives one with a model; asked only where likeness is wanted.
        ctx: may raise `Cancelled`.
    """

    def __init__(
        self,
        project: ProjectFolder,
        cards: Sequence[ModelCard],
        renderer: Callable[[ModelCard], Renderer],
        ctx: JobContext,
    ) -> None:
        self._project, self._cards, self._renderer, self._ctx = project, cards, renderer, ctx
        self._input = lru_cache(_KEPT)(partial(_framed, picture_loader(project)))
        self._embedded: dict[tuple[ModelRef, Asset, Size], Tensor] = {}

    def findings(self, task: SheetTask, job: TakeJob) -> Findings:
        """Return what is found out about a sheet, and say what the user should know.

        Args:
            task: of the sheet.
            job: all of whose pictures are there.
        """
        sheet = task.spec.sheet
        recipes = (job.plan.pictures[number].recipe for number in job.plan.frames)
        shots = zip(job.names, sheet.cells(), recipes, strict=True)
        cells = [_Cell(n, name, shot.picture, made) for n, (name, shot, made) in enumerate(shots)]
        copies: set[int] = set()
        given: list[NDArray[Any] | None] = []
        notes: list[str] = []
        before = None
        for first in range(0, len(cells), sheet.width):
            row = cells[first : first + sheet.width]
            card = self._measures(row) if sheet.likeness else None
            made = self._made(row, every=card is not None)
            copies |= {cell.place for cell in row if self._is_copy(cell, made)}
            inputs = {cell.picture for cell in row}
            (only,) = inputs if len(inputs) == 1 else (None,)
            again, before = only == before, only
            shows = only is not None and not again
            given.append(self._pixels(row[0]) if shows else None)
            notes.append("" if card is None else self._likeness(card, row, made))
        self._say(task, len(copies))
        return Findings(tuple(notes), frozenset(copies), tuple(given))

    def _made(self, row: Sequence[_Cell], *, every: bool) -> dict[int, Tensor]:
        """Return a row's pictures that are compared with their inputs, by their places."""
        from imvar_studio.engine.framing import to_tensor  # slow: torch

        made = {}
        for cell in row:
            self._ctx.check()
            if cell.picture is not None and (every or cell.is_free):
                made[cell.place] = to_tensor(read_picture(self._project.frames.path(cell.name)))
        return made

    def _is_copy(self, cell: _Cell, made: dict[int, Tensor]) -> bool:
        from imvar_studio.engine.likeness import is_near_copy

        if not cell.is_free or cell.place not in made:
            return False
        return is_near_copy(self._shown(cell), made[cell.place])

    def _measures(self, row: Sequence[_Cell]) -> ModelCard | None:
        """Return the model whose tower measures a row; None without one, or without inputs.

        The first one measures the whole row: numbers of two are not to be averaged.
        """
        model = next((cell.recipe.model for cell in row if cell.picture is not None), None)
        card = next((each for each in self._cards if each.ref == model), None)
        return card if card is not None and card.image_tower else None

    def _likeness(self, card: ModelCard, row: Sequence[_Cell], made: dict[int, Tensor]) -> str:
        """Return the mean likeness of a row's pictures to their inputs in words."""
        from imvar_studio.engine.likeness import likeness, tower_embedding

        bundle = self._renderer(card).bundle
        values = []
        for cell in row:
            if cell.picture is not None:
                key = (card.ref, cell.picture, cell.recipe.size)
                if key not in self._embedded:
                    self._embedded[key] = tower_embedding(bundle, self._shown(cell))
                own = tower_embedding(bundle, made[cell.place])
                values.append(likeness(self._embedded[key], own))
        return f"likeness {sum(values) / len(values):.2f}"

    def _shown(self, cell: _Cell) -> Tensor:
        """Return the input of a cell that has one: (3, h, w) fp32 in [0, 1], framed for it."""
        assert cell.picture is not None
        return self._input(cell.picture, cell.recipe.size)

    def _pixels(self, cell: _Cell) -> NDArray[Any]:
        shown = self._shown(cell)
        pixels: NDArray[Any] = (shown * 255).round().byte().permute(1, 2, 0).numpy()
        return pixels

    def _say(self, task: SheetTask, count: int) -> None:
        if count:
            them = "them" if count > 1 else "it"
            what = "pictures are near copies" if count > 1 else "picture is a near copy"
            sheet_name = f"{task.spec.sheet.name}: " if task.keep_prompts else ""
            text = f"{count} {what} of the input, the model may have memorised {them}."
            self._ctx.step(Note(sheet_name + text))


def _framed(load: PictureLoader, picture: Asset, size: Size) -> Tensor:
    from imvar_studio.engine.framing import load_framed

    return load_framed(picture, size, load)

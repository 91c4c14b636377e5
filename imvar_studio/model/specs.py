"""Specs: a work with everything resolved that a plan needs, as a snapshot."""

from __future__ import annotations

from dataclasses import dataclass

from imvar_studio.model import checks
from imvar_studio.model.project import FilmWork
from imvar_studio.model.recipe import PRECISIONS, ModelRef


@dataclass(frozen=True, slots=True)
class FilmSpec:
    """A film to be planned.

    Args:
        film: the work, as it was when the job was made.
        model: the film's model with the digest of its weights.
        precision: resolved for the machine, so that it is part of every recipe.
        batch: pictures a chunk, in [1, 64]; part of the numerics, so part of the plan.
        frames_per_transition: replaces the keyframes' times: so many frames from each to the
            next, in [1, 100000]; None keeps the times.
    """

    film: FilmWork
    model: ModelRef
    precision: str = "fp32"
    batch: int = 4
    frames_per_transition: int | None = None

    def __post_init__(self) -> None:
        checks.choice(self.precision, "precision", PRECISIONS)
        checks.integer(self.batch, "batch", 1, 64)
        if self.frames_per_transition is not None:
            checks.integer(self.frames_per_transition, "frames per transition", 1, 100_000)

"""Specs: a work with everything resolved that a plan needs, as a snapshot."""

from __future__ import annotations

from dataclasses import dataclass

from imvar_studio.model import checks
from imvar_studio.model.errors import SpecError
from imvar_studio.model.inpaint import Inpaint
from imvar_studio.model.look import Look, Nothing, Weighted, check_weights
from imvar_studio.model.project import FilmWork
from imvar_studio.model.recipe import PRECISIONS, ModelRef, check_eta, check_sampling
from imvar_studio.model.sheet import SheetWork
from imvar_studio.model.source import Size
from imvar_studio.model.start import SPACINGS, Encode, Inverted, Noise

_NOISE = Noise(0)


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


@dataclass(frozen=True, slots=True)
class PicturesSpec:
    """Pictures of one look, a seed each.

    Args:
        model: with the digest of its weights.
        looks: one look, or an ensemble.
        size: of the pictures.
        seed: of the first; each next one has the next seed.
        count: in [1, 10000].
        negative, steps, guidance, eta, sampler, spacing, precision: as in `Recipe`.
        batch: pictures a chunk, in [1, 64].
        start: where sampling begins; a seed in it gives way to each picture's own.
        inpaint: as in `Recipe`.
    """

    model: ModelRef
    looks: tuple[Weighted, ...]
    size: Size
    seed: int
    count: int = 1
    negative: Look = Nothing()
    steps: int = 16
    guidance: float = 3.0
    eta: float = 0.0
    sampler: str = "dpmpp-2m"
    spacing: str = "trailing"
    precision: str = "fp32"
    batch: int = 4
    start: Noise | Encode | Inverted = _NOISE
    inpaint: Inpaint | None = None

    def __post_init__(self) -> None:
        check_weights(self.looks, "ensemble")
        checks.seed(self.seed)
        checks.integer(self.count, "count", 1, 10_000)
        if self.seed + self.count > checks.SEED_LIMIT:
            raise SpecError("the last picture's seed is too large", "seed", "choose a smaller one")
        check_sampling(self)
        checks.choice(self.precision, "precision", PRECISIONS)
        checks.integer(self.batch, "batch", 1, 64)
        check_eta(self)


@dataclass(frozen=True, slots=True)
class SheetModel:
    """A model of a sheet, resolved.

    Args:
        name: as the sheet's shots call it.
        ref: with the digest of its weights.
        size: that it was trained at.
        sampler, spacing: its own.
    """

    name: str
    ref: ModelRef
    size: Size
    sampler: str = "dpmpp-2m"
    spacing: str = "trailing"

    def __post_init__(self) -> None:
        checks.put(self, name=checks.text(self.name, "model", 4096, empty=False))
        checks.slug(self.sampler, "sampler")
        checks.choice(self.spacing, "spacing", SPACINGS)


@dataclass(frozen=True, slots=True)
class SheetSpec:
    """A sheet to be planned.

    Args:
        sheet: the work, as it was when the job was made.
        models: of all its shots.
        precision, batch: as in `FilmSpec`.
    """

    sheet: SheetWork
    models: tuple[SheetModel, ...]
    precision: str = "fp32"
    batch: int = 4

    def __post_init__(self) -> None:
        checks.unique([model.name for model in self.models], "model")
        checks.choice(self.precision, "precision", PRECISIONS)
        checks.integer(self.batch, "batch", 1, 64)

    def model(self, name: str) -> SheetModel:
        """Return a model by the name that shots have for it.

        Raises:
            SpecError: if the spec lacks it.
        """
        for each in self.models:
            if each.name == name:
                return each
        raise SpecError(f"the sheet's model {name[:80]!r} is not resolved", "model")

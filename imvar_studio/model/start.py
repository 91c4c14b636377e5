"""Starts: where sampling begins."""

from __future__ import annotations

from dataclasses import dataclass

from imvar_studio.model import checks
from imvar_studio.model.look import Look, Picture
from imvar_studio.model.source import Source

INVERSIONS = ("fixed-point", "plain")
SPACINGS = ("trailing", "leading", "linspace")
START_PATHS = ("slerp", "lerp")


@dataclass(frozen=True, slots=True)
class Noise:
    """Standard normal latents, drawn on the CPU by torch's generator seeded with `seed`."""

    seed: int

    def __post_init__(self) -> None:
        checks.seed(self.seed)


@dataclass(frozen=True, slots=True)
class InversionSpec:
    """How a picture is taken back to the noise it could have come from.

    Args:
        method: `fixed-point` refines every step until one DDIM step leads back; `plain` is
            DDIM inversion as published, one evaluation a step.
        steps: in [1, 500]; films through the picture sample on the same grid.
        evaluations: UNet evaluations a step for `fixed-point`, in [1, 10].
        spacing: `trailing` or `leading`.
        look: the look to invert under; None is the picture's own embedding.
    """

    method: str = "fixed-point"
    steps: int = 25
    evaluations: int = 3
    spacing: str = "trailing"
    look: Look | None = None

    def __post_init__(self) -> None:
        checks.choice(self.method, "inversion method", INVERSIONS)
        checks.integer(self.steps, "inversion steps", 1, 500)
        checks.integer(self.evaluations, "inversion evaluations", 1, 10)
        checks.choice(self.spacing, "inversion spacing", SPACINGS[:2])


@dataclass(frozen=True, slots=True)
class Inverted:
    """The latents from which DDIM leads to the picture: the film passes through it."""

    source: Source
    spec: InversionSpec = InversionSpec()

    @property
    def look(self) -> Look:
        """The look the picture is inverted under and must be sampled with."""
        return self.spec.look if self.spec.look is not None else Picture(self.source)


@dataclass(frozen=True, slots=True)
class Encode:
    """A picture's own latents, noised to a strength in (0, 1] (img2img)."""

    source: Source
    strength: float
    seed: int

    def __post_init__(self) -> None:
        strength = checks.number(self.strength, "strength", 0, 1, open_low=True)
        checks.put(self, strength=strength)
        checks.seed(self.seed)


@dataclass(frozen=True, slots=True)
class Between:
    """Latents on the way from `first` (u = 0) to `second` (u = 1); u in [-1, 2]."""

    first: Start
    second: Start
    u: float
    path: str = "slerp"

    def __post_init__(self) -> None:
        checks.put(self, u=checks.number(self.u, "between", -1, 2))
        checks.choice(self.path, "latent path", START_PATHS)


@dataclass(frozen=True, slots=True)
class Circle:
    """cos(2 pi u) first + sin(2 pi u) second: a walk that returns to its beginning."""

    first: Start
    second: Start
    u: float

    def __post_init__(self) -> None:
        checks.put(self, u=checks.number(self.u, "circle", -1, 2))


Start = Noise | Inverted | Encode | Between | Circle


def inversions(start: Start) -> tuple[Inverted, ...]:
    """Return the inverted pictures a start is made of, in order."""
    if isinstance(start, Inverted):
        return (start,)
    if isinstance(start, (Between, Circle)):
        return inversions(start.first) + inversions(start.second)
    return ()

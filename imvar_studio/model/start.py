"""Starts: where sampling begins."""

from __future__ import annotations

from dataclasses import dataclass, replace

from imvar_studio.model import checks
from imvar_studio.model.errors import SpecError
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
        start_step: of the sampling's own steps, how many of the noisiest are left out; in
            [0, 999], below the sampling's steps. The inversion ends at the timestep at which
            sampling then begins, with 0 at the noisiest of its own. `plain` alone has it. Films
            sample on the inversion's grid and leave no steps out.
    """

    method: str = "fixed-point"
    steps: int = 25
    evaluations: int = 3
    spacing: str = "trailing"
    look: Look | None = None
    start_step: int = 0

    def __post_init__(self) -> None:
        checks.choice(self.method, "inversion method", INVERSIONS)
        checks.integer(self.steps, "inversion steps", 1, 500)
        checks.integer(self.evaluations, "inversion evaluations", 1, 10)
        checks.choice(self.spacing, "inversion spacing", SPACINGS[:2])
        checks.integer(self.start_step, "start step", 0, 999)
        if self.start_step and self.method != "plain":
            raise SpecError(
                f"a start step needs the plain inversion, got {self.method}",
                "start step",
                "choose plain, or a start step of 0",
            )


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
    """A picture's own latents, noised to a strength in (0, 1] (img2img).

    Args:
        source: the picture.
        strength: how much of the way back to noise.
        seed: of the noise.
        continuous: run all steps, on a grid that is shrunk to the strength, so that little more
            strength makes little difference; otherwise the last of the whole grid's steps run,
            `strength` of them, at least 1.
    """

    source: Source
    strength: float
    seed: int
    continuous: bool = False

    def __post_init__(self) -> None:
        strength = checks.number(self.strength, "strength", 0, 1, open_low=True)
        checks.put(self, strength=strength)
        checks.seed(self.seed)
        checks.flag(self.continuous, "continuous")


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


@dataclass(frozen=True, slots=True)
class Shifted:
    """The start's latents + offset, a constant in [-1, 1] added to every component.

    The latents are of unit power where sampling begins. Of `Encode` it is the noise that moves:
    the picture's own latents stay as they are. Shifts of shifts add up.
    """

    start: Start
    offset: float

    def __post_init__(self) -> None:
        checks.put(self, offset=checks.number(self.offset, "latent shift", -1, 1))


Start = Noise | Inverted | Encode | Between | Circle | Shifted


def unshifted(start: Start) -> Start:
    """Return a start without the shifts around it; those further in stay."""
    return unshifted(start.start) if isinstance(start, Shifted) else start


def shifted_like(start: Start, other: Start | None) -> Start:
    """Return `start` with the shifts that are around `other`."""
    if not isinstance(other, Shifted):
        return start
    return replace(other, start=shifted_like(start, other.start))


def inversions(start: Start) -> tuple[Inverted, ...]:
    """Return the inverted pictures a start is made of, in order."""
    if isinstance(start, Inverted):
        return (start,)
    if isinstance(start, (Between, Circle)):
        return inversions(start.first) + inversions(start.second)
    return inversions(start.start) if isinstance(start, Shifted) else ()


def start_step(start: Start) -> int:
    """Return how many of the sampling's noisiest steps a start leaves out: 0 but for inversions.

    Raises:
        SpecError: for latents of different noise levels: no level is between them.
    """
    start = unshifted(start)
    if isinstance(start, Inverted):
        return start.spec.start_step
    if not isinstance(start, (Between, Circle)):
        return 0
    first, second = start_step(start.first), start_step(start.second)
    if first != second:
        raise SpecError(
            f"there is no way between latents of different start steps, {first} and {second}",
            "start step",
            "give both the same",
        )
    return first


def encoded(start: Start) -> Encode | None:
    """Return an `Encode` that a start is made of, as all of them are noised alike, or None.

    Raises:
        SpecError: for pictures that are noised otherwise, or with what is no picture's latents:
            there is no noise level that both have.
    """
    start = unshifted(start)
    if isinstance(start, Encode):
        return start
    if not isinstance(start, (Between, Circle)):
        return None
    first, second = encoded(start.first), encoded(start.second)
    if first is None and second is None:
        return None
    remedy = "give both the same kind of start, or hold the first"
    if isinstance(start, Circle):  # the picture stays, its noise goes round
        if first is None or second is not None or inversions(start.second):
            said = "a circle around a noised picture's latents leads through noise alone"
            raise SpecError(said, "start", "start from the picture and circle through a seed")
        return first
    if first is None or second is None:
        said = "there is no way between a noised picture's latents and another kind of start"
        raise SpecError(said, "start", remedy)
    if (first.strength, first.continuous) != (second.strength, second.continuous):
        said = "there is no way between pictures that are noised to different strengths"
        raise SpecError(said, "start", "give both the same strength")
    return first

"""What the inspector shows of a film's settings: sizes and rates to choose, and its rules."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from imvar_studio.model.film_edits import ETA_SAMPLER, rate_text
from imvar_studio.model.look_edits import inversion_of
from imvar_studio.model.recipe import STOCHASTIC_SAMPLERS
from imvar_studio.model.source import Size

if TYPE_CHECKING:
    from imvar_studio.model.project import FilmWork

SQUARES = (256, 320, 384, 512, 640, 768, 1024)
WIDE = ((512, 288), (640, 360), (768, 432), (1024, 576), (1280, 720), (1920, 1080))
SIZES: tuple[Size, ...] = (
    *(Size(side, side) for side in SQUARES),
    *(Size(wide, high) for wide, high in WIDE),
    *(Size(high, wide) for wide, high in WIDE),
)
RATES: tuple[Fraction, ...] = tuple(map(Fraction, (8, 12, 15, 24, 25, 30, 50, 60)))


@dataclass(frozen=True, slots=True)
class FilmRules:
    """Which of a film's fields act, and which give way to something else.

    Args:
        has_eta: the sampler has eta.
        adds_noise: eta or the sampler adds noise, so that it can move.
        can_walk: the noise may walk.
        guidance_ruled, eta_ruled: a track decides.
        passes_pictures: the film starts from pictures somewhere, with their own steps.
    """

    has_eta: bool
    adds_noise: bool
    can_walk: bool
    guidance_ruled: bool
    eta_ruled: bool
    passes_pictures: bool


def rules_of(film: FilmWork) -> FilmRules:
    """Return which of a film's settings act."""
    settings, timeline = film.settings, film.timeline
    has_eta = settings.sampler == ETA_SAMPLER
    draws = settings.sampler in STOCHASTIC_SAMPLERS
    eta_track = timeline.track("eta") is not None
    return FilmRules(
        has_eta=has_eta,
        adds_noise=draws or settings.eta > 0 or eta_track,
        can_walk=not draws,
        guidance_ruled=timeline.track("guidance") is not None,
        eta_ruled=eta_track,
        passes_pictures=any(inversion_of(key) for key in timeline.keyframes),
    )


def size_text(size: Size) -> str:
    """Return a size as the summary has it: 512 px for a square, and both sides otherwise."""
    if size.width == size.height:
        return f"{size.width} px"
    return f"{size.width} \N{MULTIPLICATION SIGN} {size.height} px"


def summary_parts(film: FilmWork, sampler: str, model: str) -> tuple[str, ...]:
    """Return what a film is in short: size, rate, sampler with steps, model.

    Args:
        film: the work.
        sampler, model: their names for people.
    """
    settings = film.settings
    rate = f"{rate_text(settings.fps)} fps"
    return size_text(settings.size), rate, f"{sampler} {settings.steps}", model

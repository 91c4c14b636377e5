"""Edits of a film's settings, model, length and rate: pure functions on the film.

A film that would come out equal comes back itself; what a setting cannot be is a `SpecError`
with one sentence.
"""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from imvar_studio.model.errors import SpecError
from imvar_studio.model.project import frame_rate
from imvar_studio.model.recipe import STOCHASTIC_SAMPLERS

if TYPE_CHECKING:
    from imvar_studio.model.project import FilmSettings, FilmWork
    from imvar_studio.model.source import Size
    from imvar_studio.model.timeline import Timeline

ETA_SAMPLER = "ddim"  # the only one whose share of noise can be chosen

# at most 9 digits above and below the line, as project files have
_RATE = re.compile(r"\d{1,9}\s*/\s*\d{1,9}|\d{1,3}(?:\.\d{1,6})?")
# the rates of broadcast, n * 1000 / 1001, which people round
_BROADCAST = tuple(Fraction(n * 1000, 1001) for n in (24, 30, 48, 60, 120))
_ROUNDED = Fraction(1, 200)  # frames a second that a rounded rate may be off


def read_rate(text: str, name: str = "the frame rate") -> Fraction:
    """Return frames a second of `12`, `23.976`, `23,976` or `24000/1001`.

    What has decimals and is near a rate of broadcast is that rate.

    Args:
        text: what was typed.
        name: what messages call it.

    Raises:
        SpecError: for another form, or a rate out of [0.1, 240].
    """
    typed = text.strip()
    text = typed.replace(",", ".")
    try:
        rate = Fraction(text.replace(" ", "")) if _RATE.fullmatch(text) else None
    except ZeroDivisionError:
        rate = None
    if rate is None:
        raise SpecError(
            f"{name} must be like 12, 23.976 or 24000/1001, got {typed[:40]!r}",
            "fps",
            "type frames a second, 0.1 to 240",
        )
    if "." in text:
        rate = next((near for near in _BROADCAST if abs(near - rate) < _ROUNDED), rate)
    return frame_rate(rate, name)


def rate_text(rate: Fraction) -> str:
    """Return a rate as people write it: 12, 12.5, 23.976; a fraction where no decimals are it."""
    if rate.denominator == 1:
        return str(rate.numerator)
    short = f"{float(rate):.3f}".rstrip("0").rstrip(".")
    return short if read_rate(short) == rate else f"{rate.numerator}/{rate.denominator}"


def set_settings(film: FilmWork, settings: FilmSettings) -> FilmWork:
    """Give a film its settings."""
    return film if settings == film.settings else replace(film, settings=settings)


def set_size(film: FilmWork, size: Size) -> FilmWork:
    """Give a film the size of its frames."""
    return set_settings(film, replace(film.settings, size=size))


def set_rate(film: FilmWork, rate: Fraction) -> FilmWork:
    """Give a film frames a second, in [0.1, 240]; its times stay."""
    return set_settings(film, replace(film.settings, fps=rate))


def set_steps(film: FilmWork, steps: int) -> FilmWork:
    """Give a film steps, in [1, 1000]."""
    return set_settings(film, replace(film.settings, steps=steps))


def set_guidance(film: FilmWork, guidance: float) -> FilmWork:
    """Give a film guidance, in [0, 50]."""
    return set_settings(film, replace(film.settings, guidance=guidance))


def set_sampler(film: FilmWork, sampler: str) -> FilmWork:
    """Give a film another sampler, without what that one does not know.

    Eta becomes 0 where the sampler has none, and noise that walks is held where the sampler
    draws its own.
    """
    settings = film.settings
    eta = settings.eta if sampler == ETA_SAMPLER else 0.0
    motion = settings.noise_motion
    if sampler in STOCHASTIC_SAMPLERS and motion == "walk":
        motion = "held"
    return set_settings(film, replace(settings, sampler=sampler, eta=eta, noise_motion=motion))


def set_spacing(film: FilmWork, spacing: str) -> FilmWork:
    """Give a film the spacing of its timesteps."""
    return set_settings(film, replace(film.settings, spacing=spacing))


def set_eta(film: FilmWork, eta: float) -> FilmWork:
    """Give a film eta, in [0, 1].

    Raises:
        SpecError: for more than 0 where the sampler has no eta.
    """
    if eta > 0 and film.settings.sampler != ETA_SAMPLER:
        raise SpecError(
            f"eta needs the sampler ddim, the film has {film.settings.sampler}",
            "eta",
            "choose ddim, or set eta to 0",
        )
    return set_settings(film, replace(film.settings, eta=eta))


def set_noise_motion(film: FilmWork, motion: str) -> FilmWork:
    """Say how eta's noise moves.

    Raises:
        SpecError: for `walk` where the sampler draws noise of its own.
    """
    if motion == "walk" and film.settings.sampler in STOCHASTIC_SAMPLERS:
        raise SpecError(
            f"{film.settings.sampler} cannot walk from noise to noise",
            "noise motion",
            "choose held or fresh, or the sampler ddim",
        )
    return set_settings(film, replace(film.settings, noise_motion=motion))


def set_seed(film: FilmWork, seed: int) -> FilmWork:
    """Give a film the seed of what has none of its own, in [0, 2**63)."""
    return set_settings(film, replace(film.settings, seed=seed))


def set_model(film: FilmWork, model: str) -> FilmWork:
    """Have a film made by another model: an id or a path."""
    return film if model == film.model else replace(film, model=model)


def set_loop(timeline: Timeline, loop: bool) -> Timeline:
    """Lead the last keyframe back to the first one, or end the film on it.

    Raises:
        SpecError: where the film ends on its last keyframe, so that no way back is left.
    """
    if loop and timeline.duration is not None and timeline.keyframes:
        last = timeline.keyframes[-1].time
        if timeline.duration == last:
            raise SpecError(
                "there is no time for the way back to the first keyframe",
                "loop",
                "make the film longer than its last keyframe, or let it find its own length",
            )
    return timeline if loop == timeline.loop else replace(timeline, loop=loop)


def set_duration(timeline: Timeline, duration: float | None) -> Timeline:
    """Let a film last so many seconds, in (0, 86400]; None ends it on its last keyframe.

    Raises:
        SpecError: for an end before the last keyframe.
    """
    return timeline if duration == timeline.duration else replace(timeline, duration=duration)

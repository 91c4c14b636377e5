"""From a timeline to a film: the recipe of every frame, as a pure function of the spec.

A keyframe with a picture starts from that picture's inverted latents. On the transitions that
touch it, sampling runs on exactly the inversion's grid (DDIM, eta 0), and guidance falls to 1
at the keyframe, where the look is the inversion's: so the film passes through the picture. A
track of eta is obeyed there too, on the same grid: the film leaves the picture as eta rises, and
keeps its composition. The film's own eta is not: it is meant for what starts from noise.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imvar_studio.model.errors import SpecError
from imvar_studio.model.recipe import STOCHASTIC_SAMPLERS, Recipe
from imvar_studio.model.start import (
    Between,
    Circle,
    Encode,
    InversionSpec,
    Noise,
    Start,
    encoded,
    shifted_like,
    unshifted,
)
from imvar_studio.plan.blending import blend_looks, blend_one, with_parameters
from imvar_studio.plan.dip import Ends, effective_starts, ends_between, guidance_at, share_at
from imvar_studio.plan.plan import Plan, gather
from imvar_studio.plan.timing import Moment, lay_out

if TYPE_CHECKING:
    from imvar_studio.model.project import FilmSettings
    from imvar_studio.model.specs import FilmSpec
    from imvar_studio.model.timeline import Timeline

_SEEDS = 2**63


def film(spec: FilmSpec) -> Plan:
    """Plan a film: design of the timeline in, recipes of all frames out.

    Raises:
        SpecError: for no keyframes, two keyframes on one frame, pictures inverted on different
            grids meeting in a transition, a noised picture meeting another start, eta with a
            sampler that has none, or a film of more than a million frames.
    """
    timeline, settings = spec.film.timeline, spec.film.settings
    if not timeline.keyframes:
        raise SpecError(
            f"film {spec.film.name!r} has no keyframes", "keyframes", "add a picture or a prompt"
        )
    _check_eta(timeline, settings)
    starts = _smooth(effective_starts(timeline, settings.seed))
    moments = lay_out(timeline, settings.fps, spec.frames_per_transition)
    recipes = [_frame(spec, starts, moment, len(moments)) for moment in moments]
    return gather(recipes, settings.fps, spec.batch)


def _smooth(starts: tuple[Start, ...]) -> tuple[Start, ...]:
    """Return the starts of keyframes so that frames between different strengths do not jump."""
    noised = {start.strength for start in map(unshifted, starts) if isinstance(start, Encode)}
    if len(noised) < 2:
        return starts
    return tuple(_noised(start, continuous=True) for start in starts)


def _noised(start: Start, **how: float | bool) -> Start:
    """Return a start, shifted or not, with its picture noised otherwise; others stay."""
    inner = unshifted(start)
    if not isinstance(inner, Encode):
        return start
    return shifted_like(replace(inner, **how), start)  # type: ignore[arg-type]


def _frame(spec: FilmSpec, starts: tuple[Start, ...], moment: Moment, count: int) -> Recipe:
    timeline, settings = spec.film.timeline, spec.film.settings
    ends, u = ends_between(
        timeline.keyframes[moment.first],
        timeline.keyframes[moment.second],
        (starts[moment.first], starts[moment.second]),
        moment.progress,
        settings.seed,
    )
    first, second = ends.first, ends.second
    share = share_at(timeline, ends, u, moment.time)
    touched = ends.touched()
    sampler, steps, spacing = _sampling(settings, [inverted.spec for inverted in touched])
    draws = sampler in STOCHASTIC_SAMPLERS
    recipe = Recipe(
        model=spec.model,
        looks=blend_looks(first.looks, second.looks, u, first.transition.condition),
        start=_start(ends, u),
        size=settings.size,
        steps=steps,
        guidance=guidance_at(timeline, settings, ends, u, moment.time),
        negative=blend_one(first.negative, second.negative, u, first.transition.condition),
        sampler=sampler,
        spacing=spacing,
        variance=_variance(timeline, settings, moment, count) if draws else None,
        precision=spec.precision,
    )
    recipe = with_parameters(recipe, timeline, moment.time, share)
    encoded(recipe.start)  # refuses starts that do not go together
    eta = _eta(timeline, settings, moment.time, inverted=bool(touched))
    if eta <= 0:
        return recipe
    return replace(recipe, eta=eta, variance=_variance(timeline, settings, moment, count))


def _start(ends: Ends, u: float) -> Start:
    if ends.through is not None:
        return ends.leaves if u in (0.0, 1.0) else Circle(ends.leaves, ends.through, u)
    leaves, reaches = ends.leaves, ends.reaches
    first, second = unshifted(leaves), unshifted(reaches)
    if isinstance(first, Encode) and isinstance(second, Encode):
        way = second.strength - first.strength
        strength = first.strength + way * min(max(u, 0.0), 1.0)
        leaves, reaches = (_noised(each, strength=strength) for each in (leaves, reaches))
    if u == 0 or leaves == reaches:
        return leaves
    return reaches if u == 1 else Between(leaves, reaches, u, ends.first.transition.latent)


def _sampling(settings: FilmSettings, specs: list[InversionSpec]) -> tuple[str, int, str]:
    """Return sampler, steps and spacing: the film's, or the grid its pictures were inverted on."""
    grids = {(spec.steps, spec.spacing) for spec in specs}
    if len(grids) > 1:
        found = " and ".join(sorted(f"{steps} steps {spacing}" for steps, spacing in grids))
        raise SpecError(
            f"pictures that meet in a transition are inverted differently ({found})",
            "inversion",
            "give both the same steps and spacing",
        )
    if not grids:
        return settings.sampler, settings.steps, settings.spacing
    return "ddim", *grids.pop()


def _check_eta(timeline: Timeline, settings: FilmSettings) -> None:
    if (settings.eta > 0 or timeline.track("eta")) and settings.sampler != "ddim":
        raise SpecError(
            f"eta needs the sampler ddim, the film has {settings.sampler}",
            "eta",
            "choose ddim, or set eta to 0",
        )
    if settings.sampler in STOCHASTIC_SAMPLERS and settings.noise_motion == "walk":
        raise SpecError(
            f"{settings.sampler} cannot walk from noise to noise",
            "noise motion",
            "choose held or fresh, or the sampler ddim",
        )


def _eta(timeline: Timeline, settings: FilmSettings, time: float, *, inverted: bool) -> float:
    """Return eta at a time: of its track, else the film's, which spares inverted pictures."""
    track = timeline.track("eta")
    if track is not None:
        return track.at(time)
    return 0.0 if inverted else settings.eta


def _variance(
    timeline: Timeline, settings: FilmSettings, moment: Moment, count: int
) -> Noise | Between:
    held, following = Noise(settings.seed), Noise((settings.seed + 1) % _SEEDS)
    if settings.noise_motion == "fresh":
        return Noise((settings.seed + moment.index) % _SEEDS)
    if settings.noise_motion == "walk" and moment.index:
        # a loop's walk ends where it began: it turns around in the middle
        u = moment.index / count if timeline.loop else moment.index / max(count - 1, 1)
        return Between(held, following, 1 - abs(1 - 2 * u) if timeline.loop else u)
    return held

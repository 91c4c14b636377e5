"""From a timeline to a film: the recipe of every frame, as a pure function of the spec.

A keyframe with a picture starts from that picture's inverted latents. On the transitions that
touch it, sampling runs on exactly the inversion's grid (DDIM, eta 0), and guidance falls to 1
at the keyframe, where the look is the inversion's: so the film passes through the picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from imvar_studio.model.errors import SpecError
from imvar_studio.model.recipe import STOCHASTIC_SAMPLERS, Recipe
from imvar_studio.model.start import (
    Between,
    Circle,
    InversionSpec,
    Inverted,
    Noise,
    Start,
    inversions,
)
from imvar_studio.model.timeline import Keyframe
from imvar_studio.plan.blending import blend_looks, blend_one, with_parameters
from imvar_studio.plan.plan import Plan, gather
from imvar_studio.plan.timing import Moment, lay_out

if TYPE_CHECKING:
    from imvar_studio.model.project import FilmSettings
    from imvar_studio.model.specs import FilmSpec
    from imvar_studio.model.timeline import Timeline, Transition

_SEEDS = 2**63


def film(spec: FilmSpec) -> Plan:
    """Plan a film: design of the timeline in, recipes of all frames out.

    Raises:
        SpecError: for no keyframes, two keyframes on one frame, pictures inverted on different
            grids meeting in a transition, eta with a sampler that has none, or a film of more
            than a million frames.
    """
    timeline, settings = spec.film.timeline, spec.film.settings
    if not timeline.keyframes:
        raise SpecError(
            f"film {spec.film.name!r} has no keyframes", "keyframes", "add a picture or a prompt"
        )
    _check_eta(timeline, settings)
    starts = _effective_starts(timeline, settings.seed)
    moments = lay_out(timeline, settings.fps, spec.frames_per_transition)
    recipes = [_frame(spec, starts, moment, len(moments)) for moment in moments]
    return gather(recipes, settings.fps, spec.batch)


def own_start(key: Keyframe, seed: int) -> Start:
    """Return where a keyframe starts: its own start, its picture's inversion, or the seed's."""
    if key.start is not None:
        return key.start
    look = key.looks[0].look
    source = getattr(look, "source", None) if len(key.looks) == 1 else None
    if source is not None and Inverted(source).look == look:
        return Inverted(source)
    return Noise(seed)


def passes_through(key: Keyframe, start: Start) -> bool:
    """Tell whether sampling `key`'s look from `start` at guidance 1 gives back a picture."""
    return isinstance(start, Inverted) and len(key.looks) == 1 and key.looks[0].look == start.look


def _effective_starts(timeline: Timeline, seed: int) -> tuple[Start, ...]:
    """Return each keyframe's start; after `hold` and `circle` one without its own inherits."""
    starts: list[Start] = []
    for index, key in enumerate(timeline.keyframes):
        start = own_start(key, seed)
        before = timeline.keyframes[index - 1] if index else None
        inherits = before is not None and before.transition.latent in ("hold", "circle")
        if inherits and key.start is None and not isinstance(start, Inverted):
            start = starts[-1]
        starts.append(start)
    return tuple(starts)


@dataclass(frozen=True, slots=True)
class _Ends:
    """The two keyframes around a frame with the latents it leaves and reaches."""

    first: Keyframe
    second: Keyframe
    leaves: Start
    reaches: Start
    through: Start | None = None  # the second axis of a circle

    def dip(self, u: float) -> float:
        """Return the share of guidance at u in [0, 1]: 0 where the film passes a picture."""
        from_picture = passes_through(self.first, self.leaves)
        to_picture = passes_through(self.second, self.reaches)
        if from_picture and to_picture:
            # two equal ends are one held picture, not a way to another; a circle leaves it
            same = self.first.looks == self.second.looks and self.leaves == self.reaches
            return 0.0 if same and self.through is None else _half_wave(u)
        if from_picture:
            return _half_wave(u / 2)
        return _half_wave((1 + u) / 2) if to_picture else 1.0

    def touched(self) -> tuple[Inverted, ...]:
        """Return the inverted pictures that the transition starts from anywhere."""
        axis = () if self.through is None else inversions(self.through)
        return inversions(self.leaves) + inversions(self.reaches) + axis


def _half_wave(x: float) -> float:
    """Return sin(pi x) for x in [0, 1], exactly 0 at both ends."""
    return 0.0 if x in (0.0, 1.0) else math.sin(math.pi * x)


def _frame(spec: FilmSpec, starts: tuple[Start, ...], moment: Moment, count: int) -> Recipe:
    timeline, settings = spec.film.timeline, spec.film.settings
    first, second = timeline.keyframes[moment.first], timeline.keyframes[moment.second]
    u = first.transition.easing(moment.progress)
    u = min(max(u, -1.0), 2.0)
    stays = first.transition.latent in ("hold", "circle")
    leaves, own = starts[moment.first], starts[moment.second]
    if moment.progress == 1 and stays and own != leaves:
        first, leaves = second, own  # the last keyframe is shown, not what leads to it
    circles = first.transition.latent == "circle"
    through = _through(first.transition, leaves, own, settings.seed) if circles else None
    ends = _Ends(first, second, leaves, leaves if stays else own, through)
    share = ends.dip(min(max(u, 0.0), 1.0))
    touched = ends.touched()
    sampler, steps, spacing = _sampling(settings, [inverted.spec for inverted in touched])
    draws = sampler in STOCHASTIC_SAMPLERS
    recipe = Recipe(
        model=spec.model,
        looks=blend_looks(first.looks, second.looks, u, first.transition.condition),
        start=_start(ends, u),
        size=settings.size,
        steps=steps,
        guidance=1 + (_guidance(spec, ends, u, moment.time) - 1) * share,
        negative=blend_one(first.negative, second.negative, u, first.transition.condition),
        sampler=sampler,
        spacing=spacing,
        variance=_variance(timeline, settings, moment, count) if draws else None,
        precision=spec.precision,
    )
    recipe = with_parameters(recipe, timeline, moment.time, share)
    return recipe if touched else _with_eta(recipe, timeline, settings, moment, count)


def _start(ends: _Ends, u: float) -> Start:
    if ends.through is not None:
        return ends.leaves if u in (0.0, 1.0) else Circle(ends.leaves, ends.through, u)
    if u == 0 or ends.leaves == ends.reaches:
        return ends.leaves
    if u == 1:
        return ends.reaches
    return Between(ends.leaves, ends.reaches, u, ends.first.transition.latent)


def _through(transition: Transition, leaves: Start, other: Start, seed: int) -> Start:
    """Return the second axis of a circle; `other` is the next keyframe's start."""
    if transition.circle_seed is not None:
        return Noise(transition.circle_seed)
    return other if other != leaves else Noise((seed + 1) % _SEEDS)


def _guidance(spec: FilmSpec, ends: _Ends, u: float, time: float) -> float:
    track = spec.film.timeline.track("guidance")
    if track is not None:
        return track.at(time)
    base = spec.film.settings.guidance
    a = base if ends.first.guidance is None else ends.first.guidance
    b = base if ends.second.guidance is None else ends.second.guidance
    return a + (b - a) * min(max(u, 0.0), 1.0)


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


def _with_eta(
    recipe: Recipe, timeline: Timeline, settings: FilmSettings, moment: Moment, count: int
) -> Recipe:
    track = timeline.track("eta")
    eta = settings.eta if track is None else track.at(moment.time)
    if eta <= 0:
        return recipe
    return replace(recipe, eta=eta, variance=_variance(timeline, settings, moment, count))


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

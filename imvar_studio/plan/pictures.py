"""Pictures of one look: a recipe a seed."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from imvar_studio.model.recipe import STOCHASTIC_SAMPLERS, Recipe
from imvar_studio.model.start import Inverted, Noise
from imvar_studio.plan.plan import Plan, gather

if TYPE_CHECKING:
    from imvar_studio.model.specs import PicturesSpec


def pictures(spec: PicturesSpec) -> Plan:
    """Plan pictures; frame n of the plan is the picture of the n-th seed.

    Without noise, an inverted start gives one picture, which all frames show.
    """
    seeds = range(spec.seed, spec.seed + spec.count)
    return gather([_recipe(spec, seed) for seed in seeds], Fraction(1), spec.batch)


def _recipe(spec: PicturesSpec, seed: int) -> Recipe:
    draws = spec.eta > 0 or spec.sampler in STOCHASTIC_SAMPLERS
    start = spec.start
    if not isinstance(start, Inverted):
        start = replace(start, seed=seed)
    return Recipe(
        model=spec.model,
        looks=spec.looks,
        start=start,
        size=spec.size,
        steps=spec.steps,
        guidance=spec.guidance,
        negative=spec.negative,
        sampler=spec.sampler,
        spacing=spec.spacing,
        eta=spec.eta,
        variance=Noise(seed) if draws else None,
        precision=spec.precision,
        inpaint=spec.inpaint,
    )

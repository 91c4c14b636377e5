"""From a sheet to pictures: the recipe of every cell, as a pure function of the spec."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from imvar_studio.model.contents import mapped
from imvar_studio.model.look import Crop, Edit, Jitter, Look, Mix, Picture, Scale, Shift, Weighted
from imvar_studio.model.recipe import STOCHASTIC_SAMPLERS, Recipe
from imvar_studio.model.start import Encode, Inverted, Noise, Shifted, Start
from imvar_studio.plan.plan import Plan, batch_key, gather

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imvar_studio.model.shot import Shot
    from imvar_studio.model.source import Size
    from imvar_studio.model.specs import SheetModel, SheetSpec


def sheet(spec: SheetSpec) -> Plan:
    """Plan a sheet; frame n of the plan is its n-th cell, row by row.

    Pictures that one batch can render stand together, and so do those of a model.

    Raises:
        SpecError: where values of a row and a column do not go together.
    """
    return sheets([spec])


def sheets(specs: Sequence[SheetSpec]) -> Plan:
    """Plan several sheets as one: their cells one after the other, equal pictures made once.

    Args:
        specs: at least one, all of one batch.

    Raises:
        SpecError: as in `sheet`.
    """
    recipes = [
        _recipe(shot, spec.model(shot.model), spec) for spec in specs for shot in spec.sheet.cells()
    ]
    groups: dict[object, dict[object, list[int]]] = {}
    for place, recipe in enumerate(recipes):
        groups.setdefault(recipe.model, {}).setdefault(batch_key(recipe), []).append(place)
    order = [place for alike in groups.values() for places in alike.values() for place in places]
    plan = gather([recipes[place] for place in order], Fraction(1), specs[0].batch)
    frames = dict(zip(order, plan.frames, strict=True))
    return replace(plan, frames=tuple(frames[place] for place in range(len(recipes))))


def shot_looks(shot: Shot) -> tuple[Weighted, ...]:
    """Return a shot's ensemble as its parameters make it.

    Each look is mixed, then edited, scaled, jittered and shifted; what is neutral leaves no trace.
    """
    looks = tuple(Weighted(_varied(part.look, shot), part.weight) for part in shot.looks)
    return mapped(looks, lambda part: _picture(part, shot))


def _varied(look: Look, shot: Shot) -> Look:
    if shot.mix and shot.second is not None:
        parts = (Weighted(look, 1 - shot.mix), Weighted(shot.second, shot.mix))
        look = shot.second if shot.mix == 1 else Mix(parts)
    if shot.edit:
        look = Edit(look, shot.origin, shot.target, shot.edit)
    if shot.scale != 1:
        look = Scale(look, shot.scale)
    if shot.jitter:
        look = Jitter(look, "add", shot.jitter, shot.seed)
    if shot.multiply:
        look = Jitter(look, "multiply", shot.multiply, shot.seed)
    return Shift(look, shot.shift) if shot.shift else look


def _picture(part: object, shot: Shot) -> object:
    """Return how a picture is looked at: in crops, or resized otherwise."""
    if not isinstance(part, Picture):
        return part
    if shot.crops and part.source == shot.picture:
        return Crop(part.source, None, shot.crops, shot.seed)
    return part if part.resize == shot.resize else replace(part, resize=shot.resize)


def _recipe(shot: Shot, model: SheetModel, spec: SheetSpec) -> Recipe:
    start = _start(shot)
    inverted = isinstance(start, Inverted)
    sampler = shot.sampler or ("ddim" if inverted or shot.eta else model.sampler)
    # only on its own grid does a fixed-point inversion lead back to the picture
    on_grid = inverted and shot.inversion.method == "fixed-point"
    draws = shot.eta > 0 or sampler in STOCHASTIC_SAMPLERS
    return Recipe(
        model=model.ref,
        looks=shot_looks(shot),
        start=Shifted(start, shot.latent_shift) if shot.latent_shift else start,
        size=picture_size(spec, model),
        steps=shot.inversion.steps if on_grid else shot.steps,
        guidance=shot.guidance,
        negative=shot.negative,
        sampler=sampler,
        spacing=shot.inversion.spacing if inverted else model.spacing,
        eta=shot.eta,
        variance=Noise(shot.seed) if draws else None,
        precision=spec.precision,
    )


def picture_size(spec: SheetSpec, model: SheetModel) -> Size:
    """Return the size of a model's pictures on a sheet."""
    return spec.sheet.size or model.size


def _start(shot: Shot) -> Start:
    if shot.picture is None or shot.start == "noise":
        return Noise(shot.seed)
    if shot.start == "picture":
        return Encode(shot.picture, shot.strength, shot.seed)
    return Inverted(shot.picture, shot.inversion)

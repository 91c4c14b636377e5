"""The sampler of a chunk: built as its recipes say, for one run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from imvar_studio.engine.sampler import Sampler, SamplerSetup
from imvar_studio.engine.shrunk import SideBySide, reach_of, shrunk
from imvar_studio.engine.starts import variance_generator
from imvar_studio.model.recipe import noised_picture, steps_run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.engine.starts import Starts
    from imvar_studio.model.recipe import Recipe


def make_sampler(
    make: Callable[[SamplerSetup], Sampler],
    recipes: Sequence[Recipe],
    bundle: Bundle,
    starts: Starts,
) -> Sampler:
    """Return the sampler of recipes that share a batch.

    Args:
        make: the recipes' sampler.
        recipes: alike in what `plan.batch_key` names.
        bundle: the model.
        starts: gives the noise that eta adds.

    Raises:
        SpecError: for what the sampler does not know.
    """
    whole = make(_setup(recipes, bundle, starts))
    noised = [noised_picture(recipe) for recipe in recipes]
    if noised[0] is None or not noised[0].continuous:
        return whole
    config, steps = bundle.scheduler_config, recipes[0].steps
    reaches = [reach_of(config, each.strength, steps) for each in noised if each is not None]
    own = [
        make(replace(_setup([recipe], bundle, starts), scheduler_config=shrunk(config, reach)))
        for recipe, reach in zip(recipes, reaches, strict=True)
    ]
    return SideBySide(own, reaches)


def _setup(recipes: Sequence[Recipe], bundle: Bundle, starts: Starts) -> SamplerSetup:
    first = recipes[0]
    begin = first.steps - steps_run(first)
    eta = torch.tensor([recipe.eta for recipe in recipes]) if first.eta > 0 else None
    shape = bundle.latent_shape(bundle.working_size(first.size))

    def variance(step: int) -> Tensor:
        return torch.stack([starts.variance(recipe, begin + step, shape) for recipe in recipes])

    def generators(step: int) -> list[torch.Generator]:
        return [variance_generator(recipe, begin + step) for recipe in recipes]

    return SamplerSetup(
        bundle.scheduler_config,
        first.steps,
        first.spacing,
        bundle.compute.device,
        eta,
        None if eta is None else variance,
        generators if first.variance is not None else None,
        begin,
    )

"""Sheets' pictures against what their models can make, before one is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.model.contents import parts
from imvar_studio.model.look import Crop, Mix, Picture, Prior, token_count, unequal_mix
from imvar_studio.model.model_card import TEXT, check_paints, no_picture_look
from imvar_studio.worker.prompts import check_prompts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imvar_studio.model.model_card import ModelCard
    from imvar_studio.model.recipe import Recipe
    from imvar_studio.plan.plan import Plan
    from imvar_studio.store.project_folder import ProjectFolder


def check_pictures(
    plan: Plan, cards: Sequence[ModelCard], assets: Iterable[str], folder: ProjectFolder
) -> None:
    """Refuse what would end the render half way, before a model is loaded.

    Args:
        plan: of all pictures.
        cards: of all their models.
        assets: SHA-256 of what they are made from.
        folder: where the assets are.

    Raises:
        UserError: an asset that is missing, or what `check_looks` refuses.
    """
    for asset in sorted(assets):
        folder.asset_path(asset)
    check_looks(plan, cards)


def check_looks(plan: Plan, cards: Sequence[ModelCard]) -> None:
    """Refuse pictures that their models cannot make.

    Raises:
        SpecError: a sampler that is not known, a prompt that is too long, a mix of looks of
            unequal token counts.
        ModelError: a prompt or a picture, where the model reads none.
    """
    from imvar_studio.engine.samplers import built_in_samplers  # slow: torch

    samplers = built_in_samplers()
    for name in {picture.recipe.sampler for picture in plan.pictures}:
        samplers[name]
    for card in cards:
        own = tuple(each.recipe for each in plan.pictures if each.recipe.model == card.ref)
        for recipe in own:
            check_paints(recipe, card)
            _check_parts(recipe, card)
        check_prompts(own, card)


def _check_parts(recipe: Recipe, card: ModelCard) -> None:
    for part in parts((recipe.looks, recipe.negative)):
        if card.family == TEXT and isinstance(part, Picture | Crop | Prior):
            raise no_picture_look(card)
        if card.family != TEXT and isinstance(part, Mix):
            counts = {token_count(each.look) for each in part.parts}
            if len(counts) > 1:
                raise unequal_mix(counts)

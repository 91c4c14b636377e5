"""Pictures of one chunk by the token counts of their conditions.

A plan cannot know in how many windows a prompt is read, and a condition that is padded for a
neighbour's sake would make another picture. So only pictures of one count are computed together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imvar_studio.engine.conditioning import Conditioning
    from imvar_studio.engine.protocols import Report
    from imvar_studio.model.recipe import Recipe


def token_groups(conditioning: Conditioning, recipes: Sequence[Recipe]) -> list[list[int]]:
    """Return the indices of recipes whose own conditions meet at one token count, group by group.

    Where conditions are repeated rather than padded, a plan's chunks are of one count already.
    """
    if not conditioning.pads:
        return [list(range(len(recipes)))]
    groups: dict[int, list[int]] = {}
    for index, recipe in enumerate(recipes):
        looks = (recipe.negative, *(part.look for part in recipe.looks))
        count = max(conditioning.evaluate(look, recipe.size).shape[0] for look in looks)
        groups.setdefault(count, []).append(index)
    return list(groups.values())


def in_turn(report: Report, turn: int, turns: int) -> Report:
    """Return a report of one of several runs, of as many steps each, that tells of them all."""
    return lambda phase, done, total: report(phase, turn * total + done, turns * total)

"""What a plan's maker should hear before it is rendered: what is allowed, but seldom wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.model.start import inversions

if TYPE_CHECKING:
    from imvar_studio.plan.plan import Plan

STRONGEST = 3.0
"""Guidance up to which an inverted picture can still be told in what is made from it."""


def advice(plan: Plan) -> tuple[str, ...]:
    """Return sentences about a plan, none where there is nothing to say."""
    recipes = [picture.recipe for picture in plan.pictures]
    strong = sum(r.guidance > STRONGEST and bool(inversions(r.start)) for r in recipes)
    if not strong:
        return ()
    pictures = "1 picture starts" if strong == 1 else f"{strong} pictures start"
    return (
        f"{pictures} from an inverted picture with guidance above {STRONGEST:g}: guidance leads "
        f"away from the picture, {STRONGEST:g} or less keeps it.",
    )

"""Films in a line: what the plan's tests share."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.model.look import Picture, Prompt, Weighted
from imvar_studio.model.project import FilmSettings, FilmWork
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.source import Asset
from imvar_studio.model.specs import FilmSpec
from imvar_studio.model.timeline import Keyframe, Timeline
from imvar_studio.plan.film import film

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.recipe import Recipe


@pytest.fixture(scope="session")
def key() -> Callable[..., Keyframe]:
    """Make a keyframe at a time, of a prompt, a picture's letter in brackets, or looks."""

    def make(time: float, look: Any = "an owl", **fields: Any) -> Keyframe:
        if isinstance(look, str):
            letter = look[1:-1] if look.startswith("[") else ""
            look = Picture(Asset(f"{ord(letter):064x}")) if letter else Prompt(look)
        looks = look if isinstance(look, tuple) else (Weighted(look),)
        return Keyframe(f"at-{time:g}", time, looks, **fields)

    return make


@pytest.fixture(scope="session")
def spec() -> Callable[..., FilmSpec]:
    """Make a spec of keyframes; what is not of the timeline or the spec is of the settings."""

    def make(*keys: Keyframe, per: int | None = None, batch: int = 4, **fields: Any) -> FilmSpec:
        names = {"tracks", "duration", "loop"} & set(fields)
        timeline = Timeline(keys, **{name: fields.pop(name) for name in names})
        settings = FilmSettings(fps=Fraction(fields.pop("fps", 12)), **fields)
        work = FilmWork("film", "Owls", timeline, settings)
        model = ModelRef("starter", "ab" * 32)
        return FilmSpec(work, model, "bf16", batch, per)

    return make


@pytest.fixture(scope="session")
def frames(spec: Callable[..., FilmSpec]) -> Callable[..., list[Recipe]]:
    """Return the recipe of each frame of a film."""

    def make(*keys: Keyframe, **fields: Any) -> list[Recipe]:
        plan = film(spec(*keys, **fields))
        return [plan.pictures[index].recipe for index in plan.frames]

    return make

"""What each value needs to be made, and how the tests of its fields make it."""

from __future__ import annotations

import dataclasses
import typing
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from imvar_studio.model import (
    curve,
    look,
    project,
    recipe,
    sheet,
    shot,
    source,
    specs,
    start,
    timeline,
)
from imvar_studio.model.curve import Curve, CurvePoint
from imvar_studio.model.errors import SpecError
from imvar_studio.model.inpaint import Inpaint
from imvar_studio.model.look import (
    Blend,
    Crop,
    Edit,
    Jitter,
    Join,
    Mix,
    Picture,
    Prior,
    Prompt,
    Scale,
    Shift,
    Weighted,
)
from imvar_studio.model.project import AssetEntry, Audio, FilmWork, UnknownWork
from imvar_studio.model.recipe import LoraRef, ModelRef, Recipe
from imvar_studio.model.sheet import Axis, Ensemble, LookAxis, SheetWork
from imvar_studio.model.shot import Shot
from imvar_studio.model.source import Asset, Output, Rect, Region, Size
from imvar_studio.model.specs import FilmSpec, PicturesSpec, SheetModel, SheetSpec
from imvar_studio.model.start import (
    Between,
    Circle,
    Encode,
    InversionSpec,
    Inverted,
    Noise,
    Shifted,
)
from imvar_studio.model.timeline import Keyframe, Marker, Track

if TYPE_CHECKING:
    from collections.abc import Callable

SHA = "ab" * 32
LOOK = Prompt("an owl")
LOOKS = (Weighted(LOOK),)
MODEL = ModelRef("starter", SHA)
PICTURE = Asset(SHA)

# what each class needs beside the field in question
NEEDED: dict[type, dict[str, Any]] = {
    Size: {"width": 256, "height": 256},
    Asset: {"sha": SHA},
    Output: {"recipe": SHA},
    Rect: {"left": 0, "top": 0, "width": 1e-9, "height": 1e-9},
    Region: {"source": PICTURE, "rect": Rect(0, 0, 1, 1), "size": Size(64, 64)},
    Prompt: {"text": "an owl"},
    Picture: {"source": PICTURE},
    Mix: {"parts": LOOKS},
    Join: {"looks": (LOOK,)},
    Scale: {"look": LOOK, "factor": 1},
    Weighted: {"look": LOOK},
    Edit: {"look": LOOK, "origin": "day", "target": "night", "amount": 1},
    Jitter: {"look": LOOK, "mode": "add", "scale": 1, "seed": 0},
    Crop: {"source": PICTURE},
    Shift: {"look": LOOK, "offset": 0},
    Prior: {"text": "an owl", "model": "karlo"},
    Blend: {"first": LOOK, "second": LOOK, "u": 0},
    Noise: {"seed": 0},
    Inverted: {"source": PICTURE},
    Encode: {"source": PICTURE, "strength": 0.5, "seed": 0},
    Between: {"first": Noise(1), "second": Noise(2), "u": 0},
    Circle: {"first": Noise(1), "second": Noise(2), "u": 0},
    Shifted: {"start": Noise(1), "offset": 0},
    Inpaint: {"source": PICTURE, "mask": PICTURE},
    LoraRef: {"weights": SHA},
    ModelRef: {"id": "starter", "weights": SHA},
    Recipe: {"model": MODEL, "looks": LOOKS, "start": Noise(0), "size": Size(256, 256)},
    Curve: {"points": (CurvePoint(0, 0.5),)},
    CurvePoint: {"time": 0, "value": 0},
    Keyframe: {"id": "key", "time": 0, "looks": LOOKS},
    Marker: {"time": 0},
    Track: {"parameter": "jitter", "curve": Curve((CurvePoint(0, 0.5),))},
    Audio: {"asset": SHA},
    FilmWork: {"id": "film"},
    AssetEntry: {"sha": SHA, "suffix": ".png", "name": "owl.png"},
    FilmSpec: {"film": FilmWork("film"), "model": MODEL},
    PicturesSpec: {"model": MODEL, "looks": LOOKS, "size": Size(256, 256), "seed": 0},
    Shot: {"looks": LOOKS},
    Axis: {"parameter": "guidance", "values": ("1",)},
    Ensemble: {"looks": LOOKS},
    LookAxis: {"looks": (Ensemble(LOOKS),), "labels": ("owl",)},
    SheetWork: {"id": "sheet", "name": "Owls", "shot": Shot(LOOKS)},
    SheetModel: {"name": "starter", "ref": MODEL, "size": Size(256, 256)},
    SheetSpec: {"sheet": SheetWork("sheet", "Owls", Shot(LOOKS)), "models": ()},
}

MODULES = (source, look, start, recipe, curve, timeline, shot, sheet, project, specs)
# what some fields go with, where they are not at their default
BESIDE: dict[tuple[type, str], dict[str, Any]] = {
    (InversionSpec, "start_step"): {"method": "plain"},
}


class Make(Protocol):
    def __call__(self, cls: type, **fields: object) -> Any: ...


@pytest.fixture(scope="session")
def make() -> Make:
    """Make a value of a class from what it needs and these fields."""
    return lambda cls, **fields: cls(**{**NEEDED.get(cls, {}), **fields})


@pytest.fixture(scope="session")
def kept(make: Make) -> Callable[[type, str, object], Any]:
    """Return what a value has in a field that it was made with."""
    return lambda cls, field, value: getattr(
        make(cls, **BESIDE.get((cls, field), {}), **{field: value}), field
    )


@pytest.fixture(scope="session")
def refusal(make: Make) -> Callable[[type, str, object], str]:
    """Return the sentence that a field's value is refused with."""

    def refuse(cls: type, field: str, value: object) -> str:
        with pytest.raises(SpecError) as caught:
            make(cls, **{field: value})
        assert caught.value.field
        return str(caught.value)

    return refuse


@pytest.fixture(scope="session")
def classes() -> set[type]:
    """Every class of values that is made and checked."""
    found = [each for module in MODULES for each in vars(module).values()]
    values = {cls for cls in found if isinstance(cls, type) and dataclasses.is_dataclass(cls)}
    return values - {UnknownWork}  # keeps what it finds


@pytest.fixture(scope="session")
def plain_fields(classes: set[type]) -> set[tuple[type, str, type]]:
    """Every field that is a number, a text or a flag, or one of them or None."""
    found = set()
    for cls in classes:
        hints = typing.get_type_hints(cls)
        for field in dataclasses.fields(cls):
            hint = hints[field.name]
            for plain in {hint, *typing.get_args(hint)} & {float, int, str, bool, Fraction}:
                found.add((cls, field.name, plain))
    return found

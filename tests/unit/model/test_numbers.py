"""Every number of every value: its range is kept and named."""

from __future__ import annotations

import math
import sys
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.model.curve import CurvePoint, Easing
from imvar_studio.model.errors import SpecError
from imvar_studio.model.inpaint import Inpaint
from imvar_studio.model.look import Blend, Crop, Edit, Jitter, Prior, Scale, Shift, Weighted
from imvar_studio.model.project import Audio, FilmSettings
from imvar_studio.model.recipe import LoraRef, Recipe
from imvar_studio.model.shot import Shot
from imvar_studio.model.source import Framing, Rect, Size
from imvar_studio.model.specs import FilmSpec, PicturesSpec, SheetSpec
from imvar_studio.model.start import Between, Circle, Encode, InversionSpec, Noise, Shifted
from imvar_studio.model.timeline import Keyframe, Marker, Timeline, Transition

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., Any]
    Kept = Callable[[type, str, object], Any]
    Refusal = Callable[[type, str, object], str]
    Fields = set[tuple[type, str, type]]

SEEDS = 2**63 - 1

# class, field, its name in messages, range as people read it, lowest, highest
NUMBERS = [
    (Framing, "focus_x", "focus_x", "[0, 1]", 0, 1),
    (Framing, "focus_y", "focus_y", "[0, 1]", 0, 1),
    (Framing, "zoom", "framing zoom", "[1, 16]", 1, 16),
    (Rect, "left", "region left", "[0, 1]", 0, 1),
    (Rect, "top", "region top", "[0, 1]", 0, 1),
    (Rect, "width", "region width", "(0, 1]", 5e-324, 1),
    (Rect, "height", "region height", "(0, 1]", 5e-324, 1),
    (Scale, "factor", "embedding strength", "[0, 4]", 0, 4),
    (Weighted, "weight", "weight", "[0, 100]", 0, 100),
    (Edit, "amount", "edit amount", "[-2, 2]", -2, 2),
    (Jitter, "scale", "jitter scale", "[0, 4]", 0, 4),
    (Shift, "offset", "shift", "[-1, 1]", -1, 1),
    (Prior, "guidance", "prior guidance", "[0, 50]", 0, 50),
    (Blend, "u", "blend", "[-1, 2]", -1, 2),
    (Encode, "strength", "strength", "(0, 1]", 5e-324, 1),
    (Inpaint, "feather", "feather", "[0, 256]", 0, 256),
    (Between, "u", "between", "[-1, 2]", -1, 2),
    (Circle, "u", "circle", "[-1, 2]", -1, 2),
    (Shifted, "offset", "latent shift", "[-1, 1]", -1, 1),
    (LoraRef, "strength", "LoRA strength", "[-4, 4]", -4, 4),
    (Recipe, "guidance", "guidance", "[0, 50]", 0, 50),
    (Easing, "x1", "easing x1", "[0, 1]", 0, 1),
    (Easing, "x2", "easing x2", "[0, 1]", 0, 1),
    (Easing, "y1", "easing y1", "[-4, 5]", -4, 5),
    (Easing, "y2", "easing y2", "[-4, 5]", -4, 5),
    (CurvePoint, "time", "curve time", "[0, 86400]", 0, 86400),
    (CurvePoint, "value", "curve value", "[-1e+06, 1e+06]", -1e6, 1e6),
    (Keyframe, "time", "keyframe time", "[0, 86400]", 0, 86400),
    (Keyframe, "guidance", "keyframe guidance", "[0, 50]", 0, 50),
    (Marker, "time", "marker time", "[0, 86400]", 0, 86400),
    (Timeline, "duration", "duration", "(0, 86400]", 5e-324, 86400),
    (FilmSettings, "guidance", "guidance", "[0, 50]", 0, 50),
    (FilmSettings, "eta", "eta", "[0, 1]", 0, 1),
    (PicturesSpec, "guidance", "guidance", "[0, 50]", 0, 50),
    (Shot, "guidance", "guidance", "[0, 50]", 0, 50),
    (Shot, "eta", "eta", "[0, 1]", 0, 1),
    (Shot, "scale", "embedding strength", "[0, 4]", 0, 4),
    (Shot, "jitter", "jitter", "[0, 4]", 0, 4),
    (Shot, "multiply", "multiplied noise", "[0, 4]", 0, 4),
    (Shot, "strength", "strength", "(0, 1]", 5e-324, 1),
    (Shot, "shift", "shift", "[-1, 1]", -1, 1),
    (Shot, "latent_shift", "latent shift", "[-1, 1]", -1, 1),
    (Audio, "offset", "audio offset", "[-86400, 86400]", -86400, 86400),
    (Audio, "gain", "audio gain", "[-60, 24]", -60, 24),
]
ETA_OF_PICTURES = (PicturesSpec, "eta", "eta", "[0, 1]", 0, 1)
ETA = (Recipe, "eta", "eta", "[0, 1]", 0, 1)  # its edges need a variance, see below
INTEGERS = [
    (Size, "width", "width", 64, 8192),
    (Size, "height", "height", 64, 8192),
    (Jitter, "seed", "jitter seed", 0, SEEDS),
    (Crop, "count", "crop count", 1, 64),
    (Crop, "seed", "crop seed", 0, SEEDS),
    (Prior, "seed", "seed", 0, SEEDS),
    (Prior, "steps", "prior steps", 2, 1000),
    (Noise, "seed", "seed", 0, SEEDS),
    (InversionSpec, "steps", "inversion steps", 1, 500),
    (InversionSpec, "evaluations", "inversion evaluations", 1, 10),
    (InversionSpec, "start_step", "start step", 0, 999),
    (Encode, "seed", "seed", 0, SEEDS),
    (Recipe, "steps", "steps", 1, 1000),
    (Transition, "circle_seed", "circle seed", 0, SEEDS),
    (FilmSettings, "steps", "steps", 1, 1000),
    (FilmSettings, "seed", "seed", 0, SEEDS),
    (FilmSpec, "batch", "batch", 1, 64),
    (PicturesSpec, "batch", "batch", 1, 64),
    (PicturesSpec, "steps", "steps", 1, 1000),
    (PicturesSpec, "count", "count", 1, 10_000),
    (PicturesSpec, "seed", "seed", 0, SEEDS),
    (Shot, "seed", "seed", 0, SEEDS),
    (Shot, "steps", "steps", 1, 1000),
    (SheetSpec, "batch", "batch", 1, 64),
    (FilmSpec, "frames_per_transition", "frames per transition", 1, 100_000),
]
FPS = (FilmSettings, "fps")
# what goes with other fields: in test_shot
OF_SHOTS = [(Shot, "mix"), (Shot, "edit"), (Shot, "crops")]


def field_name(row: object) -> str:
    return f"{row[0].__name__}.{row[1]}" if isinstance(row, tuple) else str(row)


def test_the_tables_name_every_number(plain_fields: Fields) -> None:
    named = [row[:2] for row in (*NUMBERS, ETA, ETA_OF_PICTURES, *INTEGERS, FPS, *OF_SHOTS)]
    found = {(cls, field) for cls, field, plain in plain_fields if plain in (float, int, Fraction)}
    assert set(named) == found
    assert len(named) == len(found)


@pytest.mark.parametrize("value", ["below", "above", math.nan, math.inf, -math.inf, 10**30])
@pytest.mark.parametrize("row", [*NUMBERS, ETA, ETA_OF_PICTURES], ids=field_name)
def test_a_number_out_of_range(row: tuple[Any, ...], value: Any, refusal: Refusal) -> None:
    cls, field, name, shown, low, high = row
    if value == "below":
        value = 0 if low == 5e-324 else math.nextafter(low, -math.inf)
    elif value == "above":
        value = math.nextafter(high, math.inf)
    assert refusal(cls, field, value) == f"{name} must be in {shown}, got {value}"


@pytest.mark.parametrize("value", [True, "1", (1.0,)])
@pytest.mark.parametrize("row", [*NUMBERS, ETA, ETA_OF_PICTURES], ids=field_name)
def test_what_is_no_number(row: tuple[Any, ...], value: object, refusal: Refusal) -> None:
    cls, field, name, *_ = row
    assert refusal(cls, field, value) == f"{name} must be a number, got {value!r}"


@pytest.mark.parametrize("row", NUMBERS, ids=field_name)
def test_the_edges_of_a_number(row: tuple[Any, ...], kept: Kept) -> None:
    cls, field, _, _, low, high = row
    for edge in (low, high, float(low), float(high)):
        assert kept(cls, field, edge) == edge


def test_eta_comes_with_the_noise_it_adds(make: Make) -> None:
    assert make(Recipe, eta=0).eta == 0
    assert make(Recipe, eta=1, sampler="ddim", variance=Noise(1)).eta == 1
    for wrong in ({"eta": 0.5, "sampler": "ddim"}, {"variance": Noise(1)}):
        with pytest.raises(SpecError, match="variance must be given exactly where noise is added"):
            make(Recipe, **wrong)


def test_eta_of_pictures_comes_with_ddim(make: Make) -> None:
    assert make(PicturesSpec, eta=0.5, sampler="ddim").eta == 0.5
    with pytest.raises(SpecError, match="eta needs the sampler ddim, got euler: choose ddim"):
        make(PicturesSpec, eta=0.5, sampler="euler")


def test_the_last_pictures_seed_is_a_seed(make: Make) -> None:
    assert make(PicturesSpec, seed=SEEDS - 3, count=4).count == 4
    with pytest.raises(SpecError, match="the last picture's seed is too large"):
        make(PicturesSpec, seed=SEEDS - 3, count=5)


@pytest.mark.parametrize("row", INTEGERS, ids=field_name)
def test_a_whole_number(row: tuple[Any, ...], refusal: Refusal, kept: Kept) -> None:
    cls, field, name, low, high = row
    for value in (low - 1, high + 1, -(10**30), 10**30):
        assert refusal(cls, field, value) == f"{name} must be in [{low}, {high}], got {value}"
    for value in (float(low), True, str(low), math.nan, Fraction(low)):
        assert refusal(cls, field, value) == f"{name} must be a whole number, got {value!r}"
    assert kept(cls, field, low) == low
    assert kept(cls, field, high) == high


RATES = [
    Fraction(1, 11),
    Fraction(241),
    Fraction(0),
    -Fraction(12),
    0,
    241,
    True,
    12.0,
    "12",
    math.nan,
]


@pytest.mark.parametrize("value", RATES)
def test_what_is_no_frame_rate(value: object, refusal: Refusal) -> None:
    assert refusal(FilmSettings, "fps", value) == f"fps must be in [0.1, 240], got {value}"


@pytest.mark.parametrize("value", [Fraction(1, 10), Fraction(240), Fraction(24000, 1001), 12])
def test_a_frame_rate(value: Fraction, kept: Kept) -> None:
    assert kept(FilmSettings, "fps", value) == value


def test_a_long_value_is_shown_short(refusal: Refusal) -> None:
    sentence = refusal(Noise, "seed", "x" * 1000)
    assert sentence == f"seed must be a whole number, got '{'x' * 56}..."


def test_numbers_are_kept_as_floats(kept: Kept) -> None:
    assert type(kept(Scale, "factor", 2)) is float
    assert type(kept(Keyframe, "time", 2)) is float


def test_the_least_number_above_zero(kept: Kept) -> None:
    assert kept(Encode, "strength", sys.float_info.min) == sys.float_info.min

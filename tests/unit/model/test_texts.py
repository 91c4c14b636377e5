"""Every text, name, choice and flag of every value: what it may be is kept and named."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.model.curve import Easing
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Blend, Edit, Jitter, Picture, Prior, Prompt
from imvar_studio.model.project import AssetEntry, Audio, FilmSettings, FilmWork
from imvar_studio.model.recipe import LoraRef, ModelRef, Recipe
from imvar_studio.model.sheet import Axis, LookAxis, SheetWork
from imvar_studio.model.shot import Shot
from imvar_studio.model.source import Asset, Framing, Output, Region
from imvar_studio.model.specs import FilmSpec, PicturesSpec, SheetModel, SheetSpec
from imvar_studio.model.start import Between, Encode, InversionSpec
from imvar_studio.model.timeline import Keyframe, Marker, Timeline, Track, Transition

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., Any]
    Kept = Callable[[type, str, object], Any]
    Refusal = Callable[[type, str, object], str]
    Fields = set[tuple[type, str, type]]

SHA = "ab" * 32
SPACINGS = "trailing leading linspace"
RESIZES = "trained antialiased plain"
TRACKS = "guidance eta embedding-strength edit-amount jitter strength"
EASINGS = (
    "linear hold sine-in sine-out sine-in-out cubic-in cubic-out cubic-in-out "
    "back-in back-out back-in-out bounce-in bounce-out bounce-in-out bezier"
)
CHOICES = [
    (Framing, "mode", "framing", "fit fill crop"),
    (Region, "filter", "region filter", "bicubic lanczos nearest"),
    (Jitter, "mode", "jitter mode", "add multiply"),
    (Blend, "path", "condition path", "lerp slerp slerp-whole"),
    (InversionSpec, "method", "inversion method", "fixed-point plain"),
    (InversionSpec, "spacing", "inversion spacing", "trailing leading"),
    (Between, "path", "latent path", "slerp lerp"),
    (Recipe, "spacing", "spacing", SPACINGS),
    (Recipe, "precision", "precision", "fp32 bf16 fp16"),
    (Easing, "shape", "easing", EASINGS),
    (Transition, "condition", "condition path", "lerp slerp slerp-whole"),
    (Transition, "latent", "latent path", "slerp lerp hold circle"),
    (Track, "parameter", "track", TRACKS),
    (FilmSettings, "spacing", "spacing", SPACINGS),
    (FilmSettings, "noise_motion", "noise motion", "held walk fresh"),
    (FilmSpec, "precision", "precision", "fp32 bf16 fp16"),
    (PicturesSpec, "precision", "precision", "fp32 bf16 fp16"),
    (PicturesSpec, "spacing", "spacing", SPACINGS),
    (Picture, "resize", "resize", RESIZES),
    (Shot, "resize", "resize", RESIZES),
    (SheetModel, "spacing", "spacing", SPACINGS),
    (SheetSpec, "precision", "precision", "fp32 bf16 fp16"),
]
TEXTS = [  # with the most characters, and whether empty is one
    (Prompt, "text", "prompt", 10_000, True),
    (Edit, "origin", "edit origin", 10_000, False),
    (Edit, "target", "edit target", 10_000, False),
    (Prior, "text", "prompt", 10_000, False),
    (FilmWork, "name", "work name", 200, True),
    (FilmWork, "model", "model", 4096, False),
    (Marker, "name", "marker name", 200, True),
    (AssetEntry, "name", "asset name", 1000, True),
    (Shot, "origin", "edit origin", 10_000, True),
    (Shot, "target", "edit target", 10_000, True),
    (Shot, "model", "model", 4096, False),
    (SheetWork, "name", "work name", 200, True),
    (SheetWork, "caption", "caption", 2000, True),
    (SheetModel, "name", "model", 4096, False),
]
SLUGS = [
    (Prior, "model", "prior model"),
    (ModelRef, "id", "model id"),
    (Recipe, "sampler", "sampler"),
    (Keyframe, "id", "keyframe id"),
    (FilmSettings, "sampler", "sampler"),
    (PicturesSpec, "sampler", "sampler"),
    (FilmWork, "id", "work id"),
    (SheetWork, "id", "work id"),
    (SheetModel, "sampler", "sampler"),
]
DIGESTS = [
    (Asset, "sha", "asset"),
    (Output, "recipe", "output"),
    (LoraRef, "weights", "LoRA weights"),
    (ModelRef, "weights", "model weights"),
    (Audio, "asset", "audio asset"),
    (AssetEntry, "sha", "asset"),
]
FLAGS = [
    (Prompt, "match_norm"),
    (Encode, "continuous"),
    (Timeline, "loop"),
    (SheetWork, "likeness"),
]
# what goes with other fields, or is a list: in test_shot and test_sheet
ELSEWHERE = [
    (Shot, "start"),
    (Shot, "sampler"),
    (Axis, "parameter"),
    (Axis, "values"),
    (Axis, "labels"),
    (LookAxis, "labels"),
    (ModelRef, "text"),
    (Prior, "weights"),
]
COLOUR = (Framing, "background")
SUFFIX = (AssetEntry, "suffix")


def field_name(row: object) -> str:
    return f"{row[0].__name__}.{row[1]}" if isinstance(row, tuple) else str(row)


def test_the_tables_name_every_text_and_flag(plain_fields: Fields) -> None:
    tables = (CHOICES, TEXTS, SLUGS, DIGESTS, FLAGS, ELSEWHERE, (COLOUR, SUFFIX))
    named = [row[:2] for table in tables for row in table]
    found = {(cls, field) for cls, field, plain in plain_fields if plain in (str, bool)}
    assert set(named) == found
    assert len(named) == len(found)


@pytest.mark.parametrize("row", CHOICES, ids=field_name)
def test_a_choice(row: tuple[Any, ...], refusal: Refusal, kept: Kept) -> None:
    cls, field, name, options = row
    listed = options.split()
    for value in ("", "other", listed[0].upper(), listed[0] + " ", 3, None, [], math.nan):
        expected = f"{name} must be one of {', '.join(listed)}, got {value!r}"
        assert refusal(cls, field, value) == expected
    for option in listed:
        assert kept(cls, field, option) == option


@pytest.mark.parametrize("row", TEXTS, ids=field_name)
def test_a_text(row: tuple[Any, ...], refusal: Refusal, kept: Kept) -> None:
    cls, field, name, longest, empty = row
    for value in (3, None, b"owl", ["owl"]):
        assert refusal(cls, field, value) == f"{name} must be text, got {value!r}"
    for value in ("a\x00b", "a\rb", "\x1b[2J", "\x7f", "a\x85b", "half \ud83d"):
        assert refusal(cls, field, value) == f"{name} must not hold control characters"
    over = f"{name} must have at most {longest} characters, got {longest + 1}"
    assert refusal(cls, field, "x" * (longest + 1)) == over
    assert kept(cls, field, "e\u0301" * longest) == "\u00e9" * longest
    assert kept(cls, field, "Straße\t梟\n🦉") == "Straße\t梟\n🦉"
    for value in ("", " \n"):
        if empty:
            assert kept(cls, field, value) == value
        else:
            assert refusal(cls, field, value) == f"{name} must not be empty"


@pytest.mark.parametrize("row", SLUGS, ids=field_name)
def test_a_slug(row: tuple[Any, ...], refusal: Refusal, kept: Kept) -> None:
    cls, field, name = row
    for value in ("", "A", "-a", ".a", "a b", "a/b", "a\n", "ä", "a" * 65, 3, None):
        expected = f"{name} must be 1 to 64 of a-z, 0-9, '.', '_', '-', beginning with"
        assert refusal(cls, field, value).startswith(expected)
    for value in ("a", "0", "key-1", "sd_1.5-x", "a" * 64):
        assert kept(cls, field, value) == value


@pytest.mark.parametrize("value", ["ab", "AB" * 32, None, 3])
def test_a_text_tower_is_a_digest_or_there_is_none(value: Any) -> None:
    assert ModelRef("tiny", "ab" * 32, text="cd" * 32).text == "cd" * 32
    assert ModelRef("tiny", "ab" * 32).text == ""
    with pytest.raises(SpecError, match=r"^text tower must be 64 hexadecimal digits, got "):
        ModelRef("tiny", "ab" * 32, text=value)


@pytest.mark.parametrize("row", DIGESTS, ids=field_name)
def test_a_digest(row: tuple[Any, ...], refusal: Refusal, kept: Kept) -> None:
    cls, field, name = row
    for value in ("", "ab" * 31, "ab" * 33, "AB" * 32, "g" * 64, SHA + "\n", 3, None):
        assert refusal(cls, field, value).startswith(f"{name} must be 64 hexadecimal digits, got ")
    assert kept(cls, field, "0123456789abcdef" * 4) == "0123456789abcdef" * 4


@pytest.mark.parametrize(("cls", "field"), FLAGS)
def test_a_flag(cls: type, field: str, refusal: Refusal, kept: Kept) -> None:
    for value in (0, 1, "true", None):
        assert refusal(cls, field, value) == f"{field} must be true or false, got {value!r}"
    assert kept(cls, field, True) is True
    assert kept(cls, field, False) is False


@pytest.mark.parametrize("value", ["#fff", "white", "#gggggg", "ffffff", "#ffffff\n", 3, None])
def test_what_is_no_colour(value: object, refusal: Refusal) -> None:
    expected = f"framing background must be a colour like #ffffff, got {value!r}"
    assert refusal(Framing, "background", value) == expected


def test_a_colour_is_kept_in_lower_case(kept: Kept) -> None:
    assert kept(Framing, "background", "#FFA07a") == "#ffa07a"


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("png", "asset suffix must begin with a dot, got 'png'"),
        (".", "asset suffix must be 1 to 64 of"),
        ("./../x", "asset suffix must be 1 to 64 of"),
        (".PNG", "asset suffix must be 1 to 64 of"),
        (3, "asset suffix must be text, got 3"),
    ],
)
def test_what_is_no_suffix(value: object, sentence: str, refusal: Refusal) -> None:
    assert refusal(AssetEntry, "suffix", value).startswith(sentence)


def test_a_prior_s_weights_are_a_digest_or_not_named() -> None:
    assert Prior("an owl", "karlo").weights == ""
    assert Prior("an owl", "karlo", weights="ab" * 32).weights == "ab" * 32
    with pytest.raises(SpecError, match=r"^prior weights must be 64 hexadecimal digits, got "):
        Prior("an owl", "karlo", weights="ab")

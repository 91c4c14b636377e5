"""Prints the digests of recipes and a plan that must never change, as JSON.

The expected values are in digests.json. They are written anew only when `ENGINE_EPOCH` is
raised or a recipe is added here, with

    python tests/golden/make_digests.py > tests/golden/digests.json

Needs the standard library and imvar_studio alone, so that any Python can run it.
"""

from __future__ import annotations

import contextlib
import json
import locale
from dataclasses import replace
from fractions import Fraction

from imvar_studio.model.curve import Curve, CurvePoint, Easing
from imvar_studio.model.look import (
    Blend,
    Crop,
    Edit,
    Jitter,
    Join,
    Look,
    Mix,
    Nothing,
    Picture,
    Prior,
    Prompt,
    Scale,
    Shift,
    Weighted,
)
from imvar_studio.model.project import FilmSettings, FilmWork
from imvar_studio.model.recipe import LoraRef, ModelRef, Recipe, recipe_digest
from imvar_studio.model.source import Asset, Framing, Output, Rect, Region, Size
from imvar_studio.model.specs import FilmSpec
from imvar_studio.model.start import Between, Circle, Encode, InversionSpec, Inverted, Noise
from imvar_studio.model.timeline import Keyframe, Timeline, Track, Transition
from imvar_studio.plan.film import film

MODEL = ModelRef("starter", "0123456789abcdef" * 4)
LORA = LoraRef("fedcba9876543210" * 4, -0.75)
OWL = Asset("ab" * 32)
FOX = Asset("cd" * 32, Framing("crop", 0.1, 2 / 3, 1.25, "#102030"))
LEAF = Region(FOX, Rect(0.1, 0.2, 1 / 3, 0.8), Size(224, 160), "lanczos")
PROMPT = Prompt("Ein Käuzchen, 梟 🦉,\n\t'im' \"Schnee\" \\ e\u0301")
SIZE = Size(256, 192)


def one(look: Look, weight: float = 1.0) -> tuple[Weighted, ...]:
    """Return an ensemble of one look."""
    return (Weighted(look, weight),)


def recipes() -> dict[str, Recipe]:
    """Return recipes that between them use every kind of value."""
    plain = Recipe(MODEL, one(PROMPT), Noise(7), SIZE)
    inverted = Inverted(OWL, InversionSpec("plain", 50, spacing="leading", look=Prompt("owl")))
    mix = Mix((Weighted(Picture(LEAF), 1 / 7), Weighted(PROMPT, 100)))
    jitter = Jitter(Edit(mix, "by day", "by night", -2 / 3), "multiply", 1e-7, 2**63 - 1)
    crops = Join((Crop(OWL, LEAF.rect), Crop(OWL, None, 5, 9), Prior("owl", "karlo", 3, 10, 2.5)))
    blend = Blend(Shift(Picture(OWL), -1e-9), Scale(PROMPT, 4), 0.1 + 0.2, "slerp-whole")
    walk = Between(Noise(2**53 + 1), Circle(Noise(1), inverted, 1 / 3), -0.123456789123, "lerp")
    return {
        "a prompt": plain,
        "a picture": replace(plain, looks=one(Picture(OWL)), start=Inverted(OWL), guidance=1),
        "inverted plainly": replace(plain, start=inverted, steps=50, spacing="leading"),
        "img2img": replace(plain, start=Encode(FOX, 2 / 3, 11), negative=Prompt("blur, noise")),
        "an ensemble": replace(plain, looks=one(PROMPT, 0.1) + one(Nothing(), 1e-5)),
        "deep looks": replace(plain, looks=one(jitter)),
        "crops and a prior": replace(plain, looks=one(crops)),
        "a blend": replace(plain, looks=one(blend), start=walk, guidance=2.9999999999999996),
        "eta": replace(plain, sampler="ddim", eta=1 / 3, variance=Noise(0)),
        "LoRAs in bf16": replace(plain, model=replace(MODEL, loras=(LORA,)), precision="bf16"),
        "made from another": replace(plain, looks=one(Picture(Output("12" * 32)), 12345.678e-3)),
    }


def plan_spec() -> FilmSpec:
    """Return a looping film through prompts and pictures, with tracks and easings."""
    glow = Curve((CurvePoint(0, 2, Easing("sine-in-out")), CurvePoint(2.5, 6)))
    bow = Transition(Easing("bezier", 0.42, 0, 0.58, 1), "slerp")
    keys = (
        Keyframe("owl", 0, one(PROMPT), transition=bow),
        Keyframe("fox", 1, one(Picture(FOX)), transition=Transition(Easing("back-out"))),
        Keyframe("leaf", 2, one(Picture(LEAF)), guidance=5),
        Keyframe("end", 3, one(Prompt("snow")), Noise(5), transition=Transition(latent="circle")),
    )
    timeline = Timeline(keys, (Track("guidance", glow),), 4, loop=True)
    settings = FilmSettings(SIZE, Fraction(24000, 1001), sampler="ddim", seed=3, eta=0.25)
    return FilmSpec(FilmWork("film", "Film", timeline, settings), MODEL, batch=8)


def digests() -> dict[str, object]:
    """Return all names."""
    return {
        "recipes": {name: recipe_digest(recipe) for name, recipe in recipes().items()},
        "plan": film(plan_spec()).digest,
    }


if __name__ == "__main__":
    with contextlib.suppress(locale.Error):
        locale.setlocale(locale.LC_ALL, "")  # as programs with windows do
    print(json.dumps(digests(), indent=1))

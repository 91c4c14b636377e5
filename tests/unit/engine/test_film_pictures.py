"""A film passes through its pictures: two photographs, two drawings, with the starter."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from imvar_studio.engine.device import choose_compute
from imvar_studio.engine.framing import load_framed
from imvar_studio.engine.pixels import decode, encode
from imvar_studio.engine.renderer import Renderer
from imvar_studio.model.look import Picture, Weighted
from imvar_studio.model.project import FilmSettings, FilmWork
from imvar_studio.model.specs import FilmSpec
from imvar_studio.model.start import Inverted
from imvar_studio.model.timeline import Keyframe, Timeline
from imvar_studio.plan.film import film
from imvar_studio.plan.plan import batch_key, chunks

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.model.source import Asset
    from imvar_studio.plan.plan import Plan

NAMES = ("cat.jpg", "coffee.jpg", "turtle-in-a-meadow.jpg", "sailboat-at-sunset.jpg")
STRIDE = 5  # frames from picture to picture: each falls on another slot of another chunk
BATCH = 4
ENOUGH = 36.0  # dB


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    error = np.mean((a.astype(float) - b.astype(float)) ** 2)
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def plan_of(bundle: Bundle, assets: list[Asset]) -> Plan:
    keys = tuple(
        Keyframe(f"key-{i}", float(i), (Weighted(Picture(asset)),))
        for i, asset in enumerate(assets)
    )
    work = FilmWork("film", timeline=Timeline(keys), settings=FilmSettings(size=bundle.card.native))
    return film(FilmSpec(work, bundle.card.ref, bundle.compute.precision, BATCH, STRIDE))


def slots(plan: Plan) -> dict[str, int]:
    """Return every picture's slot in its chunk, by digest."""
    return {each.digest: slot for chunk in chunks(plan) for slot, each in enumerate(chunk)}


@pytest.mark.slow
def test_the_film_shows_its_pictures_and_with_constant_guidance_it_does_not(
    load_model: Callable[..., Bundle], pictures: Any, cache: Any
) -> None:
    bundle = load_model("starter", choose_compute("cpu").precision)
    assets = [pictures.asset(name) for name in NAMES]
    plan = plan_of(bundle, assets)
    keys = [plan.pictures[plan.frames[i * STRIDE]] for i in range(len(NAMES))]
    recipes = [key.recipe for key in keys]
    assert [recipe.start for recipe in recipes] == [Inverted(asset) for asset in assets]
    assert {(each.guidance, each.steps, each.sampler) for each in recipes} == {(1.0, 25, "ddim")}
    # their chunks are alike, and neighbours don't matter (test_renderer): one batch does for all
    places = [slots(plan)[key.digest] for key in keys]
    assert sorted(places) == [0, 1, 2, 3]
    assert len({batch_key(recipe) for recipe in recipes}) == 1

    renderer = Renderer(bundle, pictures, cache)
    renderer.prepare(recipes)
    shown = renderer.render(recipes, BATCH, places)
    constant = [replace(recipe, guidance=3.0) for recipe in recipes]
    undipped = renderer.render(constant, BATCH, places)

    for name, asset, with_dip, without in zip(NAMES, assets, shown, undipped, strict=True):
        framed = load_framed(asset, bundle.card.native, pictures)
        with torch.inference_mode():
            best = decode(bundle, encode(bundle, framed), bundle.card.native)[0].numpy()
        own = (framed.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()
        found = psnr(with_dip, best), psnr(without, best), psnr(with_dip, own), psnr(best, own)
        print(f"{name}: {found[0]:.1f} dB, at guidance 3 {found[1]:.1f} dB")
        print(f"against the picture {found[2]:.1f} dB, the VAE's own {found[3]:.1f} dB")
        assert found[0] >= ENOUGH, name
        assert found[1] < ENOUGH, name
        assert found[2] > found[3] - 1, name  # what is lost, the VAE loses

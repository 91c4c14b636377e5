"""Recipes to pixels: what a picture's bits depend on, and what they do not."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from imvar_studio.engine.device import choose_compute
from imvar_studio.engine.pixels import decode_float, encode
from imvar_studio.engine.renderer import Renderer
from imvar_studio.model.errors import Cancelled, SpecError
from imvar_studio.model.look import Blend, Join, Picture, Prompt
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.source import Size
from imvar_studio.model.start import (
    Between,
    Circle,
    Encode,
    InversionSpec,
    Inverted,
    Noise,
)
from imvar_studio.plan.plan import chunks, gather

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.model.recipe import Recipe

BATCH = 4


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    error = np.mean((a.astype(float) - b.astype(float)) ** 2)
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def check_slots(renderer: Renderer, wanted: Recipe, others: list[Recipe]) -> NDArray[np.uint8]:
    """Render `wanted` in every slot, alone and beside others: equal arrays."""
    alone = [renderer.render([wanted], BATCH, [slot])[0] for slot in range(BATCH)]
    for picture in alone[1:]:
        np.testing.assert_array_equal(picture, alone[0])
    for slot in range(BATCH):
        chunk = [*others[:slot], wanted, *others[slot:]]
        together = renderer.render(chunk, BATCH, range(BATCH))
        np.testing.assert_array_equal(together[slot], alone[0])
        for other in (*together[:slot], *together[slot + 1 :]):
            assert not np.array_equal(other, alone[0])
    # a torn chunk: slots as they were, gaps between
    torn = renderer.render([others[0], wanted], BATCH, [3, 1])
    np.testing.assert_array_equal(torn[1], alone[0])
    return alone[0]


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("sampler", ["dpmpp-2m", "ddim", "euler"])
def test_bits_depend_neither_on_slot_nor_on_neighbours(
    load_model: Callable[..., Bundle], recipe: Callable[..., Recipe], pictures: Any,
    precision: str, sampler: str,
) -> None:  # fmt: skip
    bundle = load_model("v_prediction", precision)
    make = [
        recipe(bundle, Prompt(f"a cat {seed}"), start=Noise(seed), sampler=sampler, guidance=seed)
        for seed in range(1, 5)
    ]
    picture = check_slots(Renderer(bundle, pictures), make[0], make[1:])
    assert picture.std() > 5


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_eta_and_inverted_pictures_keep_to_themselves_too(
    load_model: Callable[..., Bundle], recipe: Callable[..., Recipe], pictures: Any, precision: str
) -> None:
    bundle = load_model("v_prediction", precision)
    renderer = Renderer(bundle, pictures)
    noisy = [
        recipe(bundle, start=Noise(seed), sampler="ddim", eta=seed / 4, variance=Noise(seed + 9))
        for seed in range(1, 5)
    ]
    check_slots(renderer, noisy[0], noisy[1:])
    source = Inverted(pictures.asset("waves 64x80"), InversionSpec(steps=4, evaluations=1))
    ways = [
        recipe(bundle, start=Between(source, Noise(5), u), sampler="ddim", guidance=1 + u)
        for u in (0.0, 0.3, 0.6, 0.9)
    ]
    check_slots(renderer, ways[0], ways[1:])


def test_the_starters_bits_in_the_precision_of_this_machine(
    load_model: Callable[..., Bundle], recipe: Callable[..., Recipe], pictures: Any
) -> None:
    bundle = load_model("starter", choose_compute("cpu").precision)
    renderer = Renderer(bundle, pictures)
    make = [recipe(bundle, Prompt(f"a {w}"), steps=2) for w in ("cat", "dog", "boat", "tree")]
    alone = renderer.render(make[:1], BATCH, [1])[0]
    np.testing.assert_array_equal(renderer.render(make[:1], BATCH, [2])[0], alone)
    for slot in range(BATCH):
        chunk = [*make[1 : slot + 1], make[0], *make[slot + 1 :]]
        together = renderer.render(chunk, BATCH, range(BATCH))
        np.testing.assert_array_equal(together[slot], alone)


@torch.inference_mode()
def test_pictures_of_other_token_counts_do_not_share_a_chunk(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any
) -> None:
    """Conditions of a batch are repeated to one count: that must be a picture's own."""
    cat, two = Prompt("a cat"), Join((Prompt("a dog"), Prompt("an owl")))
    looks = [cat, cat, Blend(cat, two, 0.5), two, Join((two, cat))]
    recipes = [recipe(tiny, look, start=Noise(i)) for i, look in enumerate(looks)]
    plan = gather(recipes, Fraction(12), BATCH)
    assert [len(chunk) for chunk in chunks(plan)] == [2, 2, 1]
    ensemble = [recipe(tiny, cat, two), recipe(tiny, two, cat), recipe(tiny, cat, cat)]
    plan = gather(ensemble, Fraction(12), BATCH)
    assert [len(chunk) for chunk in chunks(plan)] == [2, 1]
    against = [recipe(tiny, cat), recipe(tiny, cat, negative=two)]
    assert len(chunks(gather(against, Fraction(12), BATCH))) == 2

    renderer = Renderer(tiny, pictures)
    for run in chunks(gather(recipes, Fraction(12), BATCH)):
        whole = renderer.render([each.recipe for each in run], BATCH, range(len(run)))
        for slot, each in enumerate(run):
            alone = renderer.render([each.recipe], BATCH, [slot])[0]
            np.testing.assert_array_equal(alone, whole[slot])


def test_a_batch_of_4_and_of_1_agree_in_fp32(
    load_model: Callable[..., Bundle], recipe: Callable[..., Recipe], pictures: Any
) -> None:
    for model, steps in (("epsilon", 8), ("starter", 4)):
        bundle = load_model(model, "fp32")
        renderer = Renderer(bundle, pictures)
        wanted = recipe(bundle, Prompt("a red apple"), steps=steps)
        one, four = (renderer.render([wanted], batch, [0])[0] for batch in (1, 4))
        apart = np.abs(one.astype(int) - four.astype(int)).max()
        print(f"{model}: batch 4 and 1 are {apart}/255 apart")
        assert apart <= 2


def test_half_precision_is_near_fp32(
    load_model: Callable[..., Bundle], recipe: Callable[..., Recipe], pictures: Any
) -> None:
    found = []
    for precision in ("fp32", "bf16"):
        bundle = load_model("starter", precision)
        wanted = recipe(bundle, Prompt("a red apple"), steps=6)
        found += Renderer(bundle, pictures).render([wanted], 1, [0])
    print(f"bf16 against fp32: {psnr(*found):.1f} dB")
    assert 30 <= psnr(*found) < 70


def test_two_fresh_processes_make_the_same_bits(
    tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    script = """
import hashlib, sys
import numpy as np
from imvar_studio.engine.device import choose_compute
from imvar_studio.engine.library import load_bundle
from imvar_studio.engine.renderer import Renderer
from imvar_studio.model.look import Jitter, Picture, Prompt, Weighted
from imvar_studio.model.recipe import Recipe
from imvar_studio.model.source import Asset, Size
from imvar_studio.model.start import Between, InversionSpec, Inverted, Noise
from imvar_studio.store.models import resolve

def load(sha, background):
    return np.random.default_rng(3).integers(0, 256, (64, 72, 3)).astype(np.uint8)

card = resolve(sys.argv[1])
asset = Asset("ab" * 32)
source = Inverted(asset, InversionSpec(steps=4, evaluations=2))
looks = (Weighted(Jitter(Prompt("a cat"), "add", 0.2, 3)), Weighted(Picture(asset), 0.5))
for precision in ("fp32", "bf16"):
    renderer = Renderer(load_bundle(card, choose_compute("cpu", precision)), load)
    for changes in (
        {"start": Noise(1)},
        {"start": Noise(1), "sampler": "ddim", "eta": 0.5, "variance": Noise(2)},
        {"start": Between(source, Noise(4), 0.3), "sampler": "ddim"},
    ):
        recipe = Recipe(card.ref, looks, size=Size(64, 64), steps=4, precision=precision, **changes)
        for pixels in renderer.render([recipe], 4, [1]):
            print(hashlib.sha256(pixels.tobytes()).hexdigest())
"""
    printed = []
    for hash_seed in ("1", "2"):
        own = {"IMVAR_HOME": str(tmp_path), "PYTHONHASHSEED": hash_seed}
        result = subprocess.run(
            [sys.executable, "-c", script, str(tiny_model("v_prediction"))],
            env={**os.environ, **own}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        printed.append(result.stdout.split())
    assert printed[0] == printed[1]
    assert len(set(printed[0])) == 6


def test_every_setting_of_a_recipe_reaches_the_picture(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any
) -> None:
    renderer = Renderer(tiny, pictures)
    base = recipe(tiny, Prompt("a cat"), sampler="ddim", eta=0.3, variance=Noise(4))
    changed = [
        base,
        replace(base, looks=recipe(tiny, Prompt("a dog")).looks),
        replace(base, start=Noise(2)),
        replace(base, start=Between(Noise(1), Noise(2), 0.4)),
        replace(base, start=Between(Noise(1), Noise(2), 0.4, "lerp")),
        replace(base, start=Circle(Noise(1), Noise(2), 0.4)),
        replace(base, start=Inverted(pictures.asset("waves 64x64"), InversionSpec(steps=4))),
        replace(base, start=Encode(pictures.asset("waves 64x64"), 0.5, 1)),
        replace(base, start=Encode(pictures.asset("waves 64x64"), 0.8, 1)),
        replace(base, start=Encode(pictures.asset("waves 64x64"), 0.8, 2)),
        replace(base, start=Encode(pictures.asset("waves 64x64"), 0.8, 1, continuous=True)),
        replace(base, start=Encode(pictures.asset("waves 64x80"), 0.8, 1)),
        replace(base, size=Size(64, 80)),
        replace(base, steps=5),
        replace(base, guidance=2.0),
        replace(base, negative=Prompt("a dog")),
        replace(base, sampler="euler", eta=0, variance=None),
        replace(base, sampler="dpmpp-2m", eta=0, variance=None),
        replace(base, spacing="leading"),
        replace(base, eta=0.6),
        replace(base, variance=Noise(5)),
    ]
    latents = [renderer.latents([each]) for each in changed]
    for i, one in enumerate(latents):
        for other in latents[:i]:
            assert one.shape != other.shape or (one - other).abs().max() > 1e-3


def test_floats_that_the_name_does_not_tell_apart_make_the_same_bits(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any
) -> None:
    renderer = Renderer(tiny, pictures)
    one, other = (recipe(tiny, guidance=g) for g in (3.0, 3.0000000000001))
    assert torch.equal(renderer.latents([one]), renderer.latents([other]))


@pytest.mark.parametrize("size", [Size(72, 88), Size(88, 72), Size(65, 64), Size(100, 67)])
def test_sizes_the_model_cannot_take_are_cut_from_the_next(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any, size: Size
) -> None:
    renderer = Renderer(tiny, pictures)
    wanted = recipe(tiny, size=size)
    picture = renderer.render([wanted], 1, [0])[0]
    assert picture.shape == (size.height, size.width, 3)
    assert picture.dtype == np.uint8
    latents = renderer.latents([wanted])
    working = Size(-(-size.width // 16) * 16, -(-size.height // 16) * 16)
    assert latents.shape == (1, 4, working.height // 8, working.width // 8)
    with torch.inference_mode():
        whole = tiny.vae.decode(latents / tiny.vae.config.scaling_factor).sample
    whole = ((whole / 2 + 0.5).clamp(0, 1) * 255).round()[0].permute(1, 2, 0).numpy()
    top, left = (working.height - size.height) // 2, (working.width - size.width) // 2
    cut = whole[top : top + size.height, left : left + size.width]
    assert np.abs(cut - picture).max() <= 1
    assert np.abs(cut - picture).mean() < 0.02  # rounded, not cut off


@torch.inference_mode()
def test_a_picture_of_any_size_comes_back_in_its_place(
    load_model: Callable[..., Bundle], pictures: Any
) -> None:
    bundle = load_model("starter", "fp32")
    pixels = pictures(pictures.asset("waves 104x86").sha, "#ffffff")
    picture = torch.from_numpy(pixels).permute(2, 0, 1).float() / 255
    back = decode_float(bundle, encode(bundle, picture), Size(104, 86))[0]
    error = (back - picture).pow(2).mean().item()
    shifted = (back.roll(8, 2) - picture).pow(2).mean().item()
    print(f"{-10 * math.log10(error):.1f} dB, 8 px aside {-10 * math.log10(shifted):.1f} dB")
    assert -10 * math.log10(error) > 30
    assert -10 * math.log10(shifted) < 25


def test_progress_is_told_once_a_step(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any, unet_calls: Callable[..., Any]
) -> None:
    reports: list[tuple[str, int, int]] = []
    with unet_calls(tiny) as calls:
        Renderer(tiny, pictures).render(
            [recipe(tiny, Prompt("a cat"), Prompt("a dog"), steps=5)],
            BATCH, [2], lambda *report: reports.append(report),
        )  # fmt: skip
    assert reports == [("denoising", step, 5) for step in range(1, 6)]
    assert calls.samples == [3 * BATCH] * 5


@pytest.mark.parametrize("sampler", ["dpmpp-2m", "ddim", "euler"])
def test_cancel_stops_within_a_step(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any,
    unet_calls: Callable[..., Any], sampler: str,
) -> None:  # fmt: skip
    renderer, wanted = Renderer(tiny, pictures), recipe(tiny, steps=8, sampler=sampler)
    whole = renderer.render([wanted], 1, [0])[0]

    def report(phase: str, done: int, total: int) -> None:
        if done == 3:
            raise Cancelled

    with unet_calls(tiny) as calls, pytest.raises(Cancelled):
        renderer.render([wanted], 1, [0], report)
    assert len(calls) == 3
    np.testing.assert_array_equal(renderer.render([wanted], 1, [0])[0], whole)


def test_cancel_stops_an_inversion_within_a_step(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any, cache: Any,
    unet_calls: Callable[..., Any],
) -> None:  # fmt: skip
    spec = InversionSpec(steps=6, evaluations=3)
    starts = [Inverted(pictures.asset(f"waves 64x{side}"), spec) for side in (64, 80)]
    recipes = [recipe(tiny, start=start, steps=6, sampler="ddim") for start in starts]
    renderer = Renderer(tiny, pictures, cache)
    said: list[int] = []

    def report(phase: str, done: int, total: int) -> None:
        assert (phase, total) == ("inverting", 2 * 22)
        said.append(done)
        if len(said) == 8:  # the second picture's second step
            raise Cancelled

    with unet_calls(tiny) as calls, pytest.raises(Cancelled):
        renderer.prepare(recipes, report)
    assert said == sorted(said)
    assert len(calls) == 22 + (2 * 3 + 1) + 3
    assert renderer.inversions_to_make(recipes) == 22  # the first is kept


def test_recipes_of_another_model_or_precision_are_refused(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any
) -> None:
    renderer = Renderer(tiny, pictures)
    other = replace(recipe(tiny), model=ModelRef(tiny.card.ref.id, "ab" * 32))
    with pytest.raises(SpecError, match=r"with other weights than are loaded$"):
        renderer.render([other], 1, [0])
    with pytest.raises(SpecError, match=r"^the recipe wants bf16, the model is loaded in fp32$"):
        renderer.render([recipe(tiny, precision="bf16")], 1, [0])


def test_a_sampler_that_does_not_exist_is_refused_by_name(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any
) -> None:
    with pytest.raises(SpecError, match=r"^sampler must be one of .*ddim.*, got 'plms'$"):
        Renderer(tiny, pictures).render([recipe(tiny, sampler="plms")], 1, [0])


def test_the_fingerprint_is_of_the_chunk(tiny: Bundle, pictures: Any) -> None:
    renderer = Renderer(tiny, pictures)
    assert renderer.fingerprint(4) == tiny.compute.fingerprint(4)
    assert renderer.fingerprint(4) != renderer.fingerprint(2)
    assert renderer.bundle is tiny


def test_a_picture_look_is_framed_as_the_start_is(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any
) -> None:
    asset = pictures.asset("waves 100x64")
    renderer = Renderer(tiny, pictures)
    wide, tall = (
        renderer.latents([recipe(tiny, Picture(asset), size=size, guidance=1)])
        for size in (Size(128, 64), Size(64, 128))
    )
    assert wide.shape == (1, 4, 8, 16)
    assert tall.shape == (1, 4, 16, 8)

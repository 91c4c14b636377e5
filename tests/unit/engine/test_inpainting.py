"""Painting a part of a picture anew: the rest comes back to the bit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from imvar_studio.engine.calibration import calibrate
from imvar_studio.engine.evaluations import Call
from imvar_studio.engine.framing import load_framed
from imvar_studio.engine.inpainting import load_mask, opacity
from imvar_studio.engine.renderer import Renderer
from imvar_studio.model.errors import ModelError, SpecError
from imvar_studio.model.inpaint import Inpaint
from imvar_studio.model.look import Prompt
from imvar_studio.model.source import Asset, Framing, Output, Size
from imvar_studio.model.start import Encode, Noise
from tests.unit.engine.test_renderer import check_slots

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.model.recipe import Recipe

SOURCE = "aa" * 32


class Masks:
    """Pictures of waves, and masks, by SHA-256; remembers the backgrounds that were asked for."""

    def __init__(self, pictures: Any) -> None:
        self._pictures = pictures
        self._masks: dict[str, NDArray[Any]] = {}
        self.backgrounds: dict[str, str] = {}

    def add(self, mask: NDArray[Any]) -> Asset:
        sha = f"{len(self._masks):064x}"
        self._masks[sha] = np.repeat(mask[..., None], 3, axis=-1)
        return Asset(sha)

    def disc(self, width: int, height: int, x: float = 0.5, y: float = 0.5) -> Asset:
        v, u = np.mgrid[:height, :width]
        far = ((u + 0.5) / width - x) ** 2 + ((v + 0.5) / height - y) ** 2
        return self.add(np.where(far < 0.09, 255, 0).astype(np.uint8))

    def __call__(self, sha: str, background: str) -> NDArray[Any]:
        self.backgrounds[sha] = background
        if sha in self._masks:
            return self._masks[sha]
        found: NDArray[Any] = self._pictures(sha, background)
        return found


@pytest.fixture
def masks(pictures: Any) -> Masks:
    return Masks(pictures)


def framed(inpaint: Inpaint, size: Size, load: Masks) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The picture as it is framed (h, w, 3) uint8, and where it is painted (h, w)."""
    picture = load_framed(inpaint.source, size, load)
    pixels = picture.mul(255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    return pixels, load_mask(inpaint, size, load).numpy()


@pytest.mark.parametrize("feather", [0.0, 5.0])
@pytest.mark.parametrize("size", [Size(64, 64), Size(72, 88), Size(65, 100)])
@pytest.mark.parametrize("kind", ["text", "text_inpainting"])
@pytest.mark.parametrize("strength", [None, 0.6])
def test_what_is_not_painted_comes_back_to_the_bit(
    load_model: Callable[..., Bundle], recipe: Callable[..., Recipe], pictures: Any, masks: Masks,
    kind: str, size: Size, feather: float, strength: float | None,
) -> None:  # fmt: skip
    bundle = load_model(kind, "fp32")
    framing = Framing("crop", 0.4, 0.6, 1.2)
    source = replace(pictures.asset("waves 120x90"), framing=framing)
    inpaint = Inpaint(source, masks.disc(120, 90, 0.4), feather)
    start = Noise(1) if strength is None else Encode(source, strength, 1)
    wanted = recipe(
        bundle, Prompt("a cat"), start=start, size=size, inpaint=inpaint, sampler="ddim"
    )
    picture = Renderer(bundle, masks).render([wanted], 2, [1])[0]
    pixels, mask = framed(inpaint, size, masks)
    assert picture.shape == (size.height, size.width, 3)
    assert picture.dtype == np.uint8
    assert 0.1 < mask.mean() < 0.9
    np.testing.assert_array_equal(picture[~mask], pixels[~mask])
    changed = (picture[mask].astype(int) != pixels[mask]).any(-1).mean()
    assert changed > 0.8


def test_new_paint_fades_in_over_the_feather() -> None:
    mask = np.zeros((9, 40), bool)
    mask[:, 10:] = True
    edge = [0.0] * 10
    for feather, ramp in ((0.0, [1.0]), (1.0, [1 / 2]), (4.0, [0.2, 0.4, 0.6, 0.8])):
        profile = opacity(mask, feather)
        assert profile.shape == (9, 40, 1)
        assert profile.dtype == np.float32
        expected = [*edge, *ramp, *[1.0] * (30 - len(ramp))]
        for row in profile[..., 0]:
            assert row.tolist() == pytest.approx(expected, abs=1e-6)
    corner = np.zeros((30, 30), bool)
    corner[5:, 5:] = True  # nearest what stays is a line, not the picture's edge
    assert opacity(corner, 9.0)[20, 29, 0] == 1.0
    assert opacity(corner, 9.0)[6, 29, 0] == pytest.approx(0.2)
    assert (opacity(np.ones((4, 5), bool), 200.0) == 1).all()
    wide = opacity(mask, 256.0)
    assert 0 < wide.max() == pytest.approx(30 / 257)


def test_the_finished_picture_is_mixed_by_it(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any, masks: Masks
) -> None:
    source, mask = pictures.asset("waves 64x64"), masks.disc(64, 64)
    renderer, size = Renderer(tiny, masks), Size(64, 64)
    hard, soft = (
        renderer.render([recipe(tiny, inpaint=Inpaint(source, mask, feather))], 1, [0])[0]
        for feather in (0.0, 6.0)
    )
    pixels, painted = framed(Inpaint(source, mask), size, masks)
    share = opacity(painted, 6.0)
    mixed = pixels + share * (hard.astype(float) - pixels)
    assert np.abs(soft - mixed).max() <= 0.5001
    assert np.abs(soft.astype(int) - hard).max() > 20


@pytest.mark.parametrize("strength", [None, 0.7])
@pytest.mark.parametrize("kind", ["v_prediction", "text", "text_inpainting"])
def test_bits_depend_neither_on_slot_nor_on_neighbours(
    load_model: Callable[..., Bundle], recipe: Callable[..., Recipe], pictures: Any, masks: Masks,
    kind: str, strength: float | None,
) -> None:  # fmt: skip
    """Pictures of a batch have masks of their own."""
    bundle = load_model(kind, "fp32")
    recipes = []
    for seed in range(1, 5):
        source = pictures.asset(f"waves {56 + 8 * seed}x64")
        mask = masks.disc(56 + 8 * seed, 64, seed / 5)
        start = Noise(seed) if strength is None else Encode(source, strength, seed)
        inpaint = Inpaint(source, mask, seed)
        recipes.append(recipe(bundle, Prompt("a cat"), start=start, inpaint=inpaint))
    check_slots(Renderer(bundle, masks), recipes[0], recipes[1:])


@pytest.mark.parametrize("sampler", ["dpmpp-2m", "unipc", "ddim", "euler", "euler-ancestral",
                                     "lms", "pndm", "lcm"])  # fmt: skip
def test_every_sampler_paints_into_the_latents_that_stay(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any, masks: Masks, sampler: str
) -> None:
    source = pictures.asset("waves 64x64")
    draws = {"variance": Noise(5)} if sampler in ("euler-ancestral", "lcm") else {}
    renderer = Renderer(tiny, masks)
    cells = np.zeros((8, 8), np.uint8)
    cells[2:6, 3:7] = 255
    inpaint = Inpaint(source, masks.add(np.kron(cells, np.ones((8, 8), np.uint8))))
    own = renderer._starts.clean(recipe(tiny, start=Encode(source, 0.5, 1)))
    for start in (Noise(1), Encode(source, 0.5, 1), Encode(source, 0.5, 1, True)):
        wanted = recipe(tiny, start=start, inpaint=inpaint, sampler=sampler, **draws)
        final = renderer.latents([wanted])[0]
        stays = torch.from_numpy(cells == 0)
        assert torch.equal(final[:, stays], own[:, stays])
        assert (final - own)[:, ~stays].abs().mean() > 0.1


def test_a_stroke_finer_than_the_latents_is_painted(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any, masks: Masks
) -> None:
    line = np.zeros((64, 64), np.uint8)
    line[:, 21:23] = 255  # between the corners of cells
    inpaint = Inpaint(pictures.asset("waves 64x64"), masks.add(line), 0)
    renderer = Renderer(tiny, masks)
    picture = renderer.render([recipe(tiny, inpaint=inpaint)], 1, [0])[0]
    pixels, mask = framed(inpaint, Size(64, 64), masks)
    assert np.abs(picture[mask].astype(int) - pixels[mask]).mean() > 10
    np.testing.assert_array_equal(picture[~mask], pixels[~mask])


def test_beyond_the_edge_of_a_fitted_picture_nothing_is_painted(
    pictures: Any, masks: Masks
) -> None:
    framing = Framing("fit", background="#ffffff")
    source = Asset(pictures.asset("waves 128x64").sha, framing)
    inpaint = Inpaint(source, masks.add(np.full((64, 128), 255, np.uint8)))
    mask = load_mask(inpaint, Size(64, 64), masks)
    assert mask[16:48].all()
    assert not mask[:16].any()
    assert not mask[48:].any()
    assert inpaint.mask.framing == framing
    assert masks.backgrounds[inpaint.mask.sha] == "#000000"  # behind what is transparent
    assert masks.backgrounds[source.sha] == "#ffffff"


def test_masks_are_read_as_luma_of_any_depth(pictures: Any, masks: Masks) -> None:
    source = pictures.asset("waves 64x64")
    deep = np.zeros((64, 64), np.uint16)
    deep[:32] = 33000
    deep[32:] = 32500
    mask = load_mask(Inpaint(source, masks.add(deep)), Size(64, 64), masks)
    assert mask[:32].all()
    assert not mask[32:].any()
    colours = masks.add(np.zeros((64, 64), np.uint8))
    masks._masks[colours.sha][:, :32] = (0, 255, 0)
    masks._masks[colours.sha][:, 32:] = (255, 0, 255)
    mask = load_mask(Inpaint(source, colours), Size(64, 64), masks)
    assert mask[:, :32].all()
    assert not mask[:, 32:].any()


def test_bad_masks_are_refused_with_a_remedy(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any, masks: Masks
) -> None:
    source = pictures.asset("waves 64x80")
    black = masks.add(np.zeros((80, 64), np.uint8))
    faint = masks.add(np.full((80, 64), 127, np.uint8))
    nothing = "the mask paints nothing of the picture as it is framed: make white what is to be"
    for mask, said in (
        (masks.disc(80, 64), "the mask has 80x64 pixels, its picture 64x80: give a mask of 64x80"),
        (black, nothing),
        (faint, nothing),
        (Output("ab" * 32), "a picture and its mask must be assets of the project"),
    ):
        wanted = recipe(tiny, inpaint=Inpaint(source, mask))
        renderer = Renderer(tiny, masks)
        for run, more in ((renderer.prepare, ()), (renderer.render, (1, [0]))):
            with pytest.raises(SpecError, match=said) as caught:
                run([wanted], *more)
            assert caught.value.field == "mask"
    close = replace(source, framing=Framing("crop", 0.9, 0.9, 8.0))
    with pytest.raises(SpecError, match=nothing):  # painted, but not where it is looked at
        load_mask(Inpaint(close, masks.disc(64, 80, 0.1, 0.1)), Size(64, 64), masks)


def test_an_inpainting_model_needs_a_picture_and_a_mask(
    load_model: Callable[..., Bundle], recipe: Callable[..., Recipe], pictures: Any
) -> None:
    bundle = load_model("text_inpainting", "fp32")
    renderer, wanted = Renderer(bundle, pictures), recipe(bundle, Prompt("a cat"))
    said = r"is an inpainting model, it needs a picture and a mask: choose another model, or "
    for run in (lambda: renderer.render([wanted], 1, [0]), lambda: renderer.prepare([wanted])):
        with pytest.raises(ModelError, match=said):
            run()
    times = calibrate(bundle, bundle.card.native, 2, [Call(4), Call(1)])
    assert min(*times.unet.values(), times.decode) > 0


def test_an_inpainting_model_sees_the_mask_and_the_rest_of_the_picture(
    load_model: Callable[..., Bundle], recipe: Callable[..., Recipe], pictures: Any, masks: Masks
) -> None:
    bundle = load_model("text_inpainting", "fp32")
    renderer = Renderer(bundle, masks)

    def final(source: Asset, mask: Asset) -> Any:
        inpaint = Inpaint(source, mask)
        return renderer.latents([recipe(bundle, Prompt("a cat"), inpaint=inpaint)])

    waves, inside = pictures.asset("waves 64x64"), masks.disc(64, 64)
    first = final(waves, inside)
    assert (final(waves, masks.disc(64, 64, 0.4)) - first).abs().max() > 0.01
    other = pictures(waves.sha, "#ffffff").copy()
    other[28:36, 28:36] = 255 - other[28:36, 28:36]
    hidden, around = masks.add(other[..., 0]), masks.add(other[..., 0])
    masks._masks[hidden.sha] = other
    assert torch.equal(final(hidden, inside), first)  # what is painted over is not seen
    outside = pictures(waves.sha, "#ffffff").copy()
    outside[:8] = 255 - outside[:8]
    masks._masks[around.sha] = outside
    assert (final(around, inside) - first).abs().max() > 0.01

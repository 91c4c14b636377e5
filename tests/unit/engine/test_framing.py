from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from transformers import CLIPImageProcessorPil

from imvar_studio.engine.framing import cut_middle, extend, for_tower, frame, load_framed, to_tensor
from imvar_studio.model.model_card import CLIP_MEAN, CLIP_STD, Preprocessing
from imvar_studio.model.source import Framing, Size
from imvar_studio.store.places import starter_model

if TYPE_CHECKING:
    from torch import Tensor

RED, GREEN, BLUE = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


def stripes(width: int, height: int, *, along_x: bool) -> Tensor:
    """(3, h, w): red, green and blue thirds."""
    across = width if along_x else height
    which = torch.arange(across) * 3 // across
    bands = torch.stack([which == i for i in range(3)]).float()
    shape = (3, 1, width) if along_x else (3, height, 1)
    return bands.reshape(shape).expand(3, height, width).contiguous()


def colour_at(picture: Tensor, x: float, y: float) -> tuple[float, ...]:
    _, height, width = picture.shape
    found = picture[:, int(y * (height - 1)), int(x * (width - 1))]
    return tuple(round(value, 2) for value in found.tolist())


def test_8_and_16_bits_become_the_same_fractions() -> None:
    eight = np.array([[[0, 128, 255]]], np.uint8)
    sixteen = eight.astype(np.uint16) * 257
    expected = torch.tensor([0, 128 / 255, 1]).reshape(3, 1, 1)
    torch.testing.assert_close(to_tensor(eight), expected)
    torch.testing.assert_close(to_tensor(sixteen), expected)


def test_fill_covers_the_frame_and_keeps_the_focus_in_view() -> None:
    wide = stripes(300, 100, along_x=True)
    for focus, colour in ((0.0, RED), (0.5, GREEN), (1.0, BLUE)):
        square = frame(wide, Size(100, 100), Framing("fill", focus_x=focus))
        assert torch.equal(square, torch.tensor(colour).reshape(3, 1, 1).expand(3, 100, 100))
    tall = stripes(100, 300, along_x=False)
    for focus, colour in ((0.0, RED), (0.5, GREEN), (1.0, BLUE)):
        square = frame(tall, Size(100, 100), Framing("fill", focus_y=focus))
        assert torch.equal(square, torch.tensor(colour).reshape(3, 1, 1).expand(3, 100, 100))
    between = frame(wide, Size(100, 100), Framing("fill", focus_x=1 / 3))
    assert (colour_at(between, 0, 0.5), colour_at(between, 1, 0.5)) == (RED, GREEN)


def test_fit_shows_all_on_the_background() -> None:
    wide = stripes(300, 150, along_x=True)
    shown = frame(wide, Size(96, 96), Framing("fit", background="#336699"))
    background = (0.2, 0.4, 0.6)
    assert shown.shape == (3, 96, 96)
    for y in (0.0, 0.2, 0.8, 1.0):
        assert colour_at(shown, 0.5, y) == background
    for x, colour in ((0.02, RED), (0.5, GREEN), (0.98, BLUE)):
        assert colour_at(shown, x, 0.5) == colour
    # the picture's own shape is kept: 96 x 48, in the middle
    rows = (shown[:, :, 48] - torch.tensor(background)[:, None]).abs().sum(0) > 0.05
    assert rows.nonzero().flatten()[[0, -1]].tolist() == [24, 71]


def test_crop_is_fill_closer() -> None:
    wide = stripes(300, 300, along_x=True)
    near = frame(wide, Size(100, 100), Framing("crop", zoom=3, focus_x=0.5))
    assert torch.equal(near, torch.tensor(GREEN).reshape(3, 1, 1).expand(3, 100, 100))
    right = frame(wide, Size(100, 100), Framing("crop", zoom=3, focus_x=0.9))
    assert torch.equal(right, torch.tensor(BLUE).reshape(3, 1, 1).expand(3, 100, 100))
    once = frame(wide, Size(100, 100), Framing("crop", zoom=1))
    assert torch.equal(once, frame(wide, Size(100, 100), Framing("fill")))


def test_framing_never_leaves_the_range_and_equal_sizes_are_untouched() -> None:
    checks = (torch.arange(64)[:, None] + torch.arange(64)) % 2
    hard = checks.float().expand(3, 64, 64).contiguous()
    larger = frame(hard, Size(150, 90), Framing())
    assert larger.shape == (3, 90, 150)
    assert larger.min() >= 0
    assert larger.max() <= 1
    assert torch.equal(frame(hard, Size(64, 64), Framing()), hard)


def test_thin_pictures_are_framed_too() -> None:
    thin = torch.ones(3, 1, 900)
    for mode in ("fit", "fill", "crop"):
        assert frame(thin, Size(64, 72), Framing(mode)).shape == (3, 72, 64)


@pytest.mark.parametrize("antialias", [True, False])
def test_the_tower_sees_a_squash_by_the_models_own_filter(antialias: bool) -> None:
    picture = torch.rand(3, 90, 140, generator=torch.Generator().manual_seed(1))
    seen = for_tower(picture, Preprocessing(32, antialias))
    small = F.interpolate(picture[None], (32, 32), mode="bicubic", antialias=antialias)
    mean, std = (torch.tensor(each).reshape(3, 1, 1) for each in (CLIP_MEAN, CLIP_STD))
    assert seen.shape == (1, 3, 32, 32)
    torch.testing.assert_close(seen, (small - mean) / std)
    other = F.interpolate(picture[None], (32, 32), mode="bicubic", antialias=not antialias)
    assert (seen - (other - mean) / std).abs().max() > 0.5


def test_without_antialiasing_four_taps_make_a_pixel() -> None:
    """The CompVis checkpoints' resize: bicubic (a = -0.75) at the source's own pitch."""
    row = torch.rand(1, 1, 8, generator=torch.Generator().manual_seed(2)).expand(3, 8, 8)
    plain = Preprocessing(2, antialias=False, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
    seen = for_tower(row.contiguous(), plain)[0, 0, 0]
    # output pixels lie at 1.5 and 5.5, halfway between source pixels
    taps = torch.tensor([-0.09375, 0.59375, 0.59375, -0.09375])
    expected = [(taps * row[0, 0, first : first + 4]).sum() for first in (0, 4)]
    torch.testing.assert_close(seen, torch.stack(expected))


def test_the_starter_sees_what_its_own_feature_extractor_shows(pictures: Any) -> None:
    picture = load_framed(pictures.asset("cat.jpg"), Size(256, 256), pictures)
    eight = (picture * 255).round().to(torch.uint8)
    processor = CLIPImageProcessorPil.from_pretrained(starter_model() / "feature_extractor")
    theirs = processor(eight.permute(1, 2, 0).numpy(), return_tensors="pt").pixel_values
    ours = for_tower(eight.float() / 255, Preprocessing(128, antialias=True))
    step = 1 / 255 / min(CLIP_STD)  # Pillow resizes in whole steps of 1/255, one filter a pass
    assert (ours - theirs).abs().max() < 2 * step
    squashed = for_tower(eight.float() / 255, Preprocessing(128, antialias=False))
    assert (squashed - theirs).abs().max() > 10 * step


@pytest.mark.parametrize("to", [(96, 80), (80, 96), (81, 77), (80, 72)])
def test_extending_and_cutting_give_the_picture_back(to: tuple[int, int]) -> None:
    picture = torch.rand(3, 72, 80, generator=torch.Generator().manual_seed(1))
    size = Size(*to)
    whole = extend(picture, size)
    assert whole.shape == (3, size.height, size.width)
    assert torch.equal(cut_middle(whole, Size(80, 72)), picture)


def test_extension_is_the_pictures_reflection() -> None:
    picture = torch.rand(3, 64, 64, generator=torch.Generator().manual_seed(1))
    whole = extend(picture, Size(68, 64))
    assert torch.equal(whole[:, :, 1], picture[:, :, 1])
    assert torch.equal(whole[:, :, 0], picture[:, :, 2])
    assert torch.equal(whole[:, :, -1], picture[:, :, -3])

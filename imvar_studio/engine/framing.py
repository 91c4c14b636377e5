"""Pictures into tensors: framing once, for the tower and the VAE alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F  # noqa: N812  (its name everywhere)
from torch import Tensor

from imvar_studio.model.errors import SpecError
from imvar_studio.model.source import Asset, Framing, Size, Source

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imvar_studio.engine.protocols import PictureLoader
    from imvar_studio.model.model_card import Preprocessing


def load_framed(source: Source, size: Size, load: PictureLoader) -> Tensor:
    """Return a source as a picture of `size`: (3, h, w) fp32 in [0, 1], sRGB."""
    if not isinstance(source, Asset):
        raise SpecError("a keyframe's picture must be an asset of the project", "source")
    pixels = load(source.sha, source.framing.background)
    return frame(to_tensor(pixels), size, source.framing)


def to_tensor(pixels: NDArray[Any]) -> Tensor:
    """Return (3, h, w) fp32 in [0, 1] of (h, w, 3) uint8 or uint16."""
    top = 65535 if pixels.dtype.itemsize == 2 else 255
    # torch has few kernels for uint16: widened first
    wide = torch.from_numpy(pixels.astype("float32"))
    return wide.permute(2, 0, 1).div_(top)


def frame(picture: Tensor, size: Size, framing: Framing) -> Tensor:
    """Return (3, h, w) of `size`: what `framing` shows of `picture` (3, H, W).

    Resized by antialiased bicubic on floats, clamped to [0, 1].
    """
    _, height, width = picture.shape
    if framing.mode == "fit":
        scale = min(size.width / width, size.height / height)
        inner = _at_least_one(round(width * scale), round(height * scale))
        shown = _resize(picture, inner)
        canvas = _colour(framing.background)[:, None, None].expand(3, size.height, size.width)
        canvas = canvas.clone()
        top, left = (size.height - inner[1]) // 2, (size.width - inner[0]) // 2
        canvas[:, top : top + inner[1], left : left + inner[0]] = shown
        return canvas
    scale = max(size.width / width, size.height / height)
    scale *= framing.zoom if framing.mode == "crop" else 1.0
    cut_w = min(max(round(size.width / scale), 1), width)
    cut_h = min(max(round(size.height / scale), 1), height)
    left = min(max(round(framing.focus_x * width - cut_w / 2), 0), width - cut_w)
    top = min(max(round(framing.focus_y * height - cut_h / 2), 0), height - cut_h)
    cut = picture[:, top : top + cut_h, left : left + cut_w]
    return _resize(cut, (size.width, size.height))


def _at_least_one(width: int, height: int) -> tuple[int, int]:
    return max(width, 1), max(height, 1)


def _resize(picture: Tensor, to: tuple[int, int]) -> Tensor:
    width, height = to
    if picture.shape[1:] == (height, width):
        return picture
    resized = F.interpolate(
        picture[None], size=(height, width), mode="bicubic", antialias=True, align_corners=False
    )
    return resized[0].clamp(0, 1)


def _colour(text: str) -> Tensor:
    return torch.tensor([int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def for_tower(picture: Tensor, preprocessing: Preprocessing) -> Tensor:
    """Return (1, 3, s, s) as the image tower was trained to see `picture` (3, h, w) in [0, 1].

    A squash by bicubic resize; whether it filters is the model's own (profile).
    """
    side = preprocessing.size
    small = F.interpolate(
        picture[None],
        size=(side, side),
        mode="bicubic",
        antialias=preprocessing.antialias,
        align_corners=False,
    )
    mean = torch.tensor(preprocessing.mean)[:, None, None]
    std = torch.tensor(preprocessing.std)[:, None, None]
    return (small - mean) / std


def extend(picture: Tensor, size: Size) -> Tensor:
    """Return `picture` (3, h, w) extended to `size` by its own reflection, kept in the middle."""
    _, height, width = picture.shape
    right, down = size.width - width, size.height - height
    pad = (right // 2, right - right // 2, down // 2, down - down // 2)
    return F.pad(picture[None], pad, mode="reflect")[0] if any(pad) else picture


def cut_middle(picture: Tensor, size: Size) -> Tensor:
    """Return the middle of `size` of `picture` (..., h, w): the inverse of `extend`."""
    top = (picture.shape[-2] - size.height) // 2
    left = (picture.shape[-1] - size.width) // 2
    return picture[..., top : top + size.height, left : left + size.width]

"""How alike pictures are: by the model's image tower, and as near copies by their pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812  (its name everywhere)

from imvar_studio.engine.towers import embed_pixels

if TYPE_CHECKING:
    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle

_SIDE = 64  # px that pictures are compared at
_WINDOW, _SIGMA = 11, 1.5
_C1, _C2 = 0.01**2, 0.03**2
NEAR_COPY = 0.8  # structural similarity from which on a variation repeats its input


@torch.inference_mode()
def tower_embedding(bundle: Bundle, picture: Tensor) -> Tensor:
    """Return what pictures are compared by: E_img, (d,) fp32 on the CPU.

    Args:
        bundle: with the image tower.
        picture: (3, h, w) fp32 in [0, 1].

    Raises:
        ModelError: the model has no image tower.
    """
    return embed_pixels(bundle, picture)[0]


def likeness(first: Tensor, second: Tensor) -> float:
    """Return the cosine, in [-1, 1], of two pictures' embeddings (d,)."""
    return float(F.cosine_similarity(first, second, dim=0))


def is_near_copy(first: Tensor, second: Tensor) -> bool:
    """Whether a picture repeats another, or its mirror image, down to where things stand.

    A variation keeps what a picture shows and moves it; one that repeats it at 64 px was most
    likely memorised in training.

    Args:
        first, second: (3, h, w) fp32 in [0, 1].
    """
    return max(structure(first, second), structure(first.flip(-1), second)) >= NEAR_COPY


def structure(first: Tensor, second: Tensor) -> float:
    """Return the mean structural similarity of two pictures' luma at 64 px, in [-1, 1].

    Args:
        first, second: (3, h, w) fp32 in [0, 1].

    Source: Wang et al. 2004, "Image quality assessment: from error visibility to structural
    similarity", 11 px Gaussian window of sigma 1.5.
    """
    a, b = _luma(first), _luma(second)
    kernel = _kernel()

    def mean(x: Tensor) -> Tensor:
        return F.conv2d(x, kernel)

    mean_a, mean_b = mean(a), mean(b)
    var_a, var_b = mean(a * a) - mean_a**2, mean(b * b) - mean_b**2
    shared = mean(a * b) - mean_a * mean_b
    light = (2 * mean_a * mean_b + _C1) / (mean_a**2 + mean_b**2 + _C1)
    return float((light * (2 * shared + _C2) / (var_a + var_b + _C2)).mean())


def _luma(picture: Tensor) -> Tensor:
    weights = torch.tensor([0.2126, 0.7152, 0.0722])[:, None, None]  # BT.709
    luma = (picture * weights).sum(0)[None, None]
    return F.interpolate(luma, (_SIDE, _SIDE), mode="area")


def _kernel() -> Tensor:
    x = torch.arange(_WINDOW) - _WINDOW // 2
    line = torch.exp(-(x**2) / (2 * _SIGMA**2))
    kernel = line[:, None] * line[None]
    return (kernel / kernel.sum())[None, None]

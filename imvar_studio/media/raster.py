"""What a decoder hands over: a header before the pixels, then the pixels as the file keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.uint8 | np.uint16]
"""Pixel values, 0 to 255 or 0 to 65535 by their dtype."""

ColourModel = Literal["grey", "rgb", "cmyk"]

_BLOCK_PIXELS = 1 << 20


@dataclass(frozen=True, slots=True)
class Header:
    """What a picture file says of itself before any pixel is decoded.

    Attributes:
        width, height: in pixels as stored, before the orientation is applied.
        bits: per channel as stored; 8 for a palette.
        has_alpha: whether some pixel may be transparent.
        profile: the embedded ICC profile; None where there is none or the file says sRGB.
        orientation: EXIF orientation, 1 to 8.
    """

    width: int
    height: int
    bits: int
    has_alpha: bool
    profile: bytes | None = None
    orientation: int = 1


@dataclass(frozen=True, slots=True)
class Raster:
    """Decoded pixels, still in the file's colours and as stored.

    Attributes:
        samples: grey (h, w), rgb (h, w, 3) or cmyk (h, w, 4), where 0 is no ink.
        model: which of these.
        alpha: (h, w) of the same dtype, not multiplied into the samples; None where opaque.
    """

    samples: Samples
    model: ColourModel
    alpha: Samples | None = None


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """One way to read a picture; both functions start at the file's beginning themselves.

    Attributes:
        name: as shown to the user, such as "PNG".
        read_header: reads no pixel; may raise anything on a damaged file.
        decode: gives the first picture of the file; may raise anything on a damaged file.
    """

    name: str
    read_header: Callable[[BinaryIO], Header]
    decode: Callable[[BinaryIO, Header], Raster]


def raster_of(samples: NDArray[Any]) -> Raster:
    """Sort decoded channels into colour and alpha.

    Args:
        samples: (h, w) or (h, w, c) uint8 or uint16 with c = 1 grey, 2 grey and alpha, 3 RGB,
            4 RGB and alpha.

    Raises:
        ValueError: another number of channels.
    """
    if samples.ndim == 2:
        return Raster(samples, "grey")
    channels = samples.shape[2]
    if channels not in (1, 2, 3, 4):
        raise ValueError(f"{channels} channels")
    alpha = samples[..., -1] if channels in (2, 4) else None
    if channels <= 2:
        return Raster(samples[..., 0], "grey", alpha)
    return Raster(samples[..., :3], "rgb", alpha)


def widened(samples: NDArray[Any], bits: int) -> Samples:
    """Spread values of odd depths over the whole range of uint8 or uint16, rounded to nearest.

    Args:
        samples: any shape, values from 0 to 2**bits - 1.
        bits: 1 to 16.

    Returns:
        The same shape: uint8 up to 8 bits, uint16 above.
    """
    top = (1 << bits) - 1
    dtype, full = (np.uint8, 255) if bits <= 8 else (np.uint16, 65535)
    if top == full:
        return samples.astype(dtype, copy=False)
    table = ((np.arange(top + 1, dtype=np.uint64) * full + top // 2) // top).astype(dtype)
    spread: Samples = table[np.minimum(samples, top)]
    return spread


def row_blocks(height: int, width: int) -> Iterator[slice]:
    """Slices of rows, about a megapixel each, so that wide intermediates stay small."""
    rows = max(1, _BLOCK_PIXELS // max(1, width))
    for top in range(0, height, rows):
        yield slice(top, min(top + rows, height))

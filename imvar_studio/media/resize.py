"""Resizing pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray


def resized(pixels: NDArray[Any], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return a picture at another size, by Lanczos' filter on its code values, as films have it.

    Args:
        pixels: (h, w, 3) uint8.
        size: (width, height) in pixels.
    """
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))

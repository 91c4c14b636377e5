"""Pictures for the tests of the media room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from numpy.typing import NDArray


@pytest.fixture
def gradient() -> NDArray[np.uint8]:
    """(40, 60, 3) uint8: red grows to the right, green downwards, no two rows alike."""
    y, x = np.mgrid[0:40, 0:60]
    return np.stack([x * 4, y * 6, 255 - x * 2 - y], axis=-1).astype(np.uint8)


@pytest.fixture
def deep() -> NDArray[np.uint16]:
    """(24, 30, 3) uint16 over the whole range, low bytes as random as high ones."""
    return np.random.default_rng(7).integers(0, 65536, (24, 30, 3)).astype(np.uint16)

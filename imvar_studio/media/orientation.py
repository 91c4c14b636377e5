"""EXIF orientation: how a stored picture is turned to stand upright."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from imvar_studio.media.raster import Samples

ORIENTATION_TAG = 0x0112


def upright(pixels: Samples, orientation: int) -> Samples:
    """Turn stored pixels the way the camera meant them to be seen.

    Args:
        pixels: (h, w, c).
        orientation: 1 to 8; anything else leaves the picture as it is.

    Returns:
        A view: (h, w, c), or (w, h, c) for 5 to 8.

    Source: EXIF 2.32, tag 0x0112 (row 0 and column 0 of the stored picture).
    """
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels


def orientation_of(exif: Image.Exif) -> int:
    """The orientation in an EXIF block, 1 where there is none or it makes no sense."""
    value = exif.get(ORIENTATION_TAG, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def orientation_from_bytes(exif: bytes) -> int:
    """The orientation in raw EXIF bytes; damaged ones give 1, they must not cost the picture."""
    block = Image.Exif()
    try:
        block.load(exif)
        return orientation_of(block)
    except Exception:  # noqa: BLE001  (Pillow's EXIF reader raises whatever struct meets)
        return 1

"""TIFF at its own depth, through tifffile: Pillow opens 16-bit RGB as 8 bits.

The first picture of the file counts. Baseline kinds are read: bilevel, grey, palette, RGB and
CMYK, 1 to 16 bits, strips or tiles, planar or not, and YCbCr inside JPEG.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import tifffile

from imvar_studio.media.colour import unmultiplied
from imvar_studio.media.foreign import Unread
from imvar_studio.media.orientation import ORIENTATION_TAG
from imvar_studio.media.raster import ColourModel, Header, Raster, Samples, widened

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ICC_TAG = 34675
_REMEDY = "save it as RGB TIFF with 8 or 16 bits per channel"
_MULTIPLIED, _PLAIN = 1, 2
_UNSIGNED = 1
_PHOTOMETRIC: dict[int, tuple[ColourModel, int]] = {
    0: ("grey", 1),
    1: ("grey", 1),
    2: ("rgb", 3),
    3: ("rgb", 1),
    5: ("cmyk", 4),
    6: ("rgb", 3),
}
_WHITE_IS_ZERO, _PALETTE, _YCBCR = 0, 3, 6
_JPEG = (6, 7)


def read_tiff_header(file: BinaryIO) -> Header:
    """Header of a TIFF's first page; reads no pixel data.

    Raises:
        Unread: a kind that is not read (float, signed, Lab, camera raw).
        tifffile.TiffFileError: damaged.
    """
    file.seek(0)
    with tifffile.TiffFile(file) as tiff:
        page = tiff.pages.first
        _refuse_unread(page)
        orientation = _tag(page, ORIENTATION_TAG)
        profile = _tag(page, _ICC_TAG)
        return Header(
            width=page.imagewidth,
            height=page.imagelength,
            bits=8 if page.photometric == _PALETTE else page.bitspersample,
            has_alpha=_alpha_kind(page) is not None,
            profile=profile if isinstance(profile, bytes) else None,
            orientation=orientation if orientation in range(1, 9) else 1,
        )


def decode_tiff(file: BinaryIO, header: Header) -> Raster:
    """Pixels of a TIFF's first page: uint8 up to 8 bits, uint16 above.

    Raises:
        Whatever tifffile and its codecs raise on a damaged file.
    """
    file.seek(0)
    with tifffile.TiffFile(file) as tiff:
        page = tiff.pages.first
        stored = _channels_last(page, (header.height, header.width))
        model, count = _PHOTOMETRIC[page.photometric]
        if page.photometric == _PALETTE:
            return Raster(_looked_up(page.colormap, stored[..., 0]), model)
        samples = widened(stored, page.bitspersample)
        alpha_kind = _alpha_kind(page)
        inverted = page.photometric == _WHITE_IS_ZERO
    alpha = samples[..., count] if alpha_kind is not None else None
    colours: Samples = samples[..., 0] if count == 1 else samples[..., :count]
    if inverted:
        colours = ~colours
    if alpha is not None and alpha_kind == _MULTIPLIED:
        colours = unmultiplied(colours, alpha)
    return Raster(colours, model, alpha)


def _tag(page: Any, code: int) -> Any:
    found = page.tags.get(code)
    return None if found is None else found.value


def _refuse_unread(page: Any) -> None:
    if page.is_reduced:
        raise Unread(
            "begins with a preview, as camera raw files do",
            "develop it and save it as TIFF with 8 or 16 bits",
        )
    known = page.photometric in _PHOTOMETRIC
    if not known or (page.photometric == _YCBCR and page.compression not in _JPEG):
        name = getattr(page.photometric, "name", str(page.photometric))
        raise Unread(f"keeps its colours as {name}, which is not read", _REMEDY)
    bits = page.bitspersample
    if page.sampleformat != _UNSIGNED or not isinstance(bits, int) or not 1 <= bits <= 16:
        raise Unread("keeps float, signed or 32-bit values", _REMEDY)
    if page.imagedepth != 1 or page.samplesperpixel < _PHOTOMETRIC[page.photometric][1]:
        raise Unread("is not one flat picture", _REMEDY)


def _alpha_kind(page: Any) -> int | None:
    """The kind of the first extra channel; unspecified ones are masks or spot inks, not alpha."""
    extra = page.extrasamples
    return int(extra[0]) if extra and extra[0] in (_MULTIPLIED, _PLAIN) else None


def _channels_last(page: Any, size: tuple[int, int]) -> NDArray[Any]:
    """The stored values as (h, w, channels), whatever order the file keeps them in."""
    stored: NDArray[Any] = page.asarray()
    if page.axes == "SYX":
        stored = stored.transpose(1, 2, 0)
    return stored.reshape(*size, page.samplesperpixel)


def _looked_up(colormap: Any, indices: NDArray[Any]) -> Samples:
    """Palette colours as uint8; TIFF keeps them in 16 bits, though some programs wrote 8."""
    palette = np.asarray(colormap)
    eight = palette if palette.max(initial=0) <= 255 else palette >> 8
    rgb: Samples = eight.T.astype(np.uint8)[indices]
    return rgb

"""JPEG, WebP, AVIF, GIF and BMP, through Pillow's plugins; deep AVIF through libavif itself.

The plugins are called directly, not through `Image.open`: that would try every format on the
file's name and warn by its own limit of pixels, where ours have already decided.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

import imagecodecs
import numpy as np
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    WebPImagePlugin,
)

from imvar_studio.media.orientation import orientation_of
from imvar_studio.media.raster import Header, PictureFormat, Raster, raster_of, widened

_Open = Callable[[BinaryIO], ImageFile.ImageFile]
_AVIF_HEADER = 1 << 16
_DIRECT = ("L", "LA", "RGB", "RGBA", "CMYK")


def _pillow_format(name: str, plugin: _Open) -> PictureFormat:
    """A format read wholly by Pillow, 8 bits deep."""

    def read_header(file: BinaryIO) -> Header:
        file.seek(0)
        return _header(plugin(file), bits=8)

    def decode(file: BinaryIO, header: Header) -> Raster:
        del header
        file.seek(0)
        return _decoded(plugin(file))

    return PictureFormat(name, read_header, decode)


def _header(image: ImageFile.ImageFile, bits: int) -> Header:
    profile = image.info.get("icc_profile")
    return Header(
        width=image.width,
        height=image.height,
        bits=bits,
        has_alpha=image.has_transparency_data,
        profile=profile if isinstance(profile, bytes) and profile else None,
        orientation=_orientation(image),
    )


def _orientation(image: ImageFile.ImageFile) -> int:
    try:
        return orientation_of(image.getexif())
    except Exception:  # noqa: BLE001  (damaged EXIF must not cost the picture)
        return 1


def _decoded(image: Image.Image) -> Raster:
    """Pixels of the first frame; palettes, bilevel and padded modes become L, RGB or RGBA."""
    if image.mode not in _DIRECT or (image.mode == "RGB" and image.has_transparency_data):
        grey = image.mode == "1"
        image = image.convert("L" if grey else "RGBA" if image.has_transparency_data else "RGB")
    samples = np.asarray(image)
    # Pillow has undone Adobe's inverted inks already: 0 is no ink.
    return Raster(samples, "cmyk") if image.mode == "CMYK" else raster_of(samples)


def _read_avif_header(file: BinaryIO) -> Header:
    file.seek(0)
    bits = _avif_bits(file.read(_AVIF_HEADER))
    file.seek(0)
    # Pillow gives AVIF's own rotation and mirroring as an EXIF orientation.
    return _header(AvifImagePlugin.AvifImageFile(file), bits)


def _decode_avif(file: BinaryIO, header: Header) -> Raster:
    file.seek(0)
    if header.bits == 8:
        return _decoded(AvifImagePlugin.AvifImageFile(file))
    return raster_of(widened(imagecodecs.avif_decode(file.read(), index=0), header.bits))


def _avif_bits(start: bytes) -> int:
    """Bits per channel from the picture's AV1 configuration (AV1-ISOBMFF, section 2.3.3)."""
    bits = 8
    at = start.find(b"av1C\x81")
    while at >= 0 and at + 7 <= len(start):
        flags = start[at + 6]
        high, twelve = flags & 0x40, flags & 0x20
        bits = max(bits, (12 if twelve else 10) if high else 8)
        at = start.find(b"av1C\x81", at + 1)
    return bits


JPEG = _pillow_format("JPEG", JpegImagePlugin.JpegImageFile)
WEBP = _pillow_format("WebP", WebPImagePlugin.WebPImageFile)
GIF = _pillow_format("GIF", GifImagePlugin.GifImageFile)
BMP = _pillow_format("BMP", BmpImagePlugin.BmpImageFile)
AVIF = PictureFormat("AVIF", _read_avif_header, _decode_avif)

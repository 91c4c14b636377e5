"""Pictures in and out: any common file to sRGB pixels, pixels with their recipe to PNG."""

from __future__ import annotations

import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from imvar_studio.media.colour import flattened, profile_description, to_srgb
from imvar_studio.media.foreign import foreign_code
from imvar_studio.media.formats import HEAD_BYTES, recognise
from imvar_studio.media.orientation import upright
from imvar_studio.media.png import read_png_text, write_png
from imvar_studio.model.errors import PictureError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imvar_studio.media.raster import Header, PictureFormat, Samples

__all__ = [
    "LIMITS",
    "PictureInfo",
    "PictureLimits",
    "probe_picture",
    "read_picture",
    "read_png_text",
    "write_png",
]


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """What is refused before any pixel is decoded.

    Attributes:
        pixels: most pixels, width times height.
        side: longest side in pixels.
        file_bytes: largest file.
    """

    pixels: int = 250_000_000
    side: int = 65_535
    file_bytes: int = 2 << 30


LIMITS = PictureLimits()


@dataclass(frozen=True, slots=True)
class PictureInfo:
    """A picture file as its header describes it.

    Attributes:
        width, height: in pixels, the way the picture stands upright.
        bits: per channel as stored; above 8 `read_picture` gives uint16.
        format: "PNG", "JPEG", "WebP", "TIFF", "AVIF", "GIF" or "BMP".
        has_alpha: whether some pixel may be transparent.
        profile: the embedded ICC profile's own name; None without a readable one.
    """

    width: int
    height: int
    bits: int
    format: str
    has_alpha: bool
    profile: str | None


def read_picture(
    path: Path,
    *,
    background: tuple[int, int, int] = (255, 255, 255),
    limits: PictureLimits = LIMITS,
) -> Samples:
    """Read a picture file upright, opaque and in sRGB.

    The format is recognised from the content. The EXIF orientation is applied; an embedded ICC
    profile is converted to sRGB (perceptual), a damaged one is ignored. Transparency is laid on
    `background` in the coded values, as browsers do. Of several pictures the first is read.
    Colours an AVIF or PNG declares by CICP numbers alone (Display P3, HDR) are taken as sRGB.

    Args:
        path: PNG, JPEG, WebP, TIFF, AVIF, GIF or BMP.
        background: sRGB, 0 to 255 each.
        limits: larger pictures are refused from their header. WebP is refused above 178
            megapixels, where its decoder stops.

    Returns:
        (h, w, 3) contiguous; uint16 where the file keeps more than 8 bits, else uint8.

    Raises:
        PictureError: missing, no picture, damaged, incomplete, too large, or a kind not read.
    """
    with _opened(path, limits) as (file, picture_format, header):
        raster = picture_format.decode(file, header)
        if raster.samples.shape[:2] != (header.height, header.width):
            raise ValueError("the pixels disagree with the header")
        rgb = to_srgb(raster.samples, raster.model, header.profile)
        opaque = flattened(rgb, raster.alpha, background)
        return np.require(upright(opaque, header.orientation), requirements=["C", "W", "O"])


def probe_picture(path: Path, *, limits: PictureLimits = LIMITS) -> PictureInfo:
    """Read what a picture is without decoding it.

    Raises:
        PictureError: as `read_picture`, as far as the header shows it.
    """
    with _opened(path, limits) as (_, picture_format, header):
        turned = header.orientation >= 5
        return PictureInfo(
            width=header.height if turned else header.width,
            height=header.width if turned else header.height,
            bits=header.bits,
            format=picture_format.name,
            has_alpha=header.has_alpha,
            profile=profile_description(header.profile),
        )


@contextmanager
def _opened(path: Path, limits: PictureLimits) -> Iterator[tuple[BinaryIO, PictureFormat, Header]]:
    """The open file, its format and its header, all limits checked."""
    with _regular_file(path, limits) as file, foreign_code(path):
        picture_format = recognise(path, file.read(HEAD_BYTES))
        header = picture_format.read_header(file)
        _refuse_giants(path, header, limits)
        yield file, picture_format, header


def _regular_file(path: Path, limits: PictureLimits) -> BinaryIO:
    try:
        # asked before opening: opening a pipe would wait for ever
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise PictureError(f"'{path}' is a folder", "choose a picture file")
        if not stat.S_ISREG(found.st_mode):
            raise PictureError(f"'{path}' is not a file", "choose a picture file")
        file = path.open("rb")
    except FileNotFoundError as error:
        raise PictureError(f"there is no file '{path}'", "check its name and folder") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "bad name"
        raise PictureError(f"'{path}' cannot be opened ({reason})", "check it") from error
    if found.st_size == 0 or found.st_size > limits.file_bytes:
        file.close()
        raise _bad_size(path, found.st_size, limits)
    return file


def _bad_size(path: Path, size: int, limits: PictureLimits) -> PictureError:
    if size == 0:
        return PictureError(f"'{path}' is empty", "use another copy of the picture")
    return PictureError(
        f"'{path}' is {size / 2**30:.1f} GiB, the most is {limits.file_bytes / 2**30:g} GiB",
        "make the picture smaller or crop it",
    )


def _refuse_giants(path: Path, header: Header, limits: PictureLimits) -> None:
    if min(header.width, header.height) < 1:
        raise ValueError("a picture without pixels")
    pixels = header.width * header.height
    if pixels > limits.pixels or max(header.width, header.height) > limits.side:
        raise PictureError(
            f"'{path}' is {header.width} x {header.height} pixels, the most is"
            f" {limits.pixels / 1e6:g} megapixels and {limits.side} pixels a side",
            "make the picture smaller or crop it",
        )

"""Which kind of picture a file is, by its first bytes; its name is never asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.media import pillow_formats
from imvar_studio.media.png import decode_png, read_png_header
from imvar_studio.media.png_chunks import SIGNATURE
from imvar_studio.media.raster import PictureFormat
from imvar_studio.media.tiff import decode_tiff, read_tiff_header
from imvar_studio.model.errors import PictureError

if TYPE_CHECKING:
    from pathlib import Path

PNG = PictureFormat("PNG", read_png_header, decode_png)
TIFF = PictureFormat("TIFF", read_tiff_header, decode_tiff)

_MAGIC: tuple[tuple[bytes, PictureFormat], ...] = (
    (SIGNATURE, PNG),
    (b"\xff\xd8\xff", pillow_formats.JPEG),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"II+\0", TIFF),
    (b"MM\0+", TIFF),
    (b"GIF87a", pillow_formats.GIF),
    (b"GIF89a", pillow_formats.GIF),
    (b"BM", pillow_formats.BMP),
)
_UNREAD: tuple[tuple[bytes, str], ...] = (
    (b"8BPS", "a Photoshop document"),
    (b"%PDF", "a PDF"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"gimp xcf", "a GIMP document"),
)
_REMEDY = "choose a PNG, JPEG, WebP, TIFF, AVIF, GIF or BMP file"
HEAD_BYTES = 64
"""How much of a file `recognise` wants to see."""


def recognise(path: Path, head: bytes) -> PictureFormat:
    """The format of a file.

    Args:
        path: only named in the error.
        head: its first 64 bytes, or all of them.

    Raises:
        PictureError: no picture, or a kind that is not read.
    """
    for magic, picture_format in _MAGIC:
        if head.startswith(magic):
            return picture_format
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return pillow_formats.WEBP
    if head[4:8] == b"ftyp":
        return _iso_media(path, head[8:])
    for magic, kind in _UNREAD:
        if head.startswith(magic):
            raise PictureError(f"'{path}' is {kind}, which is not read here", _REMEDY)
    raise PictureError(f"'{path}' is not a picture in a known format", _REMEDY)


def _iso_media(path: Path, brands: bytes) -> PictureFormat:
    if b"avif" in brands or b"avis" in brands:
        return pillow_formats.AVIF
    if brands[:4] in (b"heic", b"heix", b"mif1", b"hevc"):
        raise PictureError(f"'{path}' is a HEIC picture, which is not read here", _REMEDY)
    raise PictureError(f"'{path}' is a video, not a picture", _REMEDY)

"""PNG: writing frames with their recipe, reading every kind the format knows at full depth."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, BinaryIO

import imagecodecs
import numpy as np

from imvar_studio.media.orientation import orientation_from_bytes
from imvar_studio.media.png_chunks import (
    SIGNATURE,
    chunk,
    inflate,
    international_text,
    iter_chunks,
    text_entry,
)
from imvar_studio.media.raster import Header, Raster, Samples, raster_of
from imvar_studio.model.errors import PictureError

if TYPE_CHECKING:
    from collections.abc import Mapping

_AFTER_IHDR = len(SIGNATURE) + 25
_LARGEST_PROFILE = 64 << 20
_LARGEST_TEXT = 16 << 20
_LARGEST_TEXT_TOTAL = 64 << 20
_SRGB_CICP = bytes((1, 13, 0, 1))
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_PALETTE = 3
_RLE, _FILTERED = 3, 1


def write_png(pixels: Samples, *, text: Mapping[str, str], compress_level: int = 1) -> bytes:
    """Encode a picture as PNG, tagged sRGB; equal input gives equal bytes.

    Args:
        pixels: (h, w, 3) uint8 or uint16, sRGB.
        text: UTF-8 iTXt entries by keyword, written sorted and before the pixels.
        compress_level: 0 to 9. 1 is run lengths only, fast and on rendered pictures as small
            as 6; higher levels help on flat graphics.

    Raises:
        PictureError: pixels of another shape or dtype, a keyword PNG does not allow, or a text
            with NUL or lone surrogates.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise PictureError(f"a PNG is written from (h, w, 3) pixels, got {pixels.shape}")
    if pixels.dtype not in (np.uint8, np.uint16):
        raise PictureError(f"a PNG is written from uint8 or uint16 pixels, got {pixels.dtype}")
    strategy = _RLE if compress_level <= 1 else _FILTERED
    encoded = bytes(
        imagecodecs.png_encode(
            np.ascontiguousarray(pixels), level=compress_level, strategy=strategy
        )
    )
    # rendering intent 0: perceptual
    inserted = [chunk(b"sRGB", b"\0"), *(international_text(k, text[k]) for k in sorted(text))]
    return encoded[:_AFTER_IHDR] + b"".join(inserted) + encoded[_AFTER_IHDR:]


def read_png_text(data: bytes) -> dict[str, str]:
    """The text entries of a PNG (tEXt, zTXt, iTXt) by keyword; the first of a keyword counts.

    Damaged entries, entries over 16 MiB once inflated, and all after the first 64 MiB are left
    out; data that is no PNG gives an empty dict. Nothing is raised.
    """
    entries: dict[str, str] = {}
    room = _LARGEST_TEXT_TOTAL
    for found in iter_chunks(data, wanted=(b"tEXt", b"zTXt", b"iTXt")):
        entry = text_entry(found, min(_LARGEST_TEXT, room))
        if entry is not None and entry[0] not in entries:
            entries[entry[0]] = entry[1]
            room -= len(entry[1])
    return entries


def read_png_header(file: BinaryIO) -> Header:
    """Header of a PNG; reads no pixel data.

    A cICP chunk that says sRGB goes before iCCP; other cICP values, and gAMA and cHRM, which
    browsers mostly ignore too, are not looked at: without a profile a PNG is sRGB.

    Raises:
        ValueError: no valid IHDR at the beginning.
    """
    file.seek(0)
    wanted = (b"IHDR", b"iCCP", b"cICP", b"tRNS", b"eXIf")
    chunks: dict[bytes, bytes] = {}
    for found in iter_chunks(file, wanted=wanted):
        chunks.setdefault(found.kind, found.body)
    width, height, bits, colour = _dimensions(chunks.get(b"IHDR", b""))
    return Header(
        width=width,
        height=height,
        bits=8 if colour == _PALETTE else bits,
        has_alpha=colour in (4, 6) or b"tRNS" in chunks,
        profile=_profile(chunks),
        orientation=orientation_from_bytes(chunks.get(b"eXIf", b"")),
    )


def decode_png(file: BinaryIO, header: Header) -> Raster:
    """Pixels of a PNG: palettes and small depths as uint8, 16 bits as uint16.

    Raises:
        imagecodecs.PngError: damaged or cut short.
    """
    del header
    file.seek(0)
    return raster_of(imagecodecs.png_decode(file.read()))


def _dimensions(ihdr: bytes) -> tuple[int, int, int, int]:
    if len(ihdr) != 13:
        raise ValueError("no IHDR")
    width, height, bits, colour = struct.unpack(">IIBB", ihdr[:10])
    if not width or not height or bits not in _DEPTHS.get(colour, ()):
        raise ValueError("impossible IHDR")
    return width, height, bits, colour


def _profile(chunks: Mapping[bytes, bytes]) -> bytes | None:
    if chunks.get(b"cICP") == _SRGB_CICP:
        return None
    _, _, packed = chunks.get(b"iCCP", b"").partition(b"\0")
    try:
        # the first byte names the compression method; 0, deflate, is the only one
        return inflate(packed[1:], _LARGEST_PROFILE) or None
    except zlib.error:
        return None

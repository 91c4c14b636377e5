"""What bad files get: one sentence that names the file, quickly, and never another exception."""

from __future__ import annotations

import io
import os
import struct
import time
import zlib

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from imvar_studio.media.image_io import (
    PictureLimits,
    probe_picture,
    read_picture,
    read_png_text,
)
from imvar_studio.media.png_chunks import SIGNATURE, chunk
from imvar_studio.model.errors import PictureError

KINDS = ("PNG", "JPEG", "WEBP", "TIFF", "AVIF", "GIF", "BMP")


def encoded(kind, **options):
    noise = np.random.default_rng(1).integers(0, 256, (48, 64, 3)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, kind, **options)
    return buffer.getvalue()


def deep_tiff(**options):
    noise = np.random.default_rng(2).integers(0, 65536, (48, 64, 3)).astype(np.uint16)
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, noise, photometric="rgb", **options)
    return buffer.getvalue()


WHOLE = {kind: encoded(kind) for kind in KINDS} | {
    "deep TIFF": deep_tiff(),
    "deep LZW TIFF": deep_tiff(compression="lzw"),
    "deep tiled TIFF": deep_tiff(tile=(16, 16)),
}


def refusal(path, **options):
    with pytest.raises(PictureError) as caught:
        read_picture(path, **options)
    sentence = str(caught.value)
    assert str(path) in sentence
    assert caught.value.remedy
    assert "\n" not in sentence
    return sentence


def test_missing(tmp_path):
    assert "there is no file" in refusal(tmp_path / "gone.png")


def test_folder(tmp_path):
    assert "is a folder" in refusal(tmp_path)


def test_pipe_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "is not a file" in refusal(tmp_path / "pipe")


def test_empty(tmp_path):
    (tmp_path / "x.png").write_bytes(b"")
    assert "is empty" in refusal(tmp_path / "x.png")


def test_text_called_png(tmp_path):
    (tmp_path / "x.png").write_text("Dear diary, today I rendered nothing at all.\n" * 9)
    assert "not a picture in a known format" in refusal(tmp_path / "x.png")


@pytest.mark.parametrize(
    ("head", "word"),
    [
        (b"8BPS\0\1", "Photoshop"),
        (b"%PDF-1.7", "PDF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp41", "video"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    ],
)
def test_other_kinds_are_named(tmp_path, head, word):
    (tmp_path / "x.png").write_bytes(head + b"\0" * 99)
    assert word in refusal(tmp_path / "x.png")


def test_nul_in_the_name_is_a_sentence(tmp_path):
    assert "cannot be opened" in refusal(tmp_path / "a\0b")


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may read everything")
def test_unreadable(tmp_path):
    (tmp_path / "x.png").write_bytes(WHOLE["PNG"])
    (tmp_path / "x.png").chmod(0)
    assert "cannot be opened" in refusal(tmp_path / "x.png")


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("share", [0.05, 0.5, 0.97])
def test_truncated(tmp_path, kind, share):
    whole = WHOLE[kind]
    (tmp_path / "x.png").write_bytes(whole[: int(len(whole) * share)])
    assert "damaged or incomplete" in refusal(tmp_path / "x.png")


def test_wrong_checksum_in_the_pixels(tmp_path):
    whole = bytearray(WHOLE["PNG"])
    whole[len(whole) // 2] ^= 0x40
    (tmp_path / "x.png").write_bytes(whole)
    assert "damaged" in refusal(tmp_path / "x.png")


def png_bomb():
    header = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 30_000_000, 9)
    return SIGNATURE + b"".join((chunk(b"IHDR", header), chunk(b"IDAT", rows), chunk(b"IEND", b"")))


def patched(whole, at, form, *values):
    data = bytearray(whole)
    struct.pack_into(form, data, at, *values)
    return bytes(data)


def tiff_with_size(width, height):
    whole = WHOLE["deep TIFF"]
    with tifffile.TiffFile(io.BytesIO(whole)) as tiff:
        tags = tiff.pages.first.tags
        places = [(tags[code].valueoffset, tags[code].dtype) for code in (256, 257)]
    for (at, dtype), value in zip(places, (width, height), strict=True):
        whole = patched(whole, at, "<H" if dtype == 3 else "<I", value)
    return whole


BOMBS = {
    "PNG": png_bomb(),
    "JPEG": patched(WHOLE["JPEG"], WHOLE["JPEG"].index(b"\xff\xc0") + 5, ">HH", 65000, 65000),
    "GIF": patched(WHOLE["GIF"], 6, "<HH", 65000, 65000),
    "BMP": patched(WHOLE["BMP"], 18, "<ii", 60000, 60000),
    "TIFF": tiff_with_size(60000, 60000),
    "AVIF": patched(WHOLE["AVIF"], WHOLE["AVIF"].index(b"ispe") + 8, ">II", 60000, 60000),
    "WebP": b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0" + b"\0" * 4 + b"\xfe\x3f\0" * 2 + b"VP8 \0\0\0\0",
}


@pytest.mark.parametrize("kind", BOMBS)
def test_giants_are_refused_before_decoding(tmp_path, kind):
    (tmp_path / "bomb").write_bytes(BOMBS[kind])
    refusal(tmp_path / "bomb")  # loads what is imported late
    began = time.perf_counter()
    sentence = refusal(tmp_path / "bomb")
    assert time.perf_counter() - began < 0.1
    with pytest.raises(PictureError):
        probe_picture(tmp_path / "bomb")
    if kind not in ("AVIF", "WebP"):  # these two libraries refuse on their own
        assert "megapixels" in sentence


def test_limits_can_be_set(tmp_path):
    (tmp_path / "x.png").write_bytes(WHOLE["PNG"])
    assert "64 x 48" in refusal(tmp_path / "x.png", limits=PictureLimits(pixels=64 * 48 - 1))
    assert "64 x 48" in refusal(tmp_path / "x.png", limits=PictureLimits(side=63))
    assert "GiB" in refusal(tmp_path / "x.png", limits=PictureLimits(file_bytes=100))
    exact = PictureLimits(64 * 48, 64, len(WHOLE["PNG"]))
    assert read_picture(tmp_path / "x.png", limits=exact).shape == (48, 64, 3)


def test_kinds_of_tiff_that_are_not_read_are_named(tmp_path):
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, np.zeros((4, 4, 3), np.float32), photometric="rgb")
    assert "float" in refusal(path)
    tifffile.imwrite(path, np.zeros((4, 4, 3), np.uint8), photometric="cielab")
    assert "CIELAB" in refusal(path)
    tifffile.imwrite(path, np.zeros((4, 4, 3), np.uint8), photometric="rgb", subfiletype=1)
    assert "preview" in refusal(path)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from(sorted(WHOLE)),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    near_the_start=st.booleans(),
)
def test_no_other_exception_escapes_from_damaged_files(tmp_path, kind, changes, near_the_start):
    data = bytearray(WHOLE[kind])
    for place, value in changes:
        data[int(place * (min(300, len(data)) if near_the_start else len(data)))] = value
    path = tmp_path / "x"
    path.write_bytes(data)
    small = PictureLimits(pixels=4_000_000)
    try:
        info = probe_picture(path, limits=small)
        read = read_picture(path, limits=small)
    except PictureError as error:
        named = str(path) in str(error)
        assert named
    else:
        assert read.shape == (info.height, info.width, 3)
        assert read.dtype == (np.uint16 if info.bits > 8 else np.uint8)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_text_reader_survives_anything(data, signed):
    read_png_text((SIGNATURE if signed else b"") + data)

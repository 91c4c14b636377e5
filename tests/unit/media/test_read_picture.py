"""Reading pictures: formats, depth, alpha, orientation. Files are made by other programs' code."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps

from imvar_studio.media.image_io import PictureInfo, probe_picture, read_picture
from imvar_studio.media.png_chunks import SIGNATURE, chunk

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

ORIENTATION = 0x0112


def save(path: Path, image: Image.Image, kind: str, **options: Any) -> Path:
    image.save(path, kind, **options)
    return path


def after_ihdr(png: bytes, kind: bytes, body: bytes) -> bytes:
    return png[:33] + chunk(kind, body) + png[33:]


def apart(a: NDArray[Any], b: NDArray[Any]) -> float:
    return float(np.abs(a.astype(float) - b.astype(float)).max())


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP"])
def test_lossless_formats_come_back_exactly(tmp_path, gradient, kind):
    path = save(tmp_path / "picture.dat", Image.fromarray(gradient), kind)
    assert probe_picture(path) == PictureInfo(60, 40, 8, kind, has_alpha=False, profile=None)
    read = read_picture(path)
    assert read.dtype == np.uint8
    assert read.flags.c_contiguous
    assert np.array_equal(read, gradient)


@pytest.mark.parametrize(
    ("kind", "options"), [("JPEG", {"quality": 98}), ("WEBP", {"lossless": True}), ("AVIF", {})]
)
def test_formats_are_known_by_content_not_by_name(tmp_path, gradient, kind, options):
    path = save(tmp_path / "wrong.png", Image.fromarray(gradient), kind, **options)
    assert probe_picture(path).format.upper() == kind
    assert apart(read_picture(path), gradient) <= (0 if kind == "WEBP" else 12)


def test_first_frame_of_an_animation_is_read(tmp_path, gradient):
    first, second = Image.fromarray(gradient), Image.fromarray(255 - gradient)
    for kind in ("WEBP", "AVIF", "PNG"):
        options = (
            {"quality": 95} if kind == "AVIF" else {"lossless": True} if kind == "WEBP" else {}
        )
        path = tmp_path / "film"
        first.save(path, kind, save_all=True, append_images=[second], **options)
        assert apart(read_picture(path), gradient) < 20, kind
    few = first.quantize(64)
    path = tmp_path / "film.gif"
    few.save(path, "GIF", save_all=True, append_images=[second.quantize(64)])
    assert apart(read_picture(path), np.asarray(few.convert("RGB"))) == 0


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_honoured(tmp_path, kind, orientation):
    # four flat quarters, so that even JPEG keeps them apart
    stored = np.zeros((64, 96, 3), np.uint8)
    stored[:32, :48], stored[:32, 48:], stored[32:, :48] = (250, 5, 5), (5, 250, 5), (5, 5, 250)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    options = {"quality": 95} if kind in ("JPEG", "WEBP", "AVIF") else {}
    path = save(tmp_path / "x", Image.fromarray(stored), kind, exif=exif, **options)
    plain = Image.fromarray(stored)
    plain.getexif()[ORIENTATION] = orientation
    expected = np.asarray(ImageOps.exif_transpose(plain))
    read = read_picture(path)
    info = probe_picture(path)
    assert read.shape == expected.shape
    assert (info.height, info.width) == read.shape[:2]
    inside = np.ix_(*[[s // 4, 3 * s // 4] for s in read.shape[:2]])
    assert apart(read[inside], expected[inside]) <= 12


def test_orientation_6_puts_the_first_row_on_the_right(tmp_path, gradient):
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    path = save(tmp_path / "x.png", Image.fromarray(gradient), "PNG", exif=exif)
    assert np.array_equal(read_picture(path)[:, -1], gradient[0])


def test_damaged_exif_does_not_cost_the_picture(tmp_path, gradient):
    path = tmp_path / "x.png"
    plain = imagecodecs.png_encode(gradient)
    for junk in (b"II*\0\xff\xff\xff\xff", b"Exif\0\0MM", b"\0" * 40, b"II*\0\x08\0\0\0\xff\xff"):
        path.write_bytes(after_ihdr(plain, b"eXIf", junk))
        assert np.array_equal(read_picture(path), gradient)


def test_half_broken_exif_turns_the_picture_without_a_warning(tmp_path, gradient):
    # two entries are announced, the second one is cut off: Pillow warns and goes on
    entry = struct.pack("<HHIHH", ORIENTATION, 3, 1, 6, 0)
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + entry + b"\x0f\x01"
    path = save(tmp_path / "x", Image.fromarray(gradient), "JPEG", quality=95, exif=exif)
    read = read_picture(path)  # warnings are errors in this test-suite
    assert read.shape == (60, 40, 3)
    assert (probe_picture(path).width, probe_picture(path).height) == (40, 60)


MODES = [(m, k) for m in ("1", "L", "P", "LA", "RGBA", "PA") for k in ("PNG", "TIFF", "GIF")]
NO_SUCH_FILES = [("PA", "TIFF"), ("LA", "GIF"), ("RGBA", "GIF")]


@pytest.mark.parametrize(("mode", "kind"), [m for m in MODES if m not in NO_SUCH_FILES])
def test_modes_become_opaque_rgb(tmp_path, gradient, mode, kind):
    image = Image.fromarray(gradient).convert("RGB" if mode == "PA" else mode)
    if mode == "PA":
        image = image.quantize(16)
        image.info["transparency"] = 3
    path = save(tmp_path / "x", image, kind)
    read = read_picture(path, background=(10, 20, 30))
    over = Image.new("RGBA", image.size, (10, 20, 30, 255))
    over.alpha_composite(image.convert("RGBA"))
    assert read.shape == (40, 60, 3)
    assert np.array_equal(read, np.asarray(over.convert("RGB")))


def test_alpha_is_laid_on_the_background_in_coded_values(tmp_path):
    rgba = np.zeros((1, 3, 4), np.uint8)
    rgba[0] = [(200, 100, 0, 255), (200, 100, 0, 128), (200, 100, 0, 0)]
    path = save(tmp_path / "x.png", Image.fromarray(rgba), "PNG")
    assert probe_picture(path).has_alpha
    # 200 * 128 / 255 + 255 * 127 / 255 = 227.4
    assert read_picture(path).tolist() == [[[200, 100, 0], [227, 177, 127], [255, 255, 255]]]
    assert read_picture(path, background=(0, 0, 9)).tolist()[0][1:] == [[100, 50, 4], [0, 0, 9]]


def test_alpha_16_bit(tmp_path):
    rgba = np.array([[(65535, 1, 40000, 65535), (65535, 0, 40000, 32768), (9, 9, 9, 0)]], np.uint16)
    path = tmp_path / "x.png"
    path.write_bytes(imagecodecs.png_encode(rgba))
    half = 32768 / 65535
    expected = [round(c * half + 255 * 257 * (1 - half)) for c in (65535, 0, 40000)]
    read = read_picture(path)
    assert read.tolist() == [[[65535, 1, 40000], expected, [65535, 65535, 65535]]]


def test_multiplied_alpha_in_tiff_is_undone(tmp_path):
    rgba = np.array([[(100, 50, 0, 128), (77, 88, 99, 255)]], np.uint8)
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, rgba, photometric="rgb", extrasamples=["assocalpha"])
    # multiplied colours are simply added to what shows through: 100 + 127
    read = read_picture(path)
    assert apart(read, np.array([[(227, 177, 127), (77, 88, 99)]])) <= 1


def test_unspecified_extra_channel_is_no_alpha(tmp_path, gradient):
    path = tmp_path / "x.tif"
    four = np.dstack([gradient, np.zeros((40, 60), np.uint8)])
    tifffile.imwrite(path, four, photometric="rgb", extrasamples=["unspecified"])
    assert not probe_picture(path).has_alpha
    assert np.array_equal(read_picture(path), gradient)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_16_bit_png_is_exact(tmp_path, deep, channels):
    samples = np.dstack([deep, np.full((24, 30), 65535, np.uint16)])
    stored = {1: samples[..., 0], 2: samples[..., [0, 3]], 3: samples[..., :3], 4: samples}[
        channels
    ]
    path = tmp_path / "x.png"
    path.write_bytes(imagecodecs.png_encode(np.ascontiguousarray(stored)))
    info = probe_picture(path)
    read = read_picture(path)
    assert (info.bits, info.has_alpha) == (16, channels in (2, 4))
    assert read.dtype == np.uint16
    assert np.array_equal(read, deep if channels > 2 else np.dstack([deep[..., 0]] * 3))


def test_png_colour_key_is_transparent_at_16_bits(tmp_path, deep):
    path = tmp_path / "x.png"
    key = struct.pack(">3H", *deep[0, 0].tolist())
    path.write_bytes(after_ihdr(imagecodecs.png_encode(deep), b"tRNS", key))
    read = read_picture(path)
    assert probe_picture(path).has_alpha
    assert read[0, 0].tolist() == [65535] * 3
    assert np.array_equal(read[1:], deep[1:])


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_shallow_grey_png_fills_the_range(tmp_path, bits):
    top = (1 << bits) - 1
    values = np.arange(top + 1)
    packed = "".join(f"{v:0{bits}b}" for v in values).ljust(8, "0")
    row = b"\0" + int(packed, 2).to_bytes(len(packed) // 8, "big")
    ihdr = struct.pack(">IIBBBBB", len(values), 1, bits, 0, 0, 0, 0)
    parts = chunk(b"IHDR", ihdr), chunk(b"IDAT", zlib.compress(row)), chunk(b"IEND", b"")
    path = tmp_path / "x.png"
    path.write_bytes(SIGNATURE + b"".join(parts))
    assert probe_picture(path).bits == bits
    assert read_picture(path)[0, :, 1].tolist() == [round(255 * v / top) for v in values]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compression": "deflate", "predictor": True},
        {"compression": "lzw"},
        {"compression": "zstd", "tile": (16, 16)},
        {"planarconfig": "separate"},
        {"bigtiff": True},
        {"byteorder": ">"},
    ],
)
def test_16_bit_tiff_is_exact(tmp_path, deep, options):
    path = tmp_path / "x.tif"
    stored = deep.transpose(2, 0, 1).copy() if "planarconfig" in options else deep
    tifffile.imwrite(path, stored, photometric="rgb", **options)
    assert probe_picture(path).bits == 16
    assert np.array_equal(read_picture(path), deep)


def test_tiff_kinds(tmp_path, gradient, deep):
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, deep[..., 0], photometric="miniswhite")
    assert np.array_equal(read_picture(path)[..., 2], 65535 - deep[..., 0])
    for compression in ("tiff_lzw", "packbits", "tiff_adobe_deflate"):
        Image.fromarray(gradient).save(path, "TIFF", compression=compression)
        assert np.array_equal(read_picture(path), gradient)
    Image.fromarray(gradient).save(path, "TIFF", compression="jpeg", quality=98)
    assert apart(read_picture(path), gradient) <= 12
    bilevel = Image.fromarray(gradient).convert("1")
    bilevel.save(path, "TIFF", compression="group4")
    assert np.array_equal(read_picture(path), np.asarray(bilevel.convert("RGB")))


def test_first_page_of_a_tiff_is_read(tmp_path, gradient):
    path = tmp_path / "x.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(gradient, photometric="rgb")
        writer.write(255 - gradient[:10], photometric="rgb")
    assert np.array_equal(read_picture(path), gradient)


@pytest.mark.parametrize("bits", [10, 12])
def test_deep_avif_is_scaled_to_16_bits(tmp_path, deep, bits):
    stored = deep >> (16 - bits)
    path = tmp_path / "x.avif"
    path.write_bytes(imagecodecs.avif_encode(stored, level=100, bitspersample=bits))
    assert probe_picture(path).bits == bits
    read = read_picture(path)
    assert read.dtype == np.uint16
    assert apart(read, stored * (65535 / ((1 << bits) - 1))) <= 0.5


def test_grey_jpeg_has_three_equal_channels(tmp_path, gradient):
    path = save(tmp_path / "x", Image.fromarray(gradient).convert("L"), "JPEG", quality=100)
    read = read_picture(path)
    assert np.array_equal(read[..., 0], read[..., 2])
    assert apart(read[..., 0], np.asarray(Image.fromarray(gradient).convert("L"))) <= 2


def test_probe_reads_no_pixels(tmp_path, gradient):
    buffer = io.BytesIO()
    Image.fromarray(gradient).save(buffer, "PNG")
    path = tmp_path / "x.png"
    path.write_bytes(buffer.getvalue()[:60])
    assert (probe_picture(path).width, probe_picture(path).height) == (60, 40)

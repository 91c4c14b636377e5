"""ICC profiles to sRGB, against LittleCMS through Pillow and against its own program transicc."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from imvar_studio.media.image_io import probe_picture, read_picture
from imvar_studio.media.png_chunks import chunk

SRGB_PRIMARIES = [0.64, 0.33, 1, 0.30, 0.60, 1, 0.15, 0.06, 1]
SWAPPED_PRIMARIES = [0.15, 0.06, 1, 0.30, 0.60, 1, 0.64, 0.33, 1]
D65 = [0.3127, 0.3290, 1.0]


def matrix_profile(primaries, gamma):
    return bytes(imagecodecs.cms_profile("rgb", whitepoint=D65, primaries=primaries, gamma=gamma))


def adobe_profile():
    return bytes(imagecodecs.cms_profile("adobergb"))


def ink_profile():
    """A CMYK profile whose table turns lighter inks into lighter Lab colours (ICC.1, lut8Type)."""
    corners = [
        (255 - 40 * (c + m + y) - 120 * k, 128 + 30 * (m - c), 128 + 30 * (y - k))
        for c in (0, 1)
        for m in (0, 1)
        for y in (0, 1)
        for k in (0, 1)
    ]
    ramp = bytes(range(256))
    table = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0))
    table += struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table += ramp * 4 + bytes(v for corner in corners for v in corner) + ramp * 3
    name = b"Test inks\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + b"\0" * 79
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    tags, body = b"", b""
    for tag, unpadded in ((b"desc", description), (b"wtpt", white), (b"A2B0", table)):
        data = unpadded + b"\0" * (-len(unpadded) % 4)
        tags += tag + struct.pack(">II", 128 + 4 + 36 + len(body), len(data))
        body += data
    head = b"\0" * 8 + b"\x02\x40\0\0" + b"prtrCMYKLab " + b"\0" * 12 + b"acsp" + b"\0" * 28
    head += struct.pack(">3i", 63190, 65536, 54061)
    profile = head.ljust(128, b"\0") + struct.pack(">I", 3) + tags + body
    return struct.pack(">I", len(profile)) + profile[4:]


def by_pillow(image, profile):
    """What LittleCMS makes of an 8-bit picture, perceptual, inks unoptimised."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    turn = ImageCms.buildTransform(
        source,
        ImageCms.createProfile("sRGB"),
        image.mode,
        "RGB",
        ImageCms.Intent.PERCEPTUAL,
        ImageCms.Flags.NOOPTIMIZE if image.mode == "CMYK" else ImageCms.Flags.NONE,
    )
    return np.asarray(ImageCms.applyTransform(image, turn)).astype(int)


@pytest.fixture
def colourful():
    return np.random.default_rng(3).integers(0, 256, (32, 48, 3)).astype(np.uint8)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_adobe_rgb_agrees_with_pillow(tmp_path, colourful, kind):
    path = tmp_path / "x"
    image = Image.fromarray(colourful)
    options = {"lossless": True} if kind == "WEBP" else {}
    image.save(path, kind, icc_profile=adobe_profile(), **options)
    expected = by_pillow(image, adobe_profile())
    read = read_picture(path)
    assert np.abs(read - expected).max() <= 1
    assert np.abs(expected - colourful).max() > 30
    assert "dobe" in str(probe_picture(path).profile)


@pytest.mark.parametrize("kind", ["JPEG", "AVIF"])
def test_lossy_formats_keep_their_profile(tmp_path, kind):
    flat = np.full((32, 32, 3), (60, 200, 40), np.uint8)
    path = tmp_path / "x"
    Image.fromarray(flat).save(path, kind, quality=95, icc_profile=adobe_profile())
    expected = by_pillow(Image.fromarray(flat), adobe_profile())
    assert np.abs(read_picture(path)[10, 10] - expected[10, 10]).max() <= 6
    assert np.abs(flat[10, 10].astype(int) - expected[10, 10]).max() > 30


def test_swapped_primaries_swap_the_channels(tmp_path):
    path = tmp_path / "x.png"
    Image.new("RGB", (4, 4), (255, 0, 0)).save(
        path, icc_profile=matrix_profile(SWAPPED_PRIMARIES, 2.2)
    )
    red, green, blue = (int(v) for v in read_picture(path)[0, 0])
    assert red <= 2
    assert green <= 2
    assert blue >= 253


@pytest.mark.parametrize("make_path", ["x.png", "x.tif"])
def test_16_bit_goes_through_a_16_bit_transform(tmp_path, deep, make_path):
    path = tmp_path / make_path
    if path.suffix == ".png":
        Image.new("RGB", (1, 1)).save(tmp_path / "profile.png", icc_profile=adobe_profile())
        carrier = (tmp_path / "profile.png").read_bytes()
        at = carrier.index(b"iCCP")
        (length,) = struct.unpack(">I", carrier[at - 4 : at])
        plain = imagecodecs.png_encode(deep)
        path.write_bytes(plain[:33] + carrier[at - 4 : at + 8 + length] + plain[33:])
    else:
        tifffile.imwrite(path, deep, photometric="rgb", iccprofile=adobe_profile())
    read = read_picture(path)
    assert read.dtype == np.uint16
    expected = transicc(deep.reshape(-1, 3), adobe_profile(), tmp_path)
    # sRGB as a file rounds its matrix, which near black is worth 0.08; 8 bits would be 0.5 off
    assert np.abs(read.reshape(-1, 3) / 257 - expected).max() < 0.1


def transicc(pixels, profile, folder):
    """16-bit pixels (n, 3) through LittleCMS's own program, unoptimised: floats on 0 to 255."""
    program = shutil.which("transicc")
    if program is None:
        pytest.skip("transicc is not installed (Debian: liblcms2-utils)")
    given = folder / "source.icc"
    given.write_bytes(profile)
    lines = "".join(" ".join(repr(v / 257) for v in p) + "\n" for p in pixels.tolist())
    done = subprocess.run(
        [program, "-n", "-s", "-t0", "-c0", f"-i{given}", "-o*sRGB"],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [[float(v) for v in line.split()] for line in done.stdout.splitlines() if line.strip()]
    return np.array(rows[: len(pixels)])


def test_srgb_by_another_name_changes_nothing(tmp_path, colourful, deep):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(colourful).save(tmp_path / "x.png", icc_profile=profile)
    assert np.array_equal(read_picture(tmp_path / "x.png"), colourful)
    tifffile.imwrite(tmp_path / "x.tif", deep, photometric="rgb", iccprofile=profile)
    assert np.array_equal(read_picture(tmp_path / "x.tif"), deep)


def test_damaged_or_foreign_profile_counts_as_srgb(tmp_path, colourful):
    good = adobe_profile()
    link = good[:12] + b"link" + good[16:]
    for bad in (b"junk", good[:60], good[:300], good[:132] + b"\xff" * 500, link, ink_profile()):
        Image.fromarray(colourful).save(tmp_path / "x.png", icc_profile=bad)
        Image.fromarray(colourful).save(tmp_path / "x.tif", icc_profile=bad)
        assert np.array_equal(read_picture(tmp_path / "x.png"), colourful)
        assert np.array_equal(read_picture(tmp_path / "x.tif"), colourful)
    plain = imagecodecs.png_encode(colourful)
    broken = chunk(b"iCCP", b"name\0\0not zlib at all")
    (tmp_path / "x.png").write_bytes(plain[:33] + broken + plain[33:])
    assert np.array_equal(read_picture(tmp_path / "x.png"), colourful)
    assert probe_picture(tmp_path / "x.png").profile is None


def test_cicp_srgb_goes_before_a_profile(tmp_path, colourful):
    Image.fromarray(colourful).save(tmp_path / "x.png", icc_profile=adobe_profile())
    data = (tmp_path / "x.png").read_bytes()
    (tmp_path / "x.png").write_bytes(data[:33] + chunk(b"cICP", b"\1\x0d\0\1") + data[33:])
    assert np.array_equal(read_picture(tmp_path / "x.png"), colourful)


def test_grey_profile(tmp_path):
    profile = bytes(imagecodecs.cms_profile("gray", whitepoint=D65, gamma=1.0))
    ramp = np.arange(256, dtype=np.uint8)[None].repeat(4, axis=0)
    Image.fromarray(ramp).save(tmp_path / "x.png", icc_profile=profile)
    linear = ramp / 255
    coded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055) * 255
    assert np.abs(read_picture(tmp_path / "x.png")[..., 1] - coded).max() <= 1


def test_grey_picture_with_an_rgb_profile_is_converted_as_rgb(tmp_path, colourful):
    image = Image.fromarray(colourful).convert("L")
    profile = matrix_profile(SRGB_PRIMARIES, 1.0)
    image.save(tmp_path / "x.png", icc_profile=profile)
    expected = by_pillow(image.convert("RGB"), profile)
    assert np.abs(read_picture(tmp_path / "x.png") - expected).max() <= 1
    assert np.abs(expected - np.asarray(image.convert("RGB"))).max() > 40


@pytest.mark.parametrize("kind", ["TIFF", "JPEG"])
def test_cmyk_with_a_profile_agrees_with_pillow(tmp_path, colourful, kind):
    inks = np.dstack([colourful, colourful[::-1, :, 0]])
    image = Image.fromarray(np.kron(inks[::8, ::8], np.ones((8, 8, 1), np.uint8)), "CMYK")
    options = {"quality": 100} if kind == "JPEG" else {}
    image.save(tmp_path / "x", kind, icc_profile=ink_profile(), **options)
    with Image.open(tmp_path / "x") as stored:
        stored.load()
    expected = by_pillow(stored, ink_profile())
    assert np.ptp(expected) > 100
    assert np.abs(read_picture(tmp_path / "x") - expected).max() <= 1
    assert probe_picture(tmp_path / "x").profile == "Test inks"


def test_cmyk_16_bit_agrees_with_8_bit(tmp_path, colourful):
    inks = np.dstack([colourful, colourful[::-1, :, 0]])
    tifffile.imwrite(tmp_path / "8.tif", inks, photometric="separated", iccprofile=ink_profile())
    tifffile.imwrite(
        tmp_path / "16.tif",
        inks.astype(np.uint16) * 257,
        photometric="separated",
        iccprofile=ink_profile(),
    )
    shallow, full = read_picture(tmp_path / "8.tif"), read_picture(tmp_path / "16.tif")
    assert full.dtype == np.uint16
    assert np.abs(full / 257 - shallow).max() <= 1


def test_cmyk_without_a_profile_is_converted_naively(tmp_path):
    inks = np.array([[(0, 0, 0, 0), (255, 0, 0, 0), (0, 0, 0, 255), (51, 102, 0, 128)]], np.uint8)
    Image.fromarray(inks, "CMYK").save(tmp_path / "x.tif")
    expected = [[255, 255, 255], [0, 255, 255], [0, 0, 0], [102, 76, 127]]
    assert read_picture(tmp_path / "x.tif")[0].tolist() == expected


def test_colour_is_converted_before_alpha_is_laid_on(tmp_path):
    rgba = np.array([[(60, 200, 40, 128)]], np.uint8)
    Image.fromarray(rgba).save(tmp_path / "x.png", icc_profile=adobe_profile())
    opaque = by_pillow(Image.fromarray(rgba[..., :3]), adobe_profile())[0, 0]
    expected = (opaque * 128 + 255 * 127) / 255
    assert np.abs(read_picture(tmp_path / "x.png")[0, 0] - expected).max() <= 1.5

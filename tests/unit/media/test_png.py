"""Writing PNG frames: exact pixels, the recipe inside, and files other programs accept."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import zlib

import imagecodecs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from imvar_studio.media.image_io import probe_picture, read_picture, read_png_text, write_png
from imvar_studio.media.png_chunks import chunk, iter_chunks
from imvar_studio.model.errors import PictureError

RECIPE = json.dumps({"prompt": "ein Fuchs, 狐, 🦊\nim Schnee", "guidance": 3.0}, ensure_ascii=False)


@settings(max_examples=40, deadline=None)
@given(
    hnp.arrays(
        st.sampled_from([np.uint8, np.uint16]),
        st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)),
    ),
    st.integers(0, 9),
)
def test_pixels_come_back_exactly(tmp_path_factory, pixels, level):
    path = tmp_path_factory.mktemp("png") / "x.png"
    path.write_bytes(write_png(pixels, text={}, compress_level=level))
    read = read_picture(path)
    assert read.dtype == pixels.dtype
    assert np.array_equal(read, pixels)


def test_views_are_written_as_they_look(gradient):
    turned = gradient[::-1, ::2]
    assert write_png(turned, text={}) == write_png(turned.copy(), text={})


def test_equal_input_gives_equal_bytes(deep):
    first = write_png(deep, text={"imvar": RECIPE, "Software": "Imvar Studio"})
    assert first == write_png(deep.copy(), text={"Software": "Imvar Studio", "imvar": RECIPE})


def test_file_is_tagged_srgb_and_has_only_known_chunks(gradient):
    data = write_png(gradient, text={"imvar": RECIPE})
    every = (b"IHDR", b"sRGB", b"gAMA", b"cHRM", b"iCCP", b"tIME", b"pHYs", b"iTXt", b"tEXt")
    found = {c.kind: c.body for c in iter_chunks(data, every)}
    assert list(found) == [b"IHDR", b"sRGB", b"iTXt"]
    assert found[b"sRGB"] == b"\0"
    with Image.open(io.BytesIO(data)) as image:
        assert image.info["srgb"] == 0
        assert np.array_equal(np.asarray(image), gradient)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.text("abcXYZ-é:09", min_size=1, max_size=79),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300),
        max_size=4,
    )
)
def test_text_round_trip(text):
    data = write_png(np.zeros((1, 1, 3), np.uint8), text=text)
    assert read_png_text(data) == text


def test_long_text_round_trip(gradient):
    long = RECIPE * 9000
    assert len(long) > 500_000
    assert read_png_text(write_png(gradient, text={"imvar": long})) == {"imvar": long}


@pytest.mark.parametrize("keyword", ["", "a" * 80, " a", "a ", "a  b", "a\0b", "狐", "a\nb"])
def test_keywords_png_does_not_allow(gradient, keyword):
    with pytest.raises(PictureError):
        write_png(gradient, text={keyword: "x"})


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
def test_text_png_cannot_hold(gradient, value):
    with pytest.raises(PictureError):
        write_png(gradient, text={"imvar": value})


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((4, 4, 3), np.int16),
    ],
)
def test_pixels_a_png_is_not_written_from(pixels):
    with pytest.raises(PictureError):
        write_png(pixels, text={})


def test_text_of_other_programs_is_read(gradient):
    plain = bytes(imagecodecs.png_encode(gradient))
    entries = (
        chunk(b"tEXt", b"Author\0J\xf6rg"),
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"packed \xe9")),
        chunk(b"iTXt", b"imvar\0\1\0de\0Rezept\0" + zlib.compress(RECIPE.encode())),
    )
    data = plain[:33] + entries[0] + entries[1] + plain[33:-12] + entries[2] + plain[-12:]
    expected = {"Author": "Jörg", "Comment": "packed é", "imvar": RECIPE}
    assert read_png_text(data) == expected


def test_damaged_entries_are_left_out_and_the_others_kept(gradient):
    plain = write_png(gradient, text={"imvar": RECIPE})
    wrong_sum = bytearray(chunk(b"tEXt", b"A\0text"))
    wrong_sum[-1] ^= 1
    bad = [
        bytes(wrong_sum),
        chunk(b"zTXt", b"B\0\0nonsense"),
        chunk(b"iTXt", b"C\0\0\0\0\0\xff\xfe"),
    ]
    data = plain[:33] + b"".join(bad) + plain[33:]
    assert read_png_text(data) == {"imvar": RECIPE}
    assert read_png_text(data[: len(data) // 2]) == {"imvar": RECIPE}
    assert read_png_text(b"GIF89a") == {}
    assert read_png_text(b"") == {}


def test_compressed_text_bomb_is_left_out(gradient):
    packed = zlib.compress(b"a" * (200 << 20), 9)
    plain = write_png(gradient, text={"imvar": RECIPE})
    bomb = chunk(b"zTXt", b"bomb\0\0" + packed) + chunk(b"iTXt", b"b2\0\1\0\0\0" + packed)
    assert read_png_text(plain[:33] + bomb + plain[33:]) == {"imvar": RECIPE}


def test_profile_bomb_counts_as_no_profile(tmp_path, gradient):
    plain = bytes(imagecodecs.png_encode(gradient))
    bomb = chunk(b"iCCP", b"bomb\0\0" + zlib.compress(b"a" * (200 << 20), 9))
    (tmp_path / "x.png").write_bytes(plain[:33] + bomb + plain[33:])
    assert probe_picture(tmp_path / "x.png").profile is None
    assert np.array_equal(read_picture(tmp_path / "x.png"), gradient)


@pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")
def test_exiftool_reads_the_recipe(tmp_path, gradient):
    path = tmp_path / "x.png"
    path.write_bytes(write_png(gradient, text={"imvar": RECIPE, "Software": "Imvar Studio"}))
    done = subprocess.run(
        ["exiftool", "-j", "-validate", "-warning", str(path)], capture_output=True, check=True
    )
    assert json.loads(done.stdout)[0].get("Warning") is None
    done = subprocess.run(["exiftool", "-j", str(path)], capture_output=True, check=True)
    found = json.loads(done.stdout)[0]
    assert found["Imvar"] == RECIPE
    assert found["Software"] == "Imvar Studio"
    assert found["SRGBRendering"] == "Perceptual"


@pytest.mark.skipif(not shutil.which("pngcheck"), reason="pngcheck is not installed")
def test_pngcheck_finds_no_fault(tmp_path, gradient, deep):
    for pixels in (gradient, deep):
        path = tmp_path / "x.png"
        path.write_bytes(write_png(pixels, text={"imvar": RECIPE}))
        done = subprocess.run(["pngcheck", "-q", str(path)], check=False, capture_output=True)
        assert (done.returncode, done.stdout) == (0, b"")

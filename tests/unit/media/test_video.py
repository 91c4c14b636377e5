"""H.264 films: colour, tags, sizes, metadata, and what is left behind when something fails."""

from __future__ import annotations

import json
import shutil
import subprocess
from fractions import Fraction

import imageio_ffmpeg
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imvar_studio.media.film_metadata import ffmetadata, parse_ffmetadata
from imvar_studio.media.video import (
    VideoOptions,
    read_frames,
    read_video_metadata,
    write_video,
)

FPS = Fraction(24)
FAST = VideoOptions(preset="ultrafast")
RECIPE = json.dumps({"prompt": "a = b; #1 \\ 'q' \"狐\" 🦊\ttab", "seeds": list(range(40_000))})


def grey_frames(count=3, height=32, width=48):
    return [np.full((height, width, 3), 40 * i, np.uint8) for i in range(count)]


def film(path, frames=None, **options):
    options = {"fps": FPS, "metadata": {}, "options": FAST} | options
    return write_video(grey_frames() if frames is None else frames, path, **options)


def ffmpeg(*arguments):
    program = imageio_ffmpeg.get_ffmpeg_exe()
    return subprocess.run([program, "-hide_banner", *arguments], check=False, capture_output=True)


def patches():
    """64 colours in squares of 32 pixels, and the pixels well inside each."""
    levels = np.array([0, 90, 180, 255], np.uint8)
    colours = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(8, 8, 3)
    return colours, np.kron(colours, np.ones((32, 32, 1), np.uint8))


def inside(picture):
    """(h, w, 3) to the middle 8 x 8 pixels of each patch, averaged: (8, 8, 3)."""
    blocks = picture.reshape(8, 32, 8, 32, 3)[:, 12:20, :, 12:20]
    return blocks.mean(axis=(1, 3))


def test_colours_come_back_by_the_bt709_equations(tmp_path):
    """Decoded here from the raw YCbCr, with nothing of ffmpeg's own conversion."""
    colours, picture = patches()
    film(tmp_path / "x.mp4", [picture] * 3, options=VideoOptions(crf=0, preset="ultrafast"))
    raw = ffmpeg("-i", str(tmp_path / "x.mp4"), "-f", "rawvideo", "-pix_fmt", "yuv420p", "-").stdout
    planes = np.frombuffer(raw, np.uint8)[: 256 * 256 * 3 // 2].astype(float)
    luma = (planes[: 256 * 256].reshape(256, 256) - 16) / 219
    small = (planes[256 * 256 :].reshape(2, 128, 128) - 128) / 224
    cb, cr = np.kron(small, np.ones((1, 2, 2)))
    red, blue = luma + 1.5748 * cr, luma + 1.8556 * cb
    green = (luma - 0.2126 * red - 0.0722 * blue) / 0.7152
    decoded = np.clip(np.stack([red, green, blue], axis=-1) * 255, 0, 255)
    # half a step of Y and of Cr or Cb, the best that 8 bits allow
    assert np.abs(inside(decoded) - colours).max() <= 1.6


def test_colours_come_back_at_the_default_quality(tmp_path):
    colours, picture = patches()
    film(tmp_path / "x.mp4", [picture] * 4, options=VideoOptions())
    for frame in read_frames(tmp_path / "x.mp4"):
        assert np.abs(inside(frame) - colours).max() <= 2


def test_stream_is_tagged_bt709_and_limited(tmp_path):
    film(tmp_path / "x.mp4", fps=Fraction(24000, 1001))
    printed = ffmpeg("-i", str(tmp_path / "x.mp4")).stderr.decode()
    assert "h264" in printed
    assert "yuv420p(tv, bt709" in printed
    assert "23.98 fps" in printed


def test_film_can_start_before_it_is_loaded(tmp_path):
    film(tmp_path / "x.mp4")
    data = (tmp_path / "x.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_frames_come_back_in_order_and_number(tmp_path):
    written = film(tmp_path / "x.mp4", grey_frames(5))
    assert (written.frames, written.width, written.height) == (5, 48, 32)
    means = [float(frame.mean()) for frame in read_frames(tmp_path / "x.mp4")]
    assert np.abs(np.array(means) - [0, 40, 80, 120, 160]).max() <= 2


def test_odd_sizes_grow_by_a_copy_of_the_last_line(tmp_path):
    y, x = np.mgrid[0:33, 0:47]
    frame = np.stack([60 + 3 * x, 60 + 3 * y, 200 - 2 * x], axis=-1).astype(np.uint8)
    written = film(tmp_path / "x.mp4", [frame], options=VideoOptions(crf=1))
    assert (written.width, written.height) == (48, 34)
    (decoded,) = read_frames(tmp_path / "x.mp4")
    grown = np.pad(frame, ((0, 1), (0, 1), (0, 0)), mode="edge")
    assert decoded.shape == (34, 48, 3)
    assert np.abs(decoded.astype(int) - grown)[-1].max() < 12
    assert np.abs(decoded.astype(int) - grown)[:, -1].max() < 12


def test_metadata_of_any_length_comes_back_exactly(tmp_path):
    entries = {
        "title": "  Fox; = # \\",
        "comment": RECIPE + "\nline\r\nend\\",
        "software": "Imvar Studio 0.1.0",
        "artist": "Ü",
        "description": "\\",
        "copyright": "none\n[STREAM]\n;x",
        "date": "2026",
    }
    assert len(RECIPE) > 200_000
    written = film(tmp_path / "x.mp4", metadata=entries)
    assert read_video_metadata(tmp_path / "x.mp4") == entries
    assert written.left_out == ()


def test_a_comment_cannot_pose_as_the_software(tmp_path):
    entries = {"comment": "x\n    encoder : liar\nOutput #0", "software": "Imvar"}
    film(tmp_path / "x.mp4", metadata=entries)
    assert read_video_metadata(tmp_path / "x.mp4") == entries


@pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")
def test_exiftool_reads_the_metadata_and_no_date(tmp_path):
    film(tmp_path / "x.mp4", metadata={"comment": RECIPE, "software": "Imvar Studio", "title": "T"})
    done = subprocess.run(
        ["exiftool", "-j", str(tmp_path / "x.mp4")], capture_output=True, check=True
    )
    found = json.loads(done.stdout)[0]
    assert (found["Comment"], found["Encoder"], found["Title"]) == (RECIPE, "Imvar Studio", "T")
    dates = [found[key] for key in ("CreateDate", "ModifyDate", "TrackCreateDate")]
    assert dates == ["0000:00:00 00:00:00"] * 3


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.text(
        st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\\\n=;#[]\t"), min_size=1
    )
)
def test_any_comment_round_trips(tmp_path, comment):
    film(tmp_path / "x.mp4", grey_frames(1), metadata={"comment": comment}, overwrite=True)
    assert read_video_metadata(tmp_path / "x.mp4") == {"comment": comment}


def test_ffmetadata_as_ffmpeg_documents_it():
    assert ffmetadata({"a": "1=2;#\\\n"}) == b";FFMETADATA1\na=1\\=2\\;\\#\\\\\\\n\0\n"
    parsed = parse_ffmetadata(";FFMETADATA1\na=1\\=2\\\nb=3\nencoder=x\nc=\n[STREAM]\nd=5\n")
    assert parsed == {"a": "1=2\nb=3", "c": ""}


def test_equal_films_have_equal_bytes(tmp_path):
    for name in ("a.mp4", "b.mp4"):
        film(tmp_path / name, metadata={"comment": "x", "software": "Imvar"})
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_frames_are_streamed_not_held(tmp_path):
    """A frame is gone before the third one after it is made."""
    import weakref

    alive: list[weakref.ref[np.ndarray]] = []

    def frames():
        for value in range(20):
            assert sum(ref() is not None for ref in alive) <= 2
            frame = np.full((32, 32, 3), value, np.uint8)
            alive.append(weakref.ref(frame))
            yield frame

    assert film(tmp_path / "x.mp4", frames()).frames == 20

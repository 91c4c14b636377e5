"""What goes wrong with films: told apart in sentences, and nothing is left behind."""

from __future__ import annotations

import dataclasses
import subprocess
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from imvar_studio.media import film_formats
from imvar_studio.media.video import (
    VideoOptions,
    read_frames,
    read_video_metadata,
    write_video,
)
from imvar_studio.model.errors import Cancelled, DiskFullError, SpecError, VideoError


def grey_frames(count=3, height=32, width=48):
    return [np.full((height, width, 3), 40 * i, np.uint8) for i in range(count)]


def film(path, frames=None, **options):
    fast = VideoOptions(preset="ultrafast")
    options = {"fps": Fraction(24), "metadata": {}, "options": fast} | options
    return write_video(grey_frames() if frames is None else frames, path, **options)


def sentence(path, frames=None, **options):
    with pytest.raises(VideoError) as caught:
        film(path, frames, **options)
    assert not list(path.parent.glob(".imvar-film-*"))
    return str(caught.value)


def test_existing_film_is_refused_before_the_first_frame(tmp_path):
    (tmp_path / "x.mp4").write_bytes(b"old")

    def frames():
        raise AssertionError

    assert "exists already" in sentence(tmp_path / "x.mp4", frames)
    assert (tmp_path / "x.mp4").read_bytes() == b"old"
    film(tmp_path / "x.mp4", overwrite=True)
    assert b"ftyp" in (tmp_path / "x.mp4").read_bytes()[:12]


def test_an_older_film_is_replaced_in_one_step(tmp_path):
    """Whoever holds the old film still holds a whole film: it is never written over."""
    (tmp_path / "x.mp4").write_bytes(b"old")
    (tmp_path / "held.mp4").hardlink_to(tmp_path / "x.mp4")
    film(tmp_path / "x.mp4", overwrite=True)
    assert (tmp_path / "held.mp4").read_bytes() == b"old"


@pytest.mark.parametrize("error", [Cancelled, KeyboardInterrupt, ZeroDivisionError])
@pytest.mark.parametrize("suffix", [".mp4", ".gif"])
def test_interrupted_film_leaves_the_old_one_and_nothing_else(tmp_path, error, suffix):
    target = tmp_path / f"x{suffix}"
    target.write_bytes(b"old")

    def frames():
        yield from grey_frames(2)
        raise error

    with pytest.raises(error):
        film(target, frames, overwrite=True)
    assert [p.name for p in tmp_path.iterdir()] == [target.name]
    assert target.read_bytes() == b"old"


def test_no_ffmpeg_is_left_running(tmp_path, monkeypatch):
    started = []
    start = subprocess.Popen

    def remember(*args, **kwargs):
        started.append(start(*args, **kwargs))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", remember)

    def frames():
        yield grey_frames(1)[0]
        assert started[0].poll() is None
        raise Cancelled

    with pytest.raises(Cancelled):
        film(tmp_path / "x.mp4", frames)
    film(tmp_path / "y.mp4")
    reading = read_frames(tmp_path / "y.mp4")
    next(reading)
    reading.close()
    assert len(started) == 3
    assert all(process.poll() is not None for process in started)


def test_no_frames(tmp_path):
    assert "no frames" in sentence(tmp_path / "x.mp4", [])


def test_frames_of_different_sizes(tmp_path):
    frames = [*grey_frames(2), np.zeros((32, 50, 3), np.uint8)]
    assert "frame 2 is 50 x 32 pixels, but the film is 48 x 32" in sentence(
        tmp_path / "x.mp4", frames
    )


@pytest.mark.parametrize(
    "frame",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3), np.float32)],
)
def test_frames_of_another_kind(tmp_path, frame):
    assert "frame 0 must be (h, w, 3) uint8" in sentence(tmp_path / "x.mp4", [frame])


def test_unknown_ending_lists_what_is_possible(tmp_path):
    for name in ("x.xyz", "x"):
        said = sentence(tmp_path / name)
        assert ".mp4 (H.264)" in said
        assert ".gif" in said


def test_folders(tmp_path):
    assert "there is no folder" in sentence(tmp_path / "gone" / "x.mp4")
    (tmp_path / "x.mp4").mkdir()
    assert "is a folder" in sentence(tmp_path / "x.mp4", overwrite=True)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder nobody may write to")
def test_folder_that_cannot_be_written():
    assert "cannot be written to" in sentence(Path("/proc/x.mp4"))


def test_metadata_no_film_can_hold(tmp_path):
    assert "no entry 'mood'" in sentence(tmp_path / "x.mp4", metadata={"mood": "x"})
    assert "characters" in sentence(tmp_path / "x.mp4", metadata={"comment": "a\0b"})
    assert "characters" in sentence(tmp_path / "x.mp4", metadata={"comment": "\ud800"})


@pytest.mark.parametrize("fps", [Fraction(0), Fraction(-1), Fraction(241)])
def test_frame_rates_out_of_range(tmp_path, fps):
    with pytest.raises(SpecError):
        film(tmp_path / "x.mp4", fps=fps)


def test_options_out_of_range():
    with pytest.raises(SpecError, match="crf"):
        VideoOptions(crf=52)
    with pytest.raises(SpecError, match="preset"):
        VideoOptions(preset="hasty")


def test_missing_encoder_is_said_in_ffmpegs_words(tmp_path, monkeypatch):
    broken = dataclasses.replace(
        film_formats.FORMATS[0], passes=lambda *_: (("-c:v", "libnope", "film.mp4"),)
    )
    monkeypatch.setattr(film_formats, "FORMATS", (broken,))
    assert "Unknown encoder 'libnope'" in sentence(tmp_path / "x.mp4")


def test_full_disk_and_missing_program_are_told_apart(tmp_path, monkeypatch):
    fake = tmp_path / "ffmpeg"
    fake.write_text("#!/bin/sh\necho 'film.mp4: No space left on device' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: str(fake))
    many = grey_frames(6, 256, 256)
    with pytest.raises(DiskFullError, match="is full: free some space"):
        film(tmp_path / "x.mp4", many)
    fake.write_text("#!/bin/sh\nexit 3\n")
    assert "gave no reason" in sentence(tmp_path / "x.mp4", many)
    fake.unlink()
    assert "does not start" in sentence(tmp_path / "x.mp4")

    def missing():
        raise RuntimeError

    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", missing)
    assert "ffmpeg program is missing" in sentence(tmp_path / "x.mp4")


def test_a_stop_while_ffmpeg_finishes_ends_it_and_leaves_nothing(tmp_path):
    asked = []

    def check() -> None:
        asked.append(1)
        raise Cancelled

    with pytest.raises(Cancelled):
        film(tmp_path / "x.mp4", grey_frames(6, 1024, 1024), check=check,
             options=VideoOptions(preset="veryslow"))  # fmt: skip
    assert asked == [1]
    assert list(tmp_path.iterdir()) == []


def test_reading_what_is_no_film(tmp_path):
    (tmp_path / "x.mp4").write_text("not a film")
    for read in (read_video_metadata, lambda path: list(read_frames(path))):
        with pytest.raises(VideoError, match=r"could not read .*x\.mp4"):
            read(tmp_path / "x.mp4")
        with pytest.raises(VideoError, match="there is no film"):
            read(tmp_path / "gone.mp4")

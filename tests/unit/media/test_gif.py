"""GIF films: colours, steadiness, looping, and the recipe in a comment."""

from __future__ import annotations

import json
import shutil
import subprocess
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from imvar_studio.media.video import read_frames, read_video_metadata, write_video
from imvar_studio.model.errors import SpecError, VideoError

FPS = Fraction(20)


def moving_gradient():
    """12 frames of 96 x 129: a still ground with a gradient, over it a moving orange disc."""
    y, x = np.mgrid[0:96, 0:129]
    ground = np.stack([60 + x, 40 + y, 200 - x], axis=-1)
    for step in range(12):
        frame = ground.copy()
        frame[(x - 20 - 7 * step) ** 2 + (y - 48) ** 2 < 300] = (255, 120, 0)
        yield frame.astype(np.uint8)


@pytest.fixture
def gif(tmp_path):
    path = tmp_path / "x.gif"
    metadata = {"comment": json.dumps({"prompt": "狐" * 9000}), "software": "Imvar"}
    written = write_video(moving_gradient, path, fps=FPS, metadata=metadata)
    assert written.left_out == ("software",)
    assert (written.width, written.height, written.frames) == (129, 96, 12)
    return path


def test_colours_are_close_and_the_still_ground_stands_still(gif):
    frames = np.array(list(moving_gradient())).astype(int)
    read = np.array(list(read_frames(gif))).astype(int)
    assert read.shape == frames.shape
    assert np.abs(read - frames).mean() < 6
    # away from the disc no pixel may change
    assert np.abs(np.diff(read[:, 70:], axis=0)).max() == 0
    disc = read[0, 45:52, 17:24]
    assert np.abs(disc - (255, 120, 0)).max() <= 12


def test_slow_gradients_do_not_shimmer(tmp_path):
    """Error diffusion, which crawls, has a change of error of 2.8 here."""
    y, x = np.mgrid[0:96, 0:129]
    frames = [np.stack([60 + x + s, 40 + y, 200 - x - s], -1).astype(np.uint8) for s in range(12)]
    write_video(frames, tmp_path / "x.gif", fps=FPS, metadata={})
    error = np.array(list(read_frames(tmp_path / "x.gif"))).astype(int) - np.array(frames)
    assert np.abs(error).mean() < 4
    assert np.abs(np.diff(error, axis=0)).mean() < 1.6


def test_it_loops_for_ever_at_its_rate(gif):
    with Image.open(gif) as image:
        assert image.info["loop"] == 0
        assert image.n_frames == 12
        durations = []
        for index in range(image.n_frames):
            image.seek(index)
            durations.append(image.info["duration"])
    assert durations == [50] * 12


def test_rates_between_hundredths_keep_the_length(tmp_path):
    write_video(moving_gradient, tmp_path / "x.gif", fps=Fraction(24), metadata={})
    with Image.open(tmp_path / "x.gif") as image:
        total = 0
        for index in range(image.n_frames):
            image.seek(index)
            total += image.info["duration"]
    assert abs(total - 500) <= 10


def test_comment_is_read_by_ffmpeg_and_pillow(gif):
    comment = json.dumps({"prompt": "狐" * 9000})
    assert read_video_metadata(gif) == {"comment": comment}
    with Image.open(gif) as image:
        assert image.info["comment"].decode() == comment


@pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")
def test_comment_is_read_by_exiftool(gif):
    done = subprocess.run(["exiftool", "-j", str(gif)], capture_output=True, check=True)
    found = json.loads(done.stdout)[0]
    assert json.loads(found["Comment"]) == {"prompt": "狐" * 9000}
    assert found["AnimationIterations"] == "Infinite"


def test_equal_films_have_equal_bytes(gif, tmp_path):
    metadata = {"comment": json.dumps({"prompt": "狐" * 9000})}
    write_video(moving_gradient, tmp_path / "y.gif", fps=FPS, metadata=metadata)
    assert (tmp_path / "y.gif").read_bytes() == gif.read_bytes()


def test_an_iterator_cannot_be_gone_over_twice(tmp_path):
    with pytest.raises(TypeError, match="twice"):
        write_video(moving_gradient(), tmp_path / "x.gif", fps=FPS, metadata={})
    written = write_video(list(moving_gradient()), tmp_path / "x.gif", fps=FPS, metadata={})
    assert written.frames == 12


def test_passes_that_differ_are_noticed(tmp_path):
    lengths = iter([3, 2])

    def frames():
        return list(moving_gradient())[: next(lengths)]

    with pytest.raises(VideoError, match="differed"):
        write_video(frames, tmp_path / "x.gif", fps=FPS, metadata={})
    assert list(tmp_path.iterdir()) == []


def test_gif_plays_50_frames_a_second_at_most(tmp_path):
    with pytest.raises(SpecError, match="at most 50"):
        write_video(moving_gradient, tmp_path / "x.gif", fps=Fraction(60), metadata={})

"""Every kind of film: codec, tags, colours, frames, sizes and metadata, as ffmpeg reports them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from fractions import Fraction

import imageio_ffmpeg
import numpy as np
import pytest

from imvar_studio.media.film_formats import FORMATS, film_format, formats_of, scaled_size
from imvar_studio.media.video import VideoOptions, read_frames, read_video_metadata, write_video
from imvar_studio.media.xmp import GENERATED, xmp_packet
from imvar_studio.model.errors import VideoError

FPS = Fraction(24)
RECIPE = json.dumps({"prompt": "a = b; #1 \\ 'q' \"狐\" 🦊\ttab", "seeds": list(range(20_000))})
# how ffmpeg names the stream
STREAMS = {
    ("mp4", "h264"): r"h264 \(High\) .*yuv420p\(tv, bt709, progressive\)",
    ("mp4", "h265"): r"hevc \(Main\) \(hvc1 .*yuv420p\(tv, bt709",
    ("mp4", "av1"): r"av1 .*\(av01 .*yuv420p\(tv, bt709",
    ("webm", "vp9"): r"vp9 .*yuv420p\(tv, bt709",
    ("webm", "av1"): r"av1 .*yuv420p\(tv, bt709",
    ("mov", "prores-hq"): r"prores \(HQ\) \(apch .*yuv422p10le\(tv, bt709",
    ("mov", "prores-4444"): r"prores \(4444\) \(ap4h .*yuv444p1[02]le\(tv, bt709",
    ("gif", "gif"): r"gif",
}
KINDS = pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: f"{kind.codec}{kind.ending}")
TAGGED = pytest.mark.parametrize(
    "kind", [kind for kind in FORMATS if kind.codec != "gif"], ids=lambda k: k.codec + k.ending
)


def patches(side=32):
    """16 colours in squares, and the picture of them."""
    levels = np.array([20, 230], np.uint8)
    found = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(2, 4, 3)
    colours = np.concatenate([found, found // 2 + 40])
    return colours, np.kron(colours, np.ones((side, side, 1), np.uint8))


def inside(picture, rows, columns):
    """The average of the middle of each patch."""
    high, wide = picture.shape[0] // rows, picture.shape[1] // columns
    blocks = picture.reshape(rows, high, columns, wide, 3)
    middle = blocks[:, high // 4 : -(high // 4), :, wide // 4 : -(wide // 4)]
    return middle.astype(float).mean(axis=(1, 3))


def written(kind, tmp_path, frames, **changes):
    path = tmp_path / f"film{kind.ending}"
    options = VideoOptions(preset="superfast", codec=kind.codec, **changes.pop("options", {}))
    done = write_video(
        lambda: iter(frames), path, fps=FPS, metadata=changes.pop("metadata", {}),
        options=options, **changes,
    )  # fmt: skip
    return path, done


def report(path):
    program = imageio_ffmpeg.get_ffmpeg_exe()
    words = [program, "-hide_banner", "-i", str(path)]
    return subprocess.run(words, check=False, capture_output=True).stderr.decode()


def test_every_kind_has_a_stream_of_its_own():
    assert {(kind.ending[1:], kind.codec) for kind in FORMATS} == set(STREAMS)


@KINDS
def test_ffmpeg_reports_the_codec_the_tags_the_rate_and_the_frames(tmp_path, kind):
    frames = [np.full((64, 96, 3), 40 * i, np.uint8) for i in range(5)]
    path, done = written(kind, tmp_path, frames)
    said = report(path)
    assert re.search(STREAMS[kind.ending[1:], kind.codec], said), said
    assert "96x64" in said
    if kind.codec != "gif":
        assert "24 fps" in said
    assert (done.width, done.height, done.frames) == (96, 64, 5)
    means = [float(frame.mean()) for frame in read_frames(path)]
    assert np.abs(np.array(means) - [0, 40, 80, 120, 160]).max() <= 3
    assert list(tmp_path.iterdir()) == [path]


@KINDS
def test_colours_come_back(tmp_path, kind):
    colours, picture = patches()
    path, _ = written(kind, tmp_path, [picture] * 3, options={"crf": 8})
    for frame in read_frames(path):
        assert np.abs(inside(frame, 4, 4) - colours).max() <= 3.5


@KINDS
@pytest.mark.parametrize("scale", [50, 150])
def test_colours_come_back_at_another_size(tmp_path, kind, scale):
    colours, picture = patches()
    path, done = written(kind, tmp_path, [picture] * 2, options={"crf": 8, "scale": scale})
    assert (done.width, done.height) == (128 * scale // 100, 128 * scale // 100)
    for frame in read_frames(path):
        assert frame.shape == (done.height, done.width, 3)
        assert np.abs(inside(frame, 4, 4) - colours).max() <= 3.5


@KINDS
def test_odd_sizes_are_kept_or_grow(tmp_path, kind):
    path, done = written(kind, tmp_path, [np.full((67, 93, 3), 90, np.uint8)] * 2)
    assert (done.width, done.height) == ((94, 68) if kind.even else (93, 67))
    assert [frame.shape for frame in read_frames(path)] == [(done.height, done.width, 3)] * 2


@KINDS
def test_scaled_odd_sizes_are_what_was_said(tmp_path, kind):
    path, done = written(
        kind, tmp_path, [np.full((67, 93, 3), 90, np.uint8)] * 2, options={"scale": 73}
    )
    assert (done.width, done.height) == ((68, 48) if kind.even else (68, 49))
    assert next(read_frames(path)).shape == (done.height, done.width, 3)


@TAGGED
def test_metadata_of_any_length_comes_back(tmp_path, kind):
    entries = {
        "title": "  Fox; = # \\", "comment": RECIPE + "\nline\nend\\", "artist": "Ü",
        "software": "Imvar Studio 0.1.0",
    }  # fmt: skip
    path, done = written(kind, tmp_path, [np.zeros((64, 64, 3), np.uint8)] * 2, metadata=entries)
    assert len(RECIPE) > 100_000
    found = read_video_metadata(path)
    assert {name: found.get(name) for name in entries} == entries
    assert done.left_out == ()


@TAGGED
def test_equal_films_have_equal_bytes(tmp_path, kind):
    frames = [np.random.default_rng(i).integers(0, 255, (64, 96, 3), np.uint8) for i in range(4)]
    first, _ = written(kind, tmp_path, frames, metadata={"comment": "x"})
    data = first.read_bytes()
    second, _ = written(kind, tmp_path, frames, metadata={"comment": "x"}, overwrite=True)
    assert second.read_bytes() == data


@pytest.mark.parametrize("kind", [each for each in FORMATS if each.mark], ids=lambda k: k.codec)
def test_a_packet_stands_in_a_film_that_still_plays(tmp_path, kind):
    packet = xmp_packet(GENERATED, "Imvar")
    path, _ = written(kind, tmp_path, [np.zeros((64, 64, 3), np.uint8)] * 3, xmp=packet)
    assert packet.encode() in path.read_bytes()
    assert len(list(read_frames(path))) == 3


@pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")
@TAGGED
def test_exiftool_reads_the_recipe(tmp_path, kind):
    path, _ = written(
        kind, tmp_path, [np.zeros((64, 64, 3), np.uint8)] * 2, metadata={"comment": RECIPE}
    )
    said = subprocess.run(
        ["exiftool", "-j", "-validate", "-all", str(path)], capture_output=True, check=True
    )
    found = json.loads(said.stdout)[0]
    assert found["Comment"] == RECIPE
    assert found["Validate"] == "OK"


@KINDS
def test_films_that_are_too_small_are_refused_in_a_sentence(tmp_path, kind):
    frames = [np.zeros((10, 40, 3), np.uint8)] * 2
    if kind.least_side <= 10:
        assert written(kind, tmp_path, frames)[1].frames == 2
        return
    with pytest.raises(VideoError) as caught:
        written(kind, tmp_path, frames)
    assert str(caught.value) == (
        f"a film as {kind.name} must be at least 16 pixels wide and high, this one is 40 x 10: "
        "make it larger, or choose another kind of film"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_quality_and_a_speed_change_the_bytes(tmp_path):
    frames = [np.random.default_rng(i).integers(0, 255, (64, 96, 3), np.uint8) for i in range(4)]
    for kind in FORMATS:
        sizes = []
        for crf in (5, 45):
            path, _ = written(kind, tmp_path, frames, options={"crf": crf}, overwrite=True)
            sizes.append(path.stat().st_size)
        assert ("crf" in kind.options) == (sizes[0] > sizes[1]), kind.name


def test_an_ending_chooses_its_usual_kind_and_a_codec_another(tmp_path):
    usual = {ending: film_format(tmp_path / f"x{ending}").codec
             for ending in (".mp4", ".WEBM", ".mov", ".gif")}  # fmt: skip
    assert list(usual.values()) == ["h264", "vp9", "prores-hq", "gif"]
    assert film_format(tmp_path / "x.mp4", "h265").name == "H.265"
    assert [each.codec for each in formats_of(".MOV")] == ["prores-hq", "prores-4444"]
    with pytest.raises(VideoError) as caught:
        film_format(tmp_path / "x.mov", "vp9")
    assert str(caught.value) == ("a film '.mov' has no codec vp9: choose prores-hq or prores-4444")
    with pytest.raises(VideoError, match=r"\.mp4 \(H\.264\) or \.webm \(VP9\) or \.mov \(ProRes"):
        film_format(tmp_path / "x.avi")


@pytest.mark.parametrize(
    ("size", "scale", "even", "wanted"),
    [((64, 48), 100, True, (64, 48)), ((65, 47), 100, True, (66, 48)),
     ((65, 47), 100, False, (65, 47)), ((65, 47), 50, True, (32, 24)),
     ((65, 47), 50, False, (33, 24)), ((8, 8), 10, True, (2, 2)), ((8, 8), 10, False, (1, 1)),
     ((512, 512), 400, True, (2048, 2048)), ((333, 100), 33, True, (110, 34))],
)  # fmt: skip
def test_sizes_are_rounded_half_up_and_to_even_sides(size, scale, even, wanted):
    assert scaled_size(*size, scale, even=even) == wanted

"""From nothing to a film, as a new user goes, and what its file holds."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from imvar_studio.engine.framing import load_framed
from imvar_studio.engine.pixels import decode, encode
from imvar_studio.media.ffmpeg import ffmpeg_program, start_ffmpeg
from imvar_studio.media.image_io import read_picture, read_png_text
from imvar_studio.media.video import read_frames, read_video_metadata
from imvar_studio.model.source import Asset, Size

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FRAMES = 21  # three keyframes, ten frames from each to the next


def rate_of(path: Path) -> str:
    process = start_ffmpeg(["-i", str(path)], stdin=-3, stderr=-1)
    words = process.communicate()[1].decode()
    assert ffmpeg_program()
    found = re.search(r"([\d.]+) fps", words)
    assert found, words
    return found[1]


def test_every_step_of_the_way_is_said(film):
    assert {name: said.code for name, said in film.said.items()} == dict.fromkeys(film.said, 0)
    assert {name: said.err for name, said in film.said.items()} == dict.fromkeys(film.said, "")
    new = film.said["new"].out
    assert re.search(r"seed (\d+)\.\nGo on with: imvar add .*waves\.imvar PICTURE", new)
    assert film.said["picture"].out == "Added waves.png at 0 s (1 keyframe).\n"
    added = {"event": "added", "keyframe": "key-2", "time": 2.0, "keyframes": 2}
    assert film.said["prompt"].events == [added]


def test_new_keeps_the_seed_it_drew_and_the_models_whole_path(film, model):
    (work,) = json.loads(film.saved)["project"]["works"]
    said = re.search(r"seed (\d+)", film.said["new"].out)
    assert said
    assert work["settings"]["seed"] == int(said[1])
    assert work["model"] == str(model)


def test_rendering_changes_nothing_that_was_saved(film):
    assert (film.project / "project.json").read_bytes() == film.saved


def test_the_film_is_what_was_planned(film):
    frames = list(read_frames(film.out))
    assert {frame.shape for frame in frames} == {(64, 64, 3)}
    assert len(frames) == FRAMES
    assert rate_of(film.out) == "10"
    assert len(list(film.project.glob("frames/*/*.png"))) == FRAMES


def test_the_film_begins_with_the_artists_picture(film, picture, load_model):
    """What the tiny VAE makes of it, as near as a UNet of random weights can be inverted."""
    bundle = load_model("v_prediction", "fp32")
    original = load_framed(Asset("0" * 64), Size(64, 64), lambda *_: read_picture(picture))
    with torch.inference_mode():
        there_and_back = decode(bundle, encode(bundle, original), Size(64, 64))[0].numpy()
    wanted = there_and_back.astype(float)
    far = [float(np.abs(frame - wanted).mean()) for frame in film.pictures]
    assert far[0] < 0.7 * min(far[1:]), far
    first = film.plan["pictures"][film.plan["frames"][0]]["recipe"]
    assert (first["start"]["kind"], first["guidance"], first["steps"]) == ("inverted", 1.0, 25)


def test_json_lines_carry_estimate_progress_and_the_end(film):
    said = film.said["render"]
    kinds = [each["event"] for each in said.events]
    assert kinds[0] == "note"
    assert kinds.index("estimate") < len(kinds) - kinds[::-1].index("progress")
    assert kinds[-1] == "finished"
    estimate = said.only("estimate")
    assert (estimate["pictures"], estimate["of"]) == (FRAMES, FRAMES)
    assert 0 < estimate["seconds"] < 600
    assert 1e8 < estimate["memory"] < 4e9
    progress = [each for each in said.events if each["event"] == "progress"]
    assert {"loading", "denoising", "encoding"} <= {each["phase"] for each in progress}
    assert all(0 <= each["done"] <= each["total"] for each in progress)
    assert progress[-1] == {
        "event": "progress", "phase": "encoding",
        "done": FRAMES, "total": FRAMES, "pictures": FRAMES, "of": FRAMES, "seconds_left": None,
    }  # fmt: skip
    finished = {"event": "finished", "film": str(film.out), "frames": FRAMES, "encoded": True}
    assert said.events[-1] == finished


def test_frames_and_film_carry_what_they_were_made_from(film):
    frame = next(film.project.glob("frames/*/*.png"))
    record = json.loads(read_png_text(frame.read_bytes())["imvar"])
    assert record["digest"] == frame.stem
    comment = json.loads(read_video_metadata(film.out)["comment"])
    assert comment["spec"]["film"]["name"] == "waves"


@pytest.fixture
def one_picture(tmp_path, here, model):
    """A project of one prompt: the quickest film there is."""
    project = tmp_path / "one.imvar"
    for words in (["new", project, "--model", model, "--seed", 3, "--fps", 4],
                  ["add", project, "--prompt", "a fox"]):  # fmt: skip
        assert here(*words).code == 0
    return project


def render(here: Callable[..., object], project: Path, *words: object) -> object:
    said = here("render", project, "--steps", 2, "--batch", 1, *words)
    assert said.code == 0, said.err
    return said


def test_estimate_renders_nothing(one_picture, here, files, tmp_path):
    before = files(tmp_path)
    said = render(here, one_picture, "--estimate", "--json")
    assert said.only("estimate")["pictures"] == 1
    assert said.events[-1]["event"] == "estimate"
    after = files(tmp_path)
    new = {name for name in after.keys() - before.keys() if after[name] != "folder"}
    assert all(name.startswith(("one.imvar/takes/", "one.imvar/cache/")) for name in new), new
    assert {name: after[name] for name in before} == before


def test_a_film_without_a_name_gets_one_of_the_time(one_picture, here, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = render(here, "one.imvar")
    (film,) = tmp_path.glob("*.mp4")
    assert re.fullmatch(r"one-\d{8}-\d{6}\.mp4", film.name)
    assert f"The film is {film.name} (1 frame, 0.2 s).\n" in said.out


@pytest.mark.parametrize(
    ("size", "frame", "mp4"),
    [("72x88", (88, 72), (88, 72)), ("75x81", (81, 75), (82, 76)), ("64", (64, 64), (64, 64))],
)
def test_sizes_the_model_does_not_have_are_rounded_up_and_cropped(
    one_picture, here, tmp_path, size, frame, mp4
):
    said = render(here, one_picture, "--size", size, "--out", tmp_path / "a.mp4")
    (path,) = one_picture.glob("frames/*/*.png")
    assert read_picture(path).shape[:2] == frame
    assert next(read_frames(tmp_path / "a.mp4")).shape[:2] == mp4
    assert (f"it is {mp4[1]}x{mp4[0]}" in said.out) == (frame != mp4)
    render(here, one_picture, "--size", size, "--out", tmp_path / "a.gif")
    assert next(read_frames(tmp_path / "a.gif")).shape[:2] == frame


def test_options_hold_for_one_render_and_make_another_film(one_picture, here, files, tmp_path):
    saved = (one_picture / "project.json").read_bytes()
    made = set()
    for number, options in enumerate(
        [[], ["--steps", 3], ["--guidance", 7.5], ["--guidance", 0], ["--seed", 4], ["--size", 80]]
    ):
        render(here, one_picture, *options, "--out", tmp_path / f"{number}.mp4")
        frames = set(one_picture.glob("frames/*/*.png"))
        assert len(frames) == number + 1
        made |= {path.read_bytes()[-3000:] for path in frames}
    assert len(made) == 6
    assert (one_picture / "project.json").read_bytes() == saved


def test_a_rate_of_broadcast_is_exact(one_picture, here, tmp_path):
    here("add", one_picture, "--prompt", "a red fox", "--at", "0.5")
    render(here, one_picture, "--fps", "23.976", "--out", tmp_path / "a.mp4")
    assert rate_of(tmp_path / "a.mp4") == "23.98"
    assert len(list(read_frames(tmp_path / "a.mp4"))) == 13
    comment = json.loads(read_video_metadata(tmp_path / "a.mp4")["comment"])
    assert Fraction(comment["spec"]["film"]["settings"]["fps"]) == Fraction(24000, 1001)


def test_model_can_be_given_for_one_render(one_picture, here, tmp_path, tiny_model):
    render(here, one_picture, "--out", tmp_path / "a.mp4")
    render(here, one_picture, "--out", tmp_path / "b.mp4", "--model", tiny_model("epsilon"))
    assert len(list(one_picture.glob("frames/*/*.png"))) == 2


def test_a_relative_model_is_found_from_elsewhere(here, model, tmp_path, monkeypatch):
    monkeypatch.chdir(model.parent)
    assert here("new", tmp_path / "p.imvar", "--model", f"./{model.name}").code == 0
    monkeypatch.chdir(tmp_path)
    assert here("add", "p.imvar", "--prompt", "a fox").code == 0
    assert here("render", "p.imvar", "--estimate", "--steps", 1).code == 0


def test_an_existing_file_is_refused_before_rendering_and_replaced_on_demand(
    one_picture, here, files, tmp_path
):
    out = tmp_path / "a.mp4"
    out.write_bytes(b"somebody's film")
    before = files(tmp_path)
    said = here("render", one_picture, "--out", out)
    assert said.code == 2
    assert said.sentence == f"{out} exists: give another name, or --overwrite"
    assert files(tmp_path) == before
    render(here, one_picture, "--out", out, "--overwrite")
    assert len(list(read_frames(out))) == 1


def test_loop_ends_on_the_step_before_its_beginning(here, model, tmp_path):
    project = tmp_path / "p.imvar"
    here("new", project, "--model", model, "--loop", "--fps", 2)
    for prompt in ("a fox", "the sea"):
        here("add", project, "--prompt", prompt)
    render(here, project, "--out", tmp_path / "a.gif", "--size", 64)
    assert len(list(read_frames(tmp_path / "a.gif"))) == 8

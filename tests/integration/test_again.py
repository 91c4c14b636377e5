"""The same command again: what is there is kept, what is damaged or changed is made again."""

from __future__ import annotations

import json
import os
import pty
import shutil
import termios
import time
from typing import TYPE_CHECKING

import pytest

from imvar_studio.media.video import read_frames

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def again(film, here, tmp_path):
    """Render a copy of the film once more, to the same name."""
    project = film.copy(tmp_path / "again.imvar")
    out = tmp_path / "waves.mp4"
    shutil.copyfile(film.out, out)

    def run(*words: object) -> object:
        options = [*film.options, "--overwrite", "--json", *words]
        return here("render", project, "--out", out, *options)

    run.project, run.out = project, out
    return run


def test_run_again_renders_nothing_and_encodes_nothing(film, imvar, files, tmp_path):
    project = film.copy(tmp_path / "a.imvar")
    before = files(project)
    begin = time.monotonic()
    out = tmp_path / "a.mp4"
    said = imvar("render", project, "--out", out, *film.options, "--json", cwd=tmp_path)
    assert time.monotonic() - begin < 15
    assert [each["event"] for each in said.events] == ["estimate", "finished"]
    assert said.only("estimate")["pictures"] == 0
    assert said.only("finished")["encoded"] is False
    assert said.err == ""
    assert files(project) == before
    assert out.read_bytes() == film.out.read_bytes()


def test_nothing_left_needs_neither_the_model_nor_the_picture(again, monkeypatch):
    monkeypatch.setattr("imvar_studio.engine.library.load_bundle", None)
    shutil.rmtree(again.project / "assets")
    assert again().code == 0


def deleted(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [deleted, cut, flipped])
def test_a_damaged_frame_is_found_and_only_it_is_rendered_again(film, again, files, damage):
    whole = files(again.project / "frames")
    digest = film.plan["pictures"][film.plan["frames"][7]]["digest"]
    damage(again.project / "frames" / digest[:2] / f"{digest}.png")
    assert files(again.project / "frames") != whole
    said = again()
    assert said.only("estimate")["pictures"] == 1
    assert files(again.project / "frames") == whole  # to the bit
    assert said.only("finished")["encoded"] is False  # so is the film
    assert again.out.read_bytes() == film.out.read_bytes()


def test_a_damaged_video_is_encoded_again(film, again):
    (video,) = again.project.glob("takes/*/video.mp4")
    flipped(video)
    said = again()
    assert (said.only("estimate")["pictures"], said.only("finished")["encoded"]) == (0, True)
    assert again.out.read_bytes() == video.read_bytes() == film.out.read_bytes()


def test_a_torn_journal_costs_the_torn_line_only(film, again):
    (journal,) = again.project.glob("takes/*/journal.jsonl")
    journal.write_bytes(journal.read_bytes()[:-30])
    assert again().only("estimate")["pictures"] == 1
    assert again.out.read_bytes() == film.out.read_bytes()


def test_moving_a_keyframe_renders_only_what_it_touches(here, model, tmp_path, edited):
    project = tmp_path / "p.imvar"
    here("new", project, "--model", model, "--fps", 4)
    for prompt in ("a fox", "the sea", "a castle", "a tree"):
        here("add", project, "--prompt", prompt)
    render = ["render", project, "--json", "--steps", 1, "--overwrite", "--out", tmp_path / "a.mp4"]
    assert here(*render).only("estimate")["pictures"] == 25
    before = {path.name for path in project.glob("frames/*/*.png")}

    def move(film: dict) -> None:
        film["timeline"]["keyframes"][1]["time"] = 3.0

    edited(project, move)
    # frames 1 to 15 lie beside the moved keyframe; frame 12 is it, and was frame 8
    said = here(*render)
    after = {path.name for path in project.glob("frames/*/*.png")}
    assert said.only("estimate")["pictures"] == len(after - before)
    assert said.only("finished")["encoded"] is True
    assert len(after - before) <= 14
    (plan,) = [path for path in project.glob("takes/*/plan.json") if '"time": 3.0' in
               json.dumps(json.loads(path.read_bytes())["spec"])]  # fmt: skip
    pictures = json.loads(plan.read_bytes())["plan"]["pictures"]
    kept = [n for n, each in enumerate(pictures) if f"{each['digest']}.png" in before]
    assert {0, 12, *range(16, 25)} <= set(kept)


def test_a_new_keyframe_at_the_end_keeps_all_before(again, here):
    assert here("add", again.project, "--prompt", "a tree").code == 0
    said = again("--estimate")
    assert (said.only("estimate")["pictures"], said.only("estimate")["of"]) == (10, 31)


def test_another_name_copies_the_film_and_another_kind_encodes_it(again, film, here, tmp_path):
    options = [*film.options, "--json"]
    copied = here("render", again.project, *options, "--out", tmp_path / "b.mp4")
    assert copied.only("finished")["encoded"] is False
    other = here("render", again.project, *options, "--out", tmp_path / "b.gif")
    assert (other.only("estimate")["pictures"], other.only("finished")["encoded"]) == (0, True)
    assert len(list(read_frames(tmp_path / "b.gif"))) == 21


def test_a_film_that_appears_meanwhile_is_left_alone(film, here, tmp_path, monkeypatch):
    """Hours may pass between the check of the name and the film."""
    project, out = film.copy(tmp_path / "a.imvar"), tmp_path / "a.mp4"
    next(project.glob("frames/*/*.png")).unlink()
    monkeypatch.setattr(
        "imvar_studio.worker.run_film.announce", lambda *_: out.write_bytes(b"somebody's film")
    )
    said = here("render", project, "--out", out, *film.options)
    assert said.code == 2
    assert said.err.endswith(f"imvar: {out} exists: give another name, or --overwrite.\n")
    assert out.read_bytes() == b"somebody's film"
    assert here("render", project, "--out", tmp_path / "b.mp4", *film.options).code == 0


def test_a_bar_is_drawn_on_a_terminal_and_nowhere_else(film, begin, tmp_path):
    project = film.copy(tmp_path / "a.imvar")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    words = ["render", project, "--out", tmp_path / "a.gif", *film.options]
    with begin(*words, cwd=tmp_path, stderr=theirs) as process:
        os.close(theirs)
        drawn = b""
        while block := read_some(ours):
            drawn += block
        said = process.stdout.read()
    os.close(ours)
    assert process.returncode == 0
    assert "\rWriting the film" in drawn.decode()
    assert drawn.decode().endswith("left\r\n")
    assert said.startswith("All 21 pictures are there already.\nThe film is ")


def read_some(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed
        return b""

"""Stopped in the middle, by Ctrl+C or by the system: nothing finished is lost, nothing is left."""

from __future__ import annotations

import json
import shutil
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.media.video import read_frames

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path


def leftovers(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix == ".part" or ".imvar-" in path.name]


def wait_for(process: subprocess.Popen[str], wanted: Callable[[dict[str, Any]], bool]) -> None:
    for line in process.stdout:
        if wanted(json.loads(line)):
            return
    pytest.fail(process.stderr.read())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_render_goes_on_to_the_same_bits(film, begin, imvar, tmp_path, number, files):
    """In another folder and process than the film that ran through: equal bits there, too."""
    project, out = tmp_path / "a.imvar", tmp_path / "a.mp4"
    shutil.copytree(
        film.project, project, ignore=shutil.ignore_patterns("takes", "frames", "cache")
    )
    words = ["render", project, "--out", out, *film.options, "--json"]
    with begin(*words, cwd=tmp_path) as process:
        wait_for(process, lambda each: each.get("phase") == "denoising" and each["pictures"] >= 2)
        process.send_signal(number)
        asked = time.monotonic()
        out_text, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert time.monotonic() - asked < 5
    assert err == "\nStopping after this step; once more stops at once.\n"
    stopped = json.loads(out_text.splitlines()[-1])
    kept = {path.name for path in project.glob("frames/*/*.png")}
    assert stopped == {"event": "stopped", "kept": len(kept), "of": 21}
    assert 2 <= len(kept) < 21
    assert not leftovers(tmp_path)
    assert not out.exists()
    half = files(project / "frames")

    said = imvar(*words, cwd=tmp_path)
    assert said.code == 0
    assert said.only("estimate")["pictures"] == 21 - len(kept)
    assert files(project / "frames") == film.frames
    assert half.items() <= film.frames.items()
    assert out.read_bytes() == film.out.read_bytes()


@pytest.fixture
def long_film(here, model, tmp_path, edited):
    """One picture, shown for an hour: rendered at once, long to encode."""
    project = tmp_path / "long.imvar"
    here("new", project, "--model", model, "--fps", 12)
    here("add", project, "--prompt", "a fox")
    said = here("render", project, "--steps", 1, "--out", tmp_path / "short.mp4")
    assert said.code == 0, said.err
    edited(project, lambda work: work["timeline"].update(duration=3600.0))
    return project


def test_stopping_while_the_film_is_written_leaves_no_half_film(long_film, begin, tmp_path, files):
    frames = files(long_film / "frames")
    words = ["render", long_film, "--steps", "1", "--out", tmp_path / "long.mp4"]
    with begin(*words, "--json", cwd=tmp_path) as process:
        wait_for(process, lambda each: each.get("phase") == "encoding")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert not leftovers(tmp_path)
    assert [path.name for path in tmp_path.rglob("*.mp4") if path.parent != tmp_path] == [
        "video.mp4"
    ]
    assert [path.name for path in tmp_path.glob("*.mp4")] == ["short.mp4"]
    assert files(long_film / "frames") == frames


def test_stopped_before_anything_is_said_how_to_go_on(film, here, tmp_path, monkeypatch):
    """For people, too; and the tests' own Ctrl+C is given back."""
    project = film.copy(tmp_path / "a.imvar")
    next(project.glob("frames/*/*.png")).unlink()
    before = signal.getsignal(signal.SIGINT)

    def press(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("imvar_studio.worker.run_film.announce", press)
    said = here("render", project, "--out", tmp_path / "a.mp4", *film.options)
    assert said.code == 130
    assert said.out.endswith("Stopped. 20 of 21 pictures are kept; the same command goes on.\n")
    assert signal.getsignal(signal.SIGINT) is before
    assert len(list(read_frames(film.out))) == 21

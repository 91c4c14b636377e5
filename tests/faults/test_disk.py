"""A full disk: the job says so and waits, goes on when there is space, and loses nothing."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from tests.faults.film48 import FRAMES, OPTIONS

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path


def frames_of(project: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in project.glob("frames/*/*.png")}


def run(process: subprocess.Popen[str], event: str, then: Callable[[], object]) -> list[Any]:
    """Run a program to its end, doing something when it first says an event."""
    heard = []
    with process:
        for line in process.stdout:
            heard.append(json.loads(line))
            if [each["event"] for each in heard].count(event) == 1 and heard[-1]["event"] == event:
                then()
        process.stderr.read()
    return heard


def test_a_disk_that_fills_up_pauses_the_render(begin, night, whole, disk, tmp_path):
    """On a disk of 20 MB with room for some of the frames, until the ballast is gone."""
    place = disk("20m")
    project = shutil.copytree(night, place / "night.imvar")
    ballast = place / "ballast"
    size = sum(len(data) for data in frames_of(whole).values())
    room = shutil.disk_usage(place).free - int(20e6 * 0.02)
    with ballast.open("wb") as file:
        file.write(bytes(room - size // 2))
    process = begin(
        "render", project, "--out", tmp_path / "a.mp4", *OPTIONS, "--json", cwd=tmp_path
    )
    seen: list[int] = []

    def make_space() -> None:
        seen.append(len(frames_of(project)))
        ballast.unlink()

    said = run(process, "waiting", make_space)
    assert process.returncode == 0
    assert 0 < seen[0] < FRAMES
    kinds = [each["event"] for each in said]
    wait = said[kinds.index("waiting")]["text"]
    assert f"The disk of {place}" in wait
    assert "the job goes on by itself" in wait
    assert "There is space again: the job goes on." in [each.get("text") for each in said]
    # nothing was lost and nothing made twice
    assert kinds.count("made") == FRAMES
    assert frames_of(project) == frames_of(whole)
    assert (tmp_path / "a.mp4").read_bytes() == (whole.parent / "film.mp4").read_bytes()


def test_a_disk_that_is_full_where_the_film_goes(begin, whole, disk, tmp_path):
    project = shutil.copytree(whole, tmp_path / "night.imvar")
    place = disk("256k")
    ballast = place / "ballast"
    ballast.write_bytes(bytes(250_000))
    process = begin("render", project, "--out", place / "a.mp4", *OPTIONS, "--json", cwd=tmp_path)
    said = run(process, "waiting", ballast.unlink)
    assert process.returncode == 0
    assert said[-1] == {
        "event": "finished", "film": str(place / "a.mp4"), "frames": FRAMES, "encoded": False,
    }  # fmt: skip
    assert (place / "a.mp4").read_bytes() == (whole.parent / "film.mp4").read_bytes()


def test_a_job_that_waits_can_be_stopped(begin, night, disk, tmp_path):
    place = disk("20m")
    project = shutil.copytree(night, place / "night.imvar")
    with (place / "ballast").open("wb") as file:
        file.write(bytes(shutil.disk_usage(place).free - int(20e6 * 0.02)))
    process = begin(
        "render", project, "--out", tmp_path / "a.mp4", *OPTIONS, "--json", cwd=tmp_path
    )
    said = run(process, "waiting", process.terminate)
    assert process.returncode == 130
    assert said[-1] == {"event": "stopped", "kept": 0, "of": FRAMES}
    assert not [path for path in place.rglob("*") if path.suffix == ".part"]

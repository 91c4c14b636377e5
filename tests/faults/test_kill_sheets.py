"""kill -9 in the middle of a gallery and of a sheet: the same line goes on, to the same files.

The moments are chosen by the file that is being written, so that each of a take's parts is met:
its pictures, the sheets' own pictures, the sheets and the page.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.faults.forked import Death

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FIGURES = """
title = "Killed"
[defaults]
steps = 2
[[figure]]
id = "guidance"
name = "Guidance"
rows = { seed = [1, 2] }
columns = { guidance = [1, 2, 4] }
likeness = true
[[figure]]
id = "begun"
name = "Begun with the picture"
start = "picture"
rows = { seed = [1, 2] }
columns = { strength = [0.5, 1] }
[[figure]]
id = "joined"
name = "Joined"
rows = { seed = [1, 2] }
[[figure.columns.look]]
label = "a"
join = ["picture"]
[[figure.columns.look]]
label = "a, b"
join = ["picture", "second"]
"""
PICTURES = 14  # that the gallery takes
OPTIONS = ["--precision", "fp32", "--batch", "2", "--json"]
# a death, and how many pictures a run may still make that follows it
GALLERY_DEATHS = [
    (Death("frames/", 3), PICTURES - 2),
    (Death("frames/", 4, named=True), PICTURES - 2 - 3),
    (Death(r"sheets/01-guidance/.*png", 4), 0),
    (Death(r"sheets/02-begun\.png", named=True), 0),
    (Death(r"sheets/03-joined\.png"), 0),
    (Death(r"index\.html"), 0),
]
SHEET_DEATHS = [
    (Death("frames/", 2), 3),
    (Death(r"plan/1-2-.*png"), 0),
    (Death(r"plan\.png"), 0),
]


def files(place: Path) -> dict[str, bytes]:
    """What a user gets, and the project's pictures."""
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in place.rglob("*")
        if path.suffix == ".html" or (path.suffix == ".png" and "assets" not in path.parts)
    }


def finished(project: Path) -> dict[str, int]:
    """The pictures that a journal names, and when each one's file was written."""
    journals = [path.read_text("utf-8") for path in project.glob("takes/*/journal.jsonl")]
    names = {json.loads(line)["recipe"] for text in journals for line in text.splitlines()}
    return {
        name: (project / "frames" / name[:2] / f"{name}.png").stat().st_mtime_ns for name in names
    }


@pytest.fixture
def killed(watched: Callable[..., tuple[list[str], bool]]) -> Callable[..., None]:
    """Run a line, dying again and again; nothing finished is made again, and the rest is."""

    def run(words: list[object], project: Path, deaths: list[tuple[Death, int]], of: int) -> None:
        left, every = of, []
        for death, then in [*deaths, (None, 0)]:
            before = finished(project)
            made, done = watched(words, death=death)
            assert done == (death is None)
            assert not before.keys() & set(made)
            after = finished(project)
            assert {name: after[name] for name in before} == before
            assert len(made) == left - then, death
            left = then
            every += made
        assert len(set(every)) == len(every) == len(finished(project))
        assert watched(words) == ([], True)

    return run


def test_a_gallery_goes_on_from_wherever_it_was_killed(watched, killed, model, picture, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(FIGURES, "utf-8")
    line = ["gallery", picture, "--figures", own, "--model", model, *OPTIONS, "--out"]
    whole, again = tmp_path / "whole", tmp_path / "again"
    made, done = watched([*line, whole])
    assert (len(made), done) == (PICTURES, True)
    killed([*line, again], again / "gallery.imvar", GALLERY_DEATHS, PICTURES)
    wanted = files(whole)
    assert len([name for name in wanted if name.endswith(".png")]) == 2 * PICTURES + 3
    assert files(again) == wanted


def test_a_sheet_goes_on_from_wherever_it_was_killed(watched, killed, model, picture, tmp_path):
    line = ["sheet", "--like", picture, "--rows", "seed=1,2", "--columns", "guidance=1,4",
            "--steps", 2, "--model", model, "--name", "Plan", *OPTIONS, "--out"]  # fmt: skip
    whole, again = tmp_path / "whole" / "plan.png", tmp_path / "again" / "plan.png"
    for target in (whole, again):
        target.parent.mkdir()
    assert watched([*line, whole])[1]
    killed([*line, again], again.parent / "plan.imvar", SHEET_DEATHS, 4)
    wanted = files(whole.parent)
    assert len(wanted) == 1 + 4 + 4
    assert files(again.parent) == wanted

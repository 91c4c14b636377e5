"""After an edit exactly the frames whose recipes changed are rendered; after none, none are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.program import Said

FPS, EVERY, KEYFRAMES, MOVED = 12, 4, 6, 2  # frames a second, seconds apart, so many, which one
FRAMES = FPS * EVERY * (KEYFRAMES - 1) + 1
OPTIONS = ["--steps", "1", "--batch", "8", "--precision", "fp32", "--json"]


@pytest.fixture(scope="module")
def film(
    tmp_path_factory: pytest.TempPathFactory, model: Path, imvar: Callable[..., Said]
) -> tuple[Path, Said]:
    """A film of 241 frames and 6 keyframes, and what its render said."""
    place = tmp_path_factory.mktemp("edit")
    project = place / "long.imvar"
    imvar("new", project, "--model", model, "--fps", FPS, "--seed", 3, cwd=place)
    for number in range(KEYFRAMES):
        words = ["add", project, "--prompt", f"a fox {number}", "--at", number * EVERY]
        assert imvar(*words, cwd=place).code == 0
    return project, imvar("render", project, "--out", place / "a.mp4", *OPTIONS, cwd=place)


def made(said: Said) -> list[str]:
    assert said.code == 0, said.err
    return [event["digest"] for event in said.events if event["event"] == "made"]


def shown(project: Path, known: set[str]) -> tuple[list[str], str]:
    """Return the digests of a take's frames in order, the take being none of those known."""
    (take,) = [path for path in project.glob("takes/*") if path.name not in known]
    plan: dict[str, Any] = json.loads((take / "plan.json").read_bytes())["plan"]
    return [plan["pictures"][index]["digest"] for index in plan["frames"]], take.name


def test_a_moved_keyframe_costs_its_two_transitions_and_nothing_else(film, imvar, tmp_path):
    project, said = film
    assert len(made(said)) == FRAMES
    before, take = shown(project, set())
    nothing = imvar("render", project, "--out", tmp_path / "b.mp4", *OPTIONS, cwd=tmp_path)
    assert made(nothing) == []
    assert nothing.only("finished")["encoded"] is False

    path = project / "project.json"
    data = json.loads(path.read_bytes())
    (work,) = data["project"]["works"]
    work["timeline"]["keyframes"][MOVED]["time"] += 1
    path.write_text(json.dumps(data), "utf-8")
    moved = imvar("render", project, "--out", tmp_path / "c.mp4", *OPTIONS, cwd=tmp_path)
    after, _ = shown(project, {take})
    first, last = ((MOVED + step) * EVERY * FPS for step in (-1, 1))
    changed = [n for n in range(FRAMES) if after[n] != before[n]]
    assert changed == list(range(first + 1, last))
    # the keyframe's own frame has moved, not changed, and so have those at shares that both have
    known = set(before)
    assert after[(MOVED * EVERY + 1) * FPS] == before[MOVED * EVERY * FPS]
    assert made(moved) == [after[n] for n in changed if after[n] not in known]
    assert len(made(moved)) == 72
    assert moved.only("finished")["encoded"] is True

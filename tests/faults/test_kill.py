"""kill -9 in the middle of a render, again and again: what was finished is kept, and is the same.

The moments are drawn from the whole of a render: loading, inverting, denoising, writing frames
and the journal, encoding. Every run goes on where the one before was killed. The runs are
processes of the program, forked from one that has imported torch already, which takes most of
the time of a short render.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import shutil
import sys
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.film48 import FRAMES, OPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KILLS = 30
SEED = 5
IMPORTED = ["imvar_studio.cli.main", "imvar_studio.engine.renderer", "imvar_studio.worker.run"]

Watched = tuple[list[str], bool]


def program(words: list[str], pipe: str) -> None:
    """Be the program, in a process of its own; what it says goes into the pipe."""
    from imvar_studio import app

    said = os.open(pipe, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(said, stream)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.argv = ["imvar", *words]
    app.main()


@pytest.fixture
def watched(tmp_path: Path) -> Callable[..., Watched]:
    """Run a render, killed some seconds after it said something for the so manieth time.

    Returns the pictures it said it had made, and whether it came to its end.
    """
    context: Any = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTED)
    pipe = tmp_path / "said"
    os.mkfifo(pipe)

    def run(words: list[object], after: int | None = None, jitter: float = 0.0) -> Watched:
        process = context.Process(target=program, args=([*map(str, words)], str(pipe)))
        process.start()
        made: list[str] = []
        killer = threading.Timer(jitter, process.kill)
        with pipe.open(encoding="utf-8") as said:
            for heard, line in enumerate(said):
                if heard == after:
                    killer.start()
                if not line.endswith("}\n"):  # cut by the kill
                    break
                event = json.loads(line)
                if event["event"] == "made":
                    made.append(event["digest"])
        killer.cancel()
        process.join()
        assert process.exitcode in (0, -9)
        return made, process.exitcode == 0

    return run


def same_film(project: Path, whole: Path) -> None:
    for path in whole.glob("frames/*/*.png"):
        assert (project / path.relative_to(whole)).read_bytes() == path.read_bytes()
    film, wanted = project.parent / "a.mp4", whole.parent / "film.mp4"
    assert film.read_bytes() == wanted.read_bytes()
    assert [path.name for path in project.glob("takes/*/.*")] == []


def test_killed_at_thirty_random_moments(watched, night, whole, tmp_path):
    draw = random.Random(SEED)
    kills, films = 0, 0
    moments: Counter[int] = Counter()  # how many pictures there were at a kill
    while kills < KILLS or films == 0:
        place = tmp_path / str(films)
        place.mkdir()
        project = shutil.copytree(night, place / "night.imvar")
        words = ["render", project, "--out", place / "a.mp4", "--overwrite", *OPTIONS, "--json"]
        every: Counter[str] = Counter()
        done = False
        while not done:
            after = draw.randrange(16) if kills < KILLS else None
            made, done = watched(words, after, draw.random() * 0.3)
            every.update(made)
            kills += not done
            moments[len(every)] += not done
        assert len(every) == FRAMES
        # what a run said it had made was never made again
        assert set(every.values()) == {1}
        same_film(project, whole)
        films += 1
    print(f"{kills} kills in {films} films, with so many frames done: {sorted(moments.elements())}")
    assert len(+moments) >= 8


def test_a_render_with_nothing_to_do_makes_nothing(watched, whole, tmp_path):
    project = shutil.copytree(whole, tmp_path / "night.imvar")
    words = ["render", project, "--out", tmp_path / "a.mp4", *OPTIONS, "--json"]
    made, done = watched(words)
    assert (made, done) == ([], True)
    same_film(project, whole)

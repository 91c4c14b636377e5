"""kill -9 in the middle of a render, again and again: what was finished is kept, and is the same.

The moments are drawn from the whole of a render: loading, inverting, denoising, writing frames
and the journal, encoding. Every run goes on where the one before was killed. The runs are
processes of the program, forked from one that has imported torch already, which takes most of
the time of a short render.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from typing import TYPE_CHECKING

from tests.faults.film48 import FRAMES, OPTIONS

if TYPE_CHECKING:
    from pathlib import Path

KILLS = 30
SEED = 5


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
        before, done = kills, False
        while not done:
            after = draw.randrange(16) if kills < KILLS else None
            made, done = watched(words, after, draw.random() * 0.3)
            every.update(made)
            kills += not done
            moments[len(every)] += not done
        # a kill may come between a picture's line in the journal and the word of it
        assert 0 <= FRAMES - len(every) <= kills - before
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

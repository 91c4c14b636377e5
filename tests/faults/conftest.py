"""What the tests of faults share: a film of 48 frames by a tiny model, its own home, deaths."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import subprocess
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.film48 import OPTIONS
from tests.faults.forked import IMPORTED, program
from tests.program import make_project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.faults.forked import Death
    from tests.program import Said

Watched = tuple[list[str], bool]


@pytest.fixture(scope="session", autouse=True)
def own_home(home: Path) -> Path:
    """Nothing of the user's is touched."""
    return home


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory, model: Path, picture: Path) -> Path:
    """A project of 48 frames from a picture to a prompt, never rendered. To be copied."""
    project = tmp_path_factory.mktemp("night") / "night.imvar"
    return make_project(project, model, picture, fps=12)


@pytest.fixture
def project(night: Path, tmp_path: Path) -> Path:
    return shutil.copytree(night, tmp_path / "night.imvar")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Size -> a file system of its own."""
    places: list[Path] = []

    def mounted(size: str) -> Path:
        place = tmp_path / f"disk{len(places)}"
        place.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "imvar-test", str(place)]
        if (
            shutil.which("mount") is None
            or subprocess.run(mount, check=False, capture_output=True).returncode
        ):
            pytest.skip("a small disk cannot be mounted here")
        places.append(place)
        return place

    yield mounted
    for place in places:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture(scope="session")
def whole(
    tmp_path_factory: pytest.TempPathFactory, night: Path, imvar: Callable[..., Said]
) -> Path:
    """The film, rendered without a fault: the project, whose video is its take's."""
    place = tmp_path_factory.mktemp("whole")
    project = shutil.copytree(night, place / "night.imvar")
    said = imvar("render", project, "--out", place / "film.mp4", *OPTIONS, cwd=place)
    assert said.code == 0, said.err
    return project


@pytest.fixture
def watched(tmp_path: Path) -> Callable[..., Watched]:
    """Run the program, killed some seconds after it said something for the so manieth time.

    Or where its death awaits it. Returns the pictures it said it had made, and whether it came to
    its end.
    """
    context: Any = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTED)
    pipe = tmp_path / "said"
    os.mkfifo(pipe)

    def run(
        words: list[object],
        after: int | None = None,
        jitter: float = 0.0,
        death: Death | None = None,
    ) -> Watched:
        process = context.Process(target=program, args=([*map(str, words)], str(pipe), death))
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

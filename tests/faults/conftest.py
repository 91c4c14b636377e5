"""What the tests of faults share: a film of 48 frames by a tiny model, and its own home."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.faults.film48 import OPTIONS
from tests.program import make_project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.program import Said


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

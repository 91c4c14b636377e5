"""Small values that the store's tests share."""

from __future__ import annotations

import os
import shutil
import subprocess
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.project import FilmWork, Project, UnknownWork
from imvar_studio.model.recipe import ModelRef, Recipe
from imvar_studio.model.source import Size
from imvar_studio.model.start import Noise
from imvar_studio.model.timeline import Keyframe, Timeline
from imvar_studio.plan.plan import Plan, gather
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.takes import Take

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def user_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("IMVAR_HOME", str(home))
    return home


@pytest.fixture
def project() -> Project:
    keys = tuple(
        Keyframe(f"key-{i}", i * 0.7, (Weighted(Prompt(f"an owl, {i}. Straße 梟 🦉")),))
        for i in range(3)
    )
    strange = UnknownWork("zoom", '{"kind": "zoom-work", "id": "zoom", "levels": [1, 2.5, null]}')
    return Project(works=(FilmWork("film", "Eulen", Timeline(keys)), strange))


@pytest.fixture
def folder(tmp_path: Path, project: Project) -> ProjectFolder:
    return ProjectFolder.create(tmp_path / "owls.imvar", project)


@pytest.fixture
def make_plan() -> Callable[..., Plan]:
    def make(*seeds: int, batch: int = 4) -> Plan:
        model = ModelRef("starter", "ab" * 32)
        look = (Weighted(Prompt("an owl")),)
        recipes = [Recipe(model, look, Noise(seed), Size(256, 256)) for seed in seeds]
        return gather(recipes, Fraction(12), batch)

    return make


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 256 KiB."""
    mount = shutil.which("mount")
    place = tmp_path / "disk"
    place.mkdir()
    if mount is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    options = ["-t", "tmpfs", "-o", "size=256k", "imvar-test"]
    if subprocess.run([mount, *options, str(place)], check=False, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def render(folder: ProjectFolder, make_plan: Callable[..., Plan]) -> Callable[..., Take]:
    """Render a take of pictures of these seeds; a picture's file is as long as its seed."""

    def run(
        *seeds: int, made: int | None = None, film: str = "", at: float = 0, numerics: str = "cpu"
    ) -> Take:
        take = Take.open_or_create(folder, make_plan(*seeds), {"film": {"name": film}})
        finished = take.finished()
        for seed, picture in list(zip(seeds, take.plan.pictures, strict=True))[:made]:
            if picture.digest not in finished:
                file = folder.frames.put(picture.digest, b"%d" % seed * (100 + seed))
                take.record(picture.digest, file, numerics, 1.0)
        for path in take.path.iterdir():
            if at:
                os.utime(path, (at, at))
        return take

    return run

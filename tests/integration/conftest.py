"""What the commands' tests share: a picture, a model, a small film."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from imvar_studio.media.image_io import read_png_text
from tests.conftest import waves
from tests.program import Said, make_project, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="session", autouse=True)
def own_home(home: Path) -> Path:
    """Nothing of the user's is touched."""
    return home


@dataclass(frozen=True)
class Made:
    """A picture that `imvar picture` made."""

    path: Path
    seed: int
    said: Said

    @property
    def pixels(self) -> Any:
        return np.asarray(Image.open(self.path), int)

    @property
    def record(self) -> dict[str, Any]:
        return json.loads(read_png_text(self.path.read_bytes())["imvar"])

    @property
    def recipe(self) -> dict[str, Any]:
        return self.record["recipe"]


@pytest.fixture
def paint(here: Callable[..., Said], model: Path, tmp_path: Path) -> Callable[..., list[Made]]:
    """Make pictures in this process, quickly, into a folder `out`; options given win."""

    def run(*words: object, model: Path = model) -> list[Made]:
        out = [] if "--out" in words else ["--out", tmp_path / "out"]
        if "--recipe" not in words:
            out += ["--precision", "fp32"]
            out += [] if "--steps" in words else ["--steps", 3]
        said = here("picture", "--model", model, *out, *words, "--json")
        assert (said.code, said.err) == (0, ""), said
        told = said.only("finished")
        return [
            Made(Path(path), seed, said)
            for path, seed in zip(told["pictures"], told["seeds"], strict=True)
        ]

    return run


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """A picture of the tiny model's own size."""
    path = tmp_path / "start.png"
    Image.fromarray(waves(64, 64)).save(path)
    return path


@pytest.fixture
def disc(tmp_path: Path) -> Callable[..., Path]:
    """Draw a mask, white in the middle; returns its file."""

    def draw(width: int, height: int, mode: str = "L", radius: float = 0.3) -> Path:
        v, u = np.mgrid[:height, :width]
        white = np.hypot((u + 0.5) / width - 0.5, (v + 0.5) / height - 0.5) < radius
        path = tmp_path / f"mask-{width}x{height}-{mode}-{radius}.png"
        if mode == "alpha":  # what is white and transparent is not painted
            pixels = np.full((height, width, 4), 255, np.uint8)
            pixels[..., 3] = np.where(white, 255, 0)
            Image.fromarray(pixels).save(path)
        else:
            Image.fromarray(np.where(white, 255, 0).astype(np.uint8)).convert(mode).save(path)
        return path

    return draw


@dataclass(frozen=True)
class Film:
    """A small film made by processes of the program, step by step. To be copied, not changed."""

    project: Path
    out: Path
    options: list[str]
    saved: bytes
    said: dict[str, Said] = field(default_factory=dict)

    @property
    def frames(self) -> dict[str, str]:
        return snapshot(self.project / "frames")

    @property
    def plan(self) -> dict[str, Any]:
        (path,) = self.project.glob("takes/*/plan.json")
        plan: dict[str, Any] = json.loads(path.read_bytes())["plan"]
        return plan

    @property
    def pictures(self) -> list[Any]:
        """The frames in order, (h, w, 3) float."""
        names = [self.plan["pictures"][index]["digest"] for index in self.plan["frames"]]
        paths = [self.project / "frames" / name[:2] / f"{name}.png" for name in names]
        return [np.asarray(Image.open(path), float) for path in paths]

    def copy(self, to: Path) -> Path:
        shutil.copytree(self.project, to)
        return to


@pytest.fixture(scope="session")
def film(
    tmp_path_factory: pytest.TempPathFactory,
    imvar: Callable[..., Said],
    model: Path,
    picture: Path,
) -> Film:
    place = tmp_path_factory.mktemp("film")
    project, out = place / "waves.imvar", place / "waves.mp4"
    options = ["--frames-per-transition", "10", "--steps", "4", "--batch", "2"]
    options += ["--precision", "fp32"]
    said = {
        "new": imvar("new", project, "--model", model, "--fps", "10", cwd=place),
        "picture": imvar("add", project, picture, cwd=place),
        "prompt": imvar("add", project, "--prompt", "a red fox", "--json", cwd=place),
    }
    imvar("add", project, "--prompt", "the sea", "--seed", "5", cwd=place)
    saved = (project / "project.json").read_bytes()
    said["render"] = imvar("render", project, "--out", out, *options, "--json", cwd=place)
    return Film(project, out, options, saved, said)


@pytest.fixture(scope="session")
def edited() -> Callable[..., None]:
    """Change a project.json by a function on the film's data."""

    def edit(project: Path, change: Callable[[dict[str, Any]], object]) -> None:
        path = project / "project.json"
        data = json.loads(path.read_bytes())
        change(data["project"]["works"][0])
        path.write_text(json.dumps(data), "utf-8")

    return edit


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory, model: Path, picture: Path) -> Path:
    """A project of a picture at 0 s and a prompt at 2 s, never rendered."""
    project = tmp_path_factory.mktemp("base") / "base.imvar"
    return make_project(project, model, picture, fps=2)


@pytest.fixture
def project(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, called p.imvar, in a folder of its own, which is the working folder."""
    place = tmp_path / "place"
    place.mkdir()
    shutil.copytree(base, place / "p.imvar")
    monkeypatch.chdir(place)
    return place / "p.imvar"


@pytest.fixture
def refused(project: Path, here: Callable[..., Said]) -> Callable[..., str]:
    """Run a command that must fail, in the project's folder; returns the sentence."""

    def run(*words: object, adds: str = r"$^") -> str:
        before = snapshot(project.parent)
        said = here(*words)
        assert said.code == 2, said
        assert said.out in ("", "Loading the model.\n")
        after = snapshot(project.parent)
        assert {name: after.get(name) for name in before} == before
        assert [name for name in after.keys() - before.keys() if not re.match(adds, name)] == []
        sentence: str = said.sentence
        return sentence

    return run

"""The program as a user meets it: a process, or its commands in this one; a small film."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from imvar_studio.cli import main as cli
from imvar_studio.media.image_io import read_png_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STARTED = [sys.executable, "-m", "imvar_studio"]


@dataclass(frozen=True)
class Said:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    def only(self, event: str) -> dict[str, Any]:
        (found,) = [each for each in self.events if each["event"] == event]
        return found

    @property
    def sentence(self) -> str:
        """The error, which is one line and has no traceback."""
        assert re.fullmatch(r"imvar: [^\n]+\.\n", self.err), self.err
        assert not re.search(r"Traceback|Error\b|errno|object at 0x|None|!", self.err), self.err
        return self.err.removeprefix("imvar: ").removesuffix(".\n")


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMVAR_HOME", str(path))
        patch.setenv("OMP_WAIT_POLICY", "PASSIVE")
        patch.delenv("PYTHONIOENCODING", raising=False)
        # where the tests run in the background, Ctrl+C is ignored, and would be by the program
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        yield path
        signal.signal(signal.SIGINT, before)


def start(*words: object, cwd: Path, **options: Any) -> subprocess.Popen[str]:
    """Start the program."""
    return subprocess.Popen(
        [*STARTED, *map(str, words)],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=options.pop("stdout", subprocess.PIPE),
        stderr=options.pop("stderr", subprocess.PIPE),
        encoding="utf-8",
        env=os.environ | options.pop("env", {}),
        **options,
    )


@pytest.fixture(scope="session")
def begin() -> Callable[..., subprocess.Popen[str]]:
    return start


@pytest.fixture(scope="session")
def imvar() -> Callable[..., Said]:
    """Run the program as a process of its own, to its end."""

    def run(*words: object, cwd: Path, **options: Any) -> Said:
        with start(*words, cwd=cwd, **options) as process:
            out, err = process.communicate(timeout=120)
        return Said(process.returncode, out, err)

    return run


@pytest.fixture
def here(capfd: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run a command in this process; a fault is raised."""

    def run(*words: object) -> Said:
        capfd.readouterr()
        code = cli.run([str(word) for word in words])
        return Said(code, *capfd.readouterr())

    return run


def snapshot(folder: Path) -> dict[str, str]:
    """Every file below a folder with its content's hash, and every folder."""
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        )
        for path in folder.rglob("*")
    }


@pytest.fixture(scope="session")
def files() -> Callable[[Path], dict[str, str]]:
    return snapshot


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory, pictures: Any) -> Path:
    path = tmp_path_factory.mktemp("pictures") / "waves.png"
    waves = pictures.asset("waves 90x70")
    Image.fromarray(pictures(waves.sha, "#ffffff")).save(path)
    return path


@pytest.fixture(scope="session")
def model(tiny_model: Callable[[str], Path]) -> Path:
    return tiny_model("v_prediction")


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


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "imvar-test", str(place)]
    if (
        shutil.which("mount") is None
        or subprocess.run(mount, check=False, capture_output=True).returncode
    ):
        pytest.skip("a small disk cannot be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory, model: Path, picture: Path) -> Path:
    """A project of a picture at 0 s and a prompt at 2 s, never rendered."""
    project = tmp_path_factory.mktemp("base") / "base.imvar"
    for words in (["new", project, "--model", model, "--fps", 2], ["add", project, picture],
                  ["add", project, "--prompt", "a fox"]):  # fmt: skip
        assert cli.run([str(word) for word in words]) == 0
    return project


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
        assert said.out == ""
        after = snapshot(project.parent)
        assert {name: after.get(name) for name in before} == before
        assert [name for name in after.keys() - before.keys() if not re.match(adds, name)] == []
        sentence: str = said.sentence
        return sentence

    return run

"""The program as a user meets it: a process, or its commands in this one, with a tiny model."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from imvar_studio.cli import main as cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

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
    """No test reads or changes the user's own folders, whichever tests ran before it."""
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


def make_project(project: Path, model: Path, picture: Path, fps: int) -> Path:
    """Make a project of a picture at 0 s and a prompt at 2 s."""
    for words in (["new", project, "--model", model, "--fps", fps], ["add", project, picture],
                  ["add", project, "--prompt", "a fox"]):  # fmt: skip
        assert cli.run([str(word) for word in words]) == 0
    return project


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory, pictures: Any) -> Path:
    path = tmp_path_factory.mktemp("pictures") / "waves.png"
    waves = pictures.asset("waves 90x70")
    Image.fromarray(pictures(waves.sha, "#ffffff")).save(path)
    return path


@pytest.fixture(scope="session")
def model(tiny_model: Callable[[str], Path]) -> Path:
    return tiny_model("v_prediction")

"""Projects and disks that are not as they should be: one sentence, and nothing is touched."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

QUICK = ["--steps", "1", "--batch", "1"]


def film_of(change: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
    def edit(data: bytes) -> bytes:
        content = json.loads(data)
        change(content["project"]["works"][0])
        return json.dumps(content).encode()

    return edit


def keyframes(work: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = work["timeline"]["keyframes"]
    return found


TRACK = {"parameter": "guidance", "curve": {"points": [{"time": 0, "value": 1}]}}
RISE = r"p.imvar/project.json is not readable, .*keyframe times must rise, got "
PROJECTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "newer": (lambda d: d.replace(b'"version": 1', b'"version": 2'),
              r"\S+ is not readable, made by a newer version .*: update Imvar Studio"),
    "half": (lambda d: d[: len(d) // 2], r"\S+project.json line \d+ is not JSON, .*: restore it"),
    "empty": (lambda _: b"", r"\S+project.json line 1 is not JSON, .*: restore it from a backup"),
    "binary": (lambda _: bytes(range(256)), r"\S+project.json is not UTF-8 text"),
    "other": (lambda _: b"{}", r'\S+ is not readable, it does not begin with "format": "imvar"'),
    "no film": (lambda d: json.dumps(json.loads(d) | {"project": {}}).encode(), r"\S+ has no film"),
    "no keyframes": (film_of(lambda w: w.pop("timeline")), r"film 'base' has no keyframes: add a "),
    "order": (film_of(lambda w: keyframes(w).reverse()), ".*" + RISE + "0 s after 2 s"),
    "equal": (film_of(lambda w: keyframes(w)[1].update(time=0)), ".*" + RISE + "0 s after 0 s"),
    "near": (film_of(lambda w: keyframes(w)[1].update(time=0.1)),
             r"keyframes at 0 s and 0.1 s fall on one frame at 2 fps: move one of them, or raise"),
    "nan": (lambda d: film_of(lambda w: w["timeline"].update(tracks=[TRACK]))(d)
            .replace(b'"value": 1', b'"value": NaN'),
            r"\S+project.json holds NaN, which JSON has no form for: restore it from a backup"),
    "infinite": (lambda d: film_of(lambda w: w["timeline"].update(tracks=[TRACK]))(d)
                 .replace(b'"value": 1', b'"value": 1e999'),
                 r"\S+project.json holds the number 1e999, which is too large: "),
    "track": (film_of(lambda w: w["timeline"].update(tracks=[TRACK | {"parameter": "love"}])),
              r"\S+ is not readable, .*track must be one of .*, got 'love': restore it"),
    "sampler": (film_of(lambda w: (keyframes(w).pop(0), w["settings"].update(sampler="magic"))),
                r".*sampler.*magic"),
    "model": (film_of(lambda w: w.update(model="lost")), r"there is no model called 'lost', "),
    "prompt": (film_of(lambda w: keyframes(w)[1]["looks"][0]["look"].update(text="fox " * 40)),
               r"prompt 'fox (fox )+f?\.\.\.' has \d+ tokens, model \S+ reads at most 30: "),
    "a million frames": (film_of(lambda w: (keyframes(w)[1].update(time=86400),
                                            w["settings"].update(fps="240"))),
                         r"the film has \d+ frames, the most is 1000000: shorten it, or lower"),
}  # fmt: skip
# a plan is noted before its sources are looked at
NOTED = r"p.imvar/(takes|cache)\b"


@pytest.mark.parametrize("case", PROJECTS)
def test_projects_that_cannot_be_rendered(refused, project, case):
    change, says = PROJECTS[case]
    path = project / "project.json"
    path.write_bytes(change(path.read_bytes()))
    assert re.match(says, refused("render", "p.imvar", *QUICK, adds=NOTED))


@pytest.mark.parametrize("case", ["newer", "half", "equal", "nan"])
def test_what_cannot_be_read_is_not_written_over(refused, project, case):
    change, says = PROJECTS[case]
    path = project / "project.json"
    path.write_bytes(change(path.read_bytes()))
    assert re.match(says, refused("add", "p.imvar", "--prompt", "a tree"))


def test_an_asset_that_is_gone(refused, project):
    (asset,) = (project / "assets").iterdir()
    asset.unlink()
    says = refused("render", "p.imvar", *QUICK, adds=NOTED)
    assert re.fullmatch(
        r"the asset waves.png is missing from \S+/assets: add waves.png to the project again", says
    )


def test_an_asset_that_is_damaged_can_be_put_right_as_said(refused, project, here, picture):
    (asset,) = (project / "assets").iterdir()
    asset.write_bytes(asset.read_bytes()[:-9] + b"different")
    says = refused("render", "p.imvar", *QUICK, adds=NOTED)
    assert says.startswith("the asset waves.png is damaged, its content has changed: add waves.png")
    assert here("add", "p.imvar", picture).code == 0
    assert here("render", "p.imvar", *QUICK, "--estimate").code == 0


@pytest.mark.parametrize(
    ("name", "says"),
    [("gone.imvar", r"gone.imvar does not exist: make a project with 'imvar new gone.imvar'"),
     (".", r"\. is not a project, it holds no project.json: give a project's folder, or make"),
     ("p.imvar/project.json", r"p.imvar/project.json is not a project, "),
     ("x" * 300, r"cannot read x{300}, the name is too long: choose a shorter one")],
)  # fmt: skip
@pytest.mark.parametrize("command", [["render"], ["add", "--prompt", "a fox"]])
def test_paths_that_are_no_projects(refused, name, says, command):
    assert re.match(says, refused(command[0], name, *command[1:]))


# ---- disks


@pytest.fixture
def unchangeable(project: Path) -> Iterator[Callable[[Path], None]]:
    """Take all permission to change a folder from everyone, root included."""
    locked: list[Path] = []

    def lock(path: Path) -> None:
        if (
            shutil.which("chattr") is None
            or subprocess.run(
                ["chattr", "+i", str(path)], check=False, capture_output=True
            ).returncode
        ):
            pytest.skip("folders cannot be made unchangeable here")
        locked.append(path)

    yield lock
    for path in locked:
        subprocess.run(["chattr", "-i", str(path)], check=True)


def test_a_folder_that_lets_no_film_in_is_told_before_the_render(refused, project, unchangeable):
    (project.parent / "safe").mkdir()
    unchangeable(project.parent / "safe")
    says = refused("render", "p.imvar", "--out", "safe/a.mp4")
    assert says.startswith(
        "cannot write safe/a.mp4, there is no permission: change the permissions"
    )


@pytest.mark.parametrize(
    "words", [["render", "p.imvar", *QUICK], ["add", "p.imvar", "--prompt", "a tree"]]
)
def test_a_project_that_cannot_be_written(refused, project, unchangeable, words):
    unchangeable(project)
    assert "there is no permission: change the permissions" in refused(*words)

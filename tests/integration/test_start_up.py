"""Commands that need no torch do not wait for it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SLOW = ("torch", "transformers", "diffusers", "PySide6")
PROBE = """
import sys
from imvar_studio.cli import main
try:
    code = main.run(sys.argv[1:])
except SystemExit as error:
    code = error.code
print(code, *[name for name in {slow} if name in sys.modules])
"""


@pytest.mark.parametrize(
    ("words", "too"),
    [(["--help"], ["numpy"]), (["render", "--help"], ["numpy"]), (["new", "a.imvar"], ["numpy"]),
     (["add", "{project}", "{picture}", "--at", "9s"], []),
     (["add", "{project}", "--prompt", "a red fox in the snow", "--at", "9s"], ["numpy"]),
     (["render", "{project}", "--out", "a.xyz"], []),
     (["render", "gone.imvar"], [])],
    ids=["help", "render help", "new", "add picture", "add prompt", "bad name", "no project"],
)  # fmt: skip
def test_torch_is_not_loaded(film, picture, tmp_path, words, too):
    names = {"project": str(film.copy(tmp_path / "p.imvar")), "picture": str(picture)}
    probe = [sys.executable, "-c", PROBE.format(slow=(*SLOW, *too))]
    said = subprocess.run(
        [*probe, *(word.format(**names) for word in words)],
        cwd=tmp_path, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert said.stdout.splitlines()[-1] in ("0", "2")


def test_a_render_that_finds_all_done_takes_no_torch(film, tmp_path):
    project = film.copy(tmp_path / "p.imvar")
    words = ["render", str(project), "--out", str(tmp_path / "b.mp4"), *film.options]
    probe = PROBE.format(slow=SLOW)
    said = subprocess.run(
        [sys.executable, "-c", probe, *words], check=True, capture_output=True, text=True
    )
    assert said.stdout.splitlines()[-1] == "0", said.stdout
    assert (tmp_path / "b.mp4").read_bytes() == film.out.read_bytes()


def test_counting_a_long_prompts_tokens_takes_no_torch(film, tmp_path):
    project = film.copy(tmp_path / "p.imvar")
    words = ["add", str(project), "--prompt", "a red fox in deep snow under the northern lights"]
    probe = PROBE.format(slow=("torch", "diffusers"))
    said = subprocess.run(
        [sys.executable, "-c", probe, *words], check=True, capture_output=True, text=True
    )
    assert said.stdout.splitlines()[-1] == "0", said.stderr


def test_the_program_itself_loads_nothing_before_it_hears_ctrl_c(tmp_path: Path):
    names = subprocess.run(
        [sys.executable, "-c", "import sys, imvar_studio.app; print(*sys.modules)"],
        cwd=tmp_path, check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    assert [name for name in names if name.startswith("imvar_studio.")] == ["imvar_studio.app"]

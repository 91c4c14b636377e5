"""Prompts stay out of the logs, unless debugging is on."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

WORD = "zebrafish"
# a fault whose words hold what was typed, behind another one; a library's warning; a log call
BROKEN = """
import logging, sys, warnings
from imvar_studio import app
from imvar_studio.cli import add

def broken(args, out):
    logging.getLogger("transformers").warning("cut off: %s", args.prompt)
    warnings.warn("cut off: " + args.prompt)
    try:
        {}[args.prompt]
    except KeyError as error:
        logging.getLogger("imvar_studio.x").warning("does not read: %s", error)
        raise ValueError(repr(args)) from error

if sys.argv.pop(1) == "broken":
    add.run = broken
app.main()
"""


def run(home: Path, project: Path, kind: str, prompt: str, debug: str) -> tuple[int, str]:
    words = ["add", str(project), "--prompt", prompt]
    said = subprocess.run(
        [sys.executable, "-c", BROKEN, kind, *words],
        check=False, capture_output=True, text=True,
        env=os.environ | {"IMVAR_HOME": str(home), "IMVAR_DEBUG": debug},
    )  # fmt: skip
    return said.returncode, said.stderr


def everything(home: Path) -> str:
    return "".join(path.read_text("latin-1") for path in home.rglob("*") if path.is_file())


@pytest.mark.parametrize("debug", ["0", "1"])
@pytest.mark.parametrize("kind", ["broken", "refused", "done"])
def test_a_rare_word_of_a_prompt(project, tmp_path, kind, debug):
    prompt = WORD if kind != "refused" else f"{WORD} " * 40  # more than the model reads
    home = tmp_path / "home"
    code, err = run(home, project, kind, prompt, debug)
    assert code == {"broken": 1, "refused": 2, "done": 0}[kind], err
    assert (WORD in err) == (kind == "refused")  # the terminal says it to the one who typed it
    text = everything(home)
    assert (WORD in text) == (debug == "1" and kind != "done")
    if kind == "broken":
        assert "imvar_studio.app: a fault of the program" in text
        assert "in broken\n" in text
        assert "\nValueError" in text


def test_another_file_for_another_process(tmp_path):
    """As the worker has it."""
    script = (
        "import logging; from imvar_studio.store.logs import start_log;"
        "print(start_log('worker.log'));"
        f"logging.getLogger('imvar_studio.x').error('failed: %s', ValueError('{WORD}'));"
        "logging.getLogger('imvar_studio.x').info('no more than warnings')"
    )
    said = subprocess.run(
        [sys.executable, "-c", script],
        check=True, capture_output=True, text=True, env=os.environ | {"IMVAR_HOME": str(tmp_path)},
    )  # fmt: skip
    path = tmp_path / "logs" / "worker.log"
    assert said.stdout == f"{path}\n"
    (line,) = path.read_text("utf-8").splitlines()
    assert line.endswith(" ERROR imvar_studio.x: failed: ValueError")

"""What nobody expected: one sentence and a log, whatever state the machine is in."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

BROKEN = """
import sys
from imvar_studio import app
from imvar_studio.cli import new

def broken(*_):
    raise {error}

new.run = broken
sys.argv = ["imvar", "new", "a.imvar", *sys.argv[1:]]
app.main()
"""


def fail(error: str, home: object, *words: str) -> tuple[int, str, str]:
    """Run the program with a command that raises `error`."""
    said = subprocess.run(
        [sys.executable, "-c", BROKEN.format(error=error), *words],
        check=False, capture_output=True, text=True, env=os.environ | {"IMVAR_HOME": str(home)},
    )  # fmt: skip
    return said.returncode, said.stdout, said.stderr


def test_a_fault_is_one_sentence_and_the_log_has_the_rest(tmp_path):
    log = tmp_path / "logs" / "imvar.log"
    said = f"a fault of the program stopped it, the details are in {log}"
    code, out, err = fail("KeyError('teapot')", tmp_path, "--json")
    assert (code, err) == (1, f"imvar: {said}.\n")
    assert json.loads(out) == {"event": "fault", "message": said}
    text = log.read_text("utf-8")
    assert "Traceback (most recent call last):" in text
    assert text.endswith("\nKeyError\n")  # what it says could quote a prompt


@pytest.mark.parametrize("where", ["/proc/none", "{file}", "~nobody-of-that-name"])
def test_without_a_place_for_the_log_there_is_still_the_sentence(tmp_path, where):
    (tmp_path / "file").write_bytes(b"")
    place = where.format(file=tmp_path / "file")
    said = "imvar: a fault of the program stopped it, there was no place for a log.\n"
    assert fail("ValueError('teapot')", place) == (1, "", said)


def test_a_log_that_cannot_be_written_adds_no_traceback(tmp_path):
    (tmp_path / "logs" / "imvar.log").mkdir(parents=True)
    code, out, err = fail("ValueError('teapot')", tmp_path)
    assert (code, out, err.count("\n")) == (1, "", 1)


def test_ctrl_c_where_nothing_listens_for_it(tmp_path):
    assert fail("KeyboardInterrupt", tmp_path) == (130, "", "imvar: stopped.\n")


def test_a_sigterm_where_nothing_listens_for_it(tmp_path):
    kill = "__import__('os').kill(__import__('os').getpid(), 15)"
    assert fail(f"SystemError({kill})", tmp_path) == (130, "", "imvar: stopped.\n")


def test_a_user_error_is_no_fault_and_not_logged(tmp_path, monkeypatch, imvar):
    said = imvar("new", "--size", "0", "a", cwd=tmp_path, env={"IMVAR_HOME": str(tmp_path)})
    assert said.code == 2
    assert list((tmp_path / "logs").iterdir()) == []


def test_memory_that_does_not_suffice_has_a_remedy(film, here, tmp_path, monkeypatch):
    project = film.copy(tmp_path / "a.imvar")
    next(project.glob("frames/*/*.png")).unlink()

    def too_large(*_: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate")

    monkeypatch.setattr("imvar_studio.engine.renderer.Renderer.render", too_large)
    said = here("render", project, "--out", tmp_path / "a.mp4", *film.options)
    assert said.code == 2
    assert said.err.endswith(
        "imvar: the memory does not hold one picture of 64x64, not even in tiles: "
        "choose a smaller size, or close other programs.\n"
    )


def test_a_reader_who_leaves_ends_it_quietly(film, tmp_path):
    """`imvar ... | head -1`"""
    project = film.copy(tmp_path / "a.imvar")
    words = ["render", project, "--out", tmp_path / "a.mp4", *film.options]
    pipe = subprocess.Popen(["true"], stdin=subprocess.PIPE)
    pipe.wait()
    said = subprocess.run(
        [sys.executable, "-m", "imvar_studio", *map(str, words)],
        check=False, stdout=pipe.stdin, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
    )  # fmt: skip
    pipe.stdin.close()
    assert (said.returncode, said.stderr) == (130, "")
    assert not (tmp_path / "a.mp4").exists()


def test_a_full_disk_behind_the_output_stops_no_render(film, tmp_path):
    project = film.copy(tmp_path / "a.imvar")
    words = ["render", project, "--out", tmp_path / "a.mp4", *film.options]
    with open("/dev/full", "w") as full:  # noqa: PTH123
        said = subprocess.run(
            [sys.executable, "-m", "imvar_studio", *map(str, words)],
            check=False, stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
        )  # fmt: skip
    assert (said.returncode, said.stderr) == (0, "")
    assert (tmp_path / "a.mp4").read_bytes() == film.out.read_bytes()

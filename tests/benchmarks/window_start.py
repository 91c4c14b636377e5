"""C5: from the start of the process to a window that hears keys, and to the first pictures."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import psutil

from imvar_studio.store.places import bundled_folder
from tests.benchmarks.window_film import machine

if TYPE_CHECKING:
    from pathlib import Path

_SAMPLE = "first-film.imvar"
Marks = dict[str, tuple[float, float]]  # seconds since the start, and worked by its thread


def measure(place: Path, runs: int, live: int) -> None:
    """Print what was measured."""
    project = place / _SAMPLE
    shutil.copytree(bundled_folder("resources") / "samples" / _SAMPLE, project)
    print(machine(), f"({os.environ['QT_QPA_PLATFORM']})")
    # compiled as an installation is, whatever a developer has set
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(place / "compiled")
    log = place / "started.log"
    _started(log, project)  # the machine is probed, and all is read and compiled once
    pages = [_started(log) for _ in range(runs)]
    _print("start page, from the start of the process, ms", pages)
    found = [_started(log, project) for _ in range(runs)]
    _print("with a project, from the start of the process, ms", found)
    torch = statistics.median(_importing("torch") for _ in range(3))
    usable = statistics.median(each["key"][0] for each in pages)
    print(f"importing torch alone: {torch:.2f} s; the start page hears a key after {usable:.2f} s, "
          f"{usable / torch:.2f} of it")  # fmt: skip
    rendered = []
    if live:
        _started(log, project, "live")  # the same of the worker
    for _ in range(live):
        _clear(project)
        rendered.append(_started(log, project, "live"))
    if rendered:
        _print("the same with Live, nothing rendered, ms", rendered)
        first = statistics.median(each["rendered"][0] for each in rendered)
        print(f"the first rendered frame is on the stage after {first:.2f} s, "
              f"{first / torch:.1f} times importing torch")  # fmt: skip
    print(machine())


def _clear(project: Path) -> None:
    for folder in ("frames", "takes", "cache"):
        shutil.rmtree(project / folder, ignore_errors=True)


def _started(log: Path, *words: Path | str) -> Marks:
    """Start the window, let it come to its end; returns seconds from its start by name."""
    command = [sys.executable, "-m", "tests.benchmarks.window_started", *map(str, words)]
    begin = time.monotonic()
    found: Marks = {}
    with (
        log.open("w") as said,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True) as process,
    ):
        assert process.stdout is not None
        own = 0.0
        for line in process.stdout:
            name, at, worked, what = _read(line)
            if name == "tools":
                own = what
            else:
                found.setdefault(name, (at - begin - own, worked - own))
            if name in ("end", "late"):
                _end(process.pid)
                break
    assert "end" in found, f"it came to {', '.join(found)} only\n{log.read_text()[-2000:]}"
    return found


def _end(number: int) -> None:
    """End a window and wait until its worker has heard of it: the next has the machine alone."""
    window = psutil.Process(number)
    workers = window.children(recursive=True)
    window.kill()
    psutil.wait_procs(workers, 10)


def _read(line: str) -> tuple[str, float, float, Any]:
    name, at, worked, what = json.loads(line)
    return name, at, worked, what


def _importing(module: str) -> float:
    begin = time.monotonic()
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
    return time.monotonic() - begin


def _print(what: str, runs: list[Marks]) -> None:
    print(f"{what}: median, and least to most of {len(runs)}")
    names = [name for name in runs[0] if all(name in run for run in runs)]
    for name in names:
        times = [run[name][0] * 1e3 for run in runs]
        worked = statistics.median(run[name][1] * 1e3 for run in runs)
        print(f"  {name}: {statistics.median(times):.0f} ({min(times):.0f} to {max(times):.0f}), "
              f"worked {worked:.0f}")  # fmt: skip

"""C4, a part: from Cancel in the window's process to the end of the job in the worker's.

    python tests/benchmarks/cancel_worker.py [--trials 20]

The starter at 256 px, chunks of 4, a film through pictures; the render thread and its worker as
the window has them. A request comes at a random moment of the phase it is asked in.
"""

from __future__ import annotations

import argparse
import os
import queue
import random
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from harness import hardware

from imvar_studio.cli import main as cli
from imvar_studio.cli.render import film_task
from imvar_studio.jobs.events import Finished, Progress, Stopped
from imvar_studio.jobs.render_thread import Options, RenderThread
from imvar_studio.store.places import bundled_folder
from imvar_studio.worker.process import main as worker

PHASES = {"inverting": 4.0, "denoising": 4.0, "encoding": 0.6}  # and how long each lasts at least
OPTIONS = ["--frames-per-transition", "24", "--steps", "8"]


def project(place: Path) -> Path:
    path = place / "cat.imvar"
    cat = bundled_folder("resources") / "samples" / "pictures" / "cat.jpg"
    for words in (["new", path, "--fps", 12], ["add", path, cat], ["add", path, "--prompt", "a"]):
        assert cli.run([str(word) for word in words]) == 0
    return path


class Thread:
    """A render thread, and what it tells."""

    def __init__(self) -> None:
        self._told: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.thread = RenderThread(worker, None, lambda *what: self._told.put(what), Options())
        self.thread.start()

    def until(self, key: str, wanted: Any) -> Any:
        while True:
            own, what = self._told.get()
            if own == key and wanted(what):
                return what


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=20)
    trials = parser.parse_args().trials
    with tempfile.TemporaryDirectory() as name:
        os.environ["IMVAR_HOME"] = f"{name}/home"
        path = project(Path(name))
        words = ["render", path, "--out", Path(name) / "a.mp4", "--overwrite", *OPTIONS]
        task = film_task(cli._parser().parse_args([str(word) for word in words]))
        render = Thread()
        ends = (Finished, Stopped)
        print(hardware())
        draw = random.Random(1)
        for phase, lasts in PHASES.items():
            if phase == "encoding":  # of a film that is rendered
                key = render.thread.submit(task)
                render.until(key, lambda what: isinstance(what, ends))
            waits: list[float] = []
            while len(waits) < trials:
                folders = {
                    "inverting": ("cache", "frames", "takes"),
                    "denoising": ("frames", "takes"),
                }
                for folder in folders.get(phase, ()):
                    shutil.rmtree(path / folder, ignore_errors=True)
                for video in path.glob("takes/*/video*"):
                    video.unlink()
                key = render.thread.submit(task)
                render.until(key, lambda what: isinstance(what, Progress) and what.phase == phase)  # noqa: B023
                time.sleep(draw.uniform(0, lasts))
                begin = time.perf_counter()
                render.thread.cancel(key)
                if isinstance(render.until(key, lambda what: isinstance(what, ends)), Stopped):
                    waits.append(time.perf_counter() - begin)
            waits.sort()
            late = waits[min(int(len(waits) * 0.95), len(waits) - 1)]
            half = statistics.median(waits)
            print(f"{phase}: p50 {half * 1e3:.0f} ms, p95 {late * 1e3:.0f} ms, "
                  f"longest {waits[-1] * 1e3:.0f} ms, {len(waits)} trials")  # fmt: skip
        render.thread.close()


if __name__ == "__main__":
    main()

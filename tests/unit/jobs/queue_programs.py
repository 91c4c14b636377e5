"""Programs that share a queue and may be killed at any moment; run by the tests beside it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from imvar_studio.jobs.events import Finished, Progress
from imvar_studio.jobs.queue import Queue
from imvar_studio.jobs.tasks import task_of


def tell(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def claim_all(queue: Queue) -> None:
    tell("ready")
    sys.stdin.readline()
    while (job := queue.claim()) is not None:
        tell(job.id)


def work(queue: Queue) -> None:
    """Add and run jobs for ever; each line is said after the call has returned."""
    task = task_of(json.loads(sys.argv[3]))
    while True:
        for _ in range(2):
            tell(queue.add(task), "waiting")
        job = queue.claim()
        assert job is not None
        tell(job.id, "running")
        queue.report(job.id, Progress("denoising", 1, 9, 1, 9))
        queue.finish(job.id, Finished(("/film.mp4",)))
        tell(job.id, "finished")


if __name__ == "__main__":
    with Queue(Path(sys.argv[2])) as opened:
        {"claim": claim_all, "work": work}[sys.argv[1]](opened)

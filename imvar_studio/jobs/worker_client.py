"""The worker's client: keeps one worker process, and tells how it ended when it did."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Estimated, Failed, Made, Making, Progress, Stopped
from imvar_studio.jobs.wire import Beat, Began, Cancel, Ended, Quit, Run, Said, WorkerOptions, Yield
from imvar_studio.jobs.worker_link import Gone, Link, crashed, died

if TYPE_CHECKING:
    from imvar_studio.jobs.events import JobEvent
    from imvar_studio.jobs.tasks import Task
    from imvar_studio.jobs.wire import Report
    from imvar_studio.jobs.worker_link import Entry

_SLICE = 1.0  # most that one look at the clock counts: a suspended machine is no hanging worker
_IMPORTING = ("", "starting")  # stages at which a worker may still load its libraries


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a worker is waited for, in seconds.

    Args:
        hang: without a sign of life, after which it is taken for hanging and ended. A slow step
            is no such thing: signs of life come all the same.
        start: the same, until it has loaded its libraries: one of them may hold up everything
            in it for long.
        stop: that a cancelled job has to stop, before the worker is ended.
        beat: between two signs of life.
    """

    hang: float = 30.0
    start: float = 60.0
    stop: float = 5.0
    beat: float = 1.0


@dataclass(frozen=True, slots=True)
class Lost:
    """The worker ended while it had a job.

    Args:
        job: which.
        end: how it looks if it is not tried again.
        guilty: it was the one that ran; others were only there.
    """

    job: str
    end: Failed
    guilty: bool


News = Began | Said | Ended | Lost


@dataclass(slots=True)
class _Job:
    """What is known of a job that the worker has."""

    loading: bool = False
    kept: int = 0
    of: int = 0
    patience: float | None = None  # seconds left for it to stop; None where it need not


class WorkerClient:
    """Keeps a worker process for jobs, a fresh one after each that ended.

    All calls come from one thread, which lives as long as the client is used: on Linux the
    worker ends with it.

    Args:
        entry: the worker's, `imvar_studio.worker.process.main`.
        niceness: 0 to 19, how far it stands back behind other programs.
        previews: whether anyone sees pictures that are still being made.
        limits: how long it is waited for.
        changed: set when there is something to `poll`.
    """

    def __init__(
        self,
        entry: Entry,
        *,
        niceness: int = 10,
        previews: bool = True,
        limits: Limits = Limits(),
        changed: threading.Event | None = None,
    ) -> None:
        self.changed = changed or threading.Event()
        self._entry = entry
        self._options = WorkerOptions(os.getpid(), niceness, limits.beat, previews=previews)
        self._limits = limits
        self._link: Link | None = None
        self._jobs: dict[str, _Job] = {}
        self._begun: list[str] = []  # the last one runs, inside of those before it
        self._news: list[News] = []
        self._silent = 0.0
        self._loaded = False
        self._looked = time.monotonic()

    @property
    def pid(self) -> int | None:
        """The worker's process; None where there is none."""
        return self._link.pid if self._link else None

    @property
    def jobs(self) -> tuple[str, ...]:
        """The jobs that the worker has, the running one or not."""
        return tuple(self._jobs)

    def start(self) -> None:
        """Start a worker if there is none, so that the first job need not wait for it."""
        if self._link is not None:
            return
        self._silent, self._loaded = 0.0, False
        try:
            self._link = Link(self._entry, self._options, self.changed.set)
        except (OSError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            message = f"the render process cannot be started ({reason})"
            self._lose(Failed("crash", message, "close other programs and try again"))

    def run(self, job: str, task: Task, *, urgent: bool = False) -> None:
        """Give the worker a job; `poll` tells how it goes. Jobs that are not urgent wait in turn.

        Args:
            job: a name that no other job has, of those the worker has now.
            task: what to do.
            urgent: it is done before the next chunk of the running job.
        """
        self._jobs[job] = _Job()
        self.start()
        if self._link is not None:
            self._link.send(Run(job, task, urgent))

    def cancel(self, job: str) -> None:
        """Stop a job within a step; where it does not stop, the worker is ended.

        A worker that loads a model hears nothing for long: it is ended at once, unless another
        job waits in it.
        """
        known = self._jobs.get(job)
        if known is None or known.patience is not None or self._link is None:
            return
        known.patience = self._limits.stop
        if known.loading and len(self._jobs) == 1:
            self._end_worker()
            self._lose(crashed("was ended"))
        else:
            self._link.send(Cancel(job))

    def make_way(self, job: str) -> None:
        """Stop a job before its next chunk."""
        if job in self._jobs and self._link is not None:
            self._link.send(Yield(job))

    def wait(self, seconds: float | None) -> list[News]:
        """Return what has happened, waiting for it for so long; None waits until it has."""
        if not self._news:
            self.changed.wait(seconds)
        self.changed.clear()
        return self.poll()

    def poll(self) -> list[News]:
        """Return what has happened, and see to a worker that does not answer."""
        now = time.monotonic()
        passed, self._looked = min(now - self._looked, _SLICE), now
        self._silent += passed
        for report in self._link.take() if self._link else ():
            self._silent = 0.0
            if self._link is not None:  # else it has just been ended
                self._hear(report)
        self._look(passed)
        news, self._news = self._news, []
        return news

    def close(self, seconds: float = 2.0) -> None:
        """End the worker, which has so long to do it by itself; its jobs end within a step."""
        if self._link is not None:
            self._link.send(Quit())
            self._link.join(seconds)
            self._end_worker()
        self._jobs.clear()
        self._begun.clear()

    def _hear(self, report: Report | Gone) -> None:
        match report:
            case Gone():
                self._link = None
                self._lose(died(report))
            case Began(job) if job in self._jobs:
                self._begun.append(job)
                self._news.append(report)
            case Said(job, event) if job in self._jobs:
                self._loaded = True
                _note(self._jobs[job], event)
                self._news.append(report)
            case Ended(job, end) if job in self._jobs:
                known = self._forget(job)
                if isinstance(end, Stopped) and not end.of:  # it could not know
                    report = Ended(job, Stopped(known.kept, known.of))
                self._news.append(report)
            case Began() | Said() | Ended():
                self._end_worker()
                self._lose(crashed("spoke of a job it does not have"))
            case Beat(_, stage):
                self._loaded = self._loaded or stage not in _IMPORTING
            case _:
                pass

    def _look(self, passed: float) -> None:
        """See whether the worker, or a job that is to stop, has kept us waiting for too long."""
        if self._link is None:
            return
        limit = self._limits.hang if self._loaded else self._limits.start
        if self._silent > limit:
            self._end_worker()
            message = f"the render process gave no sign of life for {limit:g} s"
            self._lose(Failed("hang", message, "try again"))
            return
        overdue = False
        # a job that waits for another inside of it cannot stop before that one
        for job in [self._jobs[name] for name in self._running()]:
            if job.patience is not None:
                job.patience -= passed
                overdue = overdue or job.patience <= 0
        if overdue:
            self._end_worker()
            self._lose(crashed("was ended"))

    def _running(self) -> list[str]:
        """Return the job that runs; before any has begun, all of them."""
        return self._begun[-1:] or list(self._jobs)

    def _end_worker(self) -> None:
        if self._link is not None:
            self._link.kill()
            # its locks and its memory are free when the next one starts
            self._link.join(self._limits.stop)
            self._link = None

    def _lose(self, end: Failed) -> None:
        """Tell what becomes of the jobs of a worker that has ended."""
        running = self._running()
        cancelled = any(self._jobs[name].patience is not None for name in running)
        for name, job in self._jobs.items():
            if job.patience is not None:
                self._news.append(Ended(name, Stopped(job.kept, job.of)))
            else:
                self._news.append(Lost(name, end, name in running and not cancelled))
        self._jobs.clear()
        self._begun.clear()
        if self._news:
            self.changed.set()

    def _forget(self, job: str) -> _Job:
        if job in self._begun:
            self._begun.remove(job)
        return self._jobs.pop(job)


def _note(job: _Job, event: JobEvent) -> None:
    if isinstance(event, Progress):
        job.loading = event.phase == "loading"
        job.kept, job.of = event.pictures, event.of
    elif isinstance(event, (Estimated, Making, Made)):
        job.loading = False

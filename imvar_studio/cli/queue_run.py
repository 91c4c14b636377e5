"""`imvar queue run`: a render server without a window."""

from __future__ import annotations

import queue
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from imvar_studio.cli.command import Interruption
from imvar_studio.jobs.estimate import duration
from imvar_studio.jobs.events import (
    Estimated,
    Failed,
    Finished,
    Made,
    Making,
    Note,
    Preview,
    Progress,
    Stopped,
    Waiting,
)
from imvar_studio.jobs.queue import Queue
from imvar_studio.jobs.queued import State
from imvar_studio.jobs.render_events import Idle, SetAside, Started, number_of
from imvar_studio.jobs.render_thread import Options, RenderThread
from imvar_studio.model import checks
from imvar_studio.model.errors import Cancelled, StoreError
from imvar_studio.store.settings import load_settings
from imvar_studio.worker.process import main

if TYPE_CHECKING:
    import argparse

    from imvar_studio.cli.command import Output
    from imvar_studio.jobs.queued import Job
    from imvar_studio.jobs.render_events import Happening

_LOOK = 0.2  # seconds between two looks whether to stop
_OFTEN, _SELDOM = 0.5, 30.0  # seconds between progress lines, for machines and for people
_PHASES = {
    "loading": "Loading the model.",
    "inverting": "Reading the pictures.",
    "encoding": "Writing the film.",
}
_WAITS = {
    State.PAUSED: "is paused, go on with: imvar queue resume {}",
    State.WAITING: "gives way, and goes on when its turn comes",
    State.INTERRUPTED: "was interrupted, go on with: imvar queue resume {}, or run with --auto",
}
_TAKEN = "is no longer run here, see: imvar queue list"


def run(args: argparse.Namespace, out: Output) -> None:
    """Run the queue's jobs until it is empty, or until Ctrl+C.

    Raises:
        Cancelled: after Ctrl+C or SIGTERM; the running job waits in the queue.
        StoreError: the queue cannot be read; or, when it is empty, jobs of it failed; or
            nothing renders any more, for a fault of the program.
    """
    asked = load_settings().worker_niceness if args.niceness is None else args.niceness
    niceness = checks.integer(asked, "niceness", 0, 19)
    told: queue.SimpleQueue[tuple[str, Happening]] = queue.SimpleQueue()
    with Interruption() as interruption, Queue() as jobs:
        server = _Server(out, jobs, until_empty=args.until_empty)
        if args.auto:
            jobs.sweep()
            jobs.resume_interrupted()
        else:
            server.offer()
        options = Options(
            niceness=niceness, previews=False, auto=args.auto, early=server.has_work()
        )
        render = RenderThread(
            main, lambda: Queue(check=False), lambda *what: told.put(what), options
        )
        render.start()
        try:
            while not interruption.asked and not server.is_done():
                server.hear(told, _LOOK)
                if not render.is_alive:
                    raise StoreError(
                        "the part of the program that renders has ended", "start it again"
                    )
        finally:
            gone = render.close()
        server.hear(told, 0)
        if interruption.asked:
            server.say_stopped(gone)
            raise Cancelled
    server.complain()


class _Server:
    """Says what happens, and knows when it is enough.

    Args:
        out: for people or machines.
        jobs: the queue, of this thread.
        until_empty: it is enough when no job waits.
    """

    def __init__(self, out: Output, jobs: Queue, *, until_empty: bool) -> None:
        self._out = out
        self._jobs = jobs
        self._until_empty = until_empty
        self._idle = False
        self._seen: object = None
        self._titles: dict[int, str] = {}
        self._ended = self._failed = 0
        self._told, self._phase = 0.0, ""

    def offer(self) -> None:
        """Name the jobs that were interrupted."""
        self._jobs.sweep()
        for job in self._jobs.jobs():
            if job.state is State.INTERRUPTED:
                self._titles[job.id] = job.title
                self._set_aside(job.id, job.state)

    def has_work(self) -> bool:
        """Whether a job waits to be run."""
        return any(job.state is State.WAITING for job in self._jobs.jobs())

    def is_done(self) -> bool:
        """Whether nothing is left to do and nothing more is waited for."""
        if not self._idle or not self._until_empty:
            return False
        revision = self._jobs.revision()
        if revision == self._seen:
            return False
        self._seen = revision
        return not self.has_work()

    def hear(self, told: queue.SimpleQueue[tuple[str, Happening]], seconds: float) -> None:
        """Say what was told, waiting so long for it."""
        try:
            while True:
                key, what = told.get(timeout=seconds) if seconds else told.get_nowait()
                self._hear(number_of(key), what)
                seconds = 0
        except queue.Empty:
            return

    def say_stopped(self, gone: bool) -> None:
        """Say that it was stopped, and how it goes on."""
        self._out.say("Stopped. The same command goes on.")
        if not gone:
            self._out.say("The render process did not answer; it ends with this program.")
        self._out.tell("stopped")

    def complain(self) -> None:
        """Raise a sentence where jobs failed."""
        if self._failed:
            raise StoreError(
                f"{self._failed} of {self._ended} jobs failed", "see 'imvar queue list'"
            )

    def _hear(self, number: int | None, what: Happening) -> None:
        if isinstance(what, Idle) or number is None:
            self._rest()
            return
        # a sweep sets jobs aside while nothing runs, and that is not said again
        self._idle = self._idle and isinstance(what, SetAside)
        name = f"Job {number} ({self._titles.get(number, '')})"
        match what:
            case Started(title):
                self._titles[number], self._phase = title, ""
                self._say(f"Job {number} ({title}) begins.", "started", number, title=title)
            case SetAside(state):
                self._set_aside(number, state)
            case Finished(outputs, text, encoded):
                self._ended += 1
                self._out.say(f"{name} is done. {text}".rstrip())
                files = list(outputs)
                self._out.tell("finished", job=number, outputs=files, text=text, encoded=encoded)
            case Failed():
                self._ended += 1
                self._failed += 1
                reason = f"{what.message}: {what.remedy}" if what.remedy else what.message
                self._say(f"{name} failed, {reason}.", "failed", number, **asdict(what))
            case Stopped(kept, of):
                pictures = f" {kept} of {of} pictures are kept." if of else ""
                self._out.say(f"{name} was cancelled.{pictures}")
                self._out.tell("cancelled", job=number, kept=kept, of=of)
            case _:
                self._report(number, what)

    def _report(
        self, number: int, event: Note | Waiting | Estimated | Making | Made | Progress | Preview
    ) -> None:
        match event:
            case Note(text):
                self._say(f"  {text}", "note", number, text=text)
            case Waiting(text):
                self._say(f"  {text}", "waiting", number, text=text)
            case Estimated(estimate):
                self._say(f"  {estimate.sentence()}", "estimate", number, **asdict(estimate))
            case Made():
                self._out.tell("made", job=number, **asdict(event))
            case Progress() if self._due(event):
                self._say(f"  {_line(event)}", "progress", number, **asdict(event))

    def _say(self, line: str, event: str, number: int, **fields: object) -> None:
        self._out.say(line)
        self._out.tell(event, job=number, **fields)

    def _due(self, event: Progress) -> bool:
        """Tell whether the last line was long ago, and take this one as said."""
        now, machine = time.monotonic(), self._out.machine
        worth = event.phase != self._phase or (machine and event.done == event.total)
        if not worth and now - self._told < (_OFTEN if machine else _SELDOM):
            return False
        self._told, self._phase = now, event.phase
        return True

    def _set_aside(self, number: int, state: State) -> None:
        title = self._titles.get(number) or self._title_of(number)
        self._out.say(f"Job {number} ({title}) {_WAITS.get(state, _TAKEN).format(number)}.")
        self._out.tell("aside", job=number, state=str(state))

    def _title_of(self, number: int) -> str:
        job: Job = self._jobs.job(number)
        return job.title

    def _rest(self) -> None:
        self._idle = True
        self._seen = None
        paused = self._jobs.all_paused()
        if self._until_empty and not (paused and self.has_work()):
            return
        resume = "The queue is paused, go on with: imvar queue resume"
        self._out.say(resume if paused else "Nothing to do. It waits for jobs; Ctrl+C ends it.")
        self._out.tell("idle", paused=paused)


def _line(event: Progress) -> str:
    """Return where a job is, in words."""
    if event.phase in _PHASES:
        return _PHASES[event.phase]
    left = "" if event.seconds_left is None else f", about {duration(event.seconds_left)} left"
    return f"{event.pictures} of {event.of} pictures{left}."

"""The worker process: it holds the model and does the jobs, one after the other.

The main thread works. A second thread hears commands, so that a job stops within a step; a
third one beats, so that the program knows a slow step from a process that hangs. Torch is
imported by a fourth one, while nobody waits for it.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from imvar_studio.engine.out_of_memory import memory_used_up
from imvar_studio.jobs.events import SMALLER, Failed, Finished, JobEnd, Note, Stopped
from imvar_studio.jobs.tasks import Task
from imvar_studio.jobs.wire import (
    CANNOT_LOAD,
    Beat,
    Began,
    Ended,
    Ready,
    Report,
    Run,
    Said,
    WorkerOptions,
    command_of,
    report_bytes,
)
from imvar_studio.model.codec import decode
from imvar_studio.model.errors import Cancelled, OutOfMemoryError, UserError
from imvar_studio.store.logs import job_log
from imvar_studio.worker.context import WorkerContext
from imvar_studio.worker.desk import Desk
from imvar_studio.worker.memory import free_memory
from imvar_studio.worker.process_setup import set_up

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

RunTask = Callable[[Task, WorkerContext], JobEnd]
Load = Callable[[], RunTask]
_log = logging.getLogger(__name__)


def main(connection: Connection, options: dict[str, Any]) -> None:
    """Be the worker process; does not return.

    Args:
        connection: to the program, for messages as in `jobs.wire`.
        options: a `WorkerOptions` as data.
    """
    found = decode(options, WorkerOptions, "options")
    log = set_up(found)
    serve(connection, found, _load, log)
    # not by returning: threads of libraries, and imports under way, would be waited for
    logging.shutdown()
    os._exit(0)


def _load() -> RunTask:
    """Import what jobs need, which takes seconds."""
    # the program's own engine brings torch, diffusers and transformers
    from imvar_studio.engine import library, renderer  # noqa: F401
    from imvar_studio.worker.run import run_task
    from imvar_studio.worker.workshop import Workshop

    workshop = Workshop()

    def run(task: Task, ctx: WorkerContext) -> Finished | Stopped:
        return run_task(task, workshop, ctx)

    return run


def serve(connection: Connection, options: WorkerOptions, load: Load, log: str = "") -> None:
    """Do jobs until the program says that it is enough; ends the process if the program ends.

    Args:
        connection: to the program.
        options: of this process.
        load: called once, early and in a thread of its own; returns what does a task.
        log: the log's file, for messages.
    """
    worker = _Worker(connection, options, load, log)
    worker.say(Ready(os.getpid()))
    for work in (worker.listen, worker.beat, worker.prepare):
        threading.Thread(target=work, daemon=True).start()
    worker.work()


class _Worker:
    def __init__(
        self, connection: Connection, options: WorkerOptions, load: Load, log: str
    ) -> None:
        self._connection = connection
        self._options = options
        self._load = load
        self._log = log
        self._desk = Desk()
        self._sending = threading.Lock()
        self._loaded = threading.Event()
        self._run_task: RunTask | None = None
        self._running: list[WorkerContext] = []  # the last one works, those before it wait

    def say(self, report: Report) -> None:
        """Send a report; any thread may."""
        data = report_bytes(report)
        try:
            with self._sending:
                self._connection.send_bytes(data)
        except OSError:
            os._exit(1)  # nobody is there any more

    def listen(self) -> None:
        """Hear commands until the program is gone, and then go, too."""
        while True:
            try:
                command = command_of(self._connection.recv_bytes())
            except (EOFError, OSError, UserError):
                os._exit(1)
            for job in self._desk.hear(command):
                self.say(Ended(job, Stopped(0, 0)))

    def beat(self) -> None:
        """Give signs of life for ever."""
        begin = time.monotonic()
        while True:
            running = self._running[-1:]
            now = time.monotonic()
            stage, age = "", 0.0
            for context in running:
                stage, age = context.stage or "starting", max(now - context.stepped, 0.0)
            self.say(Beat(now - begin, stage, age))
            time.sleep(self._options.beat)

    def prepare(self) -> None:
        """Load what jobs need; where that fails the process ends.

        What is half imported cannot be imported again, and the next process may find more memory:
        the program starts one with its next job, or with the one that waits, once more.
        """
        try:
            self._run_task = self._load()
        except BaseException:  # noqa: BLE001  (nothing may leave a job waiting for ever)
            _log.exception("the worker cannot load what jobs need")
            note = Note(f"A fault of the program keeps the worker from starting, {self._where}.")
            for context in self._running[-1:]:
                self.say(Said(context.job, note))
            logging.shutdown()
            with self._sending:  # no message is torn
                os._exit(CANNOT_LOAD)
        self._loaded.set()
        self._desk.rouse()

    def work(self) -> None:
        """Do jobs until there is to be no other."""
        while (run := self._desk.next()) is not None:
            # urgent ones go in turn: inside of each other the last to come would be first
            self._do(run, None if run.urgent else self._aside)

    def _aside(self) -> None:
        """Do the urgent jobs that wait, in the middle of another one."""
        while (run := self._desk.next_urgent()) is not None:
            self._do(run, None)

    def _do(self, run: Run, aside: Callable[[], None] | None) -> None:
        context = WorkerContext(
            run.job, self._desk, self.say, aside, previews=self._options.previews
        )
        self._running.append(context)
        self.say(Began(run.job))
        end = self._end_of(run, context)
        context.flush()
        self._running.pop()
        self._desk.forget(run.job)
        self.say(Ended(run.job, end))

    def _end_of(self, run: Run, context: WorkerContext) -> JobEnd:
        """Return how a job ended, whatever it raised."""
        try:
            if not self._desk.wait(run.job, self._loaded):
                raise Cancelled  # noqa: TRY301
            assert self._run_task is not None
            # what is urgent comes often, and is soon forgotten
            with nullcontext() if run.urgent else job_log(run.job):
                return self._run_task(run.task, context)
        except Cancelled:
            return Stopped(0, 0)
        except UserError as error:
            cause = "memory" if isinstance(error, OutOfMemoryError) else "user"
            return Failed(cause, error.message, error.remedy)
        except Exception as error:  # noqa: BLE001  (the one place where a job's fault ends)
            _log.exception("job %s failed", run.job)
            used_up = memory_used_up(error)
        return self._without_memory() if used_up else self._fault()

    def _without_memory(self) -> Failed:
        free_memory()  # not in the handler: the error holds all tensors
        return Failed("memory", "the memory does not hold the job", SMALLER)

    def _fault(self) -> Failed:
        return Failed("fault", f"a fault of the program stopped the job, {self._where}")

    @property
    def _where(self) -> str:
        return f"the details are in {self._log}" if self._log else "there was no place for a log"

"""The render thread: owns the worker, and gives it what is urgent first and then the queue."""

from __future__ import annotations

import itertools
import logging
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Failed, JobEnd, Note, Progress, Stopped, Waiting
from imvar_studio.jobs.queue_side import QueueSide
from imvar_studio.jobs.queued import Request, State
from imvar_studio.jobs.render_events import Idle, Running, SetAside, Started, key_of, number_of
from imvar_studio.jobs.tasks import title
from imvar_studio.jobs.wire import Began, Ended, Said
from imvar_studio.jobs.worker_client import Limits, Lost, WorkerClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.jobs.queue import Queue
    from imvar_studio.jobs.render_events import Happening, Listener
    from imvar_studio.jobs.tasks import Task
    from imvar_studio.jobs.worker_client import News
    from imvar_studio.jobs.worker_link import Entry

_log = logging.getLogger(__name__)
_MOST_TRIES = 2  # a job whose worker crashed is tried once more
_LOOK_EVERY = 0.3  # seconds between two looks at the queue, which other programs change, too


@dataclass(frozen=True, slots=True)
class Options:
    """How a render thread works.

    Args:
        niceness: of the worker, 0 to 19.
        limits: how long the worker is waited for.
        previews: whether the listener shows pictures that are still being made.
        auto: jobs that a program left behind when it died are resumed unasked.
        early: start the worker at once, so that the first job need not wait for it.
    """

    niceness: int = 10
    limits: Limits = field(default_factory=Limits)
    previews: bool = True
    auto: bool = False
    early: bool = True


class RenderThread:
    """One thread, one worker process. All its methods may be called from any thread.

    Interactive tasks live in memory only, and are done before the next chunk of a job of the
    queue. A job whose worker crashed is tried once more, and the queue goes on in any case.

    Args:
        entry: the worker's, `imvar_studio.worker.process.main`.
        open_queue: opens the queue for this thread; None for interactive tasks alone.
        listener: called from the thread with a job's key and what happens; not for long.
        options: how it works.
    """

    def __init__(
        self,
        entry: Entry,
        open_queue: Callable[[], Queue] | None,
        listener: Listener,
        options: Options = Options(),
    ) -> None:
        self._entry = entry
        self._options = options
        self._listener = listener
        self._queue = QueueSide(open_queue, auto=options.auto) if open_queue else None
        self._changed = threading.Event()
        self._orders: deque[Callable[[], None]] = deque()
        self._numbers = itertools.count(1)
        self._running: dict[str, Running] = {}
        self._paused = self._closing = self._idle = False
        self._client: WorkerClient | None = None
        self._thread = threading.Thread(target=self._run, name="render", daemon=True)

    @property
    def is_alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin; once."""
        self._thread.start()

    def submit(self, task: Task) -> str:
        """Do an interactive task as soon as can be; returns the key it is told of by."""
        key = f"now-{next(self._numbers)}"
        self._order(lambda: self._submit(key, task))
        return key

    def cancel(self, key: str) -> None:
        """Stop a job within a step; one of the queue is cancelled there, too."""
        self._order(lambda: self._cancel(key))

    def pause(self) -> None:
        """Stop the queue's running job within a step and start none; interactive tasks go on."""
        self._order(lambda: self._pause(paused=True))

    def resume(self) -> None:
        """Go on with the queue."""
        self._order(lambda: self._pause(paused=False))

    def look(self) -> None:
        """Look at the queue now: it was changed."""
        self._changed.set()

    def close(self, seconds: float = 30.0) -> bool:
        """End: what runs stops within a step, jobs of the queue wait there, the worker is gone.

        Args:
            seconds: to wait for it.

        Returns:
            Whether all of that is done.
        """
        self._closing = True
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def _order(self, order: Callable[[], None]) -> None:
        self._orders.append(order)
        self._changed.set()

    # from here on in the thread

    def _run(self) -> None:
        options = self._options
        self._client = client = WorkerClient(
            self._entry,
            niceness=options.niceness,
            previews=options.previews,
            limits=options.limits,
            changed=self._changed,
        )
        try:
            if options.early:
                self._does(client.start)
            while not self._closing:
                self._turn(client)
            self._does(lambda: self._wind_down(client))
        finally:
            self._does(client.close)
            if self._queue is not None:
                self._does(self._queue.close)

    def _does(self, work: Callable[[], None]) -> bool:
        """Do it, and tell whether it went well: whatever it is, the next job is not to suffer."""
        try:
            work()
        except Exception:  # noqa: BLE001  (so)
            _log.exception("a fault of the render thread")
            return False
        return True

    def _turn(self, client: WorkerClient) -> None:
        """Do what there is to do, and wait for more."""
        queue = self._queue
        self._do_orders()
        well = queue is None or self._does(lambda: self._look(queue))
        waits = _LOOK_EVERY if queue is not None or self._running else None
        if not self._does(lambda: self._hear_all(client.wait(waits))) or not well:
            # what failed may do so every time
            self._changed.clear()
            self._changed.wait(_LOOK_EVERY)

    def _do_orders(self) -> None:
        while self._orders:
            self._does(self._orders.popleft())

    def _wind_down(self, client: WorkerClient) -> None:
        self._do_orders()
        for key, job in self._running.items():
            job.asked = job.asked or Request.YIELD
            client.cancel(key)
        while self._running:
            found = client.wait(_LOOK_EVERY)
            self._hear_all(found)
            if not found and not client.jobs:  # nobody is there who would tell of them
                for key in list(self._running):
                    self._end(key, Stopped(0, 0))

    def _look(self, queue: QueueSide) -> None:
        """See what the queue wants of the job that runs, or has for us to run."""
        for gone in queue.sweep():
            self._tell(key_of(gone.id), SetAside(State.INTERRUPTED))
        for key, job in self._running.items():
            if job.number is not None:
                self._ask(key, job, queue.ask(job.number, job.last))
        if self._running or self._paused:
            return
        found = queue.claim()
        if found is not None and found.task is not None:
            job = Running(found.task, found.title, found.id, found.attempts)
            self._give(key_of(found.id), job)
        elif not self._idle:
            self._idle = True
            self._tell("", Idle())

    def _submit(self, key: str, task: Task) -> None:
        if self._closing:
            self._tell(key, Stopped(0, 0))
        else:
            self._give(key, Running(task, title(task)))

    def _give(self, key: str, job: Running) -> None:
        self._idle = False
        self._running[key] = job
        self._the_client.run(key, job.task, urgent=job.number is None)

    def _ask(self, key: str, job: Running, request: Request) -> None:
        if request is Request.NONE or job.asked in (request, Request.CANCEL):
            return
        job.asked = request
        if request is Request.YIELD:
            self._the_client.make_way(key)
        else:
            self._the_client.cancel(key)

    def _cancel(self, key: str) -> None:
        number = number_of(key)
        if self._queue is not None and number is not None:
            self._queue.cancel(number)
        if key in self._running:
            self._ask(key, self._running[key], Request.CANCEL)

    def _pause(self, *, paused: bool) -> None:
        self._paused = paused
        for key, job in self._running.items():
            if paused and job.number is not None:
                self._ask(key, job, Request.PAUSE)

    def _hear_all(self, found: list[News]) -> None:
        for news in found:
            try:
                self._hear(news, self._running[news.job])
            except Exception:  # noqa: BLE001  (what comes after it is heard all the same)
                _log.exception("a fault of the render thread")

    def _hear(self, news: News, job: Running) -> None:
        match news:
            case Began(key):
                if not job.started:
                    job.started = True
                    self._tell(key, Started(job.title, job.number))
            case Said(key, event):
                if isinstance(event, (Progress, Waiting)):
                    job.last = event
                self._tell(key, event)
            case Ended(key, end):
                self._end(key, end)
            case Lost(key, end, guilty):
                self._lost(key, job, end, guilty=guilty)

    def _lost(self, key: str, job: Running, end: Failed, *, guilty: bool) -> None:
        """Try a job again whose worker has ended, if that was not its own doing once too often."""
        if job.asked or self._closing:
            job.asked = job.asked or Request.YIELD
            kept = (job.last.pictures, job.last.of) if isinstance(job.last, Progress) else (0, 0)
            self._end(key, Stopped(*kept))
        elif guilty and job.tries >= _MOST_TRIES:
            self._end(key, end)
        else:
            job.tries += guilty
            self._tell(key, Note(f"{_sentence(end.message)} It is tried again from there."))
            self._give(key, job)

    def _end(self, key: str, end: JobEnd) -> None:
        job = self._running.pop(key)
        if self._queue is None or job.number is None:
            self._tell(key, end)
            return
        state = self._queue.end(job.number, end, job.asked)
        set_aside = isinstance(end, Stopped) and state is not State.CANCELLED
        self._tell(key, SetAside(state) if set_aside else end)

    @property
    def _the_client(self) -> WorkerClient:
        assert self._client is not None
        return self._client

    def _tell(self, key: str, what: Happening) -> None:
        try:
            self._listener(key, what)
        except Exception:  # noqa: BLE001  (a window's fault is not to end a render)
            _log.exception("a listener of the render thread failed")


def _sentence(message: str) -> str:
    return f"{message[:1].upper()}{message[1:]}."

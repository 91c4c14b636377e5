"""The render thread's side of the queue: claims, reports, ends; tries again what the disk refused.

Nothing here raises what the user could put right: a queue that is locked, damaged or on a full
disk is logged and looked at again later, and what runs goes on meanwhile.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from imvar_studio.jobs.events import Failed, Finished, JobEnd, Progress, Stopped, Waiting
from imvar_studio.jobs.queued import Request, State
from imvar_studio.model.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.jobs.queue import Queue
    from imvar_studio.jobs.queued import Job

T = TypeVar("T")
_log = logging.getLogger(__name__)
_SWEEP_EVERY = 5.0  # seconds between two looks for jobs of programs that died
_RETRY_AFTER = 2.0  # seconds after which a queue that refused is asked again
_COMPLAIN_AGAIN = 600.0  # seconds after which the same complaint is worth another line


@dataclass(frozen=True, slots=True)
class _End:
    """How a job ended, to be written down.

    Args:
        number: the job's.
        end: how; None where it did not run here and is to be cancelled.
        asked: what a `Stopped` was asked for; where for nothing, the job is left to the user.
    """

    number: int
    end: JobEnd | None
    asked: Request


class QueueSide:
    """For one thread, which opens the queue with it.

    Args:
        open_queue: opens the queue for this thread.
        auto: jobs of programs that died wait for their turns again, unasked.
    """

    def __init__(self, open_queue: Callable[[], Queue], *, auto: bool = False) -> None:
        self._open = open_queue
        self._auto = auto
        self._queue: Queue | None = None
        self._unwritten: list[_End] = []
        self._left: set[int] = set()  # jobs of programs that died, to be resumed
        self._seen: object = None
        self._swept = self._retry = float("-inf")
        self._complaint, self._complained = "", 0.0

    def close(self) -> None:
        """Close the queue; what could not be written is left to whoever sweeps it."""
        self._retry = float("-inf")  # there is no later
        self._tried(self._write_ends, None)
        if self._queue is not None:
            self._retry = float("-inf")
            self._tried(self._queue.close, None)
            self._queue = None

    def claim(self) -> Job | None:
        """Take the next job; None where there is none, or the queue cannot be asked."""
        return self._tried(self._claim, None)

    def sweep(self) -> list[Job]:
        """Settle the jobs of programs that died, now and then; returns those left interrupted."""
        if self._unwritten:
            self._tried(self._write_ends, None)
        if time.monotonic() - self._swept < _SWEEP_EVERY:
            return []
        return self._tried(self._sweep, [])

    def ask(self, number: int, event: Progress | Waiting | None) -> Request:
        """Say how far a job is, and return what is asked of it."""
        return self._tried(lambda: self._the_queue().report(number, event), Request.NONE)

    def cancel(self, number: int) -> None:
        """End a job, whoever runs it, now or later."""
        self._unwritten.append(_End(number, None, Request.CANCEL))
        self._tried(self._write_ends, None)

    def end(self, number: int, end: JobEnd, asked: Request) -> State:
        """Write down how a job of ours ended, now or later; returns its state.

        Args:
            number: the job's.
            end: how it ended.
            asked: where it stopped: what it was asked for. A job that gives way waits in its
                old place, unless its user wants it paused or cancelled.
        """
        self._unwritten.append(_End(number, end, asked))
        stopped = State.CANCELLED if asked is Request.CANCEL else State.WAITING
        otherwise = {Finished: State.FINISHED, Failed: State.FAILED}.get(type(end), stopped)
        return self._tried(lambda: self._written(number), otherwise)

    def _written(self, number: int) -> State:
        self._write_ends()
        job = _found(self._the_queue(), number)
        return State.CANCELLED if job is None else job.state

    def _claim(self) -> Job | None:
        self._write_ends()
        queue = self._the_queue()
        revision = queue.revision()
        if revision == self._seen:  # claiming locks other programs out, looking does not
            return None
        job = queue.claim()
        self._seen = revision if job is None else None
        return job

    def _sweep(self) -> list[Job]:
        queue, first = self._the_queue(), self._swept == float("-inf")
        gone = queue.sweep()
        if self._auto and first:
            queue.resume_interrupted()  # whoever left them behind
        elif self._auto:
            self._left |= {job.id for job in gone}
            self._resume_left(queue)
        self._swept = time.monotonic()
        return [] if self._auto else gone

    def _resume_left(self, queue: Queue) -> None:
        """Let what died wait for its turn; one that is refused holds up no other."""
        refused: UserError | None = None
        for number in sorted(self._left):
            try:
                queue.resume(number)
            except UserError as error:
                job = _found(queue, number)
                if job is not None and job.state is State.INTERRUPTED:
                    refused = error
                    continue  # later
            self._left.discard(number)
        if refused is not None:
            raise refused

    def _write_ends(self) -> None:
        queue = self._the_queue()
        while self._unwritten:
            this = self._unwritten[0]
            try:
                self._write(queue, this)
            except UserError:
                if self._is_open(queue, this):
                    raise
            del self._unwritten[0]

    def _write(self, queue: Queue, this: _End) -> None:
        match this.end:
            case None:
                queue.cancel(this.number)
            case Finished():
                queue.finish(this.number, this.end)
            case Failed():
                queue.fail(this.number, this.end)
            case Stopped():
                # what was taken over is another's to cancel
                if this.asked is Request.CANCEL and self._is_open(queue, this):
                    queue.cancel(this.number)
                # what it could not count is not to be written down as nothing
                end = this.end if this.end.of else None
                stop = queue.requeue if this.asked else queue.stop
                stop(this.number, end)

    def _is_open(self, queue: Queue, this: _End) -> bool:
        """Tell whether an end can still be written: the job is there, and ours if it ran here."""
        job = _found(queue, this.number)
        if job is None or this.end is None:
            return job is not None and not job.has_ended
        ours = job.owner is not None and job.owner.is_same(queue.owner)
        return ours and job.state in (State.RUNNING, State.INTERRUPTED)

    def _the_queue(self) -> Queue:
        if self._queue is None:
            self._queue = self._open()
        return self._queue

    def _tried(self, work: Callable[[], T], otherwise: T) -> T:
        """Return what `work` does; `otherwise` where the queue refuses, and for a while after."""
        if time.monotonic() < self._retry:
            return otherwise
        try:
            return work()
        except UserError as error:
            now = time.monotonic()
            self._retry = now + _RETRY_AFTER
            if error.message != self._complaint or now - self._complained > _COMPLAIN_AGAIN:
                self._complaint, self._complained = error.message, now
                _log.warning("the queue: %s", error)
            return otherwise


def _found(queue: Queue, number: int) -> Job | None:
    """Return a job as lists have it; None where there is none."""
    return next((job for job in queue.jobs() if job.id == number), None)

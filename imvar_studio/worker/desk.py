"""The worker's desk: what it was told to do, and what it was told to stop."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from imvar_studio.jobs.wire import Cancel, Quit, Run, Yield

if TYPE_CHECKING:
    from imvar_studio.jobs.wire import Command


class Desk:
    """Shared by the thread that hears commands and the one that does the work."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[Run] = []
        self._taken: set[str] = set()
        self._cancelled: set[str] = set()
        self._yielding: set[str] = set()
        self._quit = False

    def hear(self, command: Command) -> tuple[str, ...]:
        """Note a command; returns the jobs that it ended before they began."""
        with self._changed:
            dropped = self._note(command)
            self._changed.notify_all()
        return dropped

    def _note(self, command: Command) -> tuple[str, ...]:
        match command:
            case Run():
                self._waiting.append(command)
            case Cancel(job) | Yield(job):
                here = [run for run in self._waiting if run.job == job]
                self._waiting = [run for run in self._waiting if run.job != job]
                if here:
                    return (job,)
                if job in self._taken:  # else it has just ended, and may be given again
                    asked = self._cancelled if isinstance(command, Cancel) else self._yielding
                    asked.add(job)
            case Quit():
                self._quit = True
        return ()

    def next(self) -> Run | None:
        """Wait for the next job and return it, urgent ones first; None when it is time to go."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._quit)
            if self._quit:
                return None
            urgent = self._first_urgent()
            return self._take(0 if urgent is None else urgent)

    def next_urgent(self) -> Run | None:
        """Return the next urgent job if there is one."""
        with self._changed:
            urgent = self._first_urgent()
            return None if urgent is None else self._take(urgent)

    def _take(self, place: int) -> Run:
        run = self._waiting.pop(place)
        self._taken.add(run.job)
        return run

    def _first_urgent(self) -> int | None:
        return next((i for i, run in enumerate(self._waiting) if run.urgent), None)

    def stops(self, job: str) -> bool:
        """Whether a job is to stop now. Takes no lock: it is asked many times a step."""
        return self._quit or job in self._cancelled

    def yields(self, job: str) -> bool:
        """Whether a job is to stop before its next chunk."""
        return job in self._yielding

    def wait(self, job: str, ready: threading.Event) -> bool:
        """Wait until `ready` is set, or `job` is to stop; tells whether it is ready.

        Args:
            job: that wants to begin.
            ready: whose setting `rouse` announces.
        """
        with self._changed:
            self._changed.wait_for(lambda: ready.is_set() or self.stops(job) or self.yields(job))
            return ready.is_set()

    def rouse(self) -> None:
        """Have those who wait look again."""
        with self._changed:
            self._changed.notify_all()

    def forget(self, job: str) -> None:
        """A job has ended; it may be given again."""
        with self._changed:
            self._taken.discard(job)
            self._cancelled.discard(job)
            self._yielding.discard(job)

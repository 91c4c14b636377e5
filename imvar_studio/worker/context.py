"""What a job runs in inside the worker process: it reports through the pipe, not too often."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from imvar_studio.jobs.events import JobEvent, Preview, Progress
from imvar_studio.jobs.wire import Said
from imvar_studio.model.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.worker.desk import Desk

PROGRESS_EVERY, PREVIEW_EVERY = 0.1, 0.2  # seconds


class WorkerContext:
    """One job's context.

    Args:
        job: its name.
        desk: says whether it is to stop.
        send: takes what it reports.
        aside: runs the urgent jobs that wait; None where this job is such a one itself.
        previews: whether anyone sees them.
    """

    def __init__(
        self,
        job: str,
        desk: Desk,
        send: Callable[[Said], None],
        aside: Callable[[], None] | None = None,
        *,
        previews: bool = True,
    ) -> None:
        self.job = job
        self.stage = ""
        self.stepped = time.monotonic()
        self._desk = desk
        self._send = send
        self._aside = aside
        self._previews = previews
        self._held: Progress | None = None
        self._progressed = self._previewed = float("-inf")

    def step(self, event: JobEvent) -> None:
        """Report, at most 10 times a second; the last word of each phase is always sent.

        Raises:
            Cancelled: if the job is to stop.
        """
        self.stepped = time.monotonic()
        match event:
            case Progress():
                self._progress(event)
            case Preview():
                if self._previews and self.stepped - self._previewed >= PREVIEW_EVERY:
                    self._previewed = self.stepped
                    self._say(event)
            case _:
                self.flush()
                self._say(event)
        self.check()

    def check(self) -> None:
        """Stop here if asked to.

        Raises:
            Cancelled: if the job is to stop.
        """
        if self._desk.stops(self.job):
            raise Cancelled

    def wants_preview(self) -> bool:
        """Whether anyone sees previews, and the last one was long enough ago."""
        return self._previews and time.monotonic() - self._previewed >= PREVIEW_EVERY

    def between_chunks(self) -> None:
        """Run what is urgent right here, before this job goes on.

        Raises:
            Cancelled: if the job is to stop, or to make way.
        """
        self.check()
        if self._desk.yields(self.job):
            raise Cancelled
        if self._aside is not None:
            self.flush()
            self._aside()
            self.stepped = time.monotonic()
            self.check()

    def flush(self) -> None:
        """Send the progress that was held back."""
        if self._held is not None:
            self._say(self._held)
            self._held = None

    def _progress(self, event: Progress) -> None:
        if event.phase != self.stage:
            self.flush()
            self.stage = event.phase
            self._progressed = float("-inf")  # a phase's first word is not held back either
        self._held = event
        if self.stepped - self._progressed >= PROGRESS_EVERY:
            self._progressed = self.stepped
            self.flush()

    def _say(self, event: JobEvent) -> None:
        self._send(Said(self.job, event))

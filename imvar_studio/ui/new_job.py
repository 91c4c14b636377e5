"""A job on its way into the queue: it can be cancelled before its number is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.jobs.queued import Urgency

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.jobs.queue import Queue
    from imvar_studio.jobs.tasks import FilmTask
    from imvar_studio.ui.queue_lane import QueueLane


class NewJob:
    """The job that this window added last, until it starts.

    Args:
        queue: where it is added.
    """

    def __init__(self, queue: QueueLane) -> None:
        self._queue = queue
        self._number: int | None = None
        self._adding = self._unwanted = False

    @property
    def is_awaited(self) -> bool:
        """Whether it is still to start."""
        return self._adding or self._number is not None

    def add(self, task: FilmTask, failed: Callable[[Exception], None]) -> None:
        """Add it; `failed` is told where that cannot be."""
        self._adding, self._unwanted, self._number = True, False, None
        numbers: list[int] = []

        def work(queue: Queue) -> None:
            numbers.append(queue.add(task, Urgency.FOREGROUND))

        def done() -> None:
            self._adding = False
            if self._unwanted:
                self._queue.cancel(numbers[0])
            else:
                self._number = numbers[0]

        def not_done(error: Exception) -> None:
            self._adding = False
            failed(error)

        self._queue.change(work, done, not_done)

    def cancel(self) -> None:
        """End it before it starts."""
        self._unwanted = self._adding
        if self._number is not None:
            self._queue.cancel(self._number)
            self._number = None

    def started(self, number: int) -> None:
        """Note that a job of the queue runs."""
        if number == self._number:
            self._number = None

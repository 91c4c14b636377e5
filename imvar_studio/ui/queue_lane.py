"""The queue as the window sees it: read and changed in a lane, never in the window's thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.model.signal import Signal
from imvar_studio.ui.state import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.jobs.queue import Queue
    from imvar_studio.jobs.queued import Job
    from imvar_studio.ui.background import Lanes

_LANE = "queue"


class QueueLane:
    """The user's queue, in a thread of its own.

    Args:
        lanes: where it is read and changed.
        open_queue: opens it; called in the lane.

    Attributes:
        jobs: the queue as it was read last: in the order jobs will run, then those that ended.
        all_paused: whether nothing is started.
        queue_failed: an error that a change or a look met.
    """

    def __init__(self, lanes: Lanes, open_queue: Callable[[], Queue]) -> None:
        self.jobs: State[tuple[Job, ...]] = State(())
        self.all_paused: State[bool] = State(False)
        self.queue_failed: Signal[Exception] = Signal()
        self._lanes = lanes
        self._open_queue = open_queue
        self._queue: Queue | None = None  # the lane's
        self._revision: tuple[object, ...] | None = None  # the lane's
        self._looking = False
        self._trouble = ""  # what the last look met

    def look(self) -> None:
        """Read the queue if any program has changed it."""
        if not self._looking:
            self._looking = True
            self._lanes.run(_LANE, self._read, self._found, self._failed)

    def change(
        self,
        work: Callable[[Queue], object],
        done: Callable[[], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Change the queue, and read it again.

        Args:
            work: changes it, in the lane.
            done: called when it is changed.
            failed: called where it could not be; without it, `queue_failed` tells.
        """

        def changed() -> tuple[tuple[Job, ...], bool] | None:
            work(self._the_queue())
            return self._read()

        def told(found: tuple[tuple[Job, ...], bool] | None) -> None:
            if done is not None:
                done()
            self._changed_queue()
            self._found(found)

        self._lanes.run(_LANE, changed, told, failed or self.queue_failed.emit)

    def pause(self, number: int) -> None:
        """Hold a job until it is resumed."""
        self.change(lambda queue: queue.pause(number))

    def resume(self, number: int) -> None:
        """Let a paused or interrupted job wait for its turn."""
        self.change(lambda queue: queue.resume(number))

    def cancel(self, number: int) -> None:
        """End a job."""
        self.change(lambda queue: queue.cancel(number))

    def retry(self, number: int) -> None:
        """Let a failed or cancelled job wait again."""
        self.change(lambda queue: queue.retry(number))

    def move(self, number: int, before: int | None) -> None:
        """Put a job before another, or behind all."""
        self.change(lambda queue: queue.move(number, before))

    def to_front(self, number: int) -> None:
        """Put a job before all others."""
        self.change(lambda queue: queue.move_to_front(number))

    def remove(self, number: int) -> None:
        """Take a job out of the queue."""
        self.change(lambda queue: queue.remove(number))

    def clear_finished(self) -> None:
        """Take the finished and cancelled jobs out."""
        self.change(lambda queue: queue.clear_finished())

    def pause_all(self) -> None:
        """Start nothing until `resume_all`."""
        self.change(lambda queue: queue.pause_all())

    def resume_all(self) -> None:
        """Go on."""
        self.change(lambda queue: queue.resume_all())

    def close_queue(self) -> None:
        """Close it, after what was asked before."""

        def close() -> None:
            if self._queue is not None:
                self._queue.close()
                self._queue = None

        self._lanes.run(_LANE, close)

    def _changed_queue(self) -> None:
        """Tell whoever runs the jobs that there may be others."""

    def _the_queue(self) -> Queue:
        if self._queue is None:
            self._queue = self._open_queue()
        return self._queue

    def _read(self) -> tuple[tuple[Job, ...], bool] | None:
        queue = self._the_queue()
        revision = queue.revision()
        if revision == self._revision:
            return None
        found = queue.jobs(), queue.all_paused()
        self._revision = revision
        return found

    def _found(self, found: tuple[tuple[Job, ...], bool] | None) -> None:
        self._looking, self._trouble = False, ""
        if found is not None:
            self.jobs.set(found[0])
            self.all_paused.set(found[1])

    def _failed(self, error: Exception) -> None:
        """Tell of an error that a look met, once as long as it stays."""
        self._looking = False
        if str(error) != self._trouble:
            self._trouble = str(error)
            self.queue_failed.emit(error)

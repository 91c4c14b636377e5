"""The meter: turns the engine's reports into a job's progress and the time that is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.jobs.eta import Eta
from imvar_studio.jobs.events import Progress

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from imvar_studio.jobs.context import JobContext


class Meter:
    """Counts UNet samples and pictures.

    Args:
        ctx: hears of it.
        work: UNet samples that are to be done now.
        of: pictures the plan has.
        finished: pictures of them that were there before.
        seconds: that the work was estimated to take, None where it was not.
    """

    def __init__(
        self, ctx: JobContext, work: int, of: int, finished: int, seconds: float | None = None
    ) -> None:
        self.ctx = ctx
        self._eta = Eta(work, seconds)
        self._work = work
        self._of = of
        self._finished = finished
        self._done = 0
        self._chunk = 0

    def inverting(self, phase: str, done: int, total: int) -> None:
        """Report evaluations of the inversions that the next chunk starts from."""
        work = self._done + done
        self._eta.other_work(work)
        self._say(phase, work)
        if done == total:
            self._done = work

    def standing_still(self) -> AbstractContextManager[None]:
        """While open, time does not count."""
        return self._eta.standing_still()

    def begin(self, samples: int) -> None:
        """Begin a chunk of so many UNet samples, after what is more urgent.

        Raises:
            Cancelled: if the job is to stop, or to make way.
        """
        with self.standing_still():
            self.ctx.between_chunks()
        self._chunk = samples

    def denoising(self, phase: str, done: int, total: int) -> None:
        """Report the steps of the chunk."""
        work = self._done + self._chunk * done // total
        self._eta.report(work)
        self._say(phase, work)

    def found(self, pictures: int) -> None:
        """Count pictures that are on disk now."""
        self._finished += pictures

    def end(self, *, worked: bool = True) -> None:
        """End the chunk.

        Args:
            worked: False where all its pictures were there already: its time says nothing.
        """
        self._done += self._chunk
        if worked:
            self._eta.chunk(self._done)
        else:
            self._eta.other_work(self._done)
        self._say("denoising", self._done)

    def _say(self, phase: str, done: int) -> None:
        left = self._eta.seconds_left()
        rounded = None if left is None else round(left, 1)
        self.ctx.step(Progress(phase, done, self._work, self._finished, self._of, rounded))

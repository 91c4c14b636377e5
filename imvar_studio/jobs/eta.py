"""How long a render still takes, by what it has taken so far."""

from __future__ import annotations

import time
from collections import deque
from contextlib import contextmanager
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CHUNKS = 12  # that the rate is taken over
_ODD = 1.5  # times the usual rate: a chunk that something else slowed down
_AGEING = 0.85  # what a chunk counts against the one after it


class Eta:
    """Seconds left of a render, from the work that is left and the rate of the last chunks.

    Until the first chunk is finished the estimate's rate holds. Then the first chunk's does,
    counted from its first report, by when the model is warm; from the second on only whole
    chunks count, recent ones more, and one that took far longer than the usual not at all (a
    machine that stays slow becomes the usual).

    Args:
        total: work that is to be done now, in any unit that takes about equally long each (UNet
            samples); what was finished earlier is no part of it.
        estimate: seconds for `total`, None where there is none.
        clock: seconds, rising.
    """

    def __init__(
        self,
        total: float,
        estimate: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._total = total
        self._clock = clock
        self._expected = None if estimate is None or total <= 0 else estimate / total
        self._rates: deque[tuple[float, float]] = deque(maxlen=_CHUNKS)  # work, seconds for it
        self._first: tuple[float, float] | None = None
        self._done = 0.0
        self._lost = 0.0  # seconds that stood still
        self._begun = (0.0, self._now())  # the running chunk: work before it, and since when
        self._warm: tuple[float, float] | None = None  # its first report: work, time

    def report(self, done: float) -> None:
        """Take in that `done` work is done, in all; called at every step."""
        self._done = done
        if self._warm is None and done > self._begun[0]:
            self._warm = done, self._now()

    def chunk(self, done: float) -> None:
        """Take in that a chunk was finished, with `done` work done in all."""
        self.report(done)
        now = self._now()
        whole = done - self._begun[0], now - self._begun[1]
        if self._first is None:
            after = (
                (0.0, 0.0) if self._warm is None else (done - self._warm[0], now - self._warm[1])
            )
            self._first = after if after[0] > 0 else whole
        elif whole[0] > 0:
            self._rates.append(whole)
        self._begun, self._warm = (done, now), None

    def other_work(self, done: float) -> None:
        """Take in that the work up to `done` was of another kind, whose rate says nothing."""
        self._done = done
        self._begun, self._warm = (done, self._now()), None

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """While open, time does not count: the job is paused, or waits for room on the disk."""
        begin = self._clock()
        try:
            yield
        finally:
            self._lost += self._clock() - begin

    def seconds_left(self) -> float | None:
        """Return the seconds that what is left takes, None where nothing is known yet."""
        rate = self._rate()
        return None if rate is None else max(self._total - self._done, 0.0) * rate

    def _rate(self) -> float | None:
        """Return seconds for a unit of work."""
        if not self._rates:
            first = self._first
            return self._expected if first is None or first[0] <= 0 else first[1] / first[0]
        usual = median(seconds / work for work, seconds in self._rates)
        share, work_sum, seconds_sum = 1.0, 0.0, 0.0
        for work, seconds in reversed(self._rates):
            if seconds / work <= usual * _ODD:
                work_sum += share * work
                seconds_sum += share * seconds
            share *= _AGEING
        return seconds_sum / work_sum

    def _now(self) -> float:
        return self._clock() - self._lost

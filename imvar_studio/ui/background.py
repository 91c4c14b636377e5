"""Work that must not hold the window up: done in threads, answered in the window's own."""

from __future__ import annotations

import logging
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Lanes(Protocol):
    """Where work is handed to: `Background`, or in tests something that does it at once."""

    def run(
        self,
        lane: str,
        work: Callable[[], T],
        done: Callable[[T], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
    ) -> object:
        """Do `work` later, in the order of the lane."""


class Background:
    """Lanes of work: what is in one lane is done in its order, one after the other.

    Args:
        post: calls a function in the window's thread, soon; callable from any thread.
    """

    def __init__(self, post: Callable[[Callable[[], object]], None]) -> None:
        self._post = post
        self._lanes: dict[str, ThreadPoolExecutor] = {}
        self._closed = False

    def run(
        self,
        lane: str,
        work: Callable[[], T],
        done: Callable[[T], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
    ) -> Future[T]:
        """Do `work` in a lane's thread.

        Args:
            lane: any name; a new one is a new thread.
            work: what to do.
            done: called in the window's thread with what it returned.
            failed: called there with what it raised; without it, that is logged.

        Returns:
            The future; `cancel` keeps work that has not begun from beginning, and nothing is
            called then. After `close` it is cancelled already.
        """
        if self._closed:  # a timer that fires once more, at the end
            never: Future[T] = Future()
            never.cancel()
            return never
        if lane not in self._lanes:
            self._lanes[lane] = ThreadPoolExecutor(1, f"window-{lane}")
        future = self._lanes[lane].submit(work)
        future.add_done_callback(lambda ended: self._answer(ended, done, failed))
        return future

    def close(self) -> None:
        """Wait for what has begun, drop the rest; nothing is answered any more."""
        self._closed = True
        for lane in self._lanes.values():
            lane.shutdown(wait=True, cancel_futures=True)

    def _answer(
        self,
        future: Future[T],
        done: Callable[[T], object] | None,
        failed: Callable[[Exception], object] | None,
    ) -> None:
        if self._closed or future.cancelled():
            return
        try:
            result = future.result()
        except CancelledError:
            return
        except Exception as error:  # noqa: BLE001  (told to whoever asked)
            if failed is None:
                _log.exception("work in the background failed")
            else:
                fault, tell = error, failed
                self._post(lambda: tell(fault))
            return
        if done is not None:
            answer = done
            self._post(lambda: answer(result))

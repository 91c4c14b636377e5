"""The render thread's side of the queue: what it was refused is done later, and blocks nothing."""

from __future__ import annotations

import socket
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from imvar_studio.jobs.events import Finished, Stopped
from imvar_studio.jobs.queue import Queue
from imvar_studio.jobs.queue_side import QueueSide
from imvar_studio.jobs.queued import Owner, Request, State
from imvar_studio.model.errors import StoreError
from tests.unit.jobs.conftest import TASK, claim_as

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Refusing:
    """A queue that another program keeps busy, wholly or for some jobs."""

    def __init__(self, path: Path) -> None:
        self._queue = Queue(path, check=False)
        self.busy = False
        self.no_resume: set[int] = set()

    def resume(self, number: int) -> None:
        if number in self.no_resume:
            raise StoreError("the queue is busy")
        self._queue.resume(number)

    def __getattr__(self, name: str) -> Any:
        if self.busy:
            raise StoreError("the queue is busy")
        return getattr(self._queue, name)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is waited for."""
    monkeypatch.setattr("imvar_studio.jobs.queue_side._SWEEP_EVERY", 0.0)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imvar_studio.jobs.queue_side._RETRY_AFTER", 0.0)


@pytest.fixture
def refusing(path: Path) -> Refusing:
    return Refusing(path)


@pytest.fixture
def side(refusing: Refusing) -> Iterator[QueueSide]:
    found = QueueSide(lambda: refusing)
    yield found
    refusing.busy = False
    found.close()


def take_away(queue: Queue, number: int, **changes: Any) -> None:
    """Change a row behind everyone's back; remove it where nothing is to be changed."""
    row = queue._db.row(number)
    with queue._db.change():
        if changes:
            queue._db.save(replace(row, **changes))
        else:
            queue._db.delete(number)


@pytest.mark.parametrize("changes", [{}, {"pid": 1}, {"state": "paused"}, {"state": "finished"}])
def test_a_job_that_was_taken_away_blocks_nothing(queue, side, changes):
    first, second = queue.add(TASK), queue.add(TASK)
    assert side.claim().id == first
    take_away(queue, first, **changes)
    left = queue.jobs()
    side.end(first, Finished(()), Request.NONE)
    assert queue.jobs() == left
    assert side.claim().id == second


def test_a_job_that_vanished_counts_as_cancelled(queue, side, caplog):
    number = queue.add(TASK)
    side.claim()
    take_away(queue, number)
    assert side.end(number, Stopped(0, 0), Request.CANCEL) is State.CANCELLED
    assert caplog.messages == []


@pytest.mark.parametrize("told_before", [True, False])
def test_a_cancelled_job_does_not_start_again_after_a_refusal(
    queue, side, refusing, at_once, told_before
):
    number = queue.add(TASK)
    side.claim()
    refusing.busy = True
    if told_before:
        side.cancel(number)
    assert side.end(number, Stopped(2, 4), Request.CANCEL) is State.CANCELLED
    assert queue.job(number).state is State.RUNNING
    refusing.busy = False
    side.sweep()
    job = queue.job(number)
    assert (job.state, job.pictures, job.of) == (State.CANCELLED, 2, 4)


def test_a_job_that_waits_is_cancelled_after_a_refusal(queue, side, refusing, monkeypatch):
    running, number = queue.add(TASK), queue.add(TASK)
    assert side.claim().id == running
    refusing.busy = True
    side.sweep()
    refusing.busy = False
    side.cancel(number)  # not even tried so soon
    assert queue.job(number).state is State.WAITING
    monkeypatch.setattr(side, "_retry", 0.0)
    side.sweep()
    assert queue.job(number).state is State.CANCELLED
    assert queue.job(running).state is State.RUNNING


@pytest.mark.parametrize("number", [1, 2])
def test_what_cannot_be_cancelled_is_not_tried_again(queue, side, put, number):
    put(queue, State.FINISHED)
    side.cancel(number)
    last = queue.add(TASK)
    assert side.claim().id == last


def test_a_job_that_another_program_took_over_is_not_cancelled(queue, side):
    number = queue.add(TASK)
    side.claim()
    take_away(queue, number, pid=1)
    side.end(number, Stopped(0, 0), Request.CANCEL)
    assert (queue.job(number).state, queue.job(number).request) == (State.RUNNING, Request.NONE)


def test_one_job_that_cannot_be_resumed_leaves_no_other_interrupted(queue, refusing, at_once):
    side = QueueSide(lambda: refusing, auto=True)
    side.sweep()
    numbers = [queue.add(TASK), queue.add(TASK)]
    for _ in numbers:
        claim_as(Owner(socket.gethostname(), psutil.Process().pid, 1.0), queue)
    refusing.no_resume = {numbers[0]}
    side.sweep()
    assert [queue.job(number).state for number in numbers] == [State.INTERRUPTED, State.WAITING]
    refusing.no_resume = set()
    side.sweep()
    assert queue.job(numbers[0]).state is State.WAITING
    side.close()


def test_the_queue_is_closed_also_where_an_end_cannot_be_written(queue, refusing):
    side, number = QueueSide(lambda: refusing), queue.add(TASK)
    side.claim()

    def finish(*_: Any) -> None:
        raise StoreError("the disk is full")

    refusing.finish = finish
    side.end(number, Finished(()), Request.NONE)
    side.close()
    with pytest.raises(sqlite3.ProgrammingError):
        refusing.jobs()

"""Jobs of the queue and who runs them."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import psutil
import pytest

from imvar_studio.jobs.events import Failed, Finished, Progress, Stopped, Waiting
from imvar_studio.jobs.queue import Queue
from imvar_studio.jobs.queued import Owner, Request, State, Urgency
from imvar_studio.jobs.tasks import FilmTask
from imvar_studio.model.errors import StoreError
from imvar_studio.model.project import FilmWork
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.specs import FilmSpec
from tests.unit.jobs.conftest import claim_as

FOREGROUND, BACKGROUND = Urgency.FOREGROUND, Urgency.BACKGROUND
SPEC = FilmSpec(FilmWork("film", "Eulen"), ModelRef("starter", "ab" * 32))
TASK = FilmTask("/p/owls.imvar", SPEC, "starter", "/p/owls.mp4")
OWNER = Owner.this()


def test_a_run_is_written_down(queue, clock):
    number = queue.add(TASK)
    clock.now = 1001.0
    job = queue.claim()
    assert (job.id, job.task, job.state, job.attempts) == (number, TASK, State.RUNNING, 1)
    assert (job.owner, job.started) == (OWNER, 1001.0)
    queue.report(number, Progress("denoising", 5, 90, 2, 24, 61.5))
    job = queue.job(number)
    assert (job.pictures, job.of, job.seconds_left) == (2, 24, 61.5)
    queue.report(number, Waiting("The disk is full"))
    job = queue.job(number)
    assert (job.message, job.seconds_left, job.pictures) == ("The disk is full", None, 2)
    clock.now = 1009.0
    queue.finish(number, Finished(("/p/\udcff.mp4",), "The film is there."))
    job = queue.job(number)
    assert (job.state, job.outputs, job.message) == (
        State.FINISHED, ("/p/\udcff.mp4",), "The film is there.")  # fmt: skip
    assert (job.pictures, job.of, job.started, job.ended) == (24, 24, 1001.0, 1009.0)


def test_a_failure_says_why_and_does_not_stop_the_next(queue):
    first, second = queue.add(TASK), queue.add(TASK)
    queue.claim()
    queue.fail(first, Failed("memory", "there is not enough memory", "choose a smaller size"))
    job = queue.job(first)
    assert (job.state, job.message) == (State.FAILED, "there is not enough memory")
    assert job.remedy == "choose a smaller size"
    assert queue.claim().id == second
    queue.retry(first)
    job = queue.job(first)
    assert (job.message, job.remedy, job.attempts, job.ended) == ("", "", 0, None)


@pytest.mark.parametrize(
    ("asked", "stopped", "requeued"),
    [
        ("", State.INTERRUPTED, State.WAITING),
        ("pause", State.PAUSED, State.PAUSED),
        ("cancel", State.CANCELLED, State.CANCELLED),
    ],
)
def test_a_stop_is_what_was_asked_for(put, queue, asked, stopped, requeued):
    for end, wanted in ((queue.stop, stopped), (queue.requeue, requeued)):
        number = put(queue, State.RUNNING)
        if asked:
            getattr(queue, asked)(number)
        end(number, Stopped(3, 24))
        job = queue.job(number)
        assert (job.state, job.request) == (wanted, Request.NONE)
        assert (job.pictures, job.of, job.attempts) == (3, 24, 0)
        queue.remove(number)


def test_a_job_that_gave_way_keeps_its_place(queue):
    first, second = queue.add(TASK), queue.add(TASK)
    queue.claim()
    queue.requeue(first)
    assert [queue.claim().id, queue.claim().id] == [first, second]


def test_a_job_is_asked_to_give_way_to_a_more_urgent_one(queue):
    number = queue.add(TASK)
    queue.add(TASK)
    queue.claim()
    assert queue.report(number) is Request.NONE
    urgent = queue.add(TASK, FOREGROUND)
    assert queue.report(number) is Request.YIELD
    queue.set_urgency(number, FOREGROUND)
    assert queue.report(number) is Request.NONE
    queue.set_urgency(number, BACKGROUND)
    queue.pause(urgent)
    assert queue.report(number) is Request.NONE


def test_progress_is_written_seldom_and_requests_are_heard_at_once(put, queue, path, clock):
    number = put(queue, State.RUNNING)
    with Queue(path) as window:
        for pictures, now, seen in ((1, 1000, 1), (2, 1000.4, 1), (3, 1000.6, 3), (4, 999, 4)):
            clock.now = now
            assert queue.report(number, Progress("denoising", 1, 9, pictures, 9)) is Request.NONE
            assert window.job(number).pictures == seen
        window.cancel(number)
        assert queue.report(number, Progress("denoising", 1, 9, 5, 9)) is Request.CANCEL
        assert window.job(number).pictures == 4


def test_a_queue_that_cannot_be_written_does_not_end_a_render(put, queue, path, caplog):
    number = put(queue, State.RUNNING)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        queue._db._db.execute("PRAGMA busy_timeout = 0")
        other.execute("BEGIN IMMEDIATE")
        assert queue.report(number, Progress("denoising", 1, 9, 5, 9)) is Request.NONE
        with pytest.raises(StoreError, match="kept busy"):
            queue.finish(number, Finished(()))
        other.execute("ROLLBACK")
    assert "kept busy" in caplog.text
    queue.finish(number, Finished(()))


def test_only_the_owner_ends_a_job(put, queue, path):
    number = put(queue, State.RUNNING)
    stranger = replace(OWNER, pid=OWNER.pid + 1)
    with Queue(path, owner=stranger) as other:
        assert other.report(number) is Request.CANCEL
        for end in (
            lambda: other.finish(number, Finished(())),
            lambda: other.fail(number, Failed("user", "no")),
            lambda: other.stop(number),
            lambda: other.requeue(number),
        ):
            with pytest.raises(StoreError, match="no longer run here, it is running"):
                end()
    assert queue.job(number).state is State.RUNNING
    queue.finish(number, Finished(()))
    assert queue.report(number) is Request.CANCEL
    with pytest.raises(StoreError, match="no longer run here, it is finished"):
        queue.stop(number)


def dead_process():
    """The owner that a process was which has ended."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        born = psutil.Process(process.pid).create_time()
        process.communicate(b"\n")
    return Owner(OWNER.host, process.pid, born)


@pytest.mark.parametrize(
    ("owner", "silence", "dead"),
    [
        (OWNER, 1e6, False),
        (replace(OWNER, born=OWNER.born + 1), 1e6, False),  # the clock was set a little
        (replace(OWNER, born=OWNER.born - 60), 0, True),
        (replace(OWNER, pid=os.getppid(), born=psutil.Process(os.getppid()).create_time()), 0,
         False),
        (Owner("another", 7, 5.0), 119, False),
        (Owner("another", 7, 5.0), 121, True),
    ],
)  # fmt: skip
def test_what_a_dead_program_ran_is_interrupted(queue, clock, owner, silence, dead):
    number = queue.add(TASK)
    claim_as(owner, queue)
    clock.now += silence
    swept = queue.sweep()
    assert [job.id for job in swept] == [number] * dead
    job = queue.job(number)
    assert job.state is (State.INTERRUPTED if dead else State.RUNNING)
    assert job.message == ("the program that ran it ended before it was done" if dead else "")
    assert queue.sweep() == []


@pytest.mark.parametrize("asked", ["pause", "cancel"])
def test_what_was_asked_of_a_program_that_died_is_done(queue, asked):
    number = queue.add(TASK)
    claim_as(dead_process(), queue)
    getattr(queue, asked)(number)
    assert queue.sweep() == []
    assert queue.job(number).state == {"pause": "paused", "cancel": "cancelled"}[asked]


def test_interrupted_jobs_are_resumed_together(queue):
    owner = dead_process()
    numbers = [queue.add(TASK) for _ in range(3)]
    for _ in range(2):
        claim_as(owner, queue)
    assert [job.id for job in queue.sweep()] == numbers[:2]
    assert [job.id for job in queue.resume_interrupted()] == numbers[:2]
    assert [job.state for job in queue.jobs()] == [State.WAITING] * 3
    job = queue.claim()
    assert (job.id, job.attempts) == (1, 2)


def test_who_was_taken_for_dead_and_is_not_goes_on(put, queue, path):
    """The clock was set, or the machine slept: nobody has taken the job meanwhile."""
    number = put(queue, State.RUNNING)
    far = replace(OWNER, host="another")
    with Queue(path, owner=far) as other:
        assert [job.id for job in other.sweep()] == [number]
        assert queue.report(number) is Request.NONE
        assert other.job(number).state is State.RUNNING
        assert [job.id for job in other.sweep()] == [number]
        other.resume_interrupted()
        assert other.claim().id == number
    assert queue.report(number) is Request.CANCEL

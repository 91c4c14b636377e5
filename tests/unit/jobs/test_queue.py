"""The queue: its order, and what may be done with a job when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imvar_studio.jobs.events import Finished
from imvar_studio.jobs.queue import Queue
from imvar_studio.jobs.queued import Request, State, Urgency
from imvar_studio.jobs.tasks import FilmTask
from imvar_studio.model.errors import StoreError
from imvar_studio.model.project import FilmWork
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.specs import FilmSpec

FOREGROUND, BACKGROUND = Urgency.FOREGROUND, Urgency.BACKGROUND
SPEC = FilmSpec(FilmWork("film", "Eulen"), ModelRef("starter", "ab" * 32))
TASK = FilmTask("/p/owls.imvar", SPEC, "starter", "/p/owls.mp4")
ENDED = {State.FINISHED, State.FAILED, State.CANCELLED}


def ids(queue):
    return [job.id for job in queue.jobs()]


def states(queue):
    return {job.id: job.state for job in queue.jobs()}


def test_a_job_is_the_whole_task_as_it_was(queue, path):
    odd = replace(TASK, project="/p/\udcff\n.imvar", target='/p/"\u2028.mp4')
    number = queue.add(odd)
    with Queue(path) as another:
        job = another.job(number)
    assert job.task == odd
    assert (job.title, job.project) == ("Eulen of \udcff\n", odd.project)
    assert (job.state, job.urgency, job.created) == (State.WAITING, BACKGROUND, 1000.0)
    assert (job.problem, job.owner, job.started, job.ended) == ("", None, None, None)


def test_jobs_are_in_the_order_in_which_they_are_claimed(queue):
    first, second = queue.add(TASK), queue.add(TASK)
    urgent = queue.add(TASK, FOREGROUND)
    front = queue.add(TASK, at_front=True)
    now = queue.add(TASK, Urgency.INTERACTIVE)
    assert ids(queue) == [now, urgent, front, first, second]
    assert [queue.claim().id for _ in range(5)] == [now, urgent, front, first, second]
    assert queue.claim() is None


def test_ended_jobs_come_last_the_newest_first(queue, clock):
    numbers = [queue.add(TASK) for _ in range(4)]
    for number in numbers[:3]:
        clock.now += 1
        queue.claim()
        queue.finish(number, Finished(()))
    assert ids(queue) == [4, 3, 2, 1]


def test_moving(queue):
    a, b, c, d = (queue.add(TASK) for _ in range(4))
    queue.move(d, before=b)
    assert ids(queue) == [a, d, b, c]
    queue.move(a, before=c)
    assert ids(queue) == [d, b, a, c]
    queue.move(d, before=None)
    assert ids(queue) == [b, a, c, d]
    queue.move_to_front(c)
    assert ids(queue) == [c, b, a, d]
    queue.move(b, before=b)
    assert ids(queue) == [c, b, a, d]
    queue.set_urgency(d, FOREGROUND)
    assert ids(queue) == [d, c, b, a]
    with pytest.raises(StoreError, match="job 1 is background and job 4 is foreground: give them"):
        queue.move(a, before=d)
    queue.set_urgency(c, FOREGROUND)
    assert ids(queue) == [d, c, b, a]
    queue.set_urgency(c, FOREGROUND)
    assert ids(queue) == [d, c, b, a]


def test_moving_often_between_two_jobs_loses_no_precision(queue):
    a, b, c = (queue.add(TASK) for _ in range(3))
    for _ in range(60):
        queue.move(c, before=b)
        queue.move(b, before=c)
    assert ids(queue) == [a, b, c]


VERBS = {
    "pause": dict.fromkeys((State.WAITING, State.INTERRUPTED, State.PAUSED), State.PAUSED),
    "resume": dict.fromkeys((State.PAUSED, State.INTERRUPTED, State.WAITING), State.WAITING),
    "cancel": dict.fromkeys(
        (State.WAITING, State.PAUSED, State.INTERRUPTED, State.CANCELLED), State.CANCELLED
    ),
    "retry": dict.fromkeys((State.FAILED, State.CANCELLED), State.WAITING),
}
PARTICIPLES = {
    "pause": "paused",
    "resume": "resumed",
    "cancel": "cancelled",
    "retry": "retried",
    "remove": "removed",
}
ASKS = {"pause": Request.PAUSE, "resume": Request.NONE, "cancel": Request.CANCEL}


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("verb", [*VERBS, "remove"])
def test_every_verb_in_every_state(put, queue, verb, state):
    other = queue.add(TASK)
    number = put(queue, state)
    before = queue.job(number)
    say = getattr(queue, verb)
    if verb == "remove" and state is not State.RUNNING:
        say(number)
        assert ids(queue) == [other]
    elif state is State.RUNNING and verb in ASKS:
        say(number)
        assert queue.job(number) == replace(before, request=ASKS[verb])
        assert queue.report(number) is ASKS[verb]
    elif state in VERBS.get(verb, {}):
        say(number)
        job = queue.job(number)
        assert (job.state, job.request) == (VERBS[verb][state], Request.NONE)
        assert (job.ended is None) == (job.state not in ENDED)
    else:
        said = rf"job {number} is {state} and cannot be {PARTICIPLES[verb]}: \w+"
        with pytest.raises(StoreError, match=said):
            say(number)
        assert queue.job(number) == before
    assert queue.job(other).state is State.WAITING


@pytest.mark.parametrize("state", list(State))
def test_only_jobs_that_have_not_ended_have_a_place(put, queue, state):
    other = queue.add(TASK, FOREGROUND)
    queue.set_urgency(other, BACKGROUND)
    number = put(queue, state)
    queue.set_urgency(other, FOREGROUND)
    moves = [
        lambda: queue.move(number, before=other),
        lambda: queue.move(other, before=number),
        lambda: queue.move(number, before=None),
        lambda: queue.move_to_front(number),
        lambda: queue.set_urgency(number, BACKGROUND),
    ]
    before = queue.jobs()
    for move in moves:
        if state in ENDED:
            with pytest.raises(StoreError, match=rf"job {number} is {state} and cannot be "):
                move()
            assert queue.jobs() == before
        else:
            move()
    if state not in ENDED:
        assert queue.job(number).urgency is BACKGROUND


def test_a_job_that_is_not_there_is_said(queue):
    for say in (queue.job, queue.pause, queue.resume, queue.cancel, queue.retry, queue.remove,
                queue.move_to_front, lambda n: queue.move(n, None)):  # fmt: skip
        for number in (1, 0, -5, 10**25):
            with pytest.raises(StoreError, match=f"there is no job {number}: see"):
                say(number)
    with pytest.raises(StoreError, match="there is no job 7"):
        queue.move(queue.add(TASK), before=7)


@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_a_cancel_that_was_asked_for_is_not_taken_back(put, queue, verb):
    number = put(queue, State.RUNNING)
    queue.pause(number)
    queue.cancel(number)
    with pytest.raises(StoreError, match="is being cancelled"):
        getattr(queue, verb)(number)
    queue.pause_all()
    queue.resume_all()
    assert queue.report(number) is Request.CANCEL


def test_pausing_all(put, queue):
    running, waiting, paused = put(queue, State.RUNNING), queue.add(TASK), put(queue, State.PAUSED)
    interrupted = put(queue, State.INTERRUPTED)
    queue.pause_all()
    assert queue.all_paused()
    assert queue.claim() is None
    assert queue.report(running) is Request.PAUSE
    queue.stop(running)
    assert queue.job(running).state is State.PAUSED
    assert queue.add(TASK) and queue.claim() is None  # noqa: PT018
    queue.resume_all()
    assert not queue.all_paused()
    assert states(queue)[interrupted] is State.INTERRUPTED
    assert {states(queue)[each] for each in (running, waiting, paused)} == {State.WAITING}
    assert queue.claim().id == paused


def test_resuming_all_takes_back_what_was_asked(put, queue):
    number = put(queue, State.RUNNING)
    queue.pause_all()
    queue.resume_all()
    assert queue.report(number) is Request.NONE
    assert queue.job(number).state is State.RUNNING


def test_clearing_keeps_what_failed_and_what_is_to_be_done(put, queue):
    numbers = {state: put(queue, state) for state in (*ENDED, State.PAUSED, State.INTERRUPTED)}
    assert queue.clear_finished() == 2
    kept = {State.FAILED, State.PAUSED, State.INTERRUPTED}
    assert set(ids(queue)) == {numbers[state] for state in kept}
    assert queue.clear_finished() == 0

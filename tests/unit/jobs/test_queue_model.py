"""The queue against a plain list: any sequence of calls leaves the same jobs in the same order."""

from __future__ import annotations

import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from imvar_studio.jobs.events import Failed, Finished
from imvar_studio.jobs.queue import Queue
from imvar_studio.jobs.queued import Urgency
from imvar_studio.jobs.tasks import FilmTask
from imvar_studio.model.errors import StoreError
from imvar_studio.model.project import FilmWork
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.specs import FilmSpec

TASK = FilmTask("/p/owls.imvar", FilmSpec(FilmWork("film"), ModelRef("m", "ab" * 32)), "m")
ENDED = ("finished", "failed", "cancelled")
OPEN = ("waiting", "paused", "interrupted")
# verb -> from which states, to which; what a running job is asked
VERBS = {
    "pause": (OPEN[:1] + OPEN[1:], "paused", "pause"),
    "resume": (OPEN, "waiting", ""),
    "cancel": ((*OPEN, "cancelled"), "cancelled", "cancel"),
    "retry": (("failed", "cancelled"), "waiting", None),
}
IDS = st.integers(1, 9)
URGENCIES = st.sampled_from(Urgency)


class QueueAgainstList(RuleBasedStateMachine):
    """`order` is the list; `jobs` has each one's urgency, state and request."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "queue.db"
        self.queue = Queue(self.path)
        self.order, self.jobs, self.last, self.paused = [], {}, 0, False

    def teardown(self):
        self.queue.close()
        self.folder.cleanup()

    def attempt(self, allowed, call, *args):
        """Make a call that must work, or must be refused."""
        if not allowed:
            with pytest.raises(StoreError):
                call(*args)
        else:
            call(*args)
        return allowed

    def is_active(self, number):
        return number in self.jobs and self.jobs[number][1] not in ENDED

    def put(self, number, place):
        if number in self.order:
            self.order.remove(number)
        self.order.insert(place if place is not None else len(self.order), number)

    @rule(urgency=URGENCIES, front=st.booleans())
    def add(self, urgency, front):
        self.last += 1
        assert self.queue.add(TASK, urgency, at_front=front) == self.last
        self.jobs[self.last] = [urgency, "waiting", ""]
        self.put(self.last, 0 if front else None)

    @rule(number=IDS, before=st.none() | IDS)
    def move(self, number, before):
        allowed = self.is_active(number)
        if before is not None:
            same = allowed and self.is_active(before)
            allowed = same and self.jobs[number][0] == self.jobs[before][0]
        if self.attempt(allowed, self.queue.move, number, before) and number != before:
            self.order.remove(number)
            self.put(number, None if before is None else self.order.index(before))

    @rule(number=IDS)
    def to_front(self, number):
        if self.attempt(self.is_active(number), self.queue.move_to_front, number):
            self.put(number, 0)

    @rule(number=IDS, urgency=URGENCIES)
    def make_urgent(self, number, urgency):
        allowed = self.is_active(number)
        self.attempt(allowed, self.queue.set_urgency, number, urgency)
        if allowed and self.jobs[number][0] != urgency:
            self.jobs[number][0] = urgency
            self.put(number, None)

    @rule(number=IDS, verb=st.sampled_from(list(VERBS)))
    def say(self, number, verb):
        states, state, request = VERBS[verb]
        _, before, asked = self.jobs.get(number, (None, "", ""))
        running = before == "running"
        allowed = before in states or (
            running and request is not None and (asked != "cancel" or request == "cancel")
        )
        if self.attempt(allowed, getattr(self.queue, verb), number):
            self.jobs[number][1:] = ["running", request] if running else [state, ""]
            if verb == "retry":
                self.put(number, None)

    @rule(number=IDS)
    def remove(self, number):
        allowed = number in self.jobs and self.jobs[number][1] != "running"
        if self.attempt(allowed, self.queue.remove, number):
            del self.jobs[number]
            self.order.remove(number)

    @rule()
    def clear(self):
        self.queue.clear_finished()
        self.order = [n for n in self.order if self.jobs[n][1] not in ("finished", "cancelled")]
        self.jobs = {number: self.jobs[number] for number in self.order}

    @rule()
    def pause_all(self):
        self.queue.pause_all()
        self.paused = True
        for job in self.jobs.values():
            if job[1] == "running" and job[2] != "cancel":
                job[2] = "pause"

    @rule()
    def resume_all(self):
        self.queue.resume_all()
        self.paused = False
        for job in self.jobs.values():
            job[1] = "waiting" if job[1] == "paused" else job[1]
            job[2] = "" if job[2] == "pause" else job[2]

    @rule()
    def claim(self):
        waiting = [number for number in self.order if self.jobs[number][1] == "waiting"]
        waiting.sort(key=lambda number: self.jobs[number][0])  # stable
        wanted = waiting[0] if waiting and not self.paused else None
        job = self.queue.claim()
        assert (job and job.id) == wanted
        if wanted is not None:
            self.jobs[wanted][1] = "running"

    @rule(number=IDS, how=st.sampled_from(["finish", "fail", "stop", "requeue"]))
    def end(self, number, how):
        _, state, request = self.jobs.get(number, (None, "", ""))
        call, otherwise = {
            "finish": (lambda: self.queue.finish(number, Finished(())), "finished"),
            "fail": (lambda: self.queue.fail(number, Failed("user", "no")), "failed"),
            "stop": (lambda: self.queue.stop(number), "interrupted"),
            "requeue": (lambda: self.queue.requeue(number), "waiting"),
        }[how]
        if state == "interrupted":
            return  # its owner may go on, see test_queue
        if self.attempt(state == "running", call):
            asked = {"pause": "paused", "cancel": "cancelled"} if how in ("stop", "requeue") else {}
            self.jobs[number][1:] = [asked.get(request, otherwise), ""]

    @rule()
    def open_again(self):
        self.queue.close()
        self.queue = Queue(self.path)

    @invariant()
    def both_are_the_same(self):
        found = self.queue.jobs()
        assert {job.id: [job.urgency, job.state, job.request] for job in found} == self.jobs
        active = [number for number in self.order if self.jobs[number][1] not in ENDED]
        active.sort(key=lambda number: self.jobs[number][0])
        assert [job.id for job in found if not job.has_ended] == active
        assert self.queue.all_paused() == self.paused


TestQueueAgainstList = QueueAgainstList.TestCase
TestQueueAgainstList.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)

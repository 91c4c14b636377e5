"""The worker's desk: what it is told, and what of it still counts."""

from __future__ import annotations

import threading

import pytest

from imvar_studio.jobs.wire import Cancel, Quit, Run, Yield
from imvar_studio.worker.desk import Desk
from tests.unit.jobs.fake_workers import task


def run(job: str, *, urgent: bool = False) -> Run:
    return Run(job, task("film 1"), urgent)


def test_jobs_come_in_turn_and_urgent_ones_first():
    desk = Desk()
    for each in (run("a"), run("b"), run("c", urgent=True), run("d", urgent=True)):
        assert desk.hear(each) == ()
    found = [desk.next_urgent(), desk.next(), desk.next_urgent(), desk.next(), desk.next()]
    assert [each and each.job for each in found] == ["c", "d", None, "a", "b"]


@pytest.mark.parametrize("word", [Cancel("a"), Yield("a")])
def test_a_word_to_a_job_that_is_not_here_means_nothing_to_a_later_one(word):
    """It came too late for one of that name, which is given again."""
    desk = Desk()
    assert desk.hear(word) == ()
    desk.hear(run("a"))
    assert desk.next() == run("a")
    assert not desk.stops("a")
    assert not desk.yields("a")
    desk.hear(word)
    assert (desk.stops("a"), desk.yields("a")) == (word == Cancel("a"), word == Yield("a"))
    desk.forget("a")
    assert not desk.stops("a")
    assert not desk.yields("a")


@pytest.mark.parametrize("word", [Cancel("a"), Yield("a")])
def test_a_job_that_has_not_begun_is_dropped(word):
    desk = Desk()
    desk.hear(run("a"))
    desk.hear(run("b"))
    assert desk.hear(word) == ("a",)
    assert desk.next() == run("b")


def test_after_quit_everything_stops():
    desk = Desk()
    desk.hear(run("a"))
    desk.hear(run("b"))
    assert desk.next() == run("a")
    desk.hear(Quit())
    assert desk.stops("a")
    assert desk.next() is None


@pytest.mark.parametrize(
    ("word", "ready"), [(None, True), (Cancel("a"), False), (Yield("a"), False)]
)
def test_a_job_waits_until_the_worker_is_loaded_or_it_is_to_stop(word, ready):
    desk, loaded = Desk(), threading.Event()
    desk.hear(run("a"))
    desk.next()
    answers: list[bool] = []
    waiting = threading.Thread(target=lambda: answers.append(desk.wait("a", loaded)))
    waiting.start()
    if word is None:
        loaded.set()
        desk.rouse()
    else:
        desk.hear(word)
    waiting.join(60)
    assert answers == [ready]

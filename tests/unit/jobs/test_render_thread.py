"""The render thread with a real queue and fake workers: what runs when, and what is not lost."""

from __future__ import annotations

import queue
import socket
import sqlite3
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from imvar_studio.jobs.events import Failed, Finished, Made, Note, Progress, Stopped
from imvar_studio.jobs.queue import Queue
from imvar_studio.jobs.queued import Owner, Request, State, Urgency
from imvar_studio.jobs.render_events import Idle, Running, SetAside, Started, key_of, number_of
from imvar_studio.jobs.render_thread import Options, RenderThread
from imvar_studio.jobs.worker_client import Limits
from imvar_studio.model.errors import DiskFullError, StoreError
from tests.unit.jobs import fake_workers as fakes
from tests.unit.jobs.conftest import claim_as

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
LONGEST = 60.0  # seconds any test waits for what must come
LIMITS = Limits(hang=LONGEST, start=LONGEST, stop=LONGEST, beat=0.05)
QUICK = Limits(hang=1.0, start=LONGEST, stop=0.3, beat=0.05)
SIGSTOP, SIGKILL, SIGSEGV = 19, 9, 11


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Queue]:
    """The queue, as the test sees it."""
    with Queue(tmp_path / "queue.db") as found:
        yield found


class Watched:
    """A render thread, and all that it has told."""

    def __init__(self, entry: Any, open_queue: Any, options: Options) -> None:
        self._inbox: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self.told: list[tuple[str, Any]] = []
        self.thread = RenderThread(
            entry, open_queue, lambda key, what: self._inbox.put((key, what)), options
        )

    def until(self, key: str, wanted: Any) -> Any:
        """Wait for a type, or for a value, of a job; what was told before is passed over."""
        while True:
            try:
                found = self._inbox.get(timeout=LONGEST)
            except queue.Empty:
                pytest.fail(f"only {self.told}")
            self.told.append(found)
            of_kind = isinstance(wanted, type) and isinstance(found[1], wanted)
            if found[0] == key and (of_kind or found[1] == wanted):
                return found[1]

    def close(self) -> None:
        assert self.thread.close(LONGEST)
        while not self._inbox.empty():
            self.told.append(self._inbox.get())

    def of(self, *kinds: type[Any]) -> list[tuple[str, Any]]:
        return [each for each in self.told if isinstance(each[1], kinds)]


@pytest.fixture
def render(tmp_path: Path) -> Iterator[Callable[..., Watched]]:
    made: list[Watched] = []

    def begin(
        entry: Any = fakes.main,
        open_queue: Any = lambda: Queue(tmp_path / "queue.db", check=False),
        **options: Any,
    ) -> Watched:
        made.append(Watched(entry, open_queue, Options(**({"limits": LIMITS} | options))))
        made[-1].thread.start()
        return made[-1]

    yield begin
    for each in made:
        each.thread.close(LONGEST)


def test_keys_name_the_queues_jobs():
    assert key_of(7) == "job-7"
    assert [number_of(key) for key in ("job-7", "now-7", "7", "job-x", "")] == [
        7, None, None, None, None,
    ]  # fmt: skip


def test_jobs_of_the_queue_run_in_its_order(render, jobs):
    for words in ("film 2", "film 1"):
        jobs.add(fakes.task(words, "/a"))
    front = jobs.add(fakes.task("film 3", "/a"), at_front=True)
    watched = render()
    watched.until("", Idle)
    assert [key for key, _ in watched.of(Started)] == [key_of(front), "job-1", "job-2"]
    assert watched.of(Started)[0] == ("job-3", Started("Film of a", 3))
    assert watched.of(Finished)[1] == ("job-1", Finished(("film 2",), "done"))
    own = [what for key, what in watched.told if key == "job-1" and not isinstance(what, Progress)]
    assert own == [
        Started("Film of a", 1), Made("0" * 64, "0"), Made("0" * 63 + "1", "1"),
        Finished(("film 2",), "done"),
    ]  # fmt: skip
    assert {job.state for job in jobs.jobs()} == {State.FINISHED}
    assert jobs.job(1).outputs == ("film 2",)
    assert jobs.job(1).attempts == 1


def test_a_job_that_fails_does_not_stop_the_next(render, jobs):
    for words in ("raises user", "raises fault", "film 1"):
        jobs.add(fakes.task(words))
    watched = render()
    watched.until("", Idle)
    assert [jobs.job(number).state for number in (1, 2, 3)] == [
        State.FAILED, State.FAILED, State.FINISHED,
    ]  # fmt: skip
    assert (jobs.job(1).message, jobs.job(1).remedy) == ("the size is odd", "make it even")
    assert watched.of(Failed)[0] == ("job-1", Failed("user", "the size is odd", "make it even"))
    # what the user has to put right would be no better a second time
    assert Counter(key for key, _ in watched.of(Started)) == {"job-1": 1, "job-2": 1, "job-3": 1}


@pytest.mark.parametrize("number", [SIGKILL, SIGSEGV, SIGSTOP])
def test_a_job_whose_worker_ended_is_tried_once_more(render, jobs, tmp_path, number):
    jobs.add(fakes.task(f"die {number} 1", tmp_path))
    watched = render(limits=QUICK)
    assert watched.until("job-1", Finished) == Finished((), "survived")
    (note,) = watched.of(Note)
    assert note[1].text.endswith(" It is tried again from there.")
    assert note[1].text.startswith({
        SIGKILL: "The system ended the render process, probably for want of memory.",
        SIGSEGV: "The render process crashed (SIGSEGV).",
        SIGSTOP: "The render process gave no sign of life for 1 s.",
    }[number])  # fmt: skip
    assert len(watched.of(Started)) == 1
    assert jobs.job(1).state is State.FINISHED


def test_a_job_that_ends_every_worker_fails_and_the_queue_goes_on(render, jobs, tmp_path):
    jobs.add(fakes.task("die 9", tmp_path))
    jobs.add(fakes.task("film 1"))
    watched = render()
    watched.until("", Idle)
    assert len(list(tmp_path.glob("died-*"))) == 2
    assert [jobs.job(number).state for number in (1, 2)] == [State.FAILED, State.FINISHED]
    assert jobs.job(1).message == (
        "the system ended the render process, probably for want of memory"
    )
    assert jobs.job(1).remedy == "choose a smaller batch or size, or close other programs"
    assert watched.of(Failed)[0][1].cause == "memory"


def test_a_job_that_died_with_a_program_before_has_no_more_tries(render, jobs, tmp_path):
    jobs.add(fakes.task("die 9", tmp_path))
    claim_as(gone_owner(), jobs)
    watched = render(auto=True)
    watched.until("job-1", Failed)
    assert len(list(tmp_path.glob("died-*"))) == 1
    assert jobs.job(1).attempts == 2


def gone_owner() -> Owner:
    """A process that has ended."""
    return Owner(socket.gethostname(), psutil.Process().pid, 1.0)


def test_jobs_of_a_program_that_died_are_named_and_left_alone(render, jobs):
    jobs.add(fakes.task("film 1"))
    claim_as(gone_owner(), jobs)
    watched = render()
    watched.until("job-1", SetAside(State.INTERRUPTED))
    watched.until("", Idle)
    assert watched.of(Started) == []
    assert jobs.job(1).state is State.INTERRUPTED


def test_jobs_of_a_program_that_died_go_on_where_that_is_wished(render, jobs):
    jobs.add(fakes.task("film 1"))
    claim_as(gone_owner(), jobs)
    watched = render(auto=True)
    watched.until("job-1", Finished)
    assert watched.of(SetAside) == []


def test_an_interactive_task_is_done_inside_of_a_running_job(render, jobs):
    jobs.add(fakes.task("film 2 forever", "/a"))
    watched = render()
    watched.until("job-1", Made)
    key = watched.thread.submit(fakes.task("film 1", "/b"))
    assert key == "now-1"
    watched.until(key, Finished(("film 1",), "done"))
    assert watched.told[-1][0] == key
    begin = watched.told.index((key, Started("Film of b", None)))
    assert {each[0] for each in watched.told[begin:]} == {key}
    watched.until("job-1", Progress)
    assert jobs.job(1).state is State.RUNNING
    assert len(watched.of(Started)) == 2


def test_interactive_tasks_need_no_queue(render):
    watched = render(open_queue=None)
    keys = [watched.thread.submit(fakes.task(words)) for words in ("film 1", "raises user")]
    watched.until(keys[1], Failed)
    assert [key for key, _ in watched.of(Finished, Failed)] == keys == ["now-1", "now-2"]


def test_an_interactive_task_that_ends_the_worker_costs_the_job_around_it_nothing(
    render, jobs, tmp_path
):
    jobs.add(fakes.task("film 1 forever"))
    watched = render()
    for _ in range(2):
        watched.until("job-1", Made)
        key = watched.thread.submit(fakes.task("die 9", tmp_path))
        watched.until(key, Failed)
        # on its second try, it had ended two workers, and the film had begun anew each time
    watched.until("job-1", Made)
    assert jobs.job(1).state is State.RUNNING
    assert len(list(tmp_path.glob("died-*"))) == 4


def test_a_cancelled_interactive_task_stops(render, jobs):
    watched = render()
    key = watched.thread.submit(fakes.task("film 3 forever"))
    watched.until(key, Made(f"{2:064}", "2"))
    watched.thread.cancel(key)
    watched.until(key, Stopped(3, 3))
    jobs.add(fakes.task("film 1"))
    watched.until("job-1", Finished)


def test_a_background_job_gives_way_to_a_foreground_job(render, jobs):
    jobs.add(fakes.task("film 1 forever"))
    watched = render()
    watched.until("job-1", Made)
    jobs.add(fakes.task("film 2"), Urgency.FOREGROUND)
    watched.until("job-1", SetAside(State.WAITING))
    watched.until("job-2", Finished)
    watched.until("job-1", Made)
    assert [key for key, _ in watched.of(Started)] == ["job-1", "job-2", "job-1"]
    assert jobs.job(1).attempts == 1
    # and to none of its own kind
    jobs.add(fakes.task("film 1"))
    watched.until("job-1", Progress)
    assert [key for key, _ in watched.of(SetAside)] == ["job-1"]


def test_what_other_programs_ask_of_a_running_job_is_done(render, jobs):
    jobs.add(fakes.task("film 2 forever"))
    watched = render()
    watched.until("job-1", Made(f"{1:064}", "1"))
    jobs.pause(1)
    watched.until("job-1", SetAside(State.PAUSED))
    job = jobs.job(1)
    assert (job.state, job.request, job.pictures, job.of) == (State.PAUSED, Request.NONE, 2, 2)
    jobs.resume(1)
    watched.until("job-1", Started)
    watched.until("job-1", Made(f"{1:064}", "1"))
    jobs.cancel(1)
    assert watched.until("job-1", Stopped) == Stopped(2, 2)
    assert jobs.job(1).state is State.CANCELLED


def test_pausing_the_whole_queue_stops_what_runs(render, jobs):
    jobs.add(fakes.task("film 1 forever"))
    jobs.add(fakes.task("film 1"))
    watched = render()
    watched.until("job-1", Made)
    jobs.pause_all()
    watched.until("job-1", SetAside(State.PAUSED))
    watched.until("", Idle)
    jobs.cancel(1)
    jobs.resume_all()
    watched.until("job-2", Finished)


def test_a_job_of_the_queue_is_cancelled_by_its_key(render, jobs):
    jobs.add(fakes.task("film 1 forever"))
    jobs.add(fakes.task("film 1"))
    watched = render()
    watched.until("job-1", Made)
    watched.thread.cancel("job-2")
    watched.thread.cancel("job-1")
    watched.until("job-1", Stopped(1, 1))
    watched.until("", Idle)
    assert [jobs.job(number).state for number in (1, 2)] == [State.CANCELLED] * 2
    assert [key for key, _ in watched.of(Started)] == ["job-1"]


def test_a_paused_thread_starts_no_job_and_does_what_is_interactive(render, jobs):
    jobs.add(fakes.task("film 1 forever"))
    watched = render()
    watched.until("job-1", Made)
    watched.thread.pause()
    watched.until("job-1", SetAside(State.WAITING))
    watched.until(watched.thread.submit(fakes.task("film 1")), Finished)
    assert jobs.job(1).state is State.WAITING
    assert len(watched.of(Started)) == 2
    watched.thread.resume()
    watched.until("job-1", Started)


def workers() -> list[psutil.Process]:
    children = psutil.Process().children()
    return [each for each in children if "spawn_main" in " ".join(each.cmdline())]


@pytest.mark.parametrize("early", [True, False])
def test_the_worker_is_started_before_it_is_needed_where_that_is_wished(render, jobs, early):
    render(early=early).until("", Idle)
    assert len(workers()) == early


@pytest.mark.parametrize(("words", "limits"), [("film 2 forever", LIMITS), ("deaf", QUICK)])
def test_closing_puts_the_running_job_back_and_leaves_no_worker(render, jobs, words, limits):
    jobs.add(fakes.task(words))
    watched = render(limits=limits)
    watched.until("job-1", Progress)
    (worker,) = workers()
    key = watched.thread.submit(fakes.task("deaf"))
    watched.close()
    assert not worker.is_running()
    job = jobs.job(1)
    assert (job.state, job.attempts) == (State.WAITING, 0)
    assert watched.of(SetAside) == [("job-1", SetAside(State.WAITING))]
    assert [each for each in watched.of(Stopped) if each[0] == key] == watched.of(Stopped)
    assert len(watched.of(Stopped)) == 1


def test_a_job_that_stops_unasked_is_left_to_the_user(render, jobs):
    """And not begun again and again."""
    jobs.add(fakes.task("raises cancelled"))
    watched = render()
    watched.until("job-1", SetAside(State.INTERRUPTED))
    watched.until("", Idle)
    assert jobs.job(1).state is State.INTERRUPTED


class Grumpy:
    """A queue whose disk is full, so many times."""

    def __init__(self, path: Path, failures: Counter[str]) -> None:
        self._queue = Queue(path, check=False)
        self._failures = failures

    def __getattr__(self, name: str) -> Any:
        if self._failures[name] > 0:
            self._failures[name] -= 1
            raise DiskFullError(f"cannot {name}, the disk is full")
        return getattr(self._queue, name)


@pytest.mark.parametrize("verb", ["claim", "finish", "revision", "sweep", "report"])
def test_a_queue_on_a_full_disk_is_tried_again(render, jobs, tmp_path, monkeypatch, caplog, verb):
    monkeypatch.setattr("imvar_studio.jobs.queue_side._RETRY_AFTER", 0.05)
    jobs.add(fakes.task("film 1"))
    jobs.add(fakes.task("film 1"))
    failures = Counter({verb: 2})
    watched = render(open_queue=lambda: Grumpy(tmp_path / "queue.db", failures))
    watched.until("job-2", Finished)
    watched.close()
    assert failures[verb] == 0
    assert {job.state for job in jobs.jobs()} == {State.FINISHED}
    assert [each.getMessage() for each in caplog.records] == [
        f"the queue: cannot {verb}, the disk is full"
    ]


def test_a_queue_that_cannot_be_opened_is_tried_again(render, jobs, tmp_path, monkeypatch):
    monkeypatch.setattr("imvar_studio.jobs.queue_side._RETRY_AFTER", 0.05)
    jobs.add(fakes.task("film 1"))
    left = [StoreError("it is locked"), StoreError("it is locked")]

    def opened() -> Queue:
        if left:
            raise left.pop()
        return Queue(tmp_path / "queue.db", check=False)

    watched = render(open_queue=opened)
    watched.until("job-1", Finished)


def test_a_job_that_was_taken_away_stops_and_is_not_written_over(render, jobs):
    """As after a rescue of the queue, or where a machine slept and another took it for dead."""
    jobs.add(fakes.task("film 1 forever"))
    jobs.add(fakes.task("film 1"))
    watched = render()
    watched.until("job-1", Made)
    row = jobs._db.row(1)
    with jobs._db.change():
        jobs._db.save(type(row)(**{n: getattr(row, n) for n in row.__slots__} | {"pid": 1}))
    watched.until("job-2", Finished)
    assert jobs.job(1).owner.pid == 1
    assert jobs.job(1).state is State.RUNNING


def test_a_listener_that_fails_stops_nothing(jobs, tmp_path, caplog):
    told: queue.SimpleQueue[Any] = queue.SimpleQueue()
    jobs.add(fakes.task("film 1"))

    def listener(key: str, what: Any) -> None:
        told.put(what)
        raise KeyError(key)

    thread = RenderThread(
        fakes.main, lambda: Queue(tmp_path / "queue.db", check=False), listener,
        Options(limits=LIMITS),
    )  # fmt: skip
    thread.start()
    while not isinstance(told.get(timeout=LONGEST), Idle):
        pass
    assert thread.close(LONGEST)
    assert jobs.job(1).state is State.FINISHED
    assert "a listener of the render thread failed" in caplog.messages


def test_two_threads_share_a_queue(render, jobs):
    for _ in range(6):
        jobs.add(fakes.task("film 2"))
    both = [render(), render()]
    for each in both:
        each.until("", Idle)
    done = Counter(key for each in both for key, _ in each.of(Finished))
    assert done == {key_of(number): 1 for number in range(1, 7)}
    assert {job.state for job in jobs.jobs()} == {State.FINISHED}


def test_a_worker_that_does_not_start_fails_the_job(render, jobs):
    jobs.add(fakes.task("film 1"))
    watched = render(fakes.ends_at_once)
    end = watched.until("job-1", Failed)
    assert (end.cause, end.message) == ("crash", "the render process ended with exit code 3")
    assert jobs.job(1).state is State.FAILED


class Closed:
    """A queue that is broken in a way nobody has thought of."""

    def __getattr__(self, name: str) -> Any:
        raise sqlite3.ProgrammingError("Cannot operate on a closed database.")


def test_a_fault_of_the_queue_keeps_nothing_from_being_heard(render, caplog):
    watched = render(open_queue=Closed)
    key = watched.thread.submit(fakes.task("film 1"))
    watched.until(key, Finished)
    assert len(caplog.records) < 100
    watched.close()
    assert set(caplog.messages) == {"a fault of the render thread"}


def test_a_job_is_put_back_where_the_program_ends_while_its_model_loads(render, jobs):
    jobs.add(fakes.task("deaf loading"))
    watched = render()
    watched.until("job-1", Progress)
    watched.close()
    assert (jobs.job(1).state, jobs.job(1).attempts) == (State.WAITING, 0)
    assert watched.of(SetAside) == [("job-1", SetAside(State.WAITING))]


def test_an_interactive_task_hears_its_end_where_the_program_ends_while_its_model_loads(render):
    watched = render(open_queue=None)
    key = watched.thread.submit(fakes.task("deaf loading"))
    watched.until(key, Progress)
    watched.close()
    assert watched.of(Stopped) == [(key, Stopped(1, 4))]


def test_a_job_whose_worker_crashes_while_the_program_ends_waits(jobs, tmp_path):
    number, told = jobs.add(fakes.task("film 1")), []
    thread = RenderThread(
        fakes.main, lambda: Queue(tmp_path / "queue.db", check=False),
        lambda *what: told.append(what),
    )  # fmt: skip
    job = jobs.claim()
    thread._running[key_of(number)] = running = Running(job.task, job.title, number)
    assert thread.close()
    thread._lost(key_of(number), running, Failed("crash", "it crashed"), guilty=True)
    thread._queue.close()
    assert told == [("job-1", SetAside(State.WAITING))]
    assert jobs.job(number).state is State.WAITING


def test_a_worker_that_the_system_does_not_start_fails_the_job(render, jobs, monkeypatch):
    def refuse(*_: Any) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("imvar_studio.jobs.worker_client.Link", refuse)
    jobs.add(fakes.task("film 1"))
    watched = render()
    assert watched.until("job-1", Failed) == Failed(
        "crash",
        "the render process cannot be started (can't start new thread)",
        "close other programs and try again",
    )
    assert jobs.job(1).state is State.FAILED
    assert watched.thread.is_alive

"""The worker's client with workers that do as they are told, that crash, hang and lie."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from imvar_studio.jobs.events import Failed, Finished, Made, Note, Preview, Progress, Stopped
from imvar_studio.jobs.wire import Began, Ended, Said
from imvar_studio.jobs.worker_client import Limits, Lost, WorkerClient
from tests.unit.jobs import fake_workers as fakes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imvar_studio.jobs.worker_client import News

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
LONGEST = 60.0  # seconds any test waits for what must come
QUICK = Limits(hang=1.0, start=LONGEST, stop=0.3, beat=0.05)
PATIENT = Limits(hang=LONGEST, start=LONGEST, stop=LONGEST, beat=0.05)


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


class Watched:
    """A client, all it has told so far, and waiting for more."""

    def __init__(self, client: WorkerClient) -> None:
        self.client = client
        self.told: list[News] = []
        self._looked = 0

    def until(self, wanted: Callable[[News], bool]) -> News:
        """Return the first wanted of the news not looked at before, waiting for it."""
        for _ in range(int(LONGEST / 0.1)):
            while self._looked < len(self.told):
                self._looked += 1
                if wanted(self.told[self._looked - 1]):
                    return self.told[self._looked - 1]
            self.told += self.client.wait(0.1)
        pytest.fail(f"only {self.told}")

    def end(self, job: str) -> News:
        return self.until(lambda each: isinstance(each, (Ended, Lost)) and each.job == job)

    def says(self, job: str, kind: type[Any]) -> Any:
        found = self.until(
            lambda each: isinstance(each, Said) and each.job == job and isinstance(each.event, kind)
        )
        return found.event

    def events(self, kind: type[Any]) -> list[Any]:
        return [
            each.event
            for each in self.told
            if isinstance(each, Said) and isinstance(each.event, kind)
        ]


@pytest.fixture
def watch() -> Iterator[Callable[..., Watched]]:
    clients: list[WorkerClient] = []

    def make(entry: Any = fakes.main, limits: Limits = PATIENT, **options: Any) -> Watched:
        clients.append(WorkerClient(entry, limits=limits, **options))
        return Watched(clients[-1])

    yield make
    for client in clients:
        client.close()


def is_gone(pid: int) -> bool:
    """Whether a process has ended, or does so presently; not whether it was collected."""
    try:
        psutil.Process(pid).wait(LONGEST)
    except psutil.NoSuchProcess:
        return True
    return True


def test_a_job_begins_reports_and_ends(watch):
    worker = watch()
    worker.client.run("7", fakes.task("film 2"))
    assert worker.end("7") == Ended("7", Finished(("film 2",), "done"))
    told = [each for each in worker.told if not isinstance(getattr(each, "event", 0), Progress)]
    assert told == [
        Began("7"), Said("7", Made("0" * 64, "0")), Said("7", Made("0" * 63 + "1", "1")),
        Ended("7", Finished(("film 2",), "done")),
    ]  # fmt: skip
    assert worker.client.jobs == ()


def test_one_worker_does_one_job_after_the_other(watch):
    worker = watch()
    worker.client.start()
    pid = worker.client.pid
    for job in "abc":
        worker.client.run(job, fakes.task("film 1"))
    worker.end("c")
    kinds = [(type(each), each.job) for each in worker.told if isinstance(each, (Began, Ended))]
    assert kinds == [(kind, job) for job in "abc" for kind in (Began, Ended)]
    assert worker.client.pid == pid


@pytest.mark.parametrize(
    ("what", "end"),
    [("user", Failed("user", "the size is odd", "make it even")),
     ("memory", Failed("memory", "the memory is too small", "buy more")),
     ("torch", Failed("memory", "the memory does not hold the job",
                      "choose a smaller batch or size, or close other programs")),
     ("fault", Failed("fault", "a fault of the program stopped the job, "
                      "the details are in the-log")),
     ("cancelled", Stopped(0, 0))],
)  # fmt: skip
def test_what_a_job_raises_is_told(watch, home, what, end):
    worker = watch()
    worker.client.run("7", fakes.task(f"raises {what}"))
    assert worker.end("7") == Ended("7", end)
    log = (home / "logs" / "worker.log").read_text() if what in ("fault", "torch") else ""
    assert ("KeyError" in log) == (what == "fault")
    assert "teapot" not in log
    assert " after " in (home / "logs" / "jobs" / "7.log").read_text()
    worker.client.run("8", fakes.task("film 1"))
    assert worker.end("8") == Ended("8", Finished(("film 1",), "done"))


def test_a_cancelled_job_stops_and_keeps_the_worker(watch):
    worker = watch()
    worker.client.run("7", fakes.task("film 3 forever"))
    worker.until(lambda each: isinstance(each, Said) and each.event == Made(f"{2:064}", "2"))
    pid = worker.client.pid
    worker.client.cancel("7")
    worker.client.cancel("7")
    assert worker.end("7") == Ended("7", Stopped(3, 3))
    # and of that name a new one can be given, which nobody cancelled
    worker.client.run("7", fakes.task("film 1"))
    assert worker.end("7") == Ended("7", Finished(("film 1",), "done"))
    assert worker.client.pid == pid


def test_a_job_is_cancelled_before_it_begins(watch):
    worker = watch()
    worker.client.run("7", fakes.task("film 1 forever"))
    worker.says("7", Made)
    worker.client.run("8", fakes.task("film 1"))
    worker.client.cancel("8")
    assert worker.end("8") == Ended("8", Stopped(0, 0))
    assert Began("8") not in worker.told
    worker.client.cancel("7")
    worker.end("7")


def test_a_job_is_cancelled_while_the_worker_still_imports(watch):
    worker = watch(fakes.slow_to_load)
    worker.client.run("7", fakes.task("film 1"))
    worker.until(lambda each: each == Began("7"))
    worker.client.cancel("7")
    assert worker.end("7") == Ended("7", Stopped(0, 0))


def test_a_job_that_does_not_listen_is_ended_with_its_worker(watch):
    worker = watch(limits=QUICK)
    worker.client.run("7", fakes.task("deaf"))
    worker.says("7", Progress)
    pid = worker.client.pid
    worker.client.cancel("7")
    assert worker.end("7") == Ended("7", Stopped(1, 4))
    assert is_gone(pid)
    worker.client.run("8", fakes.task("film 1"))
    assert worker.end("8") == Ended("8", Finished(("film 1",), "done"))
    assert worker.client.pid not in (pid, None)


def test_a_worker_that_loads_a_model_is_not_waited_for(watch):
    """With a patience that no test would see the end of."""
    worker = watch(limits=PATIENT)
    worker.client.run("7", fakes.task("deaf loading"))
    worker.says("7", Progress)
    pid = worker.client.pid
    worker.client.cancel("7")
    assert worker.client.poll() == [Ended("7", Stopped(1, 4))]
    assert is_gone(pid)


@pytest.mark.parametrize(
    ("words", "end"),
    [("die 9", Failed("memory", "the system ended the render process, probably for want of "
                      "memory", "choose a smaller batch or size, or close other programs")),
     ("die 11", Failed("crash", "the render process crashed (SIGSEGV)", "try again")),
     ("leave 3", Failed("crash", "the render process ended with exit code 3", "try again")),
     ("leave 0", Failed("crash", "the render process ended with exit code 0", "try again"))],
)  # fmt: skip
def test_a_worker_that_ends_by_itself_is_told_by_how_it_ended(watch, tmp_path, words, end):
    worker = watch()
    worker.client.run("7", fakes.task(words, tmp_path))
    assert worker.end("7") == Lost("7", end, guilty=True)
    assert worker.client.pid is None
    worker.client.run("8", fakes.task("film 1"))
    assert worker.end("8") == Ended("8", Finished(("film 1",), "done"))


def test_a_worker_that_hangs_is_ended(watch):
    worker = watch(limits=QUICK)
    worker.client.run("7", fakes.task("film 1 forever"))
    worker.says("7", Made)
    pid = worker.client.pid
    os.kill(pid, signal.SIGSTOP)
    lost = worker.end("7")
    message = "the render process gave no sign of life for 1 s"
    assert lost == Lost("7", Failed("hang", message, "try again"), guilty=True)
    assert is_gone(pid)
    worker.client.run("8", fakes.task("film 1"))
    assert isinstance(worker.end("8"), Ended)


def test_a_worker_that_hangs_in_the_middle_of_a_message_is_ended(watch):
    """A message larger than the pipe holds, so that its reader has begun and waits."""
    worker = watch(fakes.hangs_in_a_message, limits=Limits(hang=LONGEST, start=1.0))
    worker.client.run("7", fakes.task("film 1"))
    assert worker.end("7").end.cause == "hang"


def test_a_slow_step_is_no_hanging_worker(watch):
    """It beats all the same: several times as long as a worker may be silent."""
    worker = watch(limits=QUICK)
    worker.client.run("7", fakes.task("sleeps 3"))
    assert worker.end("7") == Ended("7", Finished(()))


def test_a_worker_that_never_gets_ready(watch):
    worker = watch(fakes.never_ready, limits=Limits(hang=LONGEST, start=0.5))
    worker.client.run("7", fakes.task("film 1"))
    message = "the render process gave no sign of life for 0.5 s"
    assert worker.end("7") == Lost("7", Failed("hang", message, "try again"), guilty=True)


@pytest.mark.parametrize(
    ("entry", "limits"),
    [("hangs_while_it_imports", Limits(hang=0.3, start=1.0)),
     ("hangs_after_it", Limits(hang=1.0, start=LONGEST))],
)  # fmt: skip
def test_a_worker_may_be_silent_for_longer_while_it_imports(watch, entry, limits):
    worker = watch(getattr(fakes, entry), limits=limits)
    worker.client.run("7", fakes.task("film 1"))
    assert worker.end("7").end.message == "the render process gave no sign of life for 1 s"


class Unstartable(threading.Thread):
    """The system has no more threads after so many."""

    left = 0

    def start(self) -> None:
        if not Unstartable.left:
            raise RuntimeError("can't start new thread")
        Unstartable.left -= 1
        super().start()


@pytest.mark.parametrize("threads", [0, 1])
def test_a_worker_without_threads_to_hear_it_is_ended_and_said(watch, monkeypatch, threads):
    monkeypatch.setattr(Unstartable, "left", threads)
    few = SimpleNamespace(Thread=Unstartable, Event=threading.Event)
    worker = watch()
    with monkeypatch.context() as patch:
        patch.setattr("imvar_studio.jobs.worker_link.threading", few)
        worker.client.run("7", fakes.task("film 1"))
    message = "the render process cannot be started (can't start new thread)"
    end = Failed("crash", message, "close other programs and try again")
    assert worker.client.poll() == [Lost("7", end, guilty=True)]
    assert [
        each for each in psutil.Process().children() if "spawn_main" in str(each.cmdline())
    ] == []
    worker.client.run("8", fakes.task("film 1"))
    assert worker.end("8") == Ended("8", Finished(("film 1",), "done"))


def test_the_end_of_a_worker_is_heard_where_the_system_collects_it(watch):
    """As where the program was started by one that ignores SIGCHLD."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        worker = watch()
        worker.client.run("7", fakes.task("leave 3"))
        end = Failed("crash", "the render process ended", "try again")
        assert worker.end("7") == Lost("7", end, guilty=True)
    finally:
        signal.signal(signal.SIGCHLD, before)


def test_a_worker_that_ends_before_it_is_ready(watch):
    worker = watch(fakes.ends_at_once)
    worker.client.run("7", fakes.task("film 1"))
    message = "the render process ended with exit code 3"
    assert worker.end("7") == Lost("7", Failed("crash", message, "try again"), guilty=True)


@pytest.fixture
def gate(home: Path) -> Path:
    """A pipe; workers that are to fail while they load do so when it is opened for writing."""
    home.mkdir()
    os.mkfifo(home / "gate")
    return home / "gate"


def test_a_worker_that_cannot_load_what_it_needs(watch, gate):
    worker = watch(fakes.cannot_load)
    worker.client.run("7", fakes.task("film 1"))
    worker.until(lambda each: each == Began("7"))
    gate.open("w").close()
    lost = worker.end("7")
    assert (lost.end.cause, lost.guilty) == ("fault", True)
    assert "keeps the render process from starting" in lost.end.message
    assert worker.events(Note) == [
        Note("A fault of the program keeps the worker from starting, there was no place for a log.")
    ]


def test_a_worker_that_could_not_load_once_costs_no_job(watch, gate):
    worker = watch(fakes.loads_the_second_time)
    worker.client.run("7", fakes.task("film 1"))
    worker.until(lambda each: each == Began("7"))
    gate.open("w").close()
    assert isinstance(worker.end("7"), Lost)
    worker.client.run("7", fakes.task("film 1"))
    assert worker.end("7") == Ended("7", Finished(("film 1",), "done"))


def test_a_worker_that_cannot_load_and_has_no_job_yet_ends(watch):
    worker = watch(fakes.cannot_load)
    worker.client.start()
    assert is_gone(worker.client.pid)


@pytest.mark.parametrize(
    "entry", ["says_garbage", "says_too_much", "speaks_of_others", "writes_raw_bytes"]
)
def test_a_worker_that_talks_nonsense_counts_as_crashed(watch, entry):
    worker = watch(getattr(fakes, entry))
    worker.client.start()
    pid = worker.client.pid
    worker.client.run("7", fakes.task("film 1"))
    lost = worker.end("7")
    assert (lost.end.cause, lost.guilty) == ("crash", True)
    assert lost.end.message.startswith(
        ("the render process could not be understood, ", "the render process spoke of a job")
    )
    assert is_gone(pid)


def test_urgent_jobs_run_before_the_next_chunk_first_come_first_served(watch):
    worker = watch()
    worker.client.run("film", fakes.task("waits-for 3 b"))
    worker.says("film", Note)
    for job in "abc":
        worker.client.run(job, fakes.task("film 2"), urgent=True)
    worker.end("film")
    order = [
        each for each in worker.told
        if isinstance(each, (Began, Ended)) or isinstance(getattr(each, "event", None), Made)
    ]  # fmt: skip
    inside = [order.index(Began(job)) for job in "abc"]
    assert inside == sorted(inside)
    for job in "abc":
        begin = order.index(Began(job))
        assert [each.job for each in order[begin : begin + 4]] == [job] * 4
    film = [each.event.path for each in order if each.job == "film" and isinstance(each, Said)]
    assert film == ["0", "1", "2"]
    assert order[-1] == Ended("film", Finished((), "waited"))
    # the first chunk had begun, the second one had not
    assert order.index(Said("film", Made("0" * 64, "0"))) < inside[0]
    assert inside[2] < order.index(Said("film", Made("0" * 63 + "1", "1")))


def test_urgent_jobs_do_not_run_inside_of_each_other(watch):
    """Else the last to come would be served first."""
    worker = watch()
    worker.client.run("first", fakes.task("waits-for 3 b"), urgent=True)
    worker.says("first", Note)
    for job in "abc":
        worker.client.run(job, fakes.task("film 1"), urgent=True)
    worker.end("c")
    kinds = [(type(each), each.job) for each in worker.told if isinstance(each, (Began, Ended))]
    assert kinds == [(kind, job) for job in ("first", *"abc") for kind in (Began, Ended)]


def test_a_cancelled_urgent_job_leaves_the_one_around_it_alone(watch):
    worker = watch()
    worker.client.run("film", fakes.task("film 1 forever"))
    worker.says("film", Made)
    worker.client.run("now", fakes.task("film 2 forever"), urgent=True)
    worker.until(lambda each: isinstance(each, Said) and each.job == "now")
    worker.client.cancel("now")
    assert worker.end("now").end in (Stopped(0, 2), Stopped(1, 2), Stopped(2, 2))
    worker.client.cancel("film")
    assert worker.end("film") == Ended("film", Stopped(1, 1))


def test_a_crash_is_the_fault_of_the_inner_job(watch, tmp_path):
    worker = watch()
    worker.client.run("film", fakes.task("film 1 forever"))
    worker.says("film", Made)
    worker.client.run("other", fakes.task("film 1"))
    worker.client.run("now", fakes.task("die 9", tmp_path), urgent=True)
    assert worker.end("now").guilty
    assert [(each.job, each.guilty) for each in worker.told if isinstance(each, Lost)] == [
        ("film", False), ("other", False), ("now", True),
    ]  # fmt: skip


def test_a_job_that_is_asked_to_make_way_stops_before_its_next_chunk(watch):
    worker = watch()
    worker.client.run("film", fakes.task("film 2 forever"))
    worker.says("film", Made)
    worker.client.make_way("film")
    end = worker.end("film").end
    assert isinstance(end, Stopped)
    worker.client.run("film", fakes.task("film 2"))
    assert worker.end("film") == Ended("film", Finished(("film 2",), "done"))


def test_reports_are_thinned_and_no_last_word_is_lost(watch):
    worker = watch()
    worker.client.run("7", fakes.task("burst 5000"))
    worker.end("7")
    steps = worker.events(Progress)
    assert len(steps) < 500
    for phase, pictures in (("denoising", 0), ("encoding", 1)):
        own = [each for each in steps if each.phase == phase]
        assert own[0] == Progress(phase, 0, 5000, pictures, 1)
        assert own[-1] == Progress(phase, 5000, 5000, pictures, 1)
        assert [each.done for each in own] == sorted({each.done for each in own})
    assert 1 <= len(worker.events(Preview)) < 250
    assert worker.events(Preview)[0] == Preview(2, 1, bytes(6), 0, 5000)
    assert worker.told[-2:] == [Said("7", Note("after it")), Ended("7", Finished(()))]


@pytest.mark.parametrize("debug", ["0", "1"])
def test_the_worker_stands_back_and_leaves_the_terminal_alone(
    watch, home, capfd, monkeypatch, debug
):
    """What libraries print may quote somebody: it is kept while debugging only."""
    monkeypatch.setenv("IMVAR_DEBUG", debug)
    worker = watch(niceness=7)
    worker.client.run("7", fakes.task("nice"))
    here = os.nice(0)
    assert worker.end("7").end.outputs == (str(min(here + 7, 19)), "PASSIVE", "SIG_IGN")
    worker.client.run("8", fakes.task("prints"))
    worker.end("8")
    os.kill(worker.client.pid, signal.SIGINT)
    os.kill(worker.client.pid, signal.SIGTERM)
    worker.client.run("9", fakes.task("film 1"))
    assert isinstance(worker.end("9"), Ended)
    assert capfd.readouterr() == ("", "")
    printed = home / "logs" / "worker.out"
    assert printed.exists() == (debug == "1")
    assert debug == "0" or printed.read_text() == "what libraries print\n"


def test_closing_ends_the_worker_by_itself(watch):
    worker = watch()
    worker.client.run("7", fakes.task("film 1 forever"))
    worker.says("7", Made)
    process = psutil.Process(worker.client.pid)
    worker.client.close(LONGEST)
    assert not process.is_running()


@pytest.mark.parametrize("words", ["deaf", "die 9"])
def test_no_worker_is_left_behind_not_even_a_dead_one(watch, tmp_path, words):
    worker = watch(limits=QUICK)
    worker.client.run("7", fakes.task(words, tmp_path))
    worker.until(lambda each: isinstance(each, Said) and each.job == "7")
    worker.client.cancel("7")
    worker.end("7")
    worker.client.run("8", fakes.task("deaf"))
    worker.says("8", Progress)
    worker.client.close(0.1)
    left = [
        child for child in psutil.Process().children(recursive=True)
        if "spawn_main" in " ".join(child.cmdline()) or child.status() == psutil.STATUS_ZOMBIE
    ]  # fmt: skip
    assert left == []


def test_a_program_that_the_worker_feeds_ends_with_it(watch):
    """As ffmpeg, which is started apart from the terminal, and reads from a pipe."""
    worker = watch(limits=QUICK)
    worker.client.run("7", fakes.task("eats"))
    child = int(worker.says("7", Note).text)
    assert psutil.pid_exists(child)
    worker.client.cancel("7")
    worker.end("7")
    assert is_gone(child)


ROOT = Path(__file__).parents[3]
PARENT = """
import sys, json
sys.path.insert(0, {folder!r})
from tests.unit.jobs import fake_workers
from imvar_studio.jobs.worker_client import WorkerClient
client = WorkerClient(fake_workers.main)
client.run("7", fake_workers.task({words!r}))
while not any(getattr(each, "event", None) for each in client.wait(60)):
    pass
print(json.dumps(client.pid), flush=True)
{then}
"""


def parent(words: str, then: str) -> subprocess.Popen[str]:
    """A process that runs a job in a worker, and then does something else."""
    text = PARENT.format(folder=str(ROOT), words=words, then=then)
    return subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("words", ["film 1 forever", "deaf"])
def test_a_worker_dies_with_the_program_however_that_dies(words):
    with parent(words, "import signal; signal.pause()") as process:
        pid = json.loads(process.stdout.readline())
        assert psutil.pid_exists(pid)
        process.kill()
    assert is_gone(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="the system's doing, on Linux alone")
def test_a_worker_that_hears_nothing_dies_with_the_program_all_the_same():
    """A stopped process does not see that its pipe has ended."""
    then = "import os, signal; os.kill(client.pid, signal.SIGSTOP); signal.pause()"
    with parent("film 1 forever", then) as process:
        worker = psutil.Process(json.loads(process.stdout.readline()))
        while worker.status() != psutil.STATUS_STOPPED:
            assert process.poll() is None
        process.kill()
    assert is_gone(worker.pid)


@pytest.mark.parametrize("words", ["film 1 forever", "deaf"])
def test_a_program_that_forgets_to_close_ends_all_the_same(words):
    with parent(words, "") as process:
        pid = json.loads(process.stdout.readline())
        assert process.wait(LONGEST) == 0
    assert is_gone(pid)


def test_a_program_that_fails_ends_all_the_same():
    with parent("deaf", "sys.stderr.close(); raise SystemExit(5)") as process:
        pid = json.loads(process.stdout.readline())
        assert process.wait(LONGEST) == 5
    assert is_gone(pid)


def test_the_worker_needs_no_torch_to_be_ready():
    """And neither does who keeps it."""
    text = (
        "import sys, imvar_studio.jobs.worker_client, imvar_studio.worker.process\n"
        "print([name for name in ('torch', 'transformers', 'diffusers') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", text], check=True, capture_output=True, text=True)
    assert said.stdout == "[]\n"

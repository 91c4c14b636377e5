"""`imvar queue run` with workers that need no torch: what it says, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from imvar_studio.cli import queue_run
from imvar_studio.cli.command import Output
from imvar_studio.jobs.queue import Queue
from imvar_studio.jobs.queued import Owner, State
from imvar_studio.jobs.render_events import Idle, SetAside
from imvar_studio.jobs.render_thread import RenderThread
from tests.unit.jobs import fake_workers as fakes
from tests.unit.jobs.conftest import claim_as

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.program import Said

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Queue]:
    """The user's queue, in a home of its own."""
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("imvar_studio.cli.queue_run.main", fakes.main)
    with Queue() as found:
        yield found


@pytest.fixture
def run(jobs: Queue, here: Callable[..., Said]) -> Callable[..., Said]:
    def until_empty(*words: str) -> Said:
        return here("queue", "run", "--until-empty", *words)

    return until_empty


def leave_behind(jobs: Queue) -> None:
    """Have the next job be run by a program that has died."""
    claim_as(Owner(socket.gethostname(), psutil.Process().pid, 1.0), jobs)


def test_it_says_what_it_does(run, jobs):
    jobs.add(fakes.task("film 2", "/a"))
    jobs.add(fakes.task("burst 3", "/b"))
    said = run()
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "Job 1 (Film of a) begins.",
        "  0 of 2 pictures.",
        "Job 1 (Film of a) is done. done",
        "Job 2 (Film of b) begins.",
        "  0 of 1 pictures.",
        "  Writing the film.",
        "  after it",
        "Job 2 (Film of b) is done.",
    ]


def test_it_tells_machines(run, jobs):
    jobs.add(fakes.task("film 1", "/a"))
    said = run("--json")
    assert said.code == 0
    assert said.events == [
        {"event": "started", "job": 1, "title": "Film of a"},
        {"event": "progress", "job": 1, "phase": "denoising", "done": 0, "total": 1,
         "pictures": 0, "of": 1, "seconds_left": None},
        {"event": "made", "job": 1, "digest": "0" * 64, "path": "0"},
        {"event": "finished", "job": 1, "outputs": ["film 1"], "text": "done", "encoded": False},
    ]  # fmt: skip


def test_an_empty_queue_is_done_at_once(run):
    said = run()
    assert (said.code, said.out, said.err) == (0, "", "")


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_jobs_that_failed_are_told_by_the_exit_code(run, jobs, words):
    for verb in ("raises user", "film 1", "raises user"):
        jobs.add(fakes.task(verb, "/a"))
    said = run(*words)
    assert said.code == 2
    assert said.sentence == "2 of 3 jobs failed: see 'imvar queue list'"
    if words:
        assert said.events[-1]["event"] == "error"
        failed = [each for each in said.events if each["event"] == "failed"]
        assert failed[1] == {"event": "failed", "job": 3, "cause": "user",
                             "message": "the size is odd", "remedy": "make it even"}  # fmt: skip
    else:
        assert "Job 1 (Film of a) failed, the size is odd: make it even.\n" in said.out


def test_interrupted_jobs_are_named(run, jobs):
    jobs.add(fakes.task("film 1", "/a"))
    leave_behind(jobs)
    jobs.add(fakes.task("film 1", "/b"))
    said = run()
    assert said.code == 0
    assert said.out.splitlines()[:2] == [
        "Job 1 (Film of a) was interrupted, go on with: imvar queue resume 1, or run with --auto.",
        "Job 2 (Film of b) begins.",
    ]
    assert [jobs.job(number).state for number in (1, 2)] == [State.INTERRUPTED, State.FINISHED]
    assert run("--json").events == [{"event": "aside", "job": 1, "state": "interrupted"}]


def test_interrupted_jobs_go_on_unasked_where_that_is_wished(run, jobs):
    jobs.add(fakes.task("film 1", "/a"))
    leave_behind(jobs)
    said = run("--auto")
    assert said.out.startswith("Job 1 (Film of a) begins.\n")
    assert jobs.job(1).state is State.FINISHED


@pytest.mark.parametrize("json_lines", [False, True])
def test_sigterm_ends_it_within_a_step_and_the_job_waits(here, jobs, json_lines):
    """Without `--until-empty`, and with another job that is not begun."""
    jobs.add(fakes.task("stops-the-program", "/a"))
    jobs.add(fakes.task("film 1"))
    before = signal.getsignal(signal.SIGTERM)
    said = here("queue", "run", *(["--json"] if json_lines else []))
    assert said.code == 130
    assert said.err == "\nStopping after this step; once more stops at once.\n"
    if json_lines:
        assert said.events[-2:] == [
            {"event": "aside", "job": 1, "state": "waiting"}, {"event": "stopped"},
        ]  # fmt: skip
    else:
        assert said.out.endswith(
            "Job 1 (Film of a) gives way, and goes on when its turn comes.\n"
            "Stopped. The same command goes on.\n"
        )
    assert [jobs.job(number).state for number in (1, 2)] == [State.WAITING] * 2
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("niceness", ["-1", "20"])
def test_a_niceness_that_cannot_be_is_refused(run, niceness):
    said = run("--niceness", niceness)
    assert said.code == 2
    assert said.sentence == f"niceness must be in [0, 19], got {niceness}"


def test_the_worker_stands_back_as_far_as_is_wished(run, jobs):
    jobs.add(fakes.task("nice"))
    assert run("--niceness", "3").code == 0
    assert jobs.job(1).outputs[0] == str(min(os.nice(0) + 3, 19))


def test_it_waits_for_jobs_and_says_so(jobs, here, monkeypatch):
    """Until it is stopped; a job that comes in meanwhile is done."""
    rested = queue_run._Server._rest
    times: list[Any] = []

    def rest(server: Any) -> None:
        rested(server)
        times.append(server)
        if len(times) == 1:
            jobs.add(fakes.task("film 1", "/a"))
        else:
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(queue_run._Server, "_rest", rest)
    said = here("queue", "run", "--json")
    assert said.code == 130
    kinds = [json.loads(line)["event"] for line in said.out.splitlines()]
    assert kinds == ["idle", "started", "progress", "made", "finished", "idle", "stopped"]


def test_a_paused_queue_is_said_and_waited_for(jobs, here, monkeypatch):
    jobs.add(fakes.task("film 1", "/a"))
    jobs.pause_all()
    rested = queue_run._Server._rest

    def rest(server: Any) -> None:
        rested(server)
        jobs.resume_all()

    monkeypatch.setattr(queue_run._Server, "_rest", rest)
    said = here("queue", "run", "--until-empty")
    assert said.code == 0
    assert said.out.splitlines()[0] == "The queue is paused, go on with: imvar queue resume"
    assert jobs.job(1).state is State.FINISHED


@pytest.mark.parametrize("state", [State.RUNNING, State.FINISHED, State.FAILED])
def test_a_job_that_was_taken_over_is_said(jobs, capsys, state):
    jobs.add(fakes.task("film 1", "/a"))
    server = queue_run._Server(Output(machine=False), jobs, until_empty=True)
    server._hear(1, SetAside(state))
    said = "Job 1 (Film of a) is no longer run here, see: imvar queue list.\n"
    assert capsys.readouterr().out == said


def test_a_job_that_is_found_interrupted_keeps_no_empty_queue_from_its_end(jobs):
    jobs.add(fakes.task("film 1", "/a"))
    leave_behind(jobs)
    jobs.sweep()
    server = queue_run._Server(Output(machine=True), jobs, until_empty=True)
    server._hear(None, Idle())
    server._hear(1, SetAside(State.INTERRUPTED))
    assert server.is_done()


def test_it_ends_where_nothing_renders_any_more(jobs, here, monkeypatch):
    jobs.add(fakes.task("film 1", "/a"))
    monkeypatch.setattr(RenderThread, "_run", lambda _: None)
    said = here("queue", "run")
    assert said.code == 2
    assert said.sentence == "the part of the program that renders has ended: start it again"


def test_it_needs_no_torch_itself():
    text = (
        "import sys, imvar_studio.cli.queue_run\n"
        "print([name for name in ('torch', 'transformers', 'diffusers') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", text], check=True, capture_output=True, text=True)
    assert said.stdout == "[]\n"

"""A job's events for people at a terminal, people with a log, and programs."""

from __future__ import annotations

import json
import signal
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from imvar_studio.cli import progress
from imvar_studio.cli.command import Interruption, Output
from imvar_studio.cli.progress import Terminal
from imvar_studio.jobs.estimate import Estimate
from imvar_studio.jobs.events import Estimated, Note, Progress
from imvar_studio.model.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS = [Progress("denoising", done, 1000, done // 100, 10) for done in range(1, 1001)]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Set how long a step takes; the time is read once a step."""
    now, step = [0.0], [0.0]

    def monotonic() -> float:
        now[0] += step[0]
        return now[0]

    monkeypatch.setattr(progress.time, "monotonic", monotonic)
    return lambda seconds: step.__setitem__(0, seconds)


def show(machine: bool, *events) -> None:
    with Terminal(Output(machine), Interruption()) as terminal:
        for event in events:
            terminal.step(event)


def test_people_read_notes_and_the_estimate(capsys):
    estimate = Estimate(3, 9, 70, 433_000_000, 74_000)
    show(False, Note("Mind the gap."), Progress("loading", 0, 9, 0, 9), Estimated(estimate))
    assert capsys.readouterr() == (
        "Mind the gap.\nLoading the model.\n"
        "3 of 9 pictures to render: about 1 min 10 s, 433 MB of memory, 74 kB on disk.\n",
        "",
    )


def test_a_short_render_writes_no_progress_into_a_file(capsys, clock):
    clock(0.02)
    show(False, *STEPS)
    assert capsys.readouterr() == ("", "")


def test_a_long_render_writes_a_line_now_and_then(capsys, clock):
    clock(1.0)
    show(False, *STEPS)
    lines = capsys.readouterr().err.splitlines()
    assert 30 <= len(lines) <= 34
    assert lines[0] == "Picture 1 of 10, 3%"
    assert not any("\r" in line for line in lines)


def test_programs_get_a_line_twice_a_second_and_the_last(capsys, clock):
    clock(0.1)
    show(True, *STEPS)
    said = capsys.readouterr()
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert said.err == ""
    assert 150 <= len(lines) <= 210
    assert lines[-1] == {
        "event": "progress", "phase": "denoising",
        "done": 1000, "total": 1000, "pictures": 10, "of": 10, "seconds_left": None,
    }  # fmt: skip


def test_the_time_left_is_said_where_it_is_known(capsys, clock):
    clock(40.0)
    show(False, *(replace(step, seconds_left=70.0) for step in STEPS[:3]))
    assert capsys.readouterr().err.splitlines()[0].endswith("%, 1 min 10 s left")


def test_a_terminal_gets_one_bar_for_pictures_and_one_for_the_film(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    encoding = [Progress("encoding", done, 20, 10, 10) for done in range(1, 21)]
    show(False, Progress("inverting", 5, 1000, 0, 10), *STEPS, *encoding)
    drawn = capsys.readouterr().err
    assert drawn.count("\n") == 2
    assert "Picture 10 of 10" in drawn
    last = drawn.splitlines()[-1].split("\r")[-1]
    assert last.startswith("Writing the film         100%|")


def test_a_sentence_does_not_run_into_the_bar(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with Terminal(Output(False), Interruption()) as terminal:
        terminal.step(STEPS[0])
        terminal.step(Note("Mind the gap."))
        assert capsys.readouterr().err.endswith("\n")


def test_a_stop_is_passed_on_at_the_next_step():
    with Interruption() as stop, Terminal(Output(True), stop) as terminal:
        terminal.step(STEPS[0])
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(Cancelled):
            terminal.step(STEPS[1])


def test_signals_are_given_back_and_ignored_ones_left_alone():
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with Interruption() as stop:
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
            signal.raise_signal(signal.SIGTERM)
            assert not stop.asked
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGTERM, before)

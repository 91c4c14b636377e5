"""The queue and several programs at once, programs that are killed, and pulled plugs."""

from __future__ import annotations

import json
import random
import shutil
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from imvar_studio.jobs.events import Finished, Progress
from imvar_studio.jobs.queue import Queue
from imvar_studio.jobs.queued import State, Urgency
from imvar_studio.jobs.tasks import FilmTask, task_data
from imvar_studio.model.project import FilmWork
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.specs import FilmSpec

SPEC = FilmSpec(FilmWork("film", "Eulen" * 15), ModelRef("starter", "ab" * 32))
TASK = FilmTask("/p/owls.imvar", SPEC, "starter", "/p/" + "owl/" * 600 + "s.mp4")
PROGRAMS = Path(__file__).with_name("queue_programs.py")
WAL_HEADER, FRAME_HEADER, PAGE = 32, 24, 4096


def program(*words):
    return subprocess.Popen(
        [sys.executable, str(PROGRAMS), *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )


def test_each_job_is_claimed_once_by_two_programs_at_once(tmp_path):
    path = tmp_path / "queue.db"
    with Queue(path) as queue:
        numbers = {queue.add(TASK) for _ in range(200)}
    programs = [program("claim", path) for _ in range(2)]
    for each in programs:
        assert each.stdout.readline() == "ready\n"
    for each in programs:
        each.stdin.write("\n")
        each.stdin.flush()
    claimed = [[int(line) for line in each.communicate()[0].split()] for each in programs]
    assert [each.returncode for each in programs] == [0, 0]
    assert sorted(claimed[0] + claimed[1]) == sorted(numbers)
    with Queue(path) as queue:
        jobs = {job.id: job for job in queue.jobs()}
        assert {job.state for job in jobs.values()} == {State.RUNNING}
        for each, mine in zip(programs, claimed, strict=True):
            assert {jobs[number].owner.pid for number in mine} <= {each.pid}
        assert len(queue.sweep()) == 200


def test_what_was_reported_survives_programs_that_are_killed(tmp_path):
    path, said = tmp_path / "queue.db", {}
    order = [State.WAITING, State.RUNNING, State.FINISHED]
    chance = random.Random(5)
    for _ in range(10):
        with program("work", path, json.dumps(task_data(TASK))) as child:
            for _ in range(chance.randrange(1, 40)):
                number, state = child.stdout.readline().split()
                said[int(number)] = State(state)
            child.kill()
            for line in child.stdout:  # said before it died
                if line.endswith("\n"):
                    number, state = line.split()
                    said[int(number)] = State(state)
        with Queue(path) as queue:
            jobs = {job.id: job for job in queue.jobs()}
            assert said.keys() <= jobs.keys()
            for number, state in said.items():
                assert order.index(jobs[number].state) >= order.index(state)
                assert (jobs[number].task, jobs[number].problem) == (TASK, "")
            running = {job.id for job in jobs.values() if job.state is State.RUNNING}
            assert len(running) <= 1
            assert {job.id for job in queue.sweep()} == running
            queue.resume_interrupted()
            said = {job.id: job.state for job in queue.jobs()}
    assert len(said) > 20


def recorded(queue, path):
    """Do all kinds of changes; returns the WAL's length and all jobs after each."""
    wal = path.with_name("queue.db-wal")
    a, b, c = (len(queue.jobs()) + number for number in (1, 2, 3))
    steps = [
        lambda: queue.add(TASK, at_front=True),
        lambda: queue.add(replace(TASK, target="/b.mp4")),
        lambda: queue.add(replace(TASK, target="/c.mp4")),
        lambda: queue.move(c, before=a),
        lambda: queue.set_urgency(b, Urgency.FOREGROUND),
        queue.claim,
        lambda: queue.report(b, Progress("denoising", 1, 9, 3, 9, 5.0)),
        lambda: queue.finish(b, Finished(("/b.mp4",))),
        queue.pause_all,
        queue.resume_all,
        lambda: queue.pause(c),
        lambda: queue.cancel(a),
        lambda: queue.retry(a),
        queue.claim,
        lambda: queue.stop(a),
        lambda: queue.add(TASK, at_front=True),
        lambda: queue.remove(c),
        queue.clear_finished,
    ]
    history = []
    for step in steps:
        step()
        history.append((wal.stat().st_size, queue.jobs()))
    return history


@pytest.mark.parametrize("written_back", [False, True])
@pytest.mark.parametrize("tail", [b"", b"\xa5" * 5000])
def test_a_pulled_plug_costs_only_what_was_not_reported(tmp_path, written_back, tail):
    path, wal = tmp_path / "queue.db", tmp_path / "queue.db-wal"
    with Queue(path) as queue:
        queue._db._db.execute("PRAGMA wal_autocheckpoint = 0")
        first = ()
        if written_back:
            queue.cancel(queue.add(TASK))
            first = queue.jobs()
            assert queue._db._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
        history = [(0, first), *recorded(queue, path)]
        database, log = path.read_bytes(), wal.read_bytes()
    frames = (len(log) - WAL_HEADER) // (FRAME_HEADER + PAGE)
    assert struct.unpack(">I", log[8:12]) == (PAGE,)
    assert frames > len(history)
    ends = [WAL_HEADER + number * (FRAME_HEADER + PAGE) for number in range(frames + 1)]
    assert all(size in ends for size, _ in history[1:])
    cuts = {0, 1, WAL_HEADER - 1, *ends}
    cuts |= {end + part for end in ends[:-1] for part in (FRAME_HEADER, FRAME_HEADER + PAGE // 2)}
    for cut in sorted(cuts):
        place = tmp_path / f"{cut}"
        place.mkdir()
        (place / "queue.db").write_bytes(database)
        (place / "queue.db-wal").write_bytes(log[:cut] + tail)
        with Queue(place / "queue.db") as queue:
            wanted = next(jobs for size, jobs in reversed(history) if size <= cut)
            assert queue.jobs() == wanted
            queue.add(TASK)  # and it goes on from there
            assert len(queue.jobs()) == len(wanted) + 1
        shutil.rmtree(place)

"""Tasks in the queue that cannot be read, and what those that can refer to."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from imvar_studio.jobs.queue import Queue
from imvar_studio.jobs.queued import State
from imvar_studio.jobs.tasks import FilmTask
from imvar_studio.model.errors import FormatError
from imvar_studio.model.project import FilmWork
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.specs import FilmSpec

SPEC = FilmSpec(FilmWork("film", "Eulen"), ModelRef("starter", "ab" * 32))
TASK = FilmTask("/p/owls.imvar", SPEC, "starter", "/p/owls.mp4")


def tamper(path, text, *, digest=None):
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE tasks SET text = ? WHERE id = 1", (text,))
        if digest is not None:
            db.execute("UPDATE tasks SET digest = ? WHERE id = 1", (digest(text),))


@pytest.fixture
def digest():
    from imvar_studio.store.queue_db import text_digest

    return text_digest


NEWER = {"kind": "hologram", "task": {}}
UNREADABLE = {
    "changed": ('{"kind": "film-task"}', False, "is damaged: remove the job, add it anew"),
    "newer": (json.dumps(NEWER), True, "a kind that is not known: update Imvar Studio"),
    "no JSON": ("{", True, "it is not JSON: remove the job"),
    "deep": ("[" * 100_000, True, "it is not JSON: remove the job"),
    "wrong": (json.dumps({"kind": "film-task", "task": []}), True, "task must be an object"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_job_that_cannot_be_read_is_shown_and_fails_when_its_turn_comes(
    path, queue, digest, name
):
    text, hashed, said = UNREADABLE[name]
    queue.add(TASK)
    good = queue.add(TASK)
    tamper(path, text, digest=digest if hashed else None)
    with Queue(path) as window:
        bad, other = window.jobs()
        assert (bad.id, bad.title, bad.project, bad.task) == (
            1,
            "Eulen of owls",
            TASK.project,
            None,
        )
        assert said in bad.problem
        assert (other.problem, other.task) == ("", TASK)
        assert window.claim().id == good
        bad = window.job(1)
        assert bad.state is State.FAILED
        assert f"{bad.message}: {bad.remedy}" == bad.problem
        assert not re.search(r"Traceback|Error|\n", bad.problem)


def test_a_very_long_task_is_read_when_it_is_needed(queue, path):
    long = replace(TASK, spec=replace(SPEC, film=replace(SPEC.film, name="x" * 100)))
    number = queue.add(long)
    from imvar_studio.jobs import job_rows

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job_rows, "_LONG", 10)
        with Queue(path) as window:
            (job,) = window.jobs()
            assert (job.title, job.task, job.problem) == (f"{'x' * 100} of owls", None, "")
            assert window.job(number).task == long
            assert window.claim().task == long


def test_what_the_queue_refers_to(put, queue, tmp_path):
    here, link = tmp_path / "a.imvar", tmp_path / "link.imvar"
    here.mkdir()
    link.symlink_to(here)
    tasks = {state: replace(TASK, project=str(here), target=f"/{state}.mp4") for state in State}
    for state, task in tasks.items():
        put(queue, state, task)
        put(queue, state, replace(task, project="/elsewhere"))
    kept = {tasks[state] for state in tasks if state not in (State.FINISHED, State.CANCELLED)}
    assert len(kept) == len(queue.references(here)) == 5
    assert set(queue.references(here)) == set(queue.references(link)) == kept
    assert queue.references(tmp_path) == ()


def test_nothing_is_known_to_be_free_while_a_newer_job_waits(queue, path, digest):
    queue.add(TASK)
    tamper(path, json.dumps(NEWER), digest=digest)
    with Queue(path) as another, pytest.raises(FormatError, match="update Imvar Studio"):
        another.references(Path("/p/owls.imvar"))
    tamper(path, "damaged")
    with Queue(path) as another:
        assert another.references(Path("/p/owls.imvar")) == ()

"""Tasks as data: as they are kept, what they are called, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from imvar_studio.jobs.queued import read_task, write_task
from imvar_studio.jobs.tasks import EstimateTask, FilmTask, ProbeTask, task_data, task_of, title
from imvar_studio.model.errors import FormatError, SpecError
from imvar_studio.model.film_export import FilmExport
from tests.unit.jobs.conftest import TASK

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.jobs.queue import Queue

# as version 0.1 wrote it into users' queues
KEPT = {
    "kind": "film-task",
    "task": {
        "project": "/p/owls.imvar",
        "spec": {
            "film": {"id": "film", "name": "Eulen"},
            "model": {"id": "starter", "weights": "ab" * 32},
        },
        "model": "starter",
        "target": "/p/owls.mp4",
    },
}


def test_a_task_from_before_parts_could_be_exported_is_the_same_task():
    assert task_of(json.loads(json.dumps(KEPT))) == TASK
    assert task_data(TASK) == KEPT


@pytest.mark.parametrize(
    "task",
    [ProbeTask(), ProbeTask("cpu", "bf16"), EstimateTask(TASK),
     replace(TASK, frames_only=True, begin=17),
     replace(TASK, export=FilmExport(3, 9, there_only=True, scale=200, crf=0, codec="av1"))],
    ids=repr,
)  # fmt: skip
def test_tasks_are_kept_as_they_are(task):
    assert read_task(write_task(task), 1) == task


def test_what_tasks_are_called():
    assert [title(task) for task in (TASK, EstimateTask(TASK), ProbeTask())] == [
        "Eulen of owls", "estimate of Eulen of owls", "a look at the machine",
    ]  # fmt: skip
    assert (EstimateTask(TASK).project, ProbeTask().project) == ("/p/owls.imvar", "")


def test_a_look_at_the_machine_refers_to_no_project(
    queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    queue.add(ProbeTask())
    queue.add(EstimateTask(TASK))
    assert queue.references(tmp_path) == ()
    assert [job.title for job in queue.jobs()] == [
        "a look at the machine", "estimate of Eulen of owls",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"first": -1}, r"first frame must be in \[0, 1000000\], got -1"),
        ({"last": 2_000_000}, "last frame must be in"),
        ({"first": 5, "last": 4}, "the last frame, 4, is before the first, 5: exchange them"),
        ({"scale": 9}, r"scale must be in \[10, 400\], got 9"),
        ({"scale": 401}, "scale must be in"),
        ({"crf": 52}, r"crf must be in \[0, 51\], got 52"),
        ({"preset": "hasty"}, "preset must be one of ultrafast"),
        ({"codec": "mpeg1"}, "codec must be one of"),
        ({"there_only": 1}, "there only must be true or false, got 1"),
    ],
    ids=str,
)
def test_exports_that_cannot_be_are_refused(changes, sentence):
    with pytest.raises(SpecError, match=sentence):
        FilmExport(**changes)
    data = task_data(TASK)
    data["task"]["export"] = changes
    with pytest.raises(FormatError, match=r"^task\.export"):
        task_of(data)


def test_a_film_has_the_frames_that_are_asked_for_or_none_is_rendered():
    assert FilmExport().frames(5) == range(5)
    assert FilmExport(2).frames(5) == range(2, 5)
    assert FilmExport(4, 4).frames(5) == range(4, 5)
    for export in (FilmExport(5), FilmExport(0, 5), FilmExport(7, 9)):
        with pytest.raises(SpecError, match=r"the film has the frames 0 to 4, asked for are \d"):
            export.frames(5)


@pytest.mark.parametrize(
    "changes",
    [{"begin": -1}, {"export": FilmExport(there_only=True), "frames_only": True},
     {"export": FilmExport(there_only=True), "target": ""}],
    ids=str,
)  # fmt: skip
def test_tasks_that_contradict_themselves_are_refused(changes):
    with pytest.raises(FormatError):
        replace(TASK, **changes)
    assert isinstance(TASK, FilmTask)

"""`imvar queue`, but for `run`."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from imvar_studio.cli import main as cli
from imvar_studio.jobs.events import Failed, Finished, Progress
from imvar_studio.jobs.queue import Queue
from imvar_studio.jobs.queued import Owner
from imvar_studio.jobs.tasks import FilmTask
from imvar_studio.model.project import FilmWork
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.specs import FilmSpec
from imvar_studio.store.queue_db import queue_path

COMMANDS = ["add", "list", "move", "urgency", "pause", "resume", "cancel", "retry", "remove",
            "clear", "rescue", "run"]  # fmt: skip


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """A queue for each test."""
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path / "queue home"))


@pytest.fixture
def add(project, here):
    """Add the project's film; returns its id."""

    def run(*words):
        said = here("queue", "add", project, "--precision", "fp32", *words, "--json")
        assert (said.code, said.err) == (0, ""), said
        return said.only("added")["id"]

    return run


@pytest.fixture
def listed(here):
    def run():
        return here("queue", "list", "--json").only("queue")["jobs"]

    return run


def _help(command, monkeypatch):
    said = []
    monkeypatch.setattr(
        "argparse.ArgumentParser._print_message", lambda self, text, file=None: said.append(text)
    )
    with pytest.raises(SystemExit):
        cli._parser().parse_args(["queue", command, "--help"])
    (text,) = said
    return text


def test_every_command_explains_itself_and_its_examples_parse(imvar, tmp_path, monkeypatch):
    group = imvar("queue", "--help", cwd=tmp_path, env={"COLUMNS": "90"})
    assert group.code == 0
    for command in COMMANDS:
        assert re.search(rf"^    {command} +\w", group.out, re.MULTILINE)
    texts = [group.out, *(_help(command, monkeypatch) for command in COMMANDS)]
    assert len(texts) == len(COMMANDS) + 1
    for text in texts:
        examples = re.findall(r"^  (imvar .+)$", text, re.MULTILINE)
        assert examples
        for line in examples:
            cli._parser().parse_args(line.split()[1:])
        for line, below in re.findall(r"^  (-.+|[A-Z]+ .+)\n( {20,}.+)?", text, re.MULTILINE):
            assert re.search(r"\S {2,}\w", line) or below, line


def test_what_is_added_is_a_snapshot(project, here, add, edited):
    number = add("--size", 96, "--fps", 4, "--no-prompts", "--out", "film.gif")
    with Queue() as queue:
        before = queue.job(number).task
    edited(project, lambda film: film["settings"].update(fps="9", seed=77))
    with Queue() as queue:
        task = queue.job(number).task
    assert task == before
    assert isinstance(task, FilmTask)
    film = task.spec.film
    assert (film.settings.fps, film.settings.size.width, film.settings.seed != 77) == (4, 96, True)
    assert len(film.timeline.keyframes) == 2
    assert task.target == str(Path.cwd() / "film.gif")
    assert task.project == str(project.absolute())
    assert (task.keep_prompts, task.overwrite, task.spec.precision) == (False, False, "fp32")
    said = here("queue", "list")
    assert f"{number:4}  base of p: waiting\n      {task.target}\n" in said.out


def test_each_job_has_a_file_of_its_own(project, add, listed, here):
    for _ in range(3):
        add()
    names = [job["targets"] for job in listed()]
    assert len({name for (name,) in names}) == 3
    assert all(Path(name).parent == project.parent for (name,) in names)
    add("--out", "film.mp4")
    said = here("queue", "add", project, "--out", "film.mp4", "--precision", "fp32")
    assert said.code == 2
    assert re.fullmatch(r"job 4 is going to write .*film\.mp4: give another name, or --overwrite",
                        said.sentence)  # fmt: skip
    assert add("--out", "film.mp4", "--overwrite") == 5


def test_what_cannot_be_rendered_is_not_added(project, here, listed):
    for words, sentence in (
        (["--size", 3], "in [64, 8192], got 3"),
        (["--out", "film.txt"], "film.txt"),
        (["--model", "no-such"], "no-such"),
        (["--urgency", "now"], "--urgency must be one of foreground, background, got now"),
    ):
        said = here("queue", "add", project, "--precision", "fp32", *words)
        assert said.code == 2
        assert sentence in said.sentence
    assert listed() == []


def test_the_order_can_be_changed(add, here, listed):
    a, b, c = add(), add(), add("--front")
    urgent = add("--urgency", "foreground")
    assert [job["id"] for job in listed()] == [urgent, c, a, b]
    assert here("queue", "move", b, "--before", a).out == f"Job {b} (base of p) was moved.\n"
    assert [job["id"] for job in listed()] == [urgent, c, b, a]
    here("queue", "move", a, "--front")
    here("queue", "move", c, "--back")
    assert [job["id"] for job in listed()] == [urgent, a, b, c]
    moved = here("queue", "urgency", urgent, "background", "--json").only("job")
    assert (moved["id"], moved["urgency"]) == (urgent, "background")
    assert [job["id"] for job in listed()] == [a, b, c, urgent]
    assert here("queue", "move", a, "--before", 99).sentence.startswith("there is no job 99: ")
    assert "exclude each other" in here("queue", "move", a, "--front", "--back").sentence


def test_a_job_is_paused_resumed_cancelled_retried_and_removed(add, here, listed):
    number = add()
    for verb, state in (("pause", "paused"), ("resume", "waiting"), ("cancel", "cancelled"),
                        ("retry", "waiting"), ("cancel", "cancelled")):  # fmt: skip
        said = here("queue", verb, number)
        assert (said.code, said.out) == (0, f"Job {number} (base of p) is {state}.\n")
        assert [job["state"] for job in listed()] == [state]
    said = here("queue", "resume", number)
    assert (said.code, said.sentence) == (
        2, "job 1 is cancelled and cannot be resumed: retry it, or remove it")  # fmt: skip
    assert here("queue", "remove", number, "--json").only("removed") == {
        "event": "removed", "id": 1}  # fmt: skip
    assert listed() == []


def test_the_whole_queue_is_paused_and_resumed(add, here):
    number = add()
    with Queue() as queue:
        queue.claim()
        queue.report(number, Progress("denoising", 5, 9, 3, 24, 75.0))
    said = here("queue", "pause", "--json").only("queue")
    assert (said["paused"], said["jobs"][0]["request"]) == (True, "pause")
    out = here("queue", "list").out
    assert "base of p: running, to pause, 3 of 24 pictures, about 1 min 15 s left\n" in out
    assert out.endswith("The queue is paused, go on with: imvar queue resume\n")
    said = here("queue", "resume", "--json").only("queue")
    assert (said["paused"], said["jobs"][0]["request"]) == (False, "")
    assert here("queue", "remove", number).sentence == (
        "job 1 is running and cannot be removed: cancel it first"
    )
    assert here("queue", "cancel", number).out == "Job 1 (base of p) will cancel within a step.\n"


def test_what_ended_is_listed_with_its_films_and_reasons(add, here, listed):
    done, failed, waits = add(), add(), add()
    with Queue() as queue:
        queue.claim()
        queue.finish(done, Finished(("/films/p.mp4",), "The film is /films/p.mp4."))
        queue.claim()
        queue.fail(failed, Failed("memory", "there is not enough memory", "choose a smaller size"))
    out = here("queue", "list").out
    assert re.search(r"1  base of p: finished\n      /films/p\.mp4\n", out)
    why = "there is not enough memory: choose a smaller size."
    assert f"2  base of p: failed\n      {why}\n" in out
    assert here("queue", "clear").out == "Removed 1 job.\n"
    assert [job["id"] for job in listed()] == [waits, failed]


def test_a_job_of_a_program_that_died_is_listed_as_interrupted(add, here, listed):
    add()
    with Queue(owner=replace(Owner.this(), born=5.0)) as queue:
        queue.claim()
    (job,) = listed()
    assert (job["state"], job["attempts"]) == ("interrupted", 1)
    assert "the program that ran it ended before it was done.\n" in here("queue", "list").out
    assert here("queue", "resume", 1).out == "Job 1 (base of p) is waiting.\n"


def test_a_damaged_queue_is_said_and_rescued(add, here, listed):
    numbers = [add() for _ in range(5)]
    data = bytearray(queue_path().read_bytes())
    data[16:100] = bytes(84)
    queue_path().write_bytes(data)
    said = here("queue", "list")
    assert said.code == 2
    assert said.sentence.endswith(
        "is damaged, nothing in it was changed: "
        "save what can be read of it with 'imvar queue rescue'"
    )
    assert queue_path().read_bytes() == data
    found = here("queue", "rescue", "--json").only("rescued")
    assert (found["kept"], found["mended"], found["lost"]) == (5, 0, 0)
    assert Path(found["moved"][0]).read_bytes() == data
    assert [job["id"] for job in listed()] == numbers
    assert here("queue", "rescue").out == "The queue is whole (5 jobs), nothing was changed.\n"


def test_a_name_that_is_no_text_stays_one_line(here):
    spec = FilmSpec(FilmWork("film", "owls"), ModelRef("starter", "ab" * 32))
    with Queue() as queue:
        queue.add(FilmTask("/p/a\nb\x1b[31m.imvar", spec, "starter"))
    assert here("queue", "list").out == "   1  owls of a?b?[31m: waiting\n"


def test_words_that_are_wrong_get_a_sentence(here):
    assert here("queue").sentence == "COMMAND is missing: see 'imvar queue --help'"
    assert here("queue", "dance").sentence.startswith("there is no command dance, choose from add")
    assert here("queue", "cancel").sentence == "ID is missing: see 'imvar queue cancel --help'"
    assert here("queue", "cancel", "x").sentence == "ID must be a whole number, got 'x'"
    for number in (0, -1, 10**15):
        assert here("queue", "cancel", number).sentence.startswith(f"there is no job {number}: ")

"""Jobs in words, what may be done with them, and where a row's parts lie."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from imvar_studio.jobs.events import Progress
from imvar_studio.jobs.queued import Job, Request, State, Urgency
from imvar_studio.jobs.tasks import FilmTask
from imvar_studio.model.look import Picture, Prompt, Weighted
from imvar_studio.model.project import FilmWork
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.source import Asset
from imvar_studio.model.specs import FilmSpec
from imvar_studio.model.timeline import Keyframe, Timeline
from imvar_studio.ui.queue import places
from imvar_studio.ui.queue.row_layout import HEIGHT, RowLayout, gap_at
from imvar_studio.ui.queue.status_words import line_words, share_of
from imvar_studio.ui.queue.verbs import Place, Verb, allowed, gaps, place_at, row_verbs
from imvar_studio.ui.queue.words import (
    error_text,
    left_words,
    share_done,
    spoken,
    state_words,
    time_left,
)
from imvar_studio.ui.render_status import RenderStatus

FAR = Progress("denoising", 500, 900, 66, 144, 70.0)


def job(number=1, state=State.WAITING, *, task=None, **more):
    given = {
        "title": "Eulen of owls",
        "project": "/p/owls.imvar",
        "problem": "",
        "urgency": Urgency.FOREGROUND,
        "request": Request.NONE,
        "attempts": 0,
        "pictures": 0,
        "of": 0,
        "seconds_left": None,
        "message": "",
        "remedy": "",
        "outputs": (),
        "created": 1000.0,
        "started": None,
        "ended": None,
        "owner": None,
    }
    return Job(id=number, task=task, state=state, **(given | more))


def film_task(target="", looks=()):
    keys = tuple(Keyframe(f"k{n}", float(n), (Weighted(look),)) for n, look in enumerate(looks))
    spec = FilmSpec(FilmWork("film", "Eulen", Timeline(keys)), ModelRef("starter", "ab" * 32))
    return FilmTask("/p/owls.imvar", spec, "starter", target)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, ""),
        (0, "a few seconds left"),
        (4.9, "a few seconds left"),
        (6, "5 s left"),
        (23, "25 s left"),
        (57, "55 s left"),
        (58, "1 min left"),
        (68, "1 min 10 s left"),
        (594, "9 min 50 s left"),
        (596, "about 10 min left"),
        (1234, "about 21 min left"),
        (3569, "about 59 min left"),
        (3571, "about 1 h left"),
        (7600, "about 2 h 5 min left"),
    ],
)
def test_time_left_is_as_fine_as_can_be_known(seconds, said):
    assert time_left(seconds) == said


def test_time_left_only_falls_while_the_seconds_do():
    said = [time_left(seconds) for seconds in range(4000)]
    assert len(dict.fromkeys(said)) == sum(a != b for a, b in pairwise(said)) + 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"state": State.WAITING}, "Waiting"),
        ({"state": State.WAITING, "task": film_task("/f/owls.mp4")}, "Waiting · owls.mp4"),
        ({"state": State.RUNNING}, "Starting"),
        ({"state": State.RUNNING, "pictures": 6, "of": 9}, "Rendering 6 of 9"),
        ({"state": State.RUNNING, "request": Request.PAUSE}, "Pausing"),
        ({"state": State.RUNNING, "request": Request.CANCEL}, "Stopping"),
        ({"state": State.RUNNING, "message": "the disk is full"}, "The disk is full."),
        ({"state": State.PAUSED, "pictures": 6, "of": 9}, "Paused · 6 of 9 are kept"),
        ({"state": State.INTERRUPTED}, "Interrupted"),
        ({"state": State.CANCELLED, "pictures": 6, "of": 9}, "Stopped · 6 of 9 are kept"),
        ({"state": State.FINISHED, "outputs": ("/f/a.png", "/f/b.png")}, "Finished · 2 files"),
        ({"state": State.FINISHED, "outputs": ("/f/a\n.mp4",)}, "Finished · a?.mp4"),
        ({"state": State.WAITING, "problem": "it is damaged"}, "Cannot be read"),
    ],
)
def test_where_a_job_stands(given, said):
    assert state_words(job(**given)) == said


def test_what_a_job_says_itself_comes_before_what_the_queue_knows():
    running = job(state=State.RUNNING, pictures=60, of=144, seconds_left=99.0)
    assert state_words(running, FAR) == "Rendering 66 of 144"
    assert left_words(running, FAR) == "1 min 10 s left"
    assert left_words(running) == "1 min 40 s left"
    assert share_done(running, FAR) == 66 / 144
    encoding = Progress("encoding", 12, 145, 144, 144)
    assert state_words(running, encoding) == "Encoding 12 of 145"
    assert share_done(running, encoding) == 12 / 145
    assert state_words(running, Progress("loading", 0, 0, 0, 144)) == "Loading the model"


def test_a_finished_job_says_when():
    now = time.time()
    done = job(state=State.FINISHED, outputs=("/f/a.mp4",), ended=now)
    assert left_words(done) == time.strftime("%H:%M", time.localtime(now))
    assert left_words(job(state=State.FINISHED, outputs=("/f/a.mp4",), ended=0.0)).endswith("Jan")
    assert share_done(done) is None


def test_a_failure_is_a_sentence_and_a_remedy():
    bad = job(state=State.FAILED, message="the disk is full", remedy="free some space")
    assert error_text(bad) == "Eulen of owls: The disk is full. Free some space."
    said = spoken(bad)
    assert said == "Eulen of owls, Failed. The disk is full. Free some space."
    running = job(state=State.RUNNING)
    assert spoken(running, FAR) == "Eulen of owls, Rendering 66 of 144, 1 min 10 s left."


@pytest.mark.parametrize(
    ("status", "said", "share"),
    [
        (RenderStatus(), "", 0.0),
        (RenderStatus("starting", "x", "job-1"), "Starting", None),
        (
            RenderStatus("denoising", "x", "job-1", 66, 144, 70.0, failed=4),
            "Rendering 66 of 144 · 1 min 10 s left",
            66 / 144,
        ),
        (RenderStatus("encoding", "x", "job-1", 144, 144), "Encoding", None),
        (
            RenderStatus("waiting", "x", "job-1", 66, 144, text="the disk is full"),
            "The disk is full.",
            66 / 144,
        ),
        (
            RenderStatus("paused", "x", "job-1", 66, 144, text="paused"),
            "Paused · 66 of 144",
            66 / 144,
        ),
        (RenderStatus("paused", "x", "job-1", text="waiting"), "Waiting for its turn", None),
        (
            RenderStatus(pictures=66, of=144, text="stopped"),
            "Stopped. 66 of 144 pictures are kept.",
            0.0,
        ),
        (RenderStatus(text="stopped"), "Stopped.", 0.0),
        (RenderStatus(text="49 frames, 4.1 s"), "49 frames, 4.1 s.", 0.0),
        (RenderStatus(key="job-1", text="the disk is full", failed=1), "", 0.0),
    ],
)
def test_the_status_bars_words(status, said, share):
    assert (line_words(status), share_of(status)) == (said, share)


def jobs_of(*states, urgency=Urgency.FOREGROUND):
    return tuple(job(n, state, urgency=urgency) for n, state in enumerate(states, 1))


def test_only_jobs_that_wait_are_put_elsewhere_among_those_alike():
    jobs = jobs_of(State.RUNNING, State.WAITING, State.PAUSED, State.WAITING, State.FINISHED)
    assert gaps(jobs, 1) == (1, 4)
    assert place_at(jobs, 3, 1) == Place(2)
    assert place_at(jobs, 3, 0) == Place(2)  # not before what runs
    assert place_at(jobs, 1, 4) == Place(None)
    assert place_at(jobs, 1, 5) == Place(None)  # not among what ended
    assert place_at(jobs, 1, 3) == Place(4)
    assert place_at(jobs, 1, 1) is None
    assert place_at(jobs, 1, 2) is None
    assert place_at(jobs, 0, 3) is None
    assert place_at(jobs, 4, 0) is None


def test_urgent_jobs_stay_before_others():
    urgent = job(9, State.WAITING, urgency=Urgency.INTERACTIVE)
    jobs = (urgent, *jobs_of(State.WAITING, State.WAITING))
    assert gaps(jobs, 0) == (0, 1)
    assert gaps(jobs, 2) == (1, 3)
    assert place_at(jobs, 2, 0) == Place(1)
    assert {Verb.UP, Verb.DOWN} & allowed(jobs, 0) == set()
    assert {Verb.UP, Verb.DOWN, Verb.FRONT} & allowed(jobs, 1) == {Verb.DOWN}
    assert {Verb.UP, Verb.DOWN, Verb.FRONT} & allowed(jobs, 2) == {Verb.UP, Verb.FRONT}


@pytest.mark.parametrize("state", State)
def test_a_rows_buttons_do_what_may_be_done(state):
    for request in Request if state is State.RUNNING else [Request.NONE]:
        jobs = (job(state=state, request=request),)
        assert set(row_verbs(jobs[0])) <= allowed(jobs, 0)


def test_what_cannot_be_read_is_only_removed():
    broken = job(state=State.FAILED, problem="the task of job 1 is damaged")
    assert row_verbs(broken) == (Verb.REMOVE,)
    assert Verb.RETRY not in allowed((broken,), 0)


def test_parts_of_a_row_do_not_overlap_and_are_found_again():
    layout = RowLayout(300, buttons=2, left_width=90)
    assert layout.height == HEIGHT
    first, second = layout.button(0), layout.button(1)
    assert layout.title.x + layout.title.width <= first.x
    assert first.x + first.width <= second.x
    assert layout.state.x + layout.state.width <= layout.left.x
    for n, box in enumerate((first, second)):
        assert layout.button_at(box.x + 1, box.y + 1) == n
    assert layout.button_at(30, 30) is None
    tall = RowLayout(300, buttons=1, message=32, remedy=16, again=100)
    again = tall.try_again
    assert tall.button_at(again.x + 5, again.y + 5) == 1
    assert again.y + again.height < tall.height
    assert tall.hint.y + tall.hint.height <= again.y


def test_the_gap_nearest_to_the_pointer():
    tops, heights = [0, 64, 180], [64, 116, 64]
    assert [gap_at(tops, heights, y) for y in (-5, 31, 33, 121, 123, 211, 213, 999)] == [
        *(0, 0, 1, 1, 2, 2, 3, 3),
    ]


def test_a_jobs_picture_is_what_it_made_or_shows_first(tmp_path):
    sha = "ab" * 32
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / f"{sha}.png").write_bytes(b"")
    task = film_task(looks=(Prompt("an owl"), Picture(Asset(sha))))
    waiting = job(task=task, project=str(tmp_path))
    assert places.find_picture(waiting) == tmp_path / "assets" / f"{sha}.png"
    made = tmp_path / "owl.png"
    made.write_bytes(b"")
    done = job(task=task, project=str(tmp_path), outputs=(str(tmp_path / "gone.png"), str(made)))
    assert places.find_picture(done) == made
    assert places.find_picture(job(task=film_task(), project=str(tmp_path))) is None
    assert places.output_folder(done) == tmp_path
    assert places.output_folder(job(project=str(tmp_path))) == tmp_path
    assert places.log_file(done).parts[-3:] == ("logs", "jobs", "job-1.log")

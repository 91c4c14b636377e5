"""The render desk where jobs meet: inside each other, failing, cancelled too early, live."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.jobs.estimate import Estimate
from imvar_studio.jobs.events import Estimated, Failed, Finished, Made, Making, Progress, Stopped
from imvar_studio.jobs.natural import Natural, remember
from imvar_studio.jobs.queue import Queue
from imvar_studio.jobs.queued import State as JobState
from imvar_studio.jobs.queued import Urgency
from imvar_studio.jobs.render_events import Idle, Started
from imvar_studio.jobs.tasks import EstimateTask, FilmTask, ProbeTask
from imvar_studio.model.errors import StoreError
from imvar_studio.model.film_export import FilmExport
from imvar_studio.model.keyframe_edits import remove, set_seed
from imvar_studio.ui.frames import FrameState
from imvar_studio.ui.rendering import RenderDesk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from imvar_studio.jobs.render_events import Happening, Listener
    from imvar_studio.jobs.tasks import Task
    from imvar_studio.ui.background import Background
    from imvar_studio.ui.messages import Message
    from imvar_studio.ui.session import Session

FAULT = Failed("user", "a picture is missing", "add it again")


class Thread:
    """A render thread that does nothing by itself: the test tells what happens."""

    def __init__(self, listener: Listener) -> None:
        self.tell = listener
        self.tasks: dict[str, Task] = {}
        self.cancelled: list[str] = []
        self._numbers = itertools.count(1)

    def start(self) -> None: ...

    def look(self) -> None: ...

    def close(self) -> bool:
        return True

    def submit(self, task: Task) -> str:
        key = f"now-{next(self._numbers)}"
        self.tasks[key] = task
        return key

    def cancel(self, key: str) -> None:
        self.cancelled.append(key)

    def keys(self, kind: type[Task]) -> list[str]:
        return [key for key, task in self.tasks.items() if isinstance(task, kind)]


class Room:
    """A desk with its thread, a session with the film planned, and what was said."""

    def __init__(self, desk: RenderDesk, thread: Thread, session: Session, queue: Path) -> None:
        self.desk, self.thread, self.session, self.queue = desk, thread, session, queue
        self.heard: list[Message] = []
        self.later: list[Callable[[], None]] = []
        session.messages.connect(self.heard.append)

    def tell(self, key: str, *what: Happening) -> None:
        for each in what:
            self.thread.tell(key, each)

    def rendering(self, number: int = 1) -> str:
        self.tell(f"job-{number}", Started("First", number), Progress("denoising", 1, 9, 2, 9))
        return f"job-{number}"

    @property
    def live(self) -> list[str]:
        return self.thread.keys(FilmTask)


@pytest.fixture
def room(
    session: Session, lanes: Background, tmp_path: Path, qtbot: Any, model: Path
) -> Iterator[Room]:
    remember("", "", Natural("fp32", 4, "CPU"))
    session.edit_film("Model", lambda film: replace(film, model=str(model)))
    threads: list[Thread] = []
    later: list[Callable[[], None]] = []

    def make(listener: Listener) -> Any:
        threads.append(Thread(listener))
        return threads[0]

    queue = tmp_path / "queue.db"
    desk = RenderDesk(
        lanes,
        lambda: Queue(queue),
        make,
        lambda work: work(),
        lambda ms, work: work() if ms < 500 else later.append(work),
    )
    desk.start()
    (probe,) = threads[0].keys(ProbeTask)
    room = Room(desk, threads[0], session, queue)
    room.later = later
    desk.attach(session)
    qtbot.waitUntil(lambda: desk.planner is not None and desk.planner.is_current)
    room.tell(probe, Finished(()))
    qtbot.waitUntil(lambda: session.frames.first_of(session.frames.digest(0)) == 0)
    qtbot.waitUntil(lambda: desk.planner is not None and desk.planner.is_current)
    yield room
    desk.detach()
    desk.close_queue()


def test_a_film_that_fails_is_not_tried_again_until_it_changes(room: Room, qtbot: Any) -> None:
    room.tell("", Idle())
    room.desk.live.set(True)
    assert len(room.live) == 1
    room.tell(room.live[0], Started("Live"), FAULT)
    room.tell("", Idle())
    assert len(room.live) == 1
    assert room.heard[-1].action is None
    assert room.session.edit("Seed", lambda line: set_seed(line, {"key-2"}, 8))
    qtbot.waitUntil(lambda: len(room.live) == 2)
    room.tell(room.live[1], Started("Live"), Finished(()))  # it got nowhere
    room.tell("", Idle())
    assert len(room.live) == 2
    room.desk.live.set(False)
    room.desk.live.set(True)
    assert len(room.live) == 3


def test_live_rendering_follows_the_playhead_when_it_rests(room: Room) -> None:
    room.tell("", Idle())
    room.desk.live.set(True)
    assert room.thread.tasks[room.live[0]].begin == 0  # type: ignore[union-attr]
    for frame in range(1, 25):
        room.session.seek_frame(frame)
    assert (len(room.live), room.thread.cancelled) == (1, [])
    for rest in room.later:
        rest()
    assert room.thread.cancelled == room.live[:1]
    assert room.thread.tasks[room.live[1]].begin == 24  # type: ignore[union-attr]
    # a frame that is being made is near enough
    room.tell(room.live[1], Started("Live"), Making((room.session.frames.digest(30),)))
    room.session.seek_frame(30)
    room.later[-1]()
    assert len(room.live) == 2


def test_the_queue_goes_before_live_rendering(room: Room, qtbot: Any) -> None:
    room.tell("", Idle())
    room.desk.live.set(True)
    assert room.desk.planner is not None
    task = room.desk.planner.task
    assert task is not None
    with Queue(room.queue) as other:  # another program
        other.add(task, Urgency.BACKGROUND)
    room.desk.look()
    qtbot.waitUntil(lambda: room.thread.cancelled == room.live)


def test_a_job_inside_of_another_gives_the_status_back(room: Room) -> None:
    outer = room.rendering()
    room.tell("now-90", Started("Inner"), Progress("loading", 0, 1, 0, 1))
    assert room.desk.status.value.title == "Inner"
    room.tell("now-90", Stopped(0, 1))
    assert (room.desk.status.value.key, room.desk.status.value.pictures) == (outer, 2)
    assert room.desk.has_job
    room.tell(outer, Finished((), "Done."))
    assert not room.desk.status.value.is_busy


def test_frames_of_other_films_are_let_pass(room: Room) -> None:
    frames, digest = room.session.frames, room.session.frames.digest(5)
    room.tell("job-1", Started("Ours", 1), Making((digest,)))
    room.tell("now-90", Started("Another"), Making(("f" * 64,)), FAULT)
    assert frames.state(5) == FrameState.RENDERING
    room.tell("job-1", Made(digest, "there"))
    assert frames.state(5) == FrameState.RENDERED


def test_try_again_is_for_the_job_that_failed(room: Room, qtbot: Any) -> None:
    assert room.desk.planner is not None
    task = room.desk.planner.task
    assert task is not None
    with Queue(room.queue) as queue:
        queue.add(task)
        queue.claim()
        queue.fail(1, FAULT)
    room.rendering(1)
    room.tell("job-1", FAULT)
    again = room.heard[-1].action
    assert again is not None
    room.rendering(2)
    again.run()
    assert room.desk.status.value.key == "job-2"
    with Queue(room.queue) as queue:
        qtbot.waitUntil(lambda: queue.job(1).state is JobState.WAITING)


def test_a_job_that_failed_without_a_picture_counts_no_frames(room: Room) -> None:
    room.rendering()
    room.tell("job-1", FAULT)
    assert (room.desk.status.value.failed, room.desk.status.value.text) == (0, FAULT.message)
    room.rendering()
    digests = tuple(room.session.frames.digest(n) for n in range(1, 3))
    room.tell("job-1", Making(digests), FAULT)
    assert room.desk.status.value.failed == 2
    assert room.session.frames.state(1) == FrameState.FAILED


def test_an_export_leaves_the_status_of_a_render_alone(
    room: Room, qtbot: Any, tmp_path: Path
) -> None:
    key = room.rendering()
    room.desk.export(tmp_path / "a.mp4", FilmExport(), overwrite=False, keep_prompts=True)
    assert room.desk.status.value.key == key
    qtbot.waitUntil(lambda: len(room.desk.jobs.value) == 1)
    assert room.desk.status.value.key == key
    room.desk.render()
    assert not room.thread.keys(EstimateTask)  # it renders already


def test_a_render_that_is_cancelled_before_it_starts_is_cancelled(room: Room, qtbot: Any) -> None:
    room.desk.render()
    (estimate,) = room.thread.keys(EstimateTask)
    room.tell(estimate, Started("estimate"), Estimated(Estimate(9, 9, 5.0, 0, 1)))
    assert room.desk.status.value.phase == "starting"
    room.desk.cancel_current()  # its number is not known yet
    assert not room.desk.status.value.is_busy
    qtbot.waitUntil(lambda: [job.state for job in room.desk.jobs.value] == [JobState.CANCELLED])


def test_cancel_ends_the_estimate_of_a_render_alone(room: Room) -> None:
    answers: list[object] = []
    room.desk.estimate(None, answers.append, answers.append)
    room.desk.render()
    export, render = room.thread.keys(EstimateTask)
    room.desk.cancel_current()
    assert room.thread.cancelled == [render]
    found = Estimate(1, 9, 1.0, 0, 1)
    room.tell(export, Estimated(found))
    assert answers == [found]
    room.desk.estimate(None, answers.append, answers.append)
    room.tell(room.thread.keys(EstimateTask)[-1], Stopped(0, 0))
    assert isinstance(answers[-1], Failed)


def test_a_long_render_is_asked_for_twice(room: Room, qtbot: Any) -> None:
    room.desk.render()
    (key,) = room.thread.keys(EstimateTask)
    room.tell(key, Estimated(Estimate(8, 9, 200.0, 640_000_000, 2_000_000)))
    assert room.desk.status.value.phase == ""
    assert room.heard[-1].text == "Rendering takes about 3 min 20 s."
    assert room.heard[-1].remedy == "8 of 9 pictures, 640 MB of memory, 2 MB on disk."
    action = room.heard[-1].action
    assert action is not None
    action.run()
    qtbot.waitUntil(lambda: len(room.desk.jobs.value) == 1)


def test_a_long_render_that_was_begun_is_not_asked_for_again(room: Room, qtbot: Any) -> None:
    room.desk.render()
    takes = Estimated(Estimate(9, 9, 200.0, 0, 1))
    room.tell(room.thread.keys(EstimateTask)[0], takes)
    room.desk.render()  # by its key, beside the message
    action = room.heard[-1].action
    assert action is not None
    action.run()
    qtbot.waitUntil(lambda: len(room.desk.jobs.value) == 1)
    told = len(room.heard)
    room.tell(room.thread.keys(EstimateTask)[1], takes)
    assert len(room.heard) == told


def test_an_empty_film_is_not_rendered(room: Room, qtbot: Any) -> None:
    keys = frozenset(key.id for key in room.session.timeline.keyframes)
    assert room.session.edit("Delete", lambda line: remove(line, keys))
    room.desk.render()
    qtbot.waitUntil(lambda: bool(room.heard))
    assert room.heard[-1].text == "The film is empty."
    assert room.heard[-1].remedy == "Add a picture or a prompt."
    assert room.desk.status.value.phase == ""


def test_a_queue_that_takes_no_job_leaves_nothing_that_seems_to_run(
    room: Room, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    errors: list[Exception] = []
    room.desk.queue_failed.connect(errors.append)

    def refuse(*_: Any) -> int:
        raise StoreError("the disk is full", "free some")

    monkeypatch.setattr(Queue, "add", refuse)
    room.desk.export(tmp_path / "a.mp4", FilmExport(), overwrite=False, keep_prompts=True)
    qtbot.waitUntil(lambda: len(errors) == 1)
    assert not room.desk.status.value.is_busy


def test_a_render_right_after_an_edit_waits_for_the_plan(room: Room, qtbot: Any) -> None:
    assert room.session.edit("Seed", lambda line: set_seed(line, {"key-2"}, 9))
    room.desk.render()
    assert room.desk.status.value.phase == "starting"
    qtbot.waitUntil(lambda: len(room.thread.keys(EstimateTask)) == 1)
    (key,) = room.thread.keys(EstimateTask)
    task = room.thread.tasks[key]
    assert isinstance(task, EstimateTask)
    assert task.film.spec.film == room.session.film


def test_a_paused_queue_is_said_with_the_way_on(room: Room, qtbot: Any, tmp_path: Path) -> None:
    room.desk.pause_all()
    qtbot.waitUntil(lambda: room.desk.all_paused.value)
    room.desk.export(tmp_path / "a.mp4", FilmExport(), overwrite=False, keep_prompts=True)
    action = room.heard[-1].action
    assert action is not None
    action.run()
    qtbot.waitUntil(lambda: not room.desk.all_paused.value)

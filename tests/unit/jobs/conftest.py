"""A queue of one's own, and jobs in any state."""

from __future__ import annotations

import pytest

from imvar_studio.jobs.events import Failed, Finished
from imvar_studio.jobs.queue import Queue
from imvar_studio.jobs.queued import Owner, State, Urgency
from imvar_studio.jobs.tasks import FilmTask
from imvar_studio.model.project import FilmWork
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.specs import FilmSpec

SPEC = FilmSpec(FilmWork("film", "Eulen"), ModelRef("starter", "ab" * 32))
TASK = FilmTask("/p/owls.imvar", SPEC, "starter", "/p/owls.mp4")


def claim_as(owner: Owner, queue: Queue) -> None:
    """Let another program claim the queue's next job."""
    with Queue(queue._db.path, owner=owner, check=False, clock=queue._clock) as other:
        other.claim()


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "queue.db"


@pytest.fixture
def queue(path, clock):
    with Queue(path, clock=clock) as found:
        yield found


@pytest.fixture
def put():
    """Add a job and bring it into a state; returns its id."""

    def run(queue, state, task=TASK):
        number = queue.add(
            task, Urgency.FOREGROUND, at_front=True
        )  # so that it is claimed before the others
        if state not in (State.WAITING, State.PAUSED):
            assert queue.claim().id == number
        match state:
            case State.PAUSED:
                queue.pause(number)
            case State.INTERRUPTED:
                queue.stop(number)
            case State.FINISHED:
                queue.finish(number, Finished(("/p/owls.mp4",)))
            case State.FAILED:
                queue.fail(number, Failed("user", "the disk is full", "free some space"))
            case State.CANCELLED:
                queue.cancel(number)
                queue.stop(number)
        assert queue.job(number).state is state
        return number

    return run

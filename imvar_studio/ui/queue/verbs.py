"""What may be done with a job, and where it may be put."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from imvar_studio.jobs.queued import Job, Request, State
from imvar_studio.ui.queue.words import failure

if TYPE_CHECKING:
    from collections.abc import Sequence


class Verb(StrEnum):
    """What a person does with a job."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RETRY = "retry"
    REMOVE = "remove"
    FRONT = "front"
    UP = "up"
    DOWN = "down"
    FOLDER = "folder"
    LOG = "log"
    COPY_ERROR = "copy error"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job goes: right before another, or with None behind all."""

    before: int | None


_HELD = (State.PAUSED, State.INTERRUPTED)
_BUTTONS = {
    State.RUNNING: (Verb.PAUSE, Verb.CANCEL),
    State.WAITING: (Verb.PAUSE, Verb.CANCEL),
    State.PAUSED: (Verb.RESUME, Verb.CANCEL),
    State.INTERRUPTED: (Verb.RESUME, Verb.CANCEL),
    State.FINISHED: (Verb.FOLDER, Verb.REMOVE),
    State.CANCELLED: (Verb.RETRY, Verb.REMOVE),
}


def allowed(jobs: Sequence[Job], row: int) -> frozenset[Verb]:
    """Return what may be done with the job in a row."""
    job = jobs[row]
    found = {Verb.LOG, Verb.FOLDER}
    going = job.request is not Request.CANCEL
    runs = job.state is State.RUNNING and job.request in (Request.NONE, Request.YIELD)
    if runs or job.state is State.WAITING:
        found.add(Verb.PAUSE)
    if job.state in _HELD or job.request is Request.PAUSE:
        found.add(Verb.RESUME)
    if not job.has_ended and going:
        found.add(Verb.CANCEL)
    if job.state in (State.FAILED, State.CANCELLED) and not job.problem:
        found.add(Verb.RETRY)
    if job.state is not State.RUNNING:
        found.add(Verb.REMOVE)
    if is_movable(job):
        span = gaps(jobs, row)
        found |= {Verb.FRONT, Verb.UP} if row > span[0] else set()
        found |= {Verb.DOWN} if row + 1 < span[1] else set()
    if failure(job)[0]:
        found.add(Verb.COPY_ERROR)
    return frozenset(found)


def row_verbs(job: Job) -> tuple[Verb, ...]:
    """Return what a row has buttons for, from left to right."""
    if job.problem or job.state is State.FAILED:
        return (Verb.REMOVE,)
    if job.request is Request.CANCEL:
        return ()
    if job.request is Request.PAUSE:
        return (Verb.RESUME, Verb.CANCEL)
    return _BUTTONS[job.state]


def toggle_verb(job: Job) -> Verb | None:
    """Return whether the key that pauses and resumes does the one or the other."""
    both = [verb for verb in row_verbs(job) if verb in (Verb.PAUSE, Verb.RESUME)]
    return both[0] if both else None


def is_movable(job: Job) -> bool:
    """Tell whether a job may be put elsewhere: it waits, or is held."""
    return job.state is State.WAITING or job.state in _HELD


def gaps(jobs: Sequence[Job], row: int) -> tuple[int, int]:
    """Return the first and the last gap between rows into which the job in a row may go.

    Gap n lies above row n. Only jobs that have not ended and are as urgent are reordered; what
    runs at their front stays there.
    """
    urgency = jobs[row].urgency
    alike = [n for n, each in enumerate(jobs) if not each.has_ended and each.urgency == urgency]
    first = next((n for n in alike if jobs[n].state is not State.RUNNING), alike[-1])
    return first, alike[-1] + 1


def place_at(jobs: Sequence[Job], row: int, gap: int) -> Place | None:
    """Return where the job in a row goes when it is dropped into a gap.

    Returns:
        None where it would stay where it is, or may not be moved.
    """
    if not is_movable(jobs[row]):
        return None
    first, last = gaps(jobs, row)
    gap = min(max(gap, first), last)
    if gap in (row, row + 1):
        return None
    return Place(jobs[gap].id if gap < last else None)

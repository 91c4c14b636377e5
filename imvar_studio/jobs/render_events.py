"""What the render thread knows and tells: all that jobs say, and how they come and go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from imvar_studio.jobs.events import JobEnd, JobEvent, Progress, Waiting
from imvar_studio.jobs.queued import Request, State
from imvar_studio.jobs.tasks import Task


@dataclass(frozen=True, slots=True)
class Started:
    """A job runs now.

    Args:
        title: what people call it.
        number: its id in the queue; None for a task of this program's own.
    """

    title: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class SetAside:
    """A job of the queue is no longer run here, and was not ended here.

    Args:
        state: `waiting`, `paused` or `interrupted`; any other but `cancelled` where another
            program has taken it over meanwhile.
    """

    state: State


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing runs, and the queue has nothing to run; said once, with no job's key."""


@dataclass(slots=True)
class Running:
    """A job that the worker has.

    Args:
        task: what it does.
        title: what people call it.
        number: its id in the queue; None for an interactive one.
        tries: how often it was begun.
        asked: what it was asked for.
        started: whether the listener knows of it.
        last: how far it said that it is.
    """

    task: Task
    title: str
    number: int | None = None
    tries: int = 1
    asked: Request = Request.NONE
    started: bool = False
    last: Progress | Waiting | None = None


Happening = Started | JobEvent | JobEnd | SetAside | Idle
Listener = Callable[[str, Happening], None]
"""Called with a job's key and what happens to it."""


def key_of(number: int) -> str:
    """Return the key of a job of the queue."""
    return f"job-{number}"


def number_of(key: str) -> int | None:
    """Return the id in the queue of the job with a key; None for other jobs."""
    number = key.removeprefix("job-")
    return int(number) if number != key and number.isdecimal() else None

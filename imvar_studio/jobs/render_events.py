"""What the render thread tells: all that jobs say, and how they come and go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from imvar_studio.jobs.events import JobEnd, JobEvent
from imvar_studio.jobs.queued import State


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
    """A job of the queue left the worker and is not over.

    Args:
        state: `waiting`, `paused` or `interrupted`.
    """

    state: State


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing runs, and the queue has nothing to run; said once, with no job's key."""


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

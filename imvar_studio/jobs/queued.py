"""A job of the queue as people and windows see it, and what may be done with it when."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Self

import psutil

from imvar_studio.jobs.tasks import Task, task_data, task_of, title
from imvar_studio.model.errors import FormatError, StoreError, UserError

if TYPE_CHECKING:
    from imvar_studio.store.queue_db import QueueRow

SILENT_SECONDS = 120.0  # of another machine's program, until it is taken for dead
_SAME_START = 2.0  # seconds; the system's clock may be set while a program runs


class Urgency(IntEnum):
    """What goes first; between chunks a job gives way to a smaller number."""

    INTERACTIVE = 0
    FOREGROUND = 1
    BACKGROUND = 2


class State(StrEnum):
    """Where a job stands.

    `interrupted`: the program that ran it died or was stopped; it waits to be resumed.
    """

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Request(StrEnum):
    """What whoever runs a job is asked to do; `stop` it, or for `yield` `requeue` it."""

    NONE = ""
    PAUSE = "pause"
    CANCEL = "cancel"
    YIELD = "yield"


ENDED = frozenset({State.FINISHED, State.FAILED, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class Owner:
    """A process that runs jobs.

    Args:
        host: the machine's name.
        pid: on that machine.
        born: when the process started, seconds since 1970: pids are given again.
    """

    host: str
    pid: int
    born: float

    @classmethod
    def this(cls) -> Owner:
        """Return this process."""
        return cls(socket.gethostname(), os.getpid(), psutil.Process().create_time())

    def is_same(self, other: Owner) -> bool:
        """Tell whether both are one process."""
        near = abs(self.born - other.born) < _SAME_START
        return (self.host, self.pid) == (other.host, other.pid) and near

    def is_dead(self, heartbeat: float, here: str, now: float) -> bool:
        """Tell whether the process is gone.

        Args:
            heartbeat: when it was last heard of.
            here: this machine's name.
            now: seconds since 1970.
        """
        if self.host != here:
            return now - heartbeat > SILENT_SECONDS
        try:
            process = psutil.Process(self.pid)
            born, status = process.create_time(), process.status()
        except (psutil.NoSuchProcess, ValueError, OverflowError):
            return True
        except psutil.AccessDenied:
            return False
        return bool(status == psutil.STATUS_ZOMBIE or abs(born - self.born) >= _SAME_START)


@dataclass(frozen=True, slots=True)
class Job:
    """A job of the queue, as it stood when it was read.

    Args:
        id: what people call it by; never given twice.
        title: holds no prompts.
        project: the project's folder.
        task: what is to be done; None where it cannot be read, then `problem` says why, and
            in lists where it is very long (`Queue.job` has it).
        problem: "" or a sentence.
        request: what whoever runs it was asked to do and has not done yet.
        attempts: how often it was started and neither finished nor was asked to stop.
        pictures, of: finished, and in all; 0 of 0 before it first ran.
        seconds_left: None where not known.
        message, remedy: why it failed, or what it waits for.
        outputs: files it made, absolute.
        created, started, ended: seconds since 1970; None where not yet.
        owner: who runs it or ran it last; None before.
    """

    id: int
    title: str
    project: str
    task: Task | None
    problem: str
    urgency: Urgency
    state: State
    request: Request
    attempts: int
    pictures: int
    of: int
    seconds_left: float | None
    message: str
    remedy: str
    outputs: tuple[str, ...]
    created: float
    started: float | None
    ended: float | None
    owner: Owner | None

    @property
    def has_ended(self) -> bool:
        """Whether nothing will happen to it by itself any more."""
        return self.state in ENDED

    @classmethod
    def of_row(cls, row: QueueRow, found: Task | FormatError | None) -> Self:
        """Return the job of a row of the database, and of its task where that was read."""
        task = None if isinstance(found, FormatError) else found
        return cls(
            id=row.id,
            title=title(task) if task else row.title,
            project=task.project if task else row.project,
            task=task,
            problem=str(found) if isinstance(found, FormatError) else "",
            urgency=Urgency(row.urgency),
            state=State(row.state),
            request=Request(row.request),
            attempts=row.attempts,
            pictures=row.pictures,
            of=row.of,
            seconds_left=row.seconds_left,
            message=row.message,
            remedy=row.remedy,
            outputs=_paths(row.outputs),
            created=row.created,
            started=row.started,
            ended=row.ended,
            owner=owner_of(row),
        )


def owner_of(row: QueueRow) -> Owner | None:
    """Return who runs a row or ran it last."""
    return Owner(row.host, row.pid, row.born) if row.pid else None


def write_task(task: Task) -> str:
    """Return a task as text of ASCII characters; any file name can be in it."""
    return json.dumps(task_data(task), allow_nan=False, separators=(",", ":"))


def read_task(text: str | None, number: int) -> Task | FormatError:
    """Return the task of a job, or why there is none.

    Args:
        text: as `write_task` made it; None where it is damaged.
        number: the job's.
    """
    if text is None:
        return FormatError(f"the task of job {number} is damaged", "remove the job, add it anew")
    try:
        return task_of(json.loads(text))
    except UserError as error:
        remedy = error.remedy or "remove the job, add it anew"
        return FormatError(f"the task of job {number} cannot be read, {error.message}", remedy)
    except (ValueError, RecursionError):
        return FormatError(
            f"the task of job {number} cannot be read, it is not JSON",
            "remove the job, add it anew",
        )


def refuse(row: QueueRow, verb: str, remedy: str = "") -> StoreError:
    """Return the sentence for what cannot be done with a job in its state.

    Args:
        verb: the participle: "paused", "resumed".
    """
    known = {
        State.RUNNING: "cancel it first",
        State.WAITING: "it is run when its turn comes",
        State.PAUSED: "resume it",
        State.INTERRUPTED: "resume it",
        State.FINISHED: "add it anew to run it again",
        State.FAILED: "retry it, or remove it",
        State.CANCELLED: "retry it, or remove it",
    }
    state = State(row.state)
    return StoreError(f"job {row.id} is {state} and cannot be {verb}", remedy or known[state])


def _paths(text: str) -> tuple[str, ...]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    return tuple(filter(lambda each: isinstance(each, str), found)) if found else ()

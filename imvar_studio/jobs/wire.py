"""What the program and its worker process say to each other, as bytes.

A message is one line of JSON that names its kind; a preview's pixels follow the line as they
are. Nothing is pickled. Decoding is strict: who says anything else is taken for broken.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from imvar_studio.jobs.events import JobEnd, JobEvent, Preview
from imvar_studio.jobs.tasks import Task, task_data, task_of
from imvar_studio.model.codec import decode, encode, kind_of
from imvar_studio.model.errors import FormatError

MOST_BYTES = 64 << 20  # of one message; a task of 10,000 pictures takes about 10 MB
_LARGEST_SIDE = 8192
CANNOT_LOAD = 78  # a worker's exit code: what jobs need did not load, another worker may do better


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """How the worker process is to run.

    Args:
        parent: the process that started it, without which it ends; 0 asks for no such check.
        niceness: how far it stands back behind other programs, 0 to 19.
        beat: seconds between two signs of life.
        previews: whether anyone sees the pictures that are still being made.
    """

    parent: int = 0
    niceness: int = 10
    beat: float = 1.0
    previews: bool = True


@dataclass(frozen=True, slots=True)
class Run:
    """Do a task.

    Args:
        job: the name it has in all that is said of it.
        task: what to do.
        urgent: someone sits waiting: it is done before the next chunk of a running job.
    """

    job: str
    task: Task
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop a job within a step, or don't begin it."""

    job: str


@dataclass(frozen=True, slots=True)
class Yield:
    """Stop a job before its next chunk."""

    job: str


@dataclass(frozen=True, slots=True)
class Quit:
    """Stop everything and end."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker listens; from now on it beats."""

    pid: int


@dataclass(frozen=True, slots=True)
class Beat:
    """A sign of life.

    Args:
        time: seconds since the worker is ready.
        stage: what it is at, as in `Progress.phase`; `starting` while it still imports what a
            waiting job needs, "" where nothing runs.
        age: seconds since the running job last reported a step; 0 where nothing runs.
    """

    time: float
    stage: str = ""
    age: float = 0.0


@dataclass(frozen=True, slots=True)
class Began:
    """A job runs from now on, inside of another one where that has not ended."""

    job: str


@dataclass(frozen=True, slots=True)
class Said:
    """What a job reports."""

    job: str
    event: JobEvent


@dataclass(frozen=True, slots=True)
class Ended:
    """How a job ended; nothing more is said of it."""

    job: str
    end: JobEnd


@dataclass(frozen=True, slots=True)
class _Glimpse:
    """A preview's line; its pixels follow."""

    job: str
    width: int
    height: int
    step: int
    steps: int
    digest: str = ""


@dataclass(frozen=True, slots=True)
class _Order:
    """A `Run` whose task is in the form that the queue keeps, too."""

    job: str
    urgent: bool = False


Command = Run | Cancel | Yield | Quit
Report = Ready | Beat | Began | Said | Ended
_COMMANDS: dict[str, type[Any]] = {kind_of(cls): cls for cls in (Cancel, Yield, Quit)}
_REPORTS: dict[str, type[Any]] = {kind_of(cls): cls for cls in (Ready, Beat, Began, Said, Ended)}
_RUN, _PREVIEW = kind_of(Run), kind_of(Preview)


def command_bytes(command: Command) -> bytes:
    """Return a command as it is sent to the worker."""
    if isinstance(command, Run):
        order = encode(_Order(command.job, command.urgent))
        return _line({"kind": _RUN, **order, "of": task_data(command.task)})
    return _line({"kind": kind_of(type(command)), **encode(command)})


def command_of(data: bytes) -> Command:
    """Return the command that the bytes say.

    Raises:
        FormatError: for anything else.
    """
    content, payload = _parsed(data)
    if payload:
        _refuse("it says more than it should")
    kind = content.pop("kind", None)
    if kind == _RUN:
        task = task_of(content.pop("of", None))
        order = decode(content, _Order, "run")
        return Run(order.job, task, order.urgent)
    command: Command = _decoded(content, kind, _COMMANDS)
    return command


def report_bytes(report: Report) -> bytes:
    """Return a report as the worker sends it."""
    if isinstance(report, Said) and isinstance(report.event, Preview):
        seen = report.event
        size = seen.width, seen.height
        line = encode(_Glimpse(report.job, *size, seen.step, seen.steps, seen.digest))
        return _line({"kind": _PREVIEW, **line}) + seen.pixels
    return _line({"kind": kind_of(type(report)), **encode(report)})


def report_of(data: bytes) -> Report:
    """Return the report that the bytes say.

    Raises:
        FormatError: for anything else.
    """
    content, payload = _parsed(data)
    kind = content.pop("kind", None)
    if kind == _PREVIEW:
        return _glimpse(decode(content, _Glimpse, "preview"), payload)
    if payload:
        _refuse("it says more than it should")
    report: Report = _decoded(content, kind, _REPORTS)
    return report


def _glimpse(line: _Glimpse, pixels: bytes) -> Said:
    if not 0 < line.width <= _LARGEST_SIDE or not 0 < line.height <= _LARGEST_SIDE:
        _refuse("a preview has an impossible size")
    if len(pixels) != line.width * line.height * 3:
        _refuse("a preview has too few or too many pixels")
    seen = Preview(line.width, line.height, pixels, line.step, line.steps, line.digest)
    return Said(line.job, seen)


def _decoded(content: dict[str, Any], kind: Any, known: dict[str, type[Any]]) -> Any:
    cls = known.get(kind) if isinstance(kind, str) else None
    if cls is None:
        _refuse("it is of no known kind")
    return decode(content, cls, str(kind))


def _line(content: dict[str, Any]) -> bytes:
    # ASCII: names of files may hold bytes that are no text, and no form but \u carries them
    return json.dumps(content, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def _parsed(data: bytes) -> tuple[dict[str, Any], bytes]:
    line, end, payload = data.partition(b"\n")
    try:
        content = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        _refuse("it is no JSON")
    if not end or not isinstance(content, dict):
        _refuse("it is no message")
    return content, payload


def _refuse(why: str) -> NoReturn:
    raise FormatError(f"a message between the program and its worker is broken, {why}")

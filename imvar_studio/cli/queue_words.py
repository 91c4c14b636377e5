"""A job of the queue in words, and as fields of a JSON line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from imvar_studio.jobs.estimate import duration
from imvar_studio.jobs.queued import Job, Request, State, Urgency
from imvar_studio.jobs.tasks import PAGE, FilmTask, GalleryTask, PicturesTask, SheetTask

if TYPE_CHECKING:
    from collections.abc import Iterator

_BELOW = " " * 6


def job_lines(job: Job) -> list[str]:
    """Return a job's line, and below it what there is to know or to do."""
    # names of files may hold anything; a line stays one line
    return ["".join(char if char.isprintable() else "?" for char in line) for line in _lines(job)]


def _lines(job: Job) -> Iterator[str]:
    state = f"{job.state}"
    if job.request is not Request.NONE:
        state = f"{job.state}, to {job.request}"
    urgency = "" if job.urgency is Urgency.BACKGROUND else f", {job.urgency.name.lower()}"
    yield f"{job.id:4}  {job.title}: {state}{urgency}{_progress(job)}"
    if job.outputs:
        yield _BELOW + ", ".join(job.outputs[:3]) + (", ..." if len(job.outputs) > 3 else "")
    elif targets(job) and not job.has_ended:
        yield _BELOW + targets(job)[0]
    for sentence in (job.problem, _sentence(job)):
        if sentence:
            yield f"{_BELOW}{sentence}."


def job_fields(job: Job) -> dict[str, Any]:
    """Return a job as JSON-ready fields; times are seconds since 1970."""
    return {
        "id": job.id,
        "title": job.title,
        "project": job.project,
        "state": str(job.state),
        "urgency": job.urgency.name.lower(),
        "request": str(job.request),
        "attempts": job.attempts,
        "pictures": job.pictures,
        "of": job.of,
        "seconds_left": job.seconds_left,
        "message": job.message,
        "remedy": job.remedy,
        "problem": job.problem,
        "targets": targets(job),
        "outputs": list(job.outputs),
        "created": job.created,
        "started": job.started,
        "ended": job.ended,
    }


def targets(job: Job) -> list[str]:
    """Return the files a job is going to make, as far as its task is known."""
    match job.task:
        case FilmTask(target=target, frames_only=False) if target:
            return [target]
        case SheetTask(target=target) if target:
            return [target]
        case GalleryTask(folder=folder):
            return [str(Path(folder) / PAGE)]
        case PicturesTask():
            return list(job.task.targets)
        case _:
            return []


def _progress(job: Job) -> str:
    if not job.of or job.state is State.FINISHED:
        return ""
    left = f", about {duration(job.seconds_left)} left" if job.seconds_left is not None else ""
    return f", {job.pictures} of {job.of} pictures{left}"


def _sentence(job: Job) -> str:
    if job.state is State.FINISHED or job.message in job.problem:
        return ""
    found = f"{job.message}: {job.remedy}" if job.remedy else job.message
    return found.rstrip(".")

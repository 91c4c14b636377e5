"""Jobs of the queue in the window's words; no prompt and no path stands in them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from imvar_studio.jobs.estimate import duration
from imvar_studio.jobs.queued import Job, Request, State
from imvar_studio.jobs.tasks import (
    PAGE,
    EstimateTask,
    FilmTask,
    GalleryTask,
    PicturesTask,
    ProbeTask,
    SheetTask,
)
from imvar_studio.ui.sentences import sentence

if TYPE_CHECKING:
    from imvar_studio.jobs.events import Progress

_translate = QCoreApplication.translate


def time_left(seconds: float | None) -> str:
    """Return how long a render still takes, no finer than that can be known.

    Args:
        seconds: at least 0; None where not known, which gives "".

    Returns:
        In steps of 5 s below a minute, of 10 s below 10 minutes, then "about" so many whole
        minutes, from an hour on in steps of 5 minutes: it counts down calmly.
    """
    if seconds is None:
        return ""
    if seconds < 5:
        return _translate("Queue", "a few seconds left")
    steps = ((57.5, 5), (595, 10), (3570, 60))
    step = next((step for below, step in steps if seconds < below), 300)
    words = duration(step * max(round(seconds / step), 1))
    form = (
        _translate("Queue", "{time} left")
        if step <= 10
        else _translate("Queue", "about {time} left")
    )
    return form.format(time=words)


def phase_words(phase: str, done: int, of: int) -> str:
    """Return what is being done, and how far it is.

    Args:
        phase: as in `Progress`, or `starting`, `estimating`.
        done, of: pictures, or frames while encoding; 0 of 0 where not known.
    """
    known = {
        "starting": _translate("Queue", "Starting"),
        "estimating": _translate("Queue", "Estimating"),
        "loading": _translate("Queue", "Loading the model"),
        "inverting": _translate("Queue", "Reading the pictures"),
    }
    if phase in known:
        return known[phase]
    word = _translate("Queue", "Rendering")
    if phase == "encoding":
        word = _translate("Queue", "Encoding")
    if not of:
        return word
    return _translate("Queue", "{doing} {done} of {of}").format(doing=word, done=done, of=of)


def state_words(job: Job, live: Progress | None = None) -> str:
    """Return where a job stands.

    Args:
        job: of the queue.
        live: what the job that runs said last; the queue knows it half a second later.
    """
    if job.problem:
        return _translate("Queue", "Cannot be read")
    if job.state is State.RUNNING:
        return _running_words(job, live)
    words = {
        State.WAITING: _translate("Queue", "Waiting"),
        State.PAUSED: _translate("Queue", "Paused"),
        State.INTERRUPTED: _translate("Queue", "Interrupted"),
        State.FINISHED: _translate("Queue", "Finished"),
        State.CANCELLED: _translate("Queue", "Stopped"),
        State.FAILED: _translate("Queue", "Failed"),
    }
    more = _kept(job)
    if job.state is State.WAITING:
        more = file_name(job) or more
    elif job.state is State.FINISHED:
        more = file_name(job) or _when(job)
    return f"{words[job.state]} · {more}" if more else words[job.state]


def left_words(job: Job, live: Progress | None = None) -> str:
    """Return how long a running job still takes, or when an ended one ended; else ""."""
    if job.state is State.RUNNING and job.request is Request.NONE and not job.message:
        return time_left(job.seconds_left if live is None else live.seconds_left)
    if job.state is State.FINISHED and file_name(job):
        return _when(job)
    return ""


def share_done(job: Job, live: Progress | None = None) -> float | None:
    """Return how much of a job is done, in [0, 1]; None where no line is to show it."""
    if job.has_ended:
        return None
    done, of = job.pictures, job.of
    if live is not None and job.state is State.RUNNING:
        done, of = _far(live)
    if job.state is not State.RUNNING and not done:
        return None
    return min(done / of, 1.0) if of else 0.0


def failure(job: Job) -> tuple[str, str]:
    """Return what went wrong with a job and what to do, as sentences; "" where nothing did."""
    if job.problem:
        return sentence(job.problem), ""
    if job.state is not State.FAILED:
        return "", ""
    return sentence(job.message) or _translate("Queue", "It failed."), sentence(job.remedy)


def error_text(job: Job) -> str:
    """Return a job's failure as text to be copied."""
    return " ".join([f"{job.title}:", *filter(None, failure(job))])


def spoken(job: Job, live: Progress | None = None) -> str:
    """Return all of a row as a screen reader says it."""
    message, remedy = failure(job)
    parts = [job.title, state_words(job, live), left_words(job, live)]
    parts = [part for part in parts if part]
    return " ".join([", ".join(parts) + ".", *filter(None, (message, remedy))])


def file_name(job: Job) -> str:
    """Return the name of the file that a job makes or made, or how many; "" for none."""
    files = job.outputs or targets(job)
    if not files:
        return ""
    name = Path(files[0]).name
    if len(files) == 1:
        return "".join(each if each.isprintable() else "?" for each in name)
    return _translate("Queue", "{n} files").format(n=len(files))


def targets(job: Job) -> tuple[str, ...]:
    """Return the files that a job is going to make, absolute, as far as its task is known."""
    match job.task:
        case FilmTask(target=target) | SheetTask(target=target):
            return (target,) if target else ()
        case PicturesTask(targets=found):
            return found
        case GalleryTask(folder=folder):
            return (str(Path(folder) / PAGE),)
        case ProbeTask() | EstimateTask() | None:
            return ()


def _running_words(job: Job, live: Progress | None) -> str:
    if job.request is Request.CANCEL:
        return _translate("Queue", "Stopping")
    if job.request is Request.PAUSE:
        return _translate("Queue", "Pausing")
    if job.message:
        return sentence(job.message)
    if live is not None:
        return phase_words(live.phase, *_far(live))
    return phase_words("denoising" if job.of else "starting", job.pictures, job.of)


def _far(live: Progress) -> tuple[int, int]:
    """Return how far a job is, in what people count."""
    return (live.done, live.total) if live.phase == "encoding" else (live.pictures, live.of)


def _kept(job: Job) -> str:
    if not job.of:
        return ""
    form = _translate("Queue", "{done} of {of} are kept")
    return form.format(done=job.pictures, of=job.of)


def _when(job: Job) -> str:
    if job.ended is None:
        return ""
    ended = datetime.fromtimestamp(job.ended).astimezone()
    today = ended.date() == datetime.now().astimezone().date()
    return ended.strftime("%H:%M") if today else f"{ended.day} {ended.strftime('%b')}"

"""How far rendering is, as one value that the window shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Failed, Finished, Making, Progress, Stopped, Waiting
from imvar_studio.jobs.render_events import SetAside, Started

if TYPE_CHECKING:
    from imvar_studio.jobs.events import JobEnd
    from imvar_studio.jobs.render_events import Happening


@dataclass(frozen=True, slots=True)
class RenderStatus:
    """What is rendered now, or how the last render ended.

    Args:
        phase: "" where nothing runs; `starting`, `estimating`, `paused`, `waiting`, or as in
            `Progress`.
        title: of the job.
        key: of the job, as the render thread has it.
        pictures, of: that are there, and in all.
        seconds_left: None where not known.
        text: what it waits for, or how the last job ended.
        failed: pictures that were being made when the job failed.
        done, total: of the phase: frames while encoding, else samples.
    """

    phase: str = ""
    title: str = ""
    key: str = ""
    pictures: int = 0
    of: int = 0
    seconds_left: float | None = None
    text: str = ""
    failed: int = 0
    done: int = 0
    total: int = 0

    @property
    def is_busy(self) -> bool:
        """Whether something runs."""
        return self.phase not in ("", "paused")


class RunningJobs:
    """The status of every job that runs: one may run inside of another."""

    def __init__(self) -> None:
        self._running: dict[str, RenderStatus] = {}
        self._making: dict[str, int] = {}  # pictures that a job is making

    def __contains__(self, key: str) -> bool:
        return key in self._running

    def hear(self, key: str, what: Happening) -> RenderStatus | None:
        """Take in what happened to a job; return what is to be shown, None for nothing new."""
        if isinstance(what, Started):
            self._running[key] = RenderStatus("starting", what.title, key)
        elif isinstance(what, Making):
            self._making[key] = len(what.digests)
        elif isinstance(what, (Finished, Stopped, Failed, SetAside)):
            status = self._running.pop(key, RenderStatus(key=key))
            making = self._making.pop(key, 0)
            if not self._running:
                return _ended(status, what, making)
        elif key in self._running:
            self._running[key] = _going(self._running[key], what)
        return next(reversed(self._running.values()), None)


def _going(status: RenderStatus, what: Happening) -> RenderStatus:
    match what:
        case Progress(phase, done, total, pictures, of, seconds_left):
            so_far = replace(status, pictures=pictures, of=of, seconds_left=seconds_left)
            return replace(so_far, phase=phase, done=done, total=total, text="")
        case Waiting(text):
            return replace(status, phase="waiting", text=text)
    return status


def _ended(status: RenderStatus, end: JobEnd | SetAside, making: int) -> RenderStatus:
    match end:
        case SetAside(state):
            return replace(status, phase="paused", text=str(state))
        case Finished(text=text):
            return RenderStatus(text=text)
        case Stopped(kept, of):
            return RenderStatus(pictures=kept, of=of, text="stopped")
        case Failed(message=message):
            return RenderStatus(key=status.key, text=message, failed=making)

"""Asking the worker what a render would take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Estimated, Failed, Finished, Stopped
from imvar_studio.jobs.tasks import EstimateTask

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.jobs.estimate import Estimate
    from imvar_studio.jobs.render_events import Happening
    from imvar_studio.jobs.tasks import FilmTask, Task

    Done = Callable[[Estimate], None]
    Unknown = Callable[[Failed], None]

_STOPPED = Failed("user", "the estimate was stopped")


class Estimates:
    """Questions to the worker, each answered once; a newer one for a purpose ends the older.

    Args:
        submit: gives the render thread a task; returns its key.
        cancel: stops the task of a key.
    """

    def __init__(self, submit: Callable[[Task], str], cancel: Callable[[str], None]) -> None:
        self._submit, self._cancel = submit, cancel
        self._asked: dict[str, tuple[str, Done, Unknown]] = {}  # key: purpose, answers
        self._stopped: set[str] = set()

    @property
    def is_asking(self) -> bool:
        """Whether the worker has a question."""
        return bool(self._asked)

    def ask(self, purpose: str, task: FilmTask, done: Done, failed: Unknown) -> None:
        """Ask what a film takes.

        Args:
            purpose: `render` or `export`.
            task: that would be done.
            done, failed: one of them hears the answer.
        """
        self.stop(purpose)
        self._asked[self._submit(EstimateTask(task))] = purpose, done, failed

    def stop(self, *purposes: str) -> None:
        """End the questions for these purposes; nobody hears of them."""
        for key in [key for key, asked in self._asked.items() if asked[0] in purposes]:
            del self._asked[key]
            self._stopped.add(key)
            self._cancel(key)

    def hear(self, key: str, what: Happening) -> bool:
        """Take in what happened to a task; tells whether it was a question."""
        if key in self._stopped:
            if isinstance(what, (Finished, Stopped, Failed)):
                self._stopped.discard(key)
            return True
        if key not in self._asked:
            return False
        _, done, failed = self._asked[key]
        if isinstance(what, (Estimated, Finished, Stopped, Failed)):
            del self._asked[key]
            if not isinstance(what, (Finished, Stopped, Failed)):
                self._stopped.add(key)  # its end is still to come
        match what:
            case Estimated(estimate):
                done(estimate)
            case Failed() as why:
                failed(why)
            case Finished() | Stopped():
                failed(_STOPPED)
        return True

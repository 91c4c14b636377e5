"""The worker's first look at the machine: before it, nothing is known of precision and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Failed, Finished, Stopped
from imvar_studio.jobs.tasks import ProbeTask

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.jobs.render_events import Happening
    from imvar_studio.jobs.tasks import Task


class Probe:
    """Asks for the look once, and waits for its end.

    Args:
        submit: gives a task to the render thread, and returns its key.
        done: told of the end, with what failed.
    """

    def __init__(
        self, submit: Callable[[Task], str], done: Callable[[Failed | None], None]
    ) -> None:
        self._submit, self._done = submit, done
        self._key = ""

    @property
    def is_known(self) -> bool:
        """Whether no look is under way."""
        return not self._key

    def start(self) -> None:
        """Look."""
        self._key = self._submit(ProbeTask())

    def hear(self, key: str, what: Happening) -> bool:
        """Take in what the render thread told; tells whether it was of the look."""
        if not key or key != self._key:
            return False
        if isinstance(what, (Finished, Stopped, Failed)):
            self._key = ""
            self._done(what if isinstance(what, Failed) else None)
        return True

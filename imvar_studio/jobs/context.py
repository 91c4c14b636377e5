"""What a job runs in: it reports, and learns there that it is to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from imvar_studio.jobs.events import JobEvent


class JobContext(Protocol):
    """Given to every job function."""

    def step(self, event: JobEvent) -> None:
        """Report; called at least once a sampling step.

        Raises:
            Cancelled: if the job is to stop. What is finished is kept.
        """
        ...

    def check(self) -> None:
        """Stop here if asked to; cheap, called many times within a step and while waiting.

        Raises:
            Cancelled: if the job is to stop.
        """
        ...

    def wants_preview(self) -> bool:
        """Whether a `Preview` said now would be shown; False spares making it."""
        ...

    def between_chunks(self) -> None:
        """Let more urgent work go first: all that was rendered so far is on disk.

        Raises:
            Cancelled: if the job is to stop.
        """
        ...

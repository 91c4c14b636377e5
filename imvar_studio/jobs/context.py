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

"""A job's events on a terminal, or as JSON lines."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Self

from tqdm import tqdm

from imvar_studio.jobs.events import Estimated, JobEvent, Note, Progress
from imvar_studio.model.errors import Cancelled

if TYPE_CHECKING:
    from imvar_studio.cli.command import Interruption, Output

_OFTEN = 0.5  # seconds between progress lines for machines
_BAR = "{desc} {percentage:3.0f}%|{bar:30}| {elapsed}, {remaining} left"
_NAMES = {"inverting": "Reading your pictures", "encoding": "Writing the film"}


class Terminal:
    """The command line's job context: shows progress, and passes on a request to stop.

    Args:
        out: for people or machines.
        interruption: asked at every step.
    """

    def __init__(self, out: Output, interruption: Interruption) -> None:
        self._out = out
        self._interruption = interruption
        self._bar: tqdm[None] | None = None
        self._phase = ""
        self._told = 0.0

    def __enter__(self) -> Self:
        """Return the context."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Leave the terminal tidy, whatever happened."""
        self.close()

    def step(self, event: JobEvent) -> None:
        """Show an event.

        Raises:
            Cancelled: if the user asked for a stop.
        """
        match event:
            case Note(text):
                self._out.say(text)
                self._out.tell("note", text=text)
            case Estimated(estimate):
                self._out.say(estimate.sentence())
                self._out.tell("estimate", **asdict(estimate))
            case Progress():
                self._progress(event)
        if self._interruption.asked:
            raise Cancelled

    def close(self) -> None:
        """End the bar's line."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _progress(self, event: Progress) -> None:
        if self._out.machine:
            now = time.monotonic()
            if now - self._told >= _OFTEN or event.done == event.total:
                self._told = now
                self._out.tell("progress", **asdict(event))
            return
        encoding = event.phase == "encoding"
        if self._bar is None or encoding != (self._phase == "encoding"):
            self.close()
            self._bar = tqdm(total=event.total, bar_format=_BAR, file=sys.stderr, mininterval=0.2)
        self._phase = event.phase
        name = (
            _NAMES.get(event.phase) or f"Picture {min(event.pictures + 1, event.of)} of {event.of}"
        )
        self._bar.set_description_str(f"{name:24}", refresh=False)
        self._bar.update(event.done - self._bar.n)

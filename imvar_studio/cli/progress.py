"""A job's events on a terminal, in a log, or as JSON lines."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Self

from tqdm import tqdm

from imvar_studio.jobs.estimate import duration
from imvar_studio.jobs.events import (
    Estimated,
    JobEvent,
    Made,
    Making,
    Note,
    Preview,
    Progress,
    Waiting,
)
from imvar_studio.model.errors import Cancelled

if TYPE_CHECKING:
    from imvar_studio.cli.command import Interruption, Output

_OFTEN = 0.5  # seconds between progress lines for machines
_SELDOM = 30.0  # and in a file, where no bar can be drawn
_BAR = "{desc} {percentage:3.0f}%|{bar:30}| {elapsed}{postfix}"
_PLAIN_BAR = "{desc} {percentage:3.0f}%|{bar:30}| {elapsed}, {remaining} left"
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
        self._told = time.monotonic()

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
                self.close()  # a sentence has a line of its own
                self._out.say(text)
                self._out.tell("note", text=text)
            case Estimated(estimate):
                self._out.say(estimate.sentence())
                self._out.tell("estimate", **asdict(estimate))
            case Waiting(text):
                self.close()
                self._out.say(text)
                self._out.tell("waiting", text=text)
            case Made():
                self._out.tell("made", **asdict(event))
            case Progress():
                self._progress(event)
            case Preview() | Making():
                pass
        self.check()

    def check(self) -> None:
        """Stop here if the user asked for it.

        Raises:
            Cancelled: then.
        """
        if self._interruption.asked:
            raise Cancelled

    def wants_preview(self) -> bool:
        """Return False: a terminal shows no pictures."""
        return False

    def between_chunks(self) -> None:
        """Stop here if the user asked for it; nothing else waits on a command line."""
        self.check()

    def close(self) -> None:
        """End the bar's line."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _progress(self, event: Progress) -> None:
        if self._out.machine:
            if self._due(_OFTEN) or event.done == event.total:
                self._out.tell("progress", **asdict(event))
        elif event.phase == "loading":
            self._out.say("Loading the model.")
        elif sys.stderr.isatty():
            self._draw(event)
        elif self._due(_SELDOM):
            left = "" if event.seconds_left is None else f", {duration(event.seconds_left)} left"
            line = f"{_name(event)}, {event.done / event.total:.0%}{left}"
            print(line, file=sys.stderr, flush=True)

    def _due(self, seconds: float) -> bool:
        """Tell whether the last line was that long ago, and take this one as said."""
        now = time.monotonic()
        if now - self._told < seconds:
            return False
        self._told = now
        return True

    def _draw(self, event: Progress) -> None:
        encoding = event.phase == "encoding"
        if self._bar is None or encoding != (self._phase == "encoding"):
            self.close()
            form = _PLAIN_BAR if encoding else _BAR
            self._bar = tqdm(total=event.total, bar_format=form, file=sys.stderr, mininterval=0.2)
        self._phase = event.phase
        self._bar.set_description_str(f"{_name(event):24}", refresh=False)
        if event.seconds_left is not None:
            self._bar.set_postfix_str(f"about {duration(event.seconds_left)} left", refresh=False)
        self._bar.update(event.done - self._bar.n)


def _name(event: Progress) -> str:
    picture = f"Picture {min(event.pictures + 1, event.of)} of {event.of}"
    return _NAMES.get(event.phase, picture)

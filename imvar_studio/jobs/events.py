"""What a job says while it runs: a closed union, matched exhaustively."""

from __future__ import annotations

from dataclasses import dataclass

from imvar_studio.jobs.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is.

    Args:
        phase: what is being done: `loading`, `inverting`, `denoising`, `encoding`.
        done, total: work in UNet samples, the unit that takes the time; `encoding` in frames.
        pictures, of: pictures finished, and how many the plan has.
    """

    phase: str
    done: int
    total: int
    pictures: int
    of: int


@dataclass(frozen=True, slots=True)
class Estimated:
    """What a job is going to take, said before it starts."""

    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence the user should read: what was decided for them, what differs from asked."""

    text: str


JobEvent = Progress | Estimated | Note

"""What a render takes, from a short calibration on the machine or from earlier renders there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Estimate:
    """Time, memory and disk of what is left to do.

    Args:
        pictures: left to render.
        of: pictures of the plan.
        seconds: until the film is there, or the sheet.
        memory: peak of this process in bytes, 0 where it is not known.
        disk: bytes that the pictures will take, with the film or the sheet's files.
        as_before: the time is what the project's earlier renders took on this machine.
    """

    pictures: int
    of: int
    seconds: float
    memory: int
    disk: int
    as_before: bool = False

    def joined(self, other: Estimate) -> Estimate:
        """Return what this and then another part of the same plan take."""
        return Estimate(
            self.pictures + other.pictures,
            self.of,
            self.seconds + other.seconds,
            max(self.memory, other.memory),
            self.disk + other.disk,
            self.as_before and other.as_before,
        )

    def sentence(self) -> str:
        """Return the estimate as one line for people."""
        if not self.pictures:
            return f"All {self.of} pictures are there already."
        before = " as earlier renders took" if self.as_before else ""
        memory = f"{size(self.memory)} of memory, " if self.memory else ""
        return (
            f"{self.pictures} of {self.of} pictures to render: about {duration(self.seconds)}"
            f"{before}, {memory}{size(self.disk)} on disk."
        )


def duration(seconds: float) -> str:
    """Return a time as people say it: "8 s", "1 min 10 s", "2 h 5 min"."""
    whole = max(round(seconds), 1)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def film_length(frames: int, fps: Fraction) -> str:
    """Return how long a film is: "21 frames, 2.1 s"."""
    return f"{frames} frame{'s' * (frames > 1)}, {float(frames / fps):.1f} s"


def size(count: float) -> str:
    """Return bytes as people say it: "640 MB", "1.4 GB" (powers of 1000)."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"

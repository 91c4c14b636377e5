"""Playback without a screen: which frame is due by the clock, and which were dropped."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FASTEST = 8  # times the film's rate, either way
_LATEST_HELD = 600  # frames that are looked through for drops after a stall


class Picture(Enum):
    """How the picture of a frame stands."""

    DECODED = "decoded"
    WAITED_FOR = "waited for"
    MISSING = "missing"  # not rendered: the last picture is held, and nothing is dropped


@dataclass(frozen=True, slots=True)
class Range:
    """What is played.

    Args:
        first, last: frames, both included.
        fps: frames a second.
        looping: whether it starts again at its end.
    """

    first: int
    last: int
    fps: Fraction
    looping: bool

    @property
    def count(self) -> int:
        """How many frames it has."""
        return self.last - self.first + 1


def shuttled(rate: int, direction: int) -> int:
    """Return the rate after J (-1), K (0) or L (1).

    The same direction again doubles it up to 8 times; the other one turns round at once.
    """
    if direction == 0:
        return 0
    if rate * direction <= 0:
        return direction
    return direction * min(abs(rate) * 2, FASTEST)


class Player:
    """Says which frame is due, in a thread's own time.

    Args:
        clock: seconds that only rise, such as `time.perf_counter`.

    Attributes:
        rate: times the film's rate, negative backwards; 0 stands still.
        dropped: frames whose picture came too late, since `play` from a standstill.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.rate = 0
        self.dropped = 0
        self._clock = clock
        self._range = Range(0, 0, Fraction(12), looping=False)
        self._begun = 0.0
        self._anchor = 0
        self._seen = -1  # the last position whose picture was shown or given up
        self._done = -1

    @property
    def is_playing(self) -> bool:
        """Whether time passes."""
        return self.rate != 0

    def play(self, frame: int, what: Range, rate: int = 1) -> int:
        """Begin at a frame; returns the frame it does begin at.

        Outside of the range, and at its end where it does not loop, it begins at the beginning.

        Args:
            frame: at the playhead.
            what: is played.
            rate: not 0, in [-8, 8].
        """
        if self.rate == 0:
            self.dropped = 0
        begin, end = (what.first, what.last) if rate > 0 else (what.last, what.first)
        if not what.first <= frame <= what.last or (frame == end and not what.looping):
            frame = begin
        self._range, self.rate = what, rate
        self._start_at(frame)
        return frame

    def stop(self) -> None:
        """Stand still."""
        self.rate = 0

    def seek(self, frame: int) -> None:
        """Go on from another frame, clamped to the range."""
        self._start_at(min(max(frame, self._range.first), self._range.last))

    def change(self, what: Range, frame: int) -> None:
        """Go on with another range or rate of frames, from a frame."""
        self._range = what
        self.seek(frame)

    def due(self) -> tuple[int, bool]:
        """Return the frame that is due now, and whether the end is reached and over."""
        position = self._position()
        return self.frame_at(position), position > self._last_position()

    def advance(self, look: Callable[[int], Picture]) -> int | None:
        """Return the frame whose picture is to be shown now, None to leave what is shown.

        Counts what was passed without being shown, at the film's own rate only: faster, frames
        are left out on purpose.

        Args:
            look: tells how a frame's picture stands.
        """
        position = self._present()
        passed = range(max(self._seen + 1, position - _LATEST_HELD), position)
        if abs(self.rate) == 1:
            late = sum(look(self.frame_at(each)) is not Picture.MISSING for each in passed)
            self.dropped += late
        self._seen = max(self._seen, position - 1)
        if position <= self._done or look(self.frame_at(position)) is not Picture.DECODED:
            return None
        self._seen = self._done = position
        return self.frame_at(position)

    def until_next(self) -> float:
        """Return the seconds until another frame is due."""
        at = self._begun + float((self._position() + 1) / (self._range.fps * abs(self.rate)))
        return max(at - self._clock(), 0.0)

    def ahead(self, most: int) -> list[int]:
        """Return the frames that are due from now on, in order, each once.

        Args:
            most: of them, at least 1.
        """
        position = self._present()
        end = min(position + min(most, self._range.count), self._last_position() + 1)
        return [self.frame_at(each) for each in range(position, int(end))]

    def frame_at(self, position: int) -> int:
        """Return the frame at a position, counted in frames since `play`."""
        what, direction = self._range, 1 if self.rate > 0 else -1
        passed = int(min(position, self._last_position()))
        offset = self._anchor - what.first + direction * passed
        return what.first + offset % what.count

    def _start_at(self, frame: int) -> None:
        self._begun, self._anchor = self._clock(), frame
        self._seen = self._done = -1

    def _position(self) -> int:
        """Return the frames that have passed since the start."""
        elapsed = self._clock() - self._begun
        # a hair more: a timer that fires on time must not be one frame behind by rounding
        return math.floor(elapsed * float(self._range.fps * abs(self.rate)) + 1e-6)

    def _present(self) -> int:
        """Return the position now, at most the last."""
        return int(min(self._position(), self._last_position()))

    def _last_position(self) -> float:
        """Return the last position there is; infinite in a loop."""
        if self._range.looping:
            return math.inf
        end = self._range.last if self.rate > 0 else self._range.first
        return abs(end - self._anchor)

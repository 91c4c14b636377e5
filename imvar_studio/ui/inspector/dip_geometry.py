"""Where the graph of guidance around a picture is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Course = Sequence[tuple[float, float]]  # (seconds from the keyframe, guidance)


@dataclass(frozen=True, slots=True)
class DipGraph:
    """A course of guidance in a rectangle, in px.

    Args:
        course: in rising order of time, with at least one point.
        left, top, width, height: of the rectangle; the sizes are greater than 0.
    """

    course: tuple[tuple[float, float], ...]
    left: float
    top: float
    width: float
    height: float

    @property
    def highest(self) -> float:
        """The guidance at the upper edge: at least 1, so that the dip's floor has a place."""
        return max(1.0, *(value for _, value in self.course))

    def points(self) -> list[tuple[float, float]]:
        """Return the line's points."""
        return [self._at(time, value) for time, value in self.course]

    def keyframe(self) -> tuple[float, float]:
        """Return where the keyframe is on the line."""
        return self._at(*min(self.course, key=lambda point: abs(point[0])))

    def floor(self) -> float:
        """Return the height of guidance 1."""
        return self._at(0.0, 1.0)[1]

    def _at(self, time: float, value: float) -> tuple[float, float]:
        first, last = self.course[0][0], self.course[-1][0]
        along = (time - first) / (last - first) if last > first else 0.5
        up = value / self.highest
        return self.left + along * self.width, self.top + (1 - up) * self.height

"""Numbers in fields: their range, how they are written and read, and how gestures change them."""

from __future__ import annotations

import math
from dataclasses import dataclass

MIXED = "—"  # what a field shows where the selected things differ

FINE = 0.5  # Ctrl halves the speed
COARSE = 10.0  # Shift multiplies it

MOST_NOTCHES = 10_000


@dataclass(frozen=True, slots=True)
class NumberRange:
    """The numbers a field takes.

    Args:
        minimum, maximum: both belong to the range.
        step: what one press of an arrow key, or a pixel of a drag, changes; greater than 0.
        decimals: digits behind the point, 0 to 6.
    """

    minimum: float
    maximum: float
    step: float = 1.0
    decimals: int = 0

    def __post_init__(self) -> None:
        if not self.minimum <= self.maximum:
            raise ValueError(f"the range {self.minimum:g} to {self.maximum:g} is empty")
        if not self.step > 0:
            raise ValueError(f"step must be greater than 0, got {self.step}")
        if not 0 <= self.decimals <= 6:
            raise ValueError(f"decimals must be in [0, 6], got {self.decimals}")

    def fit(self, value: float) -> float:
        """Return the number of the range that is nearest, with no more than its decimals."""
        value = round(value, self.decimals)
        return min(max(value, self.minimum), self.maximum) + 0.0  # no -0

    def text(self, value: float | None) -> str:
        """Return how a number is written; None, for values that differ, is a dash."""
        if value is None:
            return MIXED
        return f"{round(value, self.decimals) + 0.0:.{self.decimals}f}"

    def read(self, text: str, unit: str = "") -> float | None:
        """Return the number that was typed, brought into the range; None if it is none.

        Args:
            text: a comma counts as a point, a typed unit is passed over.
            unit: of the field.
        """
        text = text.strip().replace("\N{MINUS SIGN}", "-")
        if unit and text.endswith(unit):
            text = text.removesuffix(unit)
        try:
            value = float(text.strip().replace(",", "."))
        except ValueError:
            return None
        return self.fit(value) if math.isfinite(value) else None

    def nudge(self, value: float, steps: float, speed: float = 1.0) -> float:
        """Return the number `steps` steps on; no less than one digit for a whole step.

        Args:
            value: to start from.
            steps: how many; negative goes down.
            speed: `FINE`, 1 or `COARSE`.
        """
        least = 10.0**-self.decimals
        return self.fit(value + steps * max(self.step * speed, least))

    @property
    def notches(self) -> int:
        """How many places a slider has, less one: a step each, unless there are too many."""
        return max(1, min(round((self.maximum - self.minimum) / self.step), MOST_NOTCHES))

    def to_notch(self, value: float) -> int:
        """Return the slider's place for a number, in [0, notches]."""
        span = self.maximum - self.minimum
        share = (value - self.minimum) / span if span else 0.0
        return round(min(max(share, 0.0), 1.0) * self.notches)

    def from_notch(self, notch: int) -> float:
        """Return the number at a slider's place."""
        return self.fit(self.minimum + (self.maximum - self.minimum) * notch / self.notches)


class Scrub:
    """A drag over a label: pixels become numbers, with what is less than a digit kept."""

    def __init__(self, numbers: NumberRange, value: float) -> None:
        self._numbers = numbers
        self._exact = value

    def move(self, pixels: float, speed: float = 1.0) -> float:
        """Return the number after the pointer went `pixels` further to the right."""
        exact = self._exact + pixels * self._numbers.step * speed
        # beyond the range nothing is kept: turning back takes effect at once
        self._exact = min(max(exact, self._numbers.minimum), self._numbers.maximum)
        return self._numbers.fit(self._exact)

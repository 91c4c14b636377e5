"""Times in frames as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction


def timecode(frame: int, fps: Fraction) -> str:
    """Return a frame's time as minutes:seconds:frames, with hours in front where there are any.

    Args:
        frame: at least 0.
        fps: frames a second; where it is no whole number, each second begins with its first
            frame.
    """
    seconds = frame * fps.denominator // fps.numerator
    first = -(-seconds * fps.numerator // fps.denominator)  # of that second, rounded up
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    digits = max(len(str(-(-fps.numerator // fps.denominator) - 1)), 2)
    short = f"{minute:02}:{second:02}:{frame - first:0{digits}}"
    return f"{hours}:{short}" if hours else short


def rate_text(fps: Fraction) -> str:
    """Return a frame rate with at most three digits behind the point: "12", "23.976"."""
    return f"{float(fps):.3f}".rstrip("0").rstrip(".")

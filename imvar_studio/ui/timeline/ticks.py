"""The ruler's marks, and how times are written."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from imvar_studio.plan.timing import nearest_frame

if TYPE_CHECKING:
    from imvar_studio.ui.timeline.geometry import View

ROOM = 76  # px between two labels at least
TIGHT = 9  # px between two marks at least
_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
_PARTS = {1: 4, 2: 4, 5: 5, 10: 5, 15: 3, 30: 6, 60: 6, 120: 4, 300: 5, 600: 5, 900: 3, 1800: 6}


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark: its time in seconds, and what stands beside it ("" for a small one)."""

    time: float
    label: str = ""


def timecode(time: float, fps: Fraction) -> str:
    """Return a time in seconds as mm:ss:ff, with hours before it where there are any."""
    whole = math.ceil(fps)
    frame = max(nearest_frame(time, fps), 0)
    seconds = frame * fps.denominator // fps.numerator
    part = frame - math.ceil(seconds * fps.numerator / fps.denominator)
    digits = max(len(str(whole - 1)), 2)
    return f"{_clock(seconds)}:{part:0{digits}d}"


def written(time: float, fps: Fraction, *, seconds: bool) -> str:
    """Return a time as the ruler writes it: timecode, or seconds with two decimals."""
    return f"{max(time, 0.0):.2f} s" if seconds else timecode(time, fps)


def ticks(view: View, fps: Fraction, *, seconds: bool, x0: float, x1: float) -> list[Tick]:
    """Return the marks from `x0` to `x1` px, in order.

    Args:
        view: what is seen.
        fps: frames a second; close up, marks stand on frames.
        seconds: write seconds, else timecode.
        x0, x1: px; labels to the left of `x0` that reach into it are among them.
    """
    step, parts = _step(view.scale, fps)
    small = step / parts
    first = max(math.floor(view.time(x0 - ROOM) / small), 0)
    last = math.floor(view.time(x1) / small)
    found = []
    for n in range(first, last + 1):
        time = float(n * small)
        found.append(Tick(time, _label(time, step, fps, seconds=seconds) if n % parts == 0 else ""))
    return found


def _step(scale: float, fps: Fraction) -> tuple[Fraction, int]:
    """Return the seconds between labels, and how many small steps they are parted into."""
    nominal = math.ceil(fps)  # of which frames are parts, so that seconds are among the labels
    for frames in (n for n in range(1, nominal) if nominal % n == 0):
        step = Fraction(frames) / fps
        if step * Fraction(scale) >= ROOM:
            return step, frames if float(step) * scale / frames >= TIGHT else 1
    for whole in _SECONDS:
        if whole * scale >= ROOM:
            parts = _PARTS.get(whole, 4)
            return Fraction(whole), parts if whole * scale / parts >= TIGHT else 1
    return Fraction(math.ceil(ROOM / scale / 3600) * 3600), 1


def _label(time: float, step: Fraction, fps: Fraction, *, seconds: bool) -> str:
    if seconds:
        return f"{time:.2f} s" if step < 1 else f"{time:.0f} s"
    return timecode(time, fps) if step < 1 else _clock(round(time))


def _clock(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"

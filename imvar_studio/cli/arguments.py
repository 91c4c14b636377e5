"""What people type, turned into values: sizes, times, rates."""

from __future__ import annotations

import re
from fractions import Fraction

from imvar_studio.model.errors import SpecError
from imvar_studio.model.project import frame_rate
from imvar_studio.model.source import Size

_SIZE = re.compile(r"(\d{1,9})(?:x(\d{1,9}))?", re.IGNORECASE)
_TIME = re.compile(r"(?:(\d{1,6}):)?(\d{1,9}(?:\.\d{1,9})?)\s*(s|ms)?")
_RATE = re.compile(r"\d{1,9}(?:\.\d{1,9}|/\d{1,9})?")
# the rates of broadcast that people round
_NTSC = {"23.976": Fraction(24000, 1001), "29.97": Fraction(30000, 1001)}


def parse_size(text: str) -> Size:
    """Return the size of `256` (a square) or `320x240`.

    Raises:
        SpecError: for another form, or a side out of range.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise SpecError(f"size must be like 256 or 320x240, got {text!r}", "size")
    width, height = found.groups()
    return Size(int(width), int(height or width))


def parse_time(text: str) -> float:
    """Return seconds of `2`, `2s`, `1500ms` or `1:30`.

    Raises:
        SpecError: for another form.
    """
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise SpecError(f"time must be like 2s, 1500ms or 1:30, got {text!r}", "time")
    minutes, seconds, unit = found.groups()
    return int(minutes or 0) * 60 + float(seconds) / (1000 if unit == "ms" else 1)


def parse_rate(text: str) -> Fraction:
    """Return frames a second of `12`, `23.976` or `24000/1001`.

    Raises:
        SpecError: for another form, or a rate out of range.
    """
    text = text.strip()
    if not _RATE.fullmatch(text) or text.endswith("/0"):
        raise SpecError(f"fps must be like 12, 23.976 or 24000/1001, got {text!r}", "fps")
    try:
        return frame_rate(_NTSC.get(text) or Fraction(text))
    except ZeroDivisionError:
        raise SpecError(f"fps must be like 12, 23.976 or 24000/1001, got {text!r}", "fps") from None

"""What people type, turned into values: numbers, times, weights."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.model.errors import SpecError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

_FRAMES = re.compile(r"(\d{0,7})(?:(-)(\d{0,7}))?")
_TIME = re.compile(r"(?:(\d{1,6}):)?(\d{1,9}(?:\.\d{1,9})?)\s*(s|ms)?")
_WHOLE = re.compile(r"[+-]?\d{1,20}")


def whole(field: str) -> Callable[[str], int]:
    """Return the parser of a whole number, whose range is checked where it is used."""

    def parse(text: str) -> int:
        if not _WHOLE.fullmatch(text.strip()):
            raise SpecError(f"{field} must be a whole number, got {_short(text)}", field)
        return int(text)

    return parse


def decimal(field: str) -> Callable[[str], float]:
    """Return the parser of a number, whose range is checked where it is used."""

    def parse(text: str) -> float:
        try:
            return float(text)
        except ValueError:
            raise SpecError(f"{field} must be a number, got {_short(text)}", field) from None

    return parse


def add_compute_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where and how a render is computed."""
    parser.add_argument(
        "--device", metavar="D", help="cpu, cuda, cuda:1, mps (default: the best there is)"
    )
    parser.add_argument(
        "--precision", metavar="P", help="fp32, bf16, fp16 (default: what suits the device)"
    )
    parser.add_argument(
        "--batch",
        metavar="N",
        type=whole("batch"),
        help="pictures rendered together, 1 to 64 (default: what suits the device)",
    )


def parse_time(text: str) -> float:
    """Return seconds of `2`, `2s`, `1500ms` or `1:30`.

    Raises:
        SpecError: for another form.
    """
    found = _TIME.fullmatch(text.strip())
    minutes, seconds, unit = found.groups() if found else ("", "", "")
    if found is None or (minutes and unit == "ms"):
        raise SpecError(f"time must be like 2s, 1500ms or 1:30, got {_short(text)}", "time")
    return int(minutes or 0) * 60 + float(seconds) / (1000 if unit == "ms" else 1)


def parse_frames(text: str) -> tuple[int, int | None]:
    """Return the first and the last frame of `4-9`, `4-` (None: to the end), `-9` or `4`.

    Raises:
        SpecError: for another form.
    """
    found = _FRAMES.fullmatch(text.strip())
    if found is None or text.strip() in ("", "-"):
        raise SpecError(f"frames must be like 0-23, 24- or -23, got {_short(text)}", "frames")
    first, dash, last = found.groups()
    if not dash:
        return int(first), int(first)
    return int(first or 0), int(last) if last else None


def weighted(text: str, option: str) -> tuple[str, float]:
    """Return what stands before the last colon and the weight after it; 1 where none is given.

    Raises:
        SpecError: nothing before the colon.
    """
    name, colon, tail = text.rpartition(":")
    try:
        weight = float(tail) if colon else 1.0
    except ValueError:  # a colon of the text's own, or of a path
        name, weight = text, 1.0
    name = name if colon else text
    if not name.strip():
        raise SpecError(f"{option} needs something before the weight, got {_short(text)}", option)
    return name, weight


def shown(path: Path) -> str:
    """Return a path as it can be typed in a command."""
    text = str(path)
    return f'"{text}"' if " " in text else text


def timed_name(project: Path, ending: str) -> Path:
    """Return the name of an export that got none: by the project and the time."""
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    return Path(f"{project.resolve().stem}-{stamp}{ending}")


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")

"""Checks at construction: every message names the field and its range."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING, Any

from imvar_studio.model.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SEED_LIMIT = 2**63
_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_COLOUR = re.compile(r"#[0-9a-f]{6}")


def put(value: object, /, **fields: object) -> None:
    """Set fields of a frozen value while it is being made (normalised forms of what came in)."""
    for name, content in fields.items():
        object.__setattr__(value, name, content)


def number(value: Any, field: str, low: float, high: float, *, open_low: bool = False) -> float:
    """Return `value` as a finite float in [low, high], or in (low, high] with `open_low`."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SpecError(f"{field} must be a number, got {_shown(value)}", field)
    inside = (low < value if open_low else low <= value) and value <= high
    if not inside or not math.isfinite(value):  # NaN fails every comparison
        bracket = "(" if open_low else "["
        raise SpecError(f"{field} must be in {bracket}{low:g}, {high:g}], got {value}", field)
    return float(value)


def integer(value: Any, field: str, low: int, high: int) -> int:
    """Return `value` as an int in [low, high]; a float or bool is refused."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise SpecError(f"{field} must be a whole number, got {_shown(value)}", field)
    if not low <= value <= high:
        raise SpecError(f"{field} must be in [{low}, {high}], got {value}", field)
    return value


def seed(value: Any, field: str = "seed") -> int:
    """Return `value` as a seed in [0, 2**63)."""
    return integer(value, field, 0, SEED_LIMIT - 1)


def flag(value: Any, field: str) -> bool:
    """Return `value` if it is true or false."""
    if not isinstance(value, bool):
        raise SpecError(f"{field} must be true or false, got {_shown(value)}", field)
    return value


def text(value: Any, field: str, longest: int = 10_000, *, empty: bool = True) -> str:
    """Return `value` in Unicode NFC; control characters but line breaks and tabs are refused."""
    if not isinstance(value, str):
        raise SpecError(f"{field} must be text, got {_shown(value)}", field)
    normal = unicodedata.normalize("NFC", value)
    if len(normal) > longest:
        raise SpecError(f"{field} must have at most {longest} characters, got {len(normal)}", field)
    if not empty and not normal.strip():
        raise SpecError(f"{field} must not be empty", field)
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in normal):
        raise SpecError(f"{field} must not hold control characters", field)
    return normal


def choice(value: Any, field: str, options: Sequence[str]) -> str:
    """Return `value` if it is one of `options`."""
    if value not in options:
        raise SpecError(f"{field} must be one of {', '.join(options)}, got {_shown(value)}", field)
    return str(value)


def slug(value: Any, field: str) -> str:
    """Return `value` if it is a short name of a-z, 0-9, dot, dash and underscore."""
    if not isinstance(value, str) or not _SLUG.fullmatch(value):
        allowed = "1 to 64 of a-z, 0-9, '.', '_', '-', beginning with a letter or digit"
        raise SpecError(f"{field} must be {allowed}, got {_shown(value)}", field)
    return value


def digest(value: Any, field: str) -> str:
    """Return `value` if it is 64 lower-case hexadecimal digits."""
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        raise SpecError(f"{field} must be 64 hexadecimal digits, got {_shown(value)}", field)
    return value


def colour(value: Any, field: str) -> str:
    """Return `value` if it is `#rrggbb` in lower case (sRGB)."""
    if not isinstance(value, str) or not _COLOUR.fullmatch(value.lower()):
        raise SpecError(f"{field} must be a colour like #ffffff, got {_shown(value)}", field)
    return value.lower()


def unique(names: Iterable[str], field: str) -> None:
    """Refuse a name that is there twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise SpecError(f"{field} {name!r} is there twice", field)
        seen.add(name)


def _shown(value: Any) -> str:
    """Return a short form for a message: a user's file may hold anything."""
    form = repr(value)
    return form if len(form) <= 60 else form[:57] + "..."

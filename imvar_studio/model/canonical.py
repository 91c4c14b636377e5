"""Canonical JSON and digests: the same bytes on every machine, locale and Python.

Floats are written with 9 significant digits (C's %.9g, which Python computes itself, so no
locale and no libc enters), -0 as 0; NaN and infinities are refused; text is NFC; keys are
sorted by code point; no white space. Digests are BLAKE2b-256 (RFC 7693) in hexadecimal.
"""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
from typing import Any

from imvar_studio.model.codec import Data, encode
from imvar_studio.model.errors import SpecError

_quote = json.JSONEncoder(ensure_ascii=False).encode


def canonical_json(data: Data) -> str:
    """Return JSON-ready `data` in its one canonical form.

    Raises:
        SpecError: if it holds NaN, an infinity or something JSON has no form for.
    """
    if data is None or isinstance(data, bool):
        return {None: "null", True: "true", False: "false"}[data]
    if isinstance(data, int):
        return str(data)
    if isinstance(data, float):
        return _number(data)
    if isinstance(data, str):
        return _quote(data if data.isascii() else unicodedata.normalize("NFC", data))
    if isinstance(data, (list, tuple)):
        return "[" + ",".join([canonical_json(each) for each in data]) + "]"
    if isinstance(data, dict):
        pairs = sorted((unicodedata.normalize("NFC", key), item) for key, item in data.items())
        return "{" + ",".join([f"{_quote(k)}:{canonical_json(v)}" for k, v in pairs]) + "}"
    raise SpecError(f"{type(data).__name__} has no canonical form", "value")


def digest_data(data: Data) -> str:
    """Return the BLAKE2b-256 digest of the canonical form of `data`: 64 hexadecimal digits."""
    return hashlib.blake2b(canonical_json(data).encode(), digest_size=32).hexdigest()


def digest_value(value: Any) -> str:
    """Return the digest of a value of `model` (a dataclass)."""
    return digest_data(encode(value, rounded=True))


def _number(x: float) -> str:
    if not math.isfinite(x):
        raise SpecError(f"a number must be finite, got {x}", "value")
    form = f"{x:.9g}"
    return "0" if form == "-0" else form

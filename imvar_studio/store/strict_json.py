"""JSON from a disk anyone could have written to: read whole and strictly, or refused.

What Python's parser lets pass is refused here: NaN and infinities, a key that is there twice,
numbers no double holds, text that is no Unicode, nesting that would exhaust the stack.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NoReturn

from imvar_studio.model.errors import FormatError
from imvar_studio.store.atomic import store_error

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.model.codec import Data

MOST_BYTES = 64 * 2**20
DEEPEST = 128  # lists and objects inside each other
MOST_DIGITS = 40  # of a whole number; parsing takes quadratic time


def read_json(path: Path, most: int = MOST_BYTES) -> Data:
    """Return the content of a JSON file.

    Raises:
        FormatError: naming the file and, where known, the line, if it is not strict JSON in
            UTF-8 of at most `most` bytes.
        StoreError: if the system does not let it be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise store_error(error, "read", path) from error
    if len(data) > most:
        raise FormatError(
            f"{path} is larger than {most / 2**20:g} MiB, which no file of its kind is"
        )
    return parse_json(data, str(path))


def parse_json(data: bytes, name: str) -> Data:
    """Return what `data` says; `name` is the file's name in messages.

    Raises:
        FormatError: as in `read_json`.
    """
    parser = _Parser(name)
    try:
        found = json.loads(
            data.decode(),
            object_pairs_hook=parser.pairs,
            parse_constant=parser.constant,
            parse_int=parser.integer,
            parse_float=parser.number,
        )
    except UnicodeDecodeError as error:
        raise FormatError(f"{name} is not UTF-8 text, see byte {error.start}") from error
    except json.JSONDecodeError as error:
        what = error.msg[:1].lower() + error.msg[1:]
        raise FormatError(f"{name} line {error.lineno} is not JSON, {what}") from error
    except RecursionError as error:
        raise FormatError(f"{name} is nested more than {DEEPEST} deep") from error
    parser.check_depth(found)
    if b"\\u" in data:
        parser.check_text(found)
    return found


def json_bytes(data: Data, *, indent: int | None = 2) -> bytes:
    """Return JSON-ready data as UTF-8 text that ends with a line break, fields in their order.

    Raises:
        ValueError: for NaN, infinities and text that is no Unicode, all refused by `model`.
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, indent=indent)
    return (text + "\n").encode()


class _Parser:
    """The parts of a strict parser; `name` is the file's."""

    def __init__(self, name: str) -> None:
        self._name = name

    def pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            self._refuse(f"has the field {twice[:60]!r} twice")
        return found

    def constant(self, name: str) -> NoReturn:
        self._refuse(f"holds {name}, which JSON has no form for")

    def integer(self, digits: str) -> int:
        count = len(digits.removeprefix("-"))
        if count > MOST_DIGITS:
            self._refuse(f"holds a whole number of {count} digits")
        return int(digits)

    def number(self, digits: str) -> float:
        value = float(digits)
        if not math.isfinite(value):
            self._refuse(f"holds the number {digits[:40]}, which is too large")
        return value

    def check_depth(self, found: Any) -> None:
        level, depth = [found], 0
        while level:
            if depth > DEEPEST:
                self._refuse(f"is nested more than {DEEPEST} deep")
            level = [
                child
                for each in level
                if isinstance(each, (list, dict))
                for child in (each.values() if isinstance(each, dict) else each)
            ]
            depth += 1

    def check_text(self, found: Any) -> None:
        try:
            json.dumps(found, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            self._refuse("holds half of a character pair, which is no text")

    def _refuse(self, what: str) -> NoReturn:
        raise FormatError(f"{self._name} {what}")

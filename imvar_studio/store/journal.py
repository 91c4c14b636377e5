"""A take's journal: a line for every finished picture, appended and never rewritten.

A record's line carries a checksum and has one form only, so that a line torn by a crash or
changed by the disk is told apart and ignored, and costs no other line.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imvar_studio.model import checks
from imvar_studio.model.canonical import canonical_json, digest_data
from imvar_studio.model.codec import encode
from imvar_studio.model.errors import UserError
from imvar_studio.store.atomic import store_error, sync_folder
from imvar_studio.store.hashing import blake2b
from imvar_studio.store.strict_json import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_LONGEST_LINE = 65536
_CHECK_DIGITS = 16
_BEGIN = b'{"check":"'
_REST = len(_BEGIN) + _CHECK_DIGITS  # where the check's closing quote stands
_FIELDS = {"file", "fingerprint", "recipe", "seconds"}


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """One finished picture.

    Args:
        recipe: the recipe's digest, the picture's name.
        file: BLAKE2b-256 of its file.
        fingerprint: of the numerics it was made with: device, versions, precision, batch.
        seconds: that making it took.
    """

    recipe: str
    file: str
    fingerprint: str
    seconds: float

    def __post_init__(self) -> None:
        checks.digest(self.recipe, "recipe")
        checks.digest(self.file, "frame file")
        checks.put(self, fingerprint=checks.text(self.fingerprint, "fingerprint", 4096))
        checks.put(self, seconds=checks.number(self.seconds, "seconds", 0, 1e9))

    def line(self) -> bytes:
        """Return the record's line, without its break."""
        data = encode(self, rounded=True)
        data["check"] = digest_data(data)[:_CHECK_DIGITS]
        return canonical_json(data).encode()


class Journal:
    """The file `journal.jsonl` of a take."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def records(self) -> tuple[JournalRecord, ...]:
        """Return the whole records in the order they came; none where there is no file.

        Raises:
            StoreError: if the file is there and cannot be read.
        """
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise store_error(error, "read", self._path) from error
        found = [_record(line) for line in data.split(b"\n")]
        return tuple(record for record in found if record is not None)

    def append(self, records: Iterable[JournalRecord]) -> None:
        """Add records at the end; they are on the disk when this returns.

        Raises:
            StoreError: if they cannot be written; what was there before is left as it is.
        """
        lines = b"".join(record.line() + b"\n" for record in records)
        if not lines:
            return
        try:
            fresh = not self._path.exists()
            self._append(lines)
            if fresh:
                sync_folder(self._path.parent)
        except OSError as error:
            raise store_error(error, "write", self._path) from error

    def _append(self, lines: bytes) -> None:
        with self._path.open("a+b", buffering=0) as file:
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":  # torn by a crash: the next record must not join it
                    lines = b"\n" + lines
            rest = memoryview(lines)
            while rest:  # a full disk takes a part first and refuses the next
                rest = rest[file.write(rest) or 0 :]
            os.fsync(file.fileno())


def _record(line: bytes) -> JournalRecord | None:
    """Return the record of a line, None unless the line is exactly as it was written.

    The check stands first and was taken over the rest, so that the rest is hashed as it is.
    """
    if not line.startswith(_BEGIN) or len(line) > _LONGEST_LINE:
        return None
    check, rest = line[len(_BEGIN) : _REST], b"{" + line[_REST + 2 :]
    if line[_REST : _REST + 2] != b'",' or blake2b(rest).hexdigest()[:_CHECK_DIGITS] != (
        check.decode("ascii", "replace")
    ):
        return None
    try:
        data = parse_json(rest, "journal")
        known = isinstance(data, dict) and data.keys() == _FIELDS
        return JournalRecord(**data) if known else None
    except UserError:
        return None

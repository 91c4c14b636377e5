"""Hashes of files: BLAKE2b-256 for what we make, SHA-256 for the names of assets."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def blake2b(data: bytes = b"") -> hashlib.blake2b:
    """Return a BLAKE2b-256 hash (RFC 7693) that has taken `data`."""
    return hashlib.blake2b(data, digest_size=32)


def blake2b_of_file(path: Path) -> str:
    """Return the BLAKE2b-256 of a file, 64 hexadecimal digits; raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, blake2b).hexdigest()


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file, 64 hexadecimal digits; raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

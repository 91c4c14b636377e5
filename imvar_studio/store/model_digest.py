"""What tells two models' files apart: their names, sizes and hashes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imvar_studio.model.canonical import digest_data
from imvar_studio.store.hashing import blake2b, blake2b_of_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from imvar_studio.store.cache import DigestCache

_LARGE = 2**20  # bytes from which on a file's hash is worth keeping
_TEXTS = {".json", ".txt"}
_HASH = re.compile(rb"[0-9a-f]{64}")


def named_hashes(place: Path, files: Iterable[Path], hashes: DigestCache) -> list[list[str | int]]:
    """Return name, size in bytes and BLAKE2b-256 of each of a model's files, sorted.

    Args:
        place: the model's folder, or its single file, whose own place says nothing: it is named
            by its ending.
        files: of the model; those that lie elsewhere are named by their ending, too.
        hashes: where hashes of large files are kept.

    Raises:
        OSError: if a file cannot be read.
    """
    return sorted([_name_in(place, each), *size_and_hash(each, hashes)] for each in files)


def size_and_hash(path: Path, hashes: DigestCache) -> tuple[int, str]:
    """Return a file's size in bytes and BLAKE2b-256, of texts with line ends as on Unix.

    Raises:
        OSError: if it cannot be read.
    """
    if path.suffix in _TEXTS:  # a checkout on Windows may have other line ends
        data = path.read_bytes().replace(b"\r\n", b"\n")
        return len(data), blake2b(data).hexdigest()
    status = path.stat()
    if status.st_size < _LARGE:
        return status.st_size, blake2b_of_file(path)
    stamp = [ascii(path.resolve()), status.st_size, status.st_mtime_ns, status.st_ctime_ns]
    key = digest_data(stamp)
    known = hashes.get(key)
    if known is None or not _HASH.fullmatch(known):
        known = blake2b_of_file(path).encode()
        hashes.put(key, known)
    return status.st_size, known.decode()


def _name_in(model: Path, file: Path) -> str:
    inside = model.is_dir() and file.is_relative_to(model)
    return file.relative_to(model).as_posix() if inside else file.suffix

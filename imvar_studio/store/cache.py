"""A cache on disk by digest: what it holds can be computed again, so it never stops a render."""

from __future__ import annotations

import logging
import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from imvar_studio.model import checks
from imvar_studio.model.errors import StoreError
from imvar_studio.store.atomic import make_folder, write_atomic
from imvar_studio.store.hashing import blake2b

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_log = logging.getLogger(__name__)
_SUM = 32  # bytes of the checksum in front
_ENTRY = re.compile(r"[0-9a-f]{64}")


class DigestCache:
    """Bytes by digest: `ab/<digest>` below a folder, each file behind its own checksum.

    An entry's time of change is when it was last used: `trim` goes by it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, digest: str) -> bytes | None:
        """Return what was put under `digest`; a damaged entry is removed and counts as absent."""
        path = self._path(digest)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            _log.warning("cache entry %s cannot be read: %s", path, error)
            return None
        content = data[_SUM:]
        if data[:_SUM] == _checksum(digest, content):
            with suppress(OSError):  # a cache that can only be read is a cache all the same
                os.utime(path)
            return content
        _log.warning("cache entry %s is damaged and removed", path)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("cache entry %s cannot be removed: %s", path, error)
        return None

    def put(self, digest: str, data: bytes) -> None:
        """Keep `data` under `digest`; where the disk refuses, a line in the log is all."""
        path = self._path(digest)
        try:
            make_folder(path.parent)
            # a torn entry is told by its checksum, so nobody waits for the disk
            write_atomic(path, _checksum(digest, data) + data, durable=False)
        except StoreError as error:
            _log.warning("cache entry is not kept: %s", error)

    def size(self) -> int:
        """Return the bytes that all entries take; what cannot be read counts as nothing."""
        return sum(size for _, size, _ in self._entries())

    def trim(self, limit: int, keep_since: float) -> int:
        """Remove what was not used for longest, until the rest takes at most `limit` bytes.

        Args:
            limit: bytes.
            keep_since: seconds since 1970; what was used since then stays, whatever it takes.

        Returns:
            The bytes that came free. What the system does not let go stays, without a word.
        """
        entries = sorted(self._entries())
        over, freed = sum(size for _, size, _ in entries) - limit, 0
        for used, size, path in entries:
            if freed >= over or used >= keep_since:
                break
            try:
                os.unlink(path)  # noqa: PTH108  (tests make this one fail)
            except OSError as error:
                _log.warning("cache entry %s cannot be removed: %s", path, error)
            else:
                freed += size
        return freed

    def _entries(self) -> Iterator[tuple[float, int, str]]:
        """Yield when each entry was last used, its bytes and its path."""
        with suppress(OSError):
            for folder in [each for each in self._folder.iterdir() if each.is_dir()]:
                with suppress(OSError), os.scandir(folder) as entries:
                    for entry in entries:
                        with suppress(OSError):  # another process trims, too
                            if _ENTRY.fullmatch(entry.name) and entry.is_file():
                                found = entry.stat()
                                yield found.st_mtime, found.st_size, entry.path

    def _path(self, digest: str) -> Path:
        checks.digest(digest, "cache digest")
        return self._folder / digest[:2] / digest


def _checksum(digest: str, data: bytes) -> bytes:
    """Over name and content: an entry under another's name is damaged too."""
    taken = blake2b(digest.encode())
    taken.update(data)
    return taken.digest()

"""A cache on disk by digest: what it holds can be computed again, so it never stops a render."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from imvar_studio.model import checks
from imvar_studio.model.errors import StoreError
from imvar_studio.store.atomic import make_folder, write_atomic
from imvar_studio.store.hashing import blake2b

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger(__name__)
_SUM = 32  # bytes of the checksum in front


class DigestCache:
    """Bytes by digest: `ab/<digest>` below a folder, each file behind its own checksum."""

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

    def _path(self, digest: str) -> Path:
        checks.digest(digest, "cache digest")
        return self._folder / digest[:2] / digest


def _checksum(digest: str, data: bytes) -> bytes:
    """Over name and content: an entry under another's name is damaged too."""
    taken = blake2b(digest.encode())
    taken.update(data)
    return taken.digest()

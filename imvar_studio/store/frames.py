"""Frames: finished pictures, once per project, named by their recipe's digest."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from imvar_studio.model import checks
from imvar_studio.store.atomic import make_folder, store_error, write_atomic
from imvar_studio.store.hashing import blake2b, blake2b_of_file

if TYPE_CHECKING:
    from pathlib import Path

_FRAME = re.compile(r"([0-9a-f]{64})\.png")


class FrameStore:
    """The frames below a project's folder: `frames/ab/<digest>.png`, `ab` the digest's first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "frames"

    def path(self, digest: str) -> Path:
        """Return where the frame of a recipe's digest lies, whether it is there or not."""
        checks.digest(digest, "frame")
        return self._folder / digest[:2] / f"{digest}.png"

    def put(self, digest: str, data: bytes) -> str:
        """Keep a frame's file and return its BLAKE2b-256; one that was there is replaced.

        Raises:
            StoreError: if it cannot be written.
        """
        path = self.path(digest)
        make_folder(path.parent)
        write_atomic(path, data)
        return blake2b(data).hexdigest()

    def sizes(self) -> dict[str, int]:
        """Return the bytes of every frame that is there; none where nothing was rendered.

        Raises:
            StoreError: if a folder cannot be read.
        """
        found: dict[str, int] = {}
        try:
            for folder in [each for each in self._folder.iterdir() if each.is_dir()]:
                with os.scandir(folder) as entries:  # a tenth of the time of looking at each
                    for entry in entries:
                        name = _FRAME.fullmatch(entry.name)
                        if name is not None and name[1][:2] == folder.name and entry.is_file():
                            found[name[1]] = entry.stat().st_size
        except FileNotFoundError:
            return found
        except OSError as error:
            raise store_error(error, "read", self._folder) from error
        return found

    def is_whole(self, digest: str, file_hash: str) -> bool:
        """Whether the frame is there and its file is the one that had this hash."""
        return self.file_hash(digest) == file_hash

    def file_hash(self, digest: str) -> str | None:
        """Return the BLAKE2b-256 of a frame's file as it is now, None where it cannot be read."""
        try:
            return blake2b_of_file(self.path(digest))
        except OSError:
            return None

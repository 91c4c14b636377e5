"""A take's videos: one a file ending, each recorded with what it was made from."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from imvar_studio.model import checks
from imvar_studio.model.codec import decode, encode
from imvar_studio.model.errors import FormatError, StoreError
from imvar_studio.store.atomic import store_error, write_atomic
from imvar_studio.store.hashing import blake2b_of_file
from imvar_studio.store.strict_json import json_bytes, read_json

if TYPE_CHECKING:
    from collections.abc import Iterable

VIDEO_FILE = "video.json"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class VideoRecord:
    """An encoded film: what it was made from, and how to tell that it is still that file.

    Args:
        key: from `video_key`.
        path: relative to the take where it lies inside, else absolute.
        size: bytes.
        file: BLAKE2b-256 of the file.
    """

    key: str
    path: str
    size: int
    file: str

    def __post_init__(self) -> None:
        checks.digest(self.key, "video key")
        checks.digest(self.file, "video file")
        checks.text(self.path, "video path", 4096, empty=False)

    @property
    def ending(self) -> str:
        """The file's ending in lower case: `.mp4`."""
        return PurePosixPath(self.path).suffix.lower()

    def is_whole(self, take: Path) -> bool:
        """Whether the file is there and the one that was recorded.

        Args:
            take: the take's folder.
        """
        path = take / self.path  # an absolute one stands for itself
        try:
            same = path.is_file() and path.stat().st_size == self.size
            return same and blake2b_of_file(path) == self.file
        except (OSError, ValueError):
            return False


@dataclass(frozen=True, slots=True)
class _Videos:
    """The content of the file."""

    videos: tuple[VideoRecord, ...]


def recorded_videos(take: Path) -> tuple[VideoRecord, ...]:
    """Return what was recorded in a take's folder; none where the record is damaged."""
    path = take / VIDEO_FILE
    try:
        if not path.is_file():
            return ()
        data = read_json(path)
        if isinstance(data, dict) and "key" in data:  # before 0.2 there was one a take
            return (decode(data, VideoRecord),)
        return decode(data, _Videos).videos
    except FormatError as error:
        _log.warning("the take's videos are made again: %s", error)
    except (StoreError, OSError):
        pass
    return ()


def whole_video(take: Path, key: str) -> Path | None:
    """Return the video of `key` in a take's folder, if it was recorded and its file is whole."""
    of_key: Iterable[VideoRecord] = (each for each in recorded_videos(take) if each.key == key)
    return next((take / each.path for each in of_key if each.is_whole(take)), None)


def record_video(take: Path, key: str, path: Path) -> None:
    """Remember that the file at `path` is the video of `key`, in place of others of its ending.

    Raises:
        StoreError: if the video cannot be read or the record not be written.
    """
    try:
        size, file = path.stat().st_size, blake2b_of_file(path)
    except OSError as error:
        raise store_error(error, "read", path) from error
    whole, home = path.resolve(), take.resolve()
    kept = whole.relative_to(home).as_posix() if whole.is_relative_to(home) else str(whole)
    record = VideoRecord(key, kept, size, file)
    others = [each for each in recorded_videos(take) if each.ending != record.ending]
    write_atomic(take / VIDEO_FILE, json_bytes(encode(_Videos((*others, record)))))

"""Takes: a render's folder with its plan, its journal and what became of its video."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imvar_studio.model import checks
from imvar_studio.model.canonical import digest_data
from imvar_studio.model.codec import Data, decode, encode
from imvar_studio.model.errors import FormatError, StoreError, UserError
from imvar_studio.store.atomic import make_folder, store_error, write_atomic
from imvar_studio.store.hashing import blake2b_of_file
from imvar_studio.store.journal import Journal, JournalRecord
from imvar_studio.store.strict_json import json_bytes, read_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from imvar_studio.plan.plan import Plan
    from imvar_studio.store.project_folder import ProjectFolder

PLAN_FILE, JOURNAL_FILE, VIDEO_FILE = "plan.json", "journal.jsonl", "video.json"
_PLAN_FORMAT, _VERSION = "imvar-take", 1
_NAME_DIGITS = 16
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


def video_key(file_hashes: Sequence[str], options: Data) -> str:
    """Return the digest of what decides a video: its frames' files in order, the encoder's options.

    Args:
        file_hashes: BLAKE2b-256 of each frame's file, a frame that is shown twice twice.
        options: JSON-ready: rate, codec, quality, loop, ...
    """
    return digest_data({"frames": list(file_hashes), "options": options})


class Take:
    """One render of a plan, new or continued. Made by `open_or_create`.

    Attributes:
        path: the folder `takes/<first 16 digits of the plan's digest>`.
        plan: what is rendered.
    """

    def __init__(self, project: ProjectFolder, plan: Plan) -> None:
        self.path = project.takes / plan.digest[:_NAME_DIGITS]
        self.plan = plan
        self._project = project
        self._journal = Journal(self.path / JOURNAL_FILE)

    @classmethod
    def open_or_create(cls, project_folder: ProjectFolder, plan: Plan, spec_data: Data) -> Take:
        """Return the take of `plan`, with its `plan.json` as it must be.

        Args:
            project_folder: the project it belongs to.
            plan: what is rendered.
            spec_data: JSON-ready, kept beside the plan: what the plan was made from.

        Raises:
            StoreError: if the folder cannot be written.
        """
        take = cls(project_folder, plan)
        make_folder(take.path)
        content = {
            "format": _PLAN_FORMAT,
            "version": _VERSION,
            "digest": plan.digest,
            "spec": spec_data,
            "plan": encode(plan),
        }
        data, path = json_bytes(content, indent=None), take.path / PLAN_FILE
        if _bytes_of(path) != data:  # missing, damaged, or of a spec that says the same otherwise
            write_atomic(path, data)
        return take

    def finished(self) -> dict[str, JournalRecord]:
        """Return the plan's pictures that need no rendering, by their digests, verified now.

        A picture counts if a journal of any take of this project names the hash its file has.
        What another take made is written into this take's journal.

        Raises:
            StoreError: if a journal cannot be read or written.
        """
        own = self._matching(self._journal.records())
        missing = {picture.digest for picture in self.plan.pictures} - own.keys()
        found = self._matching(
            [record for record in self._others() if record.recipe in missing] if missing else []
        )
        self._journal.append(found.values())
        return {
            picture.digest: (own | found)[picture.digest]
            for picture in self.plan.pictures
            if picture.digest in own or picture.digest in found
        }

    def record(
        self, digest: str, file_hash: str, fingerprint: str, seconds: float
    ) -> JournalRecord:
        """Write into the journal that a picture's frame is there; returns the record.

        Args:
            digest: the picture's.
            file_hash: as `FrameStore.put` returned it.
            fingerprint: of the numerics.
            seconds: that the picture took.

        Raises:
            StoreError: if the journal cannot be written.
        """
        record = JournalRecord(digest, file_hash, fingerprint, seconds)
        self._journal.append([record])
        return record

    def video_path(self, suffix: str = ".mp4") -> Path:
        """Return where the take's own video lies, whether it is there or not."""
        return self.path / f"video{suffix}"

    def video_of(self, key: str) -> Path | None:
        """Return the video last recorded, if `key` decides it and its file is whole."""
        try:
            data = read_json(self.path / VIDEO_FILE)
            record = decode(data, VideoRecord)
            path = self.path / record.path  # an absolute one stands for itself
            same = record.key == key and path.is_file() and path.stat().st_size == record.size
            if same and blake2b_of_file(path) == record.file:
                return path
        except FormatError as error:
            _log.warning("the video is made again: %s", error)
        except (StoreError, OSError, ValueError):
            return None
        return None

    def record_video(self, key: str, path: Path) -> None:
        """Remember that the file at `path` is the video of `key`.

        Raises:
            StoreError: if the video cannot be read or the record not be written.
        """
        try:
            size, file = path.stat().st_size, blake2b_of_file(path)
        except OSError as error:
            raise store_error(error, "read", path) from error
        whole = path.resolve()
        inside = whole.is_relative_to(self.path.resolve())
        kept = whole.relative_to(self.path.resolve()).as_posix() if inside else str(whole)
        record = VideoRecord(key, kept, size, file)
        write_atomic(self.path / VIDEO_FILE, json_bytes(encode(record)))

    def _matching(self, records: Sequence[JournalRecord]) -> dict[str, JournalRecord]:
        """Return the records that name the hash their frame's file has; the last one counts."""
        wanted = {picture.digest for picture in self.plan.pictures}
        known = {(r.recipe, r.file): r for r in records if r.recipe in wanted}
        found: dict[str, JournalRecord] = {}
        for digest in dict.fromkeys(recipe for recipe, _ in known):
            file = self._project.frames.file_hash(digest)
            if file is not None and (digest, file) in known:
                found[digest] = known[digest, file]
        return found

    def _others(self) -> list[JournalRecord]:
        """Return what the journals of the project's other takes hold."""
        found: list[JournalRecord] = []
        for path in sorted(self._project.takes.glob(f"*/{JOURNAL_FILE}")):
            if path.parent == self.path:
                continue
            try:
                found += Journal(path).records()
            except UserError as error:
                _log.warning("a take is left out: %s", error)
        return found


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None

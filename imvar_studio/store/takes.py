"""Takes: a render's folder with its plan, its journal and what became of its videos."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING

from imvar_studio.model.canonical import digest_data
from imvar_studio.model.codec import Data, encode
from imvar_studio.model.errors import UserError
from imvar_studio.store import take_videos
from imvar_studio.store.atomic import make_folder, write_atomic
from imvar_studio.store.journal import Journal, JournalRecord
from imvar_studio.store.strict_json import json_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from imvar_studio.plan.plan import Plan
    from imvar_studio.store.project_folder import ProjectFolder

PLAN_FILE, JOURNAL_FILE, VIDEO_FILE = "plan.json", "journal.jsonl", take_videos.VIDEO_FILE
_PLAN_FORMAT, _VERSION = "imvar-take", 1
_ID_DIGITS = 16
_log = logging.getLogger(__name__)


def take_id(plan_digest: str) -> str:
    """Return the id of the take of a plan, the name of its folder."""
    return plan_digest[:_ID_DIGITS]


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
        self.path = project.takes / take_id(plan.digest)
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

    def finished(self, *, adopt: bool = True) -> dict[str, JournalRecord]:
        """Return the plan's pictures that need no rendering, by their digests, verified now.

        A picture counts if a journal of any take of this project names the hash its file has.

        Args:
            adopt: write into this take's journal what another take made; False only looks.

        Raises:
            StoreError: if a journal cannot be read or written.
        """
        own = self._matching(self._journal.records())
        missing = {picture.digest for picture in self.plan.pictures} - own.keys()
        found = self._matching(
            [record for record in self._others() if record.recipe in missing] if missing else []
        )
        if adopt:
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
        """Return the video that `key` decides, if it was recorded and its file is whole."""
        return take_videos.whole_video(self.path, key)

    def record_video(self, key: str, path: Path) -> None:
        """Remember that the file at `path` is the video of `key`, in place of one of its ending.

        Raises:
            StoreError: if the video cannot be read or the record not be written.
        """
        take_videos.record_video(self.path, key, path)

    def fingerprints(self, finished: Mapping[str, JournalRecord] | None = None) -> dict[str, int]:
        """Return how many of the plan's finished pictures each numerics fingerprint made.

        The most common comes first; of equally common ones, the one used last.

        Args:
            finished: from `finished`, where the caller has it; None verifies all frames now.

        Raises:
            StoreError: if a journal cannot be read or written.
        """
        found = self.finished() if finished is None else finished
        counts = Counter(record.fingerprint for record in found.values())
        last = {record.fingerprint: n for n, record in enumerate(self._journal.records())}
        order = sorted(counts, key=lambda name: (-counts[name], -last.get(name, -1)))
        return {name: counts[name] for name in order}

    def odd(self, finished: Mapping[str, JournalRecord] | None = None) -> tuple[str, ...]:
        """Return the digests of finished pictures that other numerics made than most, in order.

        They are alike to the rest, not equal to the bit to what the rest's numerics would give.

        Args:
            finished: as in `fingerprints`.

        Raises:
            StoreError: if a journal cannot be read or written.
        """
        found = self.finished() if finished is None else finished
        usual = next(iter(self.fingerprints(found)), "")
        return tuple(name for name, record in found.items() if record.fingerprint != usual)

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

"""Which takes a project has, what each refers to and what it takes on the disk."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imvar_studio.model import checks
from imvar_studio.model.errors import SpecError, StoreError, UserError
from imvar_studio.store.atomic import store_error
from imvar_studio.store.journal import Journal, JournalRecord
from imvar_studio.store.lock_file import Holder
from imvar_studio.store.locks import takes_in_use
from imvar_studio.store.strict_json import read_json
from imvar_studio.store.take_videos import VIDEO_FILE, recorded_videos
from imvar_studio.store.takes import JOURNAL_FILE, PLAN_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from imvar_studio.store.project_folder import ProjectFolder

_SHORTEST = 4  # digits of an id that may stand for it


@dataclass(frozen=True, slots=True)
class TakeFolder:
    """A take as it lies on the disk, its frames not looked at.

    Args:
        path: the folder; its name is the take's id.
        film: the film's name at the time, "" where it is not known.
        pictures: digests of the plan's pictures; None where the plan does not read.
        records: the journal's whole records.
    """

    path: Path
    film: str
    pictures: tuple[str, ...] | None
    records: tuple[JournalRecord, ...]

    @property
    def id(self) -> str:
        """The take's id."""
        return self.path.name

    @property
    def frames(self) -> frozenset[str]:
        """The digests of all frames it refers to, there or not."""
        return frozenset(self.pictures or ()) | {record.recipe for record in self.records}

    @property
    def written(self) -> float:
        """When it was last written, in seconds since 1970."""
        times = [
            time
            for name in (JOURNAL_FILE, PLAN_FILE, VIDEO_FILE)
            if (time := _changed(self.path / name)) is not None
        ]
        return max(times, default=0.0)


@dataclass(frozen=True, slots=True)
class TakeInfo:
    """A take as a list shows it.

    Args:
        id: the name of its folder.
        film: as in `TakeFolder`.
        written: when it was last written, in seconds since 1970.
        there: pictures that are finished and whose files are there; `verify` hashes them.
        of: pictures of the plan, None where it does not read.
        own: bytes of its folder and of frames that no other take refers to.
        shared: bytes of frames that other takes refer to as well.
        videos: endings of its videos that are there: `.mp4`.
        holder: who renders it now, None if nobody does.
        fingerprints: pictures that are there by the numerics that made them, most first.
    """

    id: str
    film: str
    written: float
    there: int
    of: int | None
    own: int
    shared: int
    videos: tuple[str, ...]
    holder: Holder | None
    fingerprints: tuple[tuple[str, int], ...]


def read_takes(project: ProjectFolder) -> tuple[TakeFolder, ...]:
    """Return a project's takes, the one written last first.

    Raises:
        StoreError: if the folder or a journal cannot be read.
    """
    found = [read_take(path) for path in _folders(project)]
    return tuple(sorted(found, key=lambda take: (-take.written, take.id)))


def find_takes(takes: Sequence[TakeFolder], names: Iterable[str]) -> tuple[TakeFolder, ...]:
    """Return the takes of these ids, or of the beginnings of ids, in their order.

    Raises:
        StoreError: for a name of no take, or of several.
    """
    wanted: set[str] = set()
    for name in names:
        ids = [take.id for take in takes if take.id == name]
        if not ids and len(name) >= _SHORTEST:
            ids = [take.id for take in takes if take.id.startswith(name)]
        if len(ids) != 1:
            message = f"{len(ids)} takes begin with" if ids else "there is no take"
            raise StoreError(f"{message} {name}", "see the ids with 'imvar takes list DIR'")
        wanted.add(ids[0])
    return tuple(take for take in takes if take.id in wanted)


def list_takes(project: ProjectFolder) -> tuple[TakeInfo, ...]:
    """Return a project's takes, the one written last first; no frame is opened.

    Raises:
        StoreError: if a folder or a journal cannot be read.
    """
    takes, sizes, in_use = read_takes(project), project.frames.sizes(), takes_in_use(project)
    users = Counter(name for take in takes for name in take.frames)
    made = {record.recipe: record.fingerprint for take in takes for record in take.records}
    return tuple(_info(take, sizes, users, made, in_use.get(take.id)) for take in takes)


def _info(
    take: TakeFolder,
    sizes: dict[str, int],
    users: Counter[str],
    made: dict[str, str],
    holder: Holder | None,
) -> TakeInfo:
    # what another take's journal knows counts: `Take.finished` takes it over
    known = made | {record.recipe: record.fingerprint for record in take.records}
    here = [name for name in take.frames if name in sizes]
    finished = [name for name in here if name in known]
    kinds = Counter(known[name] for name in finished)
    return TakeInfo(
        take.id,
        take.film,
        take.written,
        len(finished),
        None if take.pictures is None else len(take.pictures),
        folder_size(take.path) + sum(sizes[name] for name in here if users[name] == 1),
        sum(sizes[name] for name in here if users[name] > 1),
        _videos(take.path),
        holder,
        tuple(kinds.most_common()),
    )


def _videos(take: Path) -> tuple[str, ...]:
    there = (video for video in recorded_videos(take) if (take / video.path).exists())
    return tuple(sorted(video.ending for video in there))


def folder_size(folder: Path) -> int:
    """Return the bytes of all files below a folder; what cannot be read counts as nothing."""
    found = 0
    for path in folder.rglob("*"):
        try:
            found += path.lstat().st_size if path.is_file() else 0
        except OSError:
            continue
    return found


def _folders(project: ProjectFolder) -> Iterator[Path]:
    """Yield the folders that are takes; hidden ones are being removed, others are not ours."""
    try:
        paths = sorted(project.takes.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        raise store_error(error, "read", project.takes) from error
    for path in paths:
        ours = (path / PLAN_FILE).exists() or (path / JOURNAL_FILE).exists()
        if ours and not path.name.startswith("."):
            yield path


def read_take(path: Path) -> TakeFolder:
    """Return what lies in a take's folder, readable or not.

    Raises:
        StoreError: if the journal is there and cannot be read.
    """
    records = Journal(path / JOURNAL_FILE).records()
    try:
        data: Any = read_json(path / PLAN_FILE)
        pictures = tuple(
            checks.digest(each["digest"], "picture") for each in data["plan"]["pictures"]
        )
    except (UserError, LookupError, TypeError):
        return TakeFolder(path, "", None, records)
    return TakeFolder(path, _film_name(data), tuple(dict.fromkeys(pictures)), records)


def _film_name(data: Any) -> str:
    """Return the name of the film or sheet that a plan was made from."""
    try:
        spec = data["spec"]
        work = spec["sheet"] if "sheet" in spec else spec["film"]
        return checks.text(work.get("name", ""), "name", 200)
    except (SpecError, LookupError, TypeError, AttributeError):
        return ""


def _changed(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except OSError:
        return None

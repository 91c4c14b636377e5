"""The project's takes as the library lists them, and what removing one spares."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.jobs.references import queued_digests
from imvar_studio.media.film_formats import FORMATS
from imvar_studio.model.errors import UserError
from imvar_studio.store.take_clean import Choice, Cleaning, clean_takes
from imvar_studio.store.take_frames import take_frames
from imvar_studio.store.take_list import list_takes
from imvar_studio.store.take_references import referred_takes
from imvar_studio.store.take_videos import recorded_videos

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imvar_studio.model.project import Project
    from imvar_studio.store.project_folder import ProjectFolder
    from imvar_studio.store.take_videos import VideoRecord

_ENDINGS = frozenset(each.ending for each in FORMATS if each.ending)


@dataclass(frozen=True, slots=True)
class TakeRow:
    """A take as a row shows it.

    Args:
        id: the take's.
        film: the film's name at the time.
        written: when, in seconds since 1970.
        done: frames that are there.
        of: frames of the film, None where its plan does not read.
        size: bytes of what goes with it, and only with it.
        picture: the frame in the middle, or the nearest one that is there.
        video: where its film is said to be, None where none is; see `playable_film`.
        folder: the take's own.
        busy: whether it is being rendered.
    """

    id: str
    film: str
    written: float
    done: int
    of: int | None
    size: int
    picture: Path | None
    video: Path | None
    folder: Path
    busy: bool


def take_rows(project: ProjectFolder) -> tuple[TakeRow, ...]:
    """Return a project's takes, the one written last first. Slow: it reads every plan.

    Raises:
        StoreError: if a folder or a journal cannot be read.
    """
    rows = []
    for info in list_takes(project):
        folder = project.takes / info.id
        digests: tuple[str, ...] = ()
        done, of = info.there, info.of
        try:
            digests = take_frames(project, folder).digests
            done, of = sum(map(bool, digests)), len(digests)
        except UserError:
            pass  # what the list itself knows is shown
        middle = middle_of(digests)
        rows.append(
            TakeRow(
                info.id,
                info.film,
                info.written,
                done,
                of,
                info.own,
                project.frames.path(middle) if middle else None,
                _video(folder),
                folder,
                info.holder is not None,
            )
        )
    return tuple(rows)


def middle_of(digests: tuple[str, ...]) -> str:
    """Return the digest nearest to the middle of a film that is there; "" where none is."""
    middle = len(digests) // 2
    there = [at for at, digest in enumerate(digests) if digest]
    return digests[min(there, key=lambda at: abs(at - middle))] if there else ""


def _video(folder: Path) -> Path | None:
    """Return a take's film that is there; one that any player shows before others."""
    return next((path for path, _ in _films(folder) if path.is_file()), None)


def playable_film(folder: Path) -> Path | None:
    """Return the file of a take's film that may be handed to another program, if there is one.

    A record may come from anywhere, with a project: what lies inside the take is played, and
    elsewhere only the very file that was exported. Slow: it reads that file.

    Args:
        folder: the take's.
    """
    home = folder.resolve()
    for path, record in _films(folder):
        try:
            file = path.resolve(strict=True)
        except (OSError, RuntimeError):  # gone, or links in a ring
            continue
        inside = file.is_relative_to(home) and file.is_file()
        if file.suffix.lower() in _ENDINGS and (inside or record.is_whole(folder)):
            return file
    return None


def _films(folder: Path) -> list[tuple[Path, VideoRecord]]:
    """Return where a take's films are said to be: only what ends as films do."""
    records = [record for record in recorded_videos(folder) if record.ending in _ENDINGS]
    found = [(folder / record.path, record) for record in records]
    return sorted(found, key=lambda each: (each[1].ending != ".mp4", each[0]))


def remove_take(
    project: ProjectFolder,
    take: str,
    values: Iterable[Project],
    frames: Iterable[str] = (),
    *,
    really: bool,
) -> Cleaning:
    """Remove a take with the frames that only it has, or say what would go.

    What the undo history, a version, the queue or another take refers to stays. Slow.

    Args:
        project: the folder.
        take: id.
        values: what undo and redo can reach: `Document.values`.
        frames: digests of frames that are shown.
        really: remove; without it nothing is changed.

    Raises:
        StoreError: if there is no such take, another cleans, or the disk refuses.
    """
    keep = {*frames, *referred_takes(project, values), *queued_digests(project.path)}
    return clean_takes(project, Choice((take,)), keep, really=really)

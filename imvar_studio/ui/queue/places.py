"""Where a job's files lie: its log, its output, a picture that shows it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.jobs.render_events import key_of
from imvar_studio.jobs.tasks import FilmTask, GalleryTask, SheetTask
from imvar_studio.model.look import Picture
from imvar_studio.model.source import Asset
from imvar_studio.store.places import user_data_folder
from imvar_studio.ui.queue.words import targets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imvar_studio.jobs.queued import Job

_SHOWN = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")


def log_file(job: Job) -> Path:
    """Return a job's log, which is there once it was begun."""
    return user_data_folder() / "logs" / "jobs" / f"{key_of(job.id)}.log"


def output_folder(job: Job) -> Path:
    """Return the folder of what a job makes or made; its project where that stays there."""
    files = job.outputs or targets(job)
    return Path(files[0]).parent if files else Path(job.project)


def find_picture(job: Job) -> Path | None:
    """Return a picture that shows what a job makes; looks at the disk, so not in the window.

    Returns:
        A picture it made, else the first picture of its film; None for none.
    """
    for file in job.outputs[:8]:
        path = Path(file)
        if path.suffix.lower() in _SHOWN and path.is_file():
            return path
    for sha in _assets(job):
        for path in sorted((Path(job.project) / "assets").glob(f"{sha}.*")):
            return path
    return None


def _assets(job: Job) -> Iterator[str]:
    if isinstance(job.task, SheetTask):
        yield from sorted(job.task.spec.sheet.assets())
    if isinstance(job.task, GalleryTask):
        yield from sorted(job.task.specs[0].sheet.assets())
    if not isinstance(job.task, FilmTask):
        return
    for key in job.task.spec.film.timeline.keyframes:
        for part in key.looks:
            match part.look:
                case Picture(Asset(sha)):
                    yield sha

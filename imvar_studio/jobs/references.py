"""What the jobs of the queue refer to, so that no cleaning takes it from them."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from imvar_studio.jobs.queue import Queue
from imvar_studio.jobs.tasks import FilmTask, GalleryTask, PicturesTask, SheetTask
from imvar_studio.plan.film import film
from imvar_studio.plan.sheet import sheet, sheets
from imvar_studio.store.queue_db import queue_path

if TYPE_CHECKING:
    from pathlib import Path


def queued_digests(project: Path) -> set[str]:
    """Return the digests of plans and pictures that jobs of a project may still need.

    Raises:
        StoreError: if the queue cannot be read.
        FormatError: if one of its jobs cannot be; nobody knows what it needs.
    """
    if not queue_path().is_file():
        return set()
    with closing(Queue()) as queue:
        tasks = queue.references(project)
    plans = [film(task.spec) for task in tasks if isinstance(task, FilmTask)]
    plans += [task.plan for task in tasks if isinstance(task, PicturesTask)]
    plans += [sheet(task.spec) for task in tasks if isinstance(task, SheetTask)]
    galleries = [task.specs for task in tasks if isinstance(task, GalleryTask)]
    plans += [sheets(specs) for specs in galleries]
    plans += [sheet(spec) for specs in galleries for spec in specs]
    pictures = {picture.digest for plan in plans for picture in plan.pictures}
    return pictures | {plan.digest for plan in plans}

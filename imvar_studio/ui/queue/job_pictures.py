"""The pictures that stand for jobs: the last one made, else one of the film's own."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from imvar_studio.ui.queue.places import find_picture

if TYPE_CHECKING:
    from imvar_studio.jobs.queued import Job

_log = logging.getLogger(__name__)


class JobPictures(QObject):
    """Files of pictures by job; the disk is looked at in a thread.

    Attributes:
        changed: a job has another picture.
    """

    changed = Signal(int)
    _found = Signal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._made: dict[int, str] = {}
        self._known: dict[int, str] = {}
        self._thread = ThreadPoolExecutor(1, "window-jobs")
        self._found.connect(self._keep, Qt.ConnectionType.QueuedConnection)

    def path(self, job: Job) -> str:
        """Return the file that shows a job, "" for none or not yet; then `changed` tells."""
        if job.id in self._made:
            return self._made[job.id]
        if job.id not in self._known:
            self._known[job.id] = ""
            self._thread.submit(self._find, job)
        return self._known[job.id]

    def made(self, number: int, path: str) -> None:
        """Show a picture that a job has just made."""
        self._made[number] = path
        self.changed.emit(number)

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _find(self, job: Job) -> None:
        try:
            path = find_picture(job)
        except Exception:  # noqa: BLE001  (a row without its picture is no harm)
            _log.exception("no picture of job %s was found", job.id)
            return
        if path is not None:
            self._found.emit(job.id, str(path))

    def _keep(self, number: int, path: str) -> None:
        self._known[number] = path
        self.changed.emit(number)

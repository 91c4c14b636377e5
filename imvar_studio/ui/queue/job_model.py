"""The jobs of the queue as a Qt model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from imvar_studio.jobs.queued import State
from imvar_studio.ui.queue.words import failure, left_words, spoken, state_words

if TYPE_CHECKING:
    from imvar_studio.jobs.events import Progress
    from imvar_studio.jobs.queued import Job

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class JobModel(QAbstractListModel):
    """A row for each job; rows keep their selection when jobs come, go and change places.

    Attributes:
        touched: the index of a row that looks different now.
    """

    touched = Signal(QModelIndex)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: tuple[Job, ...] = ()
        self._live: dict[int, Progress] = {}

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The jobs, by row."""
        return self._jobs

    def job(self, index: Index) -> Job | None:
        """Return the job of an index, None for none."""
        row = index.row()
        return self._jobs[row] if index.isValid() and row < len(self._jobs) else None

    def row_of(self, number: int) -> int | None:
        """Return the row of a job, None where it is gone."""
        return next((row for row, job in enumerate(self._jobs) if job.id == number), None)

    def live(self, job: Job) -> Progress | None:
        """Return what a job that runs said last."""
        return self._live.get(job.id)

    def told(self, job: Job) -> str:
        """Return all of a job's row, as its tooltip."""
        live = self.live(job)
        parts = (job.title, state_words(job, live), left_words(job, live), *failure(job))
        return "\n".join(filter(None, parts))

    def set_live(self, number: int, progress: Progress | None) -> None:
        """Take in what a running job says; None where it runs no more."""
        if progress is None:
            self._live.pop(number, None)
        else:
            self._live[number] = progress
        self.touch(number)

    def touch(self, number: int) -> None:
        """Have a job's row painted anew; `dataChanged` would have all rows laid out anew."""
        row = self.row_of(number)
        if row is not None:
            self.touched.emit(self.index(row))

    def set_jobs(self, jobs: tuple[Job, ...]) -> None:
        """Show other jobs."""
        ids, known = {job.id for job in jobs}, {job.id for job in self._jobs}
        running = {job.id for job in jobs if job.state is State.RUNNING}
        self._live = {id_: said for id_, said in self._live.items() if id_ in running}
        self._drop(known - ids)
        self._append(tuple(job for job in jobs if job.id not in known))
        self._put(jobs)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return how many jobs there are."""
        return 0 if parent.isValid() else len(self._jobs)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a job is called, and all of its row for screen readers and tooltips."""
        job = self.job(index)
        if job is None:
            return None
        live = self.live(job)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return job.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(job, live)
            case Qt.ItemDataRole.ToolTipRole:
                return self.told(job)
        return None

    def _drop(self, gone: set[int]) -> None:
        row = len(self._jobs) - 1
        while gone and row >= 0:
            last = row
            while row >= 0 and self._jobs[row].id in gone:
                row -= 1
            if row < last:
                self.beginRemoveRows(_ROOT, row + 1, last)
                self._jobs = self._jobs[: row + 1] + self._jobs[last + 1 :]
                self.endRemoveRows()
            row -= 1

    def _append(self, new: tuple[Job, ...]) -> None:
        if new:
            count = len(self._jobs)
            self.beginInsertRows(_ROOT, count, count + len(new) - 1)
            self._jobs += new
            self.endInsertRows()

    def _put(self, jobs: tuple[Job, ...]) -> None:
        """Bring the same jobs into another order, and show what is new of them."""
        before = self._jobs
        if [job.id for job in before] == [job.id for job in jobs]:
            self._jobs = jobs
            for row, (old, new) in enumerate(zip(before, jobs, strict=True)):
                if old != new:
                    self.dataChanged.emit(self.index(row), self.index(row))
            return
        self.layoutAboutToBeChanged.emit()
        rows = {job.id: row for row, job in enumerate(jobs)}
        old_indices = self.persistentIndexList()
        moved = [self.index(rows[before[index.row()].id]) for index in old_indices]
        self._jobs = jobs
        self.changePersistentIndexList(old_indices, moved)
        self.layoutChanged.emit()

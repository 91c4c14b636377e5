"""The queue's rows read as jobs: their tasks are decoded once and kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.jobs.queued import ENDED, Job, State, read_task
from imvar_studio.model.errors import FormatError, StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imvar_studio.jobs.tasks import Task
    from imvar_studio.store.queue_db import QueueDB, QueueRow

_LONG = 1 << 18  # characters of a task that lists do not decode


class JobRows:
    """Reads jobs from a queue's database.

    Args:
        db: of the same thread.
    """

    def __init__(self, db: QueueDB) -> None:
        self._db = db
        self._tasks: dict[tuple[object, int], Task | FormatError | None] = {}

    def row(self, number: int) -> QueueRow:
        """Return a job's row.

        Raises:
            StoreError: if there is no such job.
        """
        found = self._db.row(number)
        if found is None:
            raise StoreError(f"there is no job {number}", "see 'imvar queue list'")
        return found

    def job(self, row: QueueRow) -> Job:
        """Return the job of a row, with its task."""
        return Job.of_row(row, self.task(row.id))

    def jobs(self) -> tuple[Job, ...]:
        """Return all jobs: in the order they will be run, then the ended ones, newest first."""
        rows = self._db.rows()
        ended = [row for row in rows if row.state in ENDED]
        ended.sort(key=lambda row: (row.ended or 0, row.id), reverse=True)
        order = [row for row in rows if row.state not in ENDED] + ended
        return tuple(Job.of_row(row, self._task_in_list(row.id)) for row in order)

    def task(self, number: int) -> Task | FormatError:
        """Return a job's task, or why there is none."""
        found = self._tasks.get(self._key(number))
        if found is None:
            text = self._db.task_text(number)
            found = read_task(text, number)
            # a long one would stay in memory for nothing: it is asked for when it is run
            short = text is None or len(text) <= _LONG
            self._tasks[self._key(number)] = found if short else None
        return found

    def references(self, project: Path) -> tuple[Task, ...]:
        """Return the tasks of a project's jobs that may still be run.

        Raises:
            FormatError: a job is whole, but of a kind or version that is not known: nobody
                knows what it refers to.
        """
        found = []
        for row in self._db.rows():
            if row.state in (State.FINISHED, State.CANCELLED):
                continue
            task = self.task(row.id)
            if not isinstance(task, FormatError):
                if task.project and _is_same(Path(task.project), project):
                    found.append(task)
            elif self._db.task_text(row.id) is not None:
                raise task
        return tuple(found)

    def is_outranked(self, row: QueueRow) -> bool:
        """Tell whether a more urgent job waits."""
        first = self._db.first_waiting()
        return first is not None and first.urgency < row.urgency and not self._db.all_paused()

    def change(self, rows: Mapping[QueueRow, QueueRow]) -> list[Job]:
        """Put new rows in place of old ones, but those changed since they were read."""
        if not rows:
            return []
        with self._db.change():
            new = [row for old, row in rows.items() if self._db.row(old.id) == old]
            for row in new:
                self._db.save(row)
        return [self.job(row) for row in new]

    def _task_in_list(self, number: int) -> Task | FormatError | None:
        """Return a task; of a long one only whether it is whole."""
        key = self._key(number)
        if key not in self._tasks:
            text = self._db.task_text(number)
            short = text is None or len(text) <= _LONG
            self._tasks[key] = read_task(text, number) if short else None
        return self._tasks[key]

    def _key(self, number: int) -> tuple[object, int]:
        return self._db.file, number


def _is_same(first: Path, second: Path) -> bool:
    try:
        return first == second or first.resolve() == second.resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name no system takes
        return False

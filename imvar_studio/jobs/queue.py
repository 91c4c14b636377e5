"""The queue: what is to be rendered, in order, shared by all programs of a user.

Jobs are snapshots: the whole task lies in the database, later edits do not change it. An object
is for one thread; another thread makes its own with `check=False`.
"""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from imvar_studio.jobs import transitions
from imvar_studio.jobs.events import Failed, Finished, Progress, Stopped, Waiting
from imvar_studio.jobs.job_rows import JobRows
from imvar_studio.jobs.queued import Job, Owner, Request, State, Urgency, refuse, write_task
from imvar_studio.jobs.tasks import Task, title
from imvar_studio.model.errors import FormatError, StoreError
from imvar_studio.store.queue_db import QueueDB, QueueRow, queue_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_log = logging.getLogger(__name__)
_OFTEN = 0.5  # seconds between two writes of a job's progress


class Queue:
    """The user's queue, or the one at `path`.

    Args:
        path: the database; the user's own by default. It is made if missing.
        owner: who claims and reports; this process by default.
        check: look through the whole database first; once a process is enough.
        clock: seconds since 1970.

    Raises:
        StoreError: here and in every method: the database is damaged, locked or cannot be
            written, there is no such job, or its state does not allow what is asked; then
            nothing was changed.
        FormatError: the database was made by a newer version.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        owner: Owner | None = None,
        check: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._db = QueueDB(queue_path() if path is None else path, check=check)
        self._rows = JobRows(self._db)
        self._owner = Owner.this() if owner is None else owner
        self._clock = clock
        self._told: dict[int, tuple[float, object]] = {}

    def __enter__(self) -> Self:
        """Return the queue."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    # for people and windows

    def add(
        self, task: Task, urgency: Urgency = Urgency.BACKGROUND, *, at_front: bool = False
    ) -> int:
        """Add a job behind the others of its urgency, or before them; returns its id."""
        text, name, now = write_task(task), title(task), self._clock()
        place = transitions.front if at_front else transitions.back
        with self._db.change():
            position = place(self._db.rows())
            row = QueueRow(0, now, name, task.project, int(urgency), position)
            return self._db.insert(row, text)

    def jobs(self) -> tuple[Job, ...]:
        """Return all jobs: in the order they will be run, then the ended ones, newest first."""
        return self._rows.jobs()

    def job(self, number: int) -> Job:
        """Return a job with its task."""
        return self._rows.job(self._rows.row(number))

    def revision(self) -> tuple[object, ...]:
        """Return what differs after a change by any program, so that a window can look often."""
        return self._db.revision()

    def move(self, number: int, before: int | None) -> None:
        """Put a job right before another of its urgency; None puts it behind all."""
        with self._db.change():
            row, rows = transitions.active(self._rows.row(number), "moved"), self._db.rows()
            if before is None:
                changed = [replace(row, position=transitions.back(rows))]
            else:
                target = transitions.active(self._rows.row(before), "moved to")
                changed = transitions.placed(rows, row, target)
            for each in changed:
                self._db.save(each)

    def move_to_front(self, number: int) -> None:
        """Put a job before all others of its urgency."""
        with self._db.change():
            row = transitions.active(self._rows.row(number), "moved")
            self._db.save(replace(row, position=transitions.front(self._db.rows())))

    def set_urgency(self, number: int, urgency: Urgency) -> None:
        """Give a job another urgency, behind the others of that."""
        with self._db.change():
            row = transitions.active(self._rows.row(number), "made more or less urgent")
            if row.urgency != urgency:
                back = transitions.back(self._db.rows())
                self._db.save(replace(row, urgency=int(urgency), position=back))

    def pause(self, number: int) -> None:
        """Hold a job until it is resumed; a running one stops within a step."""
        self._lead(number, transitions.PAUSED)

    def resume(self, number: int) -> None:
        """Let a paused or interrupted job wait for its turn."""
        self._lead(number, transitions.RESUMED)

    def cancel(self, number: int) -> None:
        """End a job; a running one stops within a step. Its finished pictures are kept."""
        self._lead(number, transitions.CANCELLED)

    def retry(self, number: int) -> None:
        """Let a failed or cancelled job wait again, behind the others; its pictures are kept."""
        self._lead(number, transitions.RETRIED)

    def pause_all(self) -> None:
        """Start nothing until `resume_all`; what runs is asked to pause."""
        with self._db.change():
            self._db.pause_all(paused=True)
            for row in self._db.rows():
                if row.state == State.RUNNING and row.request != Request.CANCEL:
                    self._db.save(replace(row, request=Request.PAUSE))

    def resume_all(self) -> None:
        """Start jobs again, those too that were paused one by one; not the interrupted ones."""
        with self._db.change():
            self._db.pause_all(paused=False)
            for row in self._db.rows():
                if row.state == State.PAUSED or row.request == Request.PAUSE:
                    self._db.save(transitions.lead(row, transitions.RESUMED, self._clock(), 0))

    def all_paused(self) -> bool:
        """Tell whether nothing is started until `resume_all`."""
        return self._db.all_paused()

    def remove(self, number: int) -> None:
        """Take a job out of the queue; a running one must be cancelled first."""
        with self._db.change():
            row = self._rows.row(number)
            if row.state == State.RUNNING:
                raise refuse(row, "removed")
            self._db.delete(number)

    def clear_finished(self) -> int:
        """Take the finished and cancelled jobs out of the queue; returns how many."""
        with self._db.change():
            rows = self._db.rows()
            done = [row for row in rows if row.state in (State.FINISHED, State.CANCELLED)]
            for row in done:
                self._db.delete(row.id)
        return len(done)

    def references(self, project: Path) -> tuple[Task, ...]:
        """Return the tasks of a project's jobs that may still be run: what they need is kept.

        Raises:
            FormatError: a job is whole, but of a kind or version that is not known: nobody
                knows what it refers to.
        """
        return self._rows.references(project)

    # for who runs them

    @property
    def owner(self) -> Owner:
        """Who claims and reports."""
        return self._owner

    def claim(self) -> Job | None:
        """Take the next job to run it: the most urgent, then the first; None where there is none.

        A job whose task cannot be read fails here. While all is paused there is none.
        """
        with self._db.change():
            while not self._db.all_paused() and (row := self._db.first_waiting()) is not None:
                task, now = self._rows.task(row.id), self._clock()
                if not isinstance(task, FormatError):
                    row = transitions.claimed(row, self._owner, now)
                    self._db.save(row)
                    return Job.of_row(row, task)
                end = Failed("user", task.message, task.remedy)
                self._db.save(transitions.failed(row, end, now))
        return None

    def report(self, number: int, event: Progress | Waiting | None = None) -> Request:
        """Say that a job runs and how far it is; returns what is asked of whoever runs it.

        May be called often: it writes at most every half second, and reads in between. It never
        raises a `StoreError`: a render must not end because the queue's disk is full.

        Returns:
            `CANCEL` also where the job is no longer this owner's; `YIELD` while a more urgent
            job waits.
        """
        try:
            row = self._db.row(number)
            if row is None or not transitions.is_run_by(row, self._owner):
                return Request.CANCEL
            if self._is_due(number, event) or row.state != State.RUNNING:
                with self._own(number) as row:
                    self._db.save(transitions.reported(row, event, self._clock()))
            outranked = not row.request and self._rows.is_outranked(row)
            return Request.YIELD if outranked else Request(row.request)
        except StoreError as error:
            _log.warning("how far job %s is was not written down: %s", number, error)
            return Request.NONE

    def finish(self, number: int, end: Finished) -> None:
        """Say that a job is done."""
        with self._own(number) as row:
            self._db.save(transitions.finished(row, end, self._clock()))

    def fail(self, number: int, end: Failed) -> None:
        """Say that a job failed; it can be retried."""
        with self._own(number) as row:
            self._db.save(transitions.failed(row, end, self._clock()))

    def stop(self, number: int, end: Stopped | None = None) -> None:
        """Say that a job stopped: paused or cancelled as was asked, else interrupted."""
        self._stop(number, State.INTERRUPTED, end)

    def requeue(self, number: int, end: Stopped | None = None) -> None:
        """Say that a job gave way: it waits in its old place, unless a pause or end was asked."""
        self._stop(number, State.WAITING, end)

    def sweep(self) -> list[Job]:
        """Settle the running jobs whose programs are gone; returns those now interrupted.

        What this owner runs itself is not looked at.
        """
        me, now = self._owner, self._clock()
        gone = [row for row in self._db.rows() if transitions.is_orphan(row, me, now)]
        jobs = self._rows.change({row: transitions.died(row, now) for row in gone})
        return [job for job in jobs if job.state is State.INTERRUPTED]

    def resume_interrupted(self) -> list[Job]:
        """Let all interrupted jobs wait for their turns; returns them."""
        now, verb = self._clock(), transitions.RESUMED
        rows = [row for row in self._db.rows() if row.state == State.INTERRUPTED]
        return self._rows.change({row: transitions.lead(row, verb, now, 0) for row in rows})

    def _lead(self, number: int, verb: str) -> None:
        with self._db.change():
            row, back = self._rows.row(number), transitions.back(self._db.rows())
            self._db.save(transitions.lead(row, verb, self._clock(), back))

    @contextmanager
    def _own(self, number: int) -> Iterator[QueueRow]:
        """Open a change of a job that this owner runs."""
        with self._db.change():
            row = self._rows.row(number)
            if not transitions.is_run_by(row, self._owner):
                message = f"job {number} is no longer run here, it is {row.state}"
                raise StoreError(message, "see 'imvar queue list'")
            yield row

    def _stop(self, number: int, otherwise: State, end: Stopped | None) -> None:
        with self._own(number) as row:
            self._db.save(transitions.stopped(row, end, otherwise, self._clock()))

    def _is_due(self, number: int, event: Progress | Waiting | None) -> bool:
        """Tell whether a report is to be written, and take it as written then."""
        kind = event.text if isinstance(event, Waiting) else type(event)
        told, before = self._told.get(number, (0.0, None))
        now = self._clock()
        due = kind != before or not 0 <= now - told < _OFTEN  # a clock may be set back
        if due:
            self._told = {number: (now, kind)}
        return due

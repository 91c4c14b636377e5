"""The queue's panel: its head, the jobs, and what is done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from imvar_studio.jobs.events import Failed, Finished, Made, Progress, Stopped
from imvar_studio.jobs.queued import State as JobState
from imvar_studio.jobs.render_events import SetAside, Started, number_of
from imvar_studio.ui.outside import open_outside
from imvar_studio.ui.queue.job_delegate import JobDelegate
from imvar_studio.ui.queue.job_list import JobList
from imvar_studio.ui.queue.job_menu import job_menu
from imvar_studio.ui.queue.job_model import JobModel
from imvar_studio.ui.queue.job_pictures import JobPictures
from imvar_studio.ui.queue.places import log_file, output_folder
from imvar_studio.ui.queue.verbs import Place, Verb, allowed, place_at
from imvar_studio.ui.queue.words import error_text
from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import PADDING
from imvar_studio.ui.widgets.buttons import IconButton
from imvar_studio.ui.widgets.elided_label import ElidedLabel
from imvar_studio.ui.widgets.empty_state import EmptyState

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.jobs.queued import Job
    from imvar_studio.jobs.render_events import Happening
    from imvar_studio.model.signal import Signal
    from imvar_studio.ui.messages import Message
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.state import State


class QueueDesk(Protocol):
    """What the panel needs of the render desk."""

    jobs: State[tuple[Job, ...]]
    all_paused: State[bool]
    events: Signal[str, Happening]

    def pause(self, number: int) -> None:
        """Hold a job."""

    def resume(self, number: int) -> None:
        """Let a held job wait for its turn."""

    def cancel(self, number: int) -> None:
        """End a job."""

    def retry(self, number: int) -> None:
        """Let a failed or cancelled job wait again."""

    def move(self, number: int, before: int | None) -> None:
        """Put a job before another, or behind all."""

    def to_front(self, number: int) -> None:
        """Put a job before all others."""

    def remove(self, number: int) -> None:
        """Take a job out."""

    def clear_finished(self) -> None:
        """Take the finished and cancelled jobs out."""

    def pause_all(self) -> None:
        """Start nothing."""

    def resume_all(self) -> None:
        """Go on."""


class QueuePanel(QWidget):
    """All jobs of the user, of every project, and what may be done with them.

    Args:
        desk: changes the queue and tells of it.
        pictures: for the screen.
        tell: shows a message.
        parent: the dock.
    """

    def __init__(
        self,
        desk: QueueDesk,
        pictures: Pictures,
        tell: Callable[[Message], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._desk, self._tell = desk, tell
        self._pictures = pictures
        self.model = JobModel(self)
        self.list = JobList(self.model, self)
        self._files = JobPictures(self)
        self.list.set_delegate(JobDelegate(self.model, self._files, pictures, self.list))
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._build()
        self._connect()
        self._show_jobs(desk.jobs.value)

    def release(self) -> None:
        """Watch the desk no more."""
        for disconnect in self._disconnects:
            disconnect()
        self._pictures.ready.disconnect(self._repaint)
        self._files.close()

    def _build(self) -> None:
        self.head = ElidedLabel(self.tr("Queue"))
        self.head.setProperty("kind", "name")
        self.pause_all = IconButton("pause", self.tr("Resume all"))
        self.pause_all.ensurePolished()
        self.pause_all.setFixedWidth(self.pause_all.sizeHint().width())  # the wider of both words
        self.clear = IconButton("check", self.tr("Clear"))
        self.clear.set_tooltip(self.tr("Clear finished: take finished and stopped jobs out"))
        self.clear.setAccessibleName(self.tr("Clear finished"))
        bar = QHBoxLayout()
        bar.setContentsMargins(PADDING, 8, 8, 4)
        bar.setSpacing(4)
        bar.addWidget(self.head, 1)
        bar.addWidget(self.pause_all)
        bar.addWidget(self.clear)
        self.empty = EmptyState("list-video", self.tr("Nothing to render."))
        self.stack = QStackedLayout()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addLayout(self.stack, 1)
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setTabOrder(self.pause_all, self.clear)
        self.setTabOrder(self.clear, self.list)

    def _connect(self) -> None:
        desk = self._desk
        self._disconnects = [
            desk.jobs.changed.connect(self._show_jobs),
            desk.all_paused.changed.connect(lambda _: self._show_head()),
            desk.events.connect(self._hear),
        ]
        self.pause_all.clicked.connect(self._pause_or_resume_all)
        self.clear.clicked.connect(self._clear)
        self.list.asked.connect(self.do)
        self.list.dropped.connect(self._move)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self._files.changed.connect(self.model.touch)
        self._pictures.ready.connect(self._repaint)  # which ends with the panel, as no lambda does
        current_theme().changed.connect(self.list.viewport().update)

    def _repaint(self) -> None:
        self.list.viewport().update()

    def do(self, verb: Verb, row: int) -> None:
        """Do with the job in a row what a person asks for, where that may be done."""
        job = self.model.jobs[row]
        may = allowed(self.model.jobs, row)
        if verb is Verb.REMOVE and Verb.REMOVE not in may:
            verb = Verb.CANCEL  # what runs is stopped first; a second time takes it out
        if verb not in may:
            return
        desk, jobs = self._desk, self.model.jobs
        deeds: dict[Verb, Callable[[], object]] = {
            Verb.PAUSE: lambda: desk.pause(job.id),
            Verb.RESUME: lambda: desk.resume(job.id),
            Verb.CANCEL: lambda: desk.cancel(job.id),
            Verb.RETRY: lambda: desk.retry(job.id),
            Verb.REMOVE: lambda: desk.remove(job.id),
            Verb.FRONT: lambda: desk.to_front(job.id),
            Verb.UP: lambda: self._move(row, place_at(jobs, row, row - 1)),
            Verb.DOWN: lambda: self._move(row, place_at(jobs, row, row + 2)),
            Verb.FOLDER: lambda: open_outside(output_folder(job), self._tell),
            Verb.LOG: lambda: open_outside(log_file(job), self._tell),
            Verb.COPY_ERROR: lambda: QGuiApplication.clipboard().setText(error_text(job)),
        }
        deeds[verb]()

    def _move(self, row: int, place: Place | None) -> None:
        if place is not None:
            self._desk.move(self.model.jobs[row].id, place.before)

    def _pause_or_resume_all(self) -> None:
        if self._desk.all_paused.value:
            self._desk.resume_all()
        else:
            self._desk.pause_all()

    def _clear(self) -> None:
        self._desk.clear_finished()

    def _open_menu(self, at: QPoint) -> None:
        row = self.list.indexAt(at).row()
        if row < 0:
            return
        has_log = log_file(self.model.jobs[row]).exists()
        menu = job_menu(self.model.jobs, row, has_log=has_log, parent=self)
        menu.chosen.connect(lambda verb: self.do(verb, row))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.list.viewport().mapToGlobal(at))

    def _hear(self, key: str, what: Happening) -> None:
        """Take in what the render thread tells of a job, before the queue was read again."""
        number = number_of(key)
        if number is None:
            return
        match what:
            case Progress():
                self.model.set_live(number, what)
            case Made(path=path):
                self._files.made(number, path)
            case Started() | Finished() | Failed() | Stopped() | SetAside():
                self.model.set_live(number, None)
            case _:
                pass

    def _show_jobs(self, jobs: tuple[Job, ...]) -> None:
        tall = [job.state is JobState.FAILED for job in self.model.jobs]
        self.model.set_jobs(jobs)
        if tall != [job.state is JobState.FAILED for job in jobs]:
            self.list.scheduleDelayedItemsLayout()
        self.stack.setCurrentWidget(self.list if jobs else self.empty)
        self._show_head()

    def _show_head(self) -> None:
        paused, jobs = self._desk.all_paused.value, self.model.jobs
        # in the accent while all is held: it is what goes on again
        self.pause_all.set_icon_name(*(("play", "accent") if paused else ("pause", "text2")))
        self.pause_all.setText(self.tr("Resume all") if paused else self.tr("Pause all"))
        self.pause_all.set_tooltip(
            self.tr("Go on with the queue") if paused else self.tr("Start no job until resumed")
        )
        self.pause_all.setEnabled(paused or any(not job.has_ended for job in jobs))
        done = (JobState.FINISHED, JobState.CANCELLED)
        self.clear.setEnabled(any(job.state in done for job in jobs))

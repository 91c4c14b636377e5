"""The list of jobs: rows with buttons, put in order by dragging or by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QApplication, QListView, QWidget

from imvar_studio.ui.queue.row_layout import gap_at
from imvar_studio.ui.queue.row_painting import drop_line
from imvar_studio.ui.queue.verbs import Place, Verb, gaps, is_movable, place_at, toggle_verb

if TYPE_CHECKING:
    from imvar_studio.jobs.queued import Job
    from imvar_studio.ui.queue.job_delegate import JobDelegate
    from imvar_studio.ui.queue.job_model import JobModel

_EDGE, _SCROLL = 24, 12  # px from the edge where a drag scrolls, and how far each time
_KEYS = {
    (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier): Verb.REMOVE,
    (Qt.Key.Key_Backspace, Qt.KeyboardModifier.NoModifier): Verb.REMOVE,
    (Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier): Verb.UP,
    (Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier): Verb.DOWN,
    (Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier): Verb.FRONT,
    (Qt.Key.Key_R, Qt.KeyboardModifier.NoModifier): Verb.RETRY,
    (Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier): Verb.COPY_ERROR,
    (Qt.Key.Key_Escape, Qt.KeyboardModifier.ShiftModifier): Verb.CANCEL,
}


class JobList(QListView):
    """Jobs of the queue. It changes nothing itself.

    Args:
        model: the jobs.
        parent: the widget it lies in.

    Attributes:
        asked: what a person wants done (a `Verb`) with a job, by its row.
        dropped: a job was dragged elsewhere: its row, its `Place`.
    """

    asked = Signal(object, int)
    dropped = Signal(int, object)

    def __init__(self, model: JobModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = model
        self._delegate: JobDelegate | None = None
        self._press: tuple[int, QPoint] | None = None  # a job's id, and where it was taken
        self._held: tuple[int, Verb] | None = None  # a button that is held down, and whose
        self._gap: int | None = None
        self._last = QPoint()
        self.setModel(model)
        model.touched.connect(self.update)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAccessibleName(self.tr("Queue"))
        self.setAccessibleDescription(
            self.tr("Space pauses or resumes, Ctrl+Up and Ctrl+Down move, Delete removes.")
        )
        self._scroller = QTimer(self, interval=30)
        self._scroller.timeout.connect(self._scroll)

    def set_delegate(self, delegate: JobDelegate) -> None:
        """Paint rows with this."""
        self._delegate = delegate
        self.setItemDelegate(delegate)

    def row_box(self, row: int) -> QRect:
        """Return a row's rectangle in the viewport."""
        return self.visualRect(self._jobs.index(row))

    def button_box(self, row: int, verb: Verb) -> QRect:
        """Return the rectangle of a row's button in the viewport, empty where it has none."""
        box, job = self.row_box(row), self._jobs.jobs[row]
        found = self._delegate.box_of(job, box.width(), verb) if self._delegate else None
        return found.translated(box.topLeft()) if found is not None else QRect()

    @property
    def current_row(self) -> int | None:
        """The row the keyboard acts on, None for none."""
        index = self.currentIndex()
        return index.row() if index.isValid() else None

    @property
    def is_dragging(self) -> bool:
        """Whether a job is being dragged."""
        return self._gap is not None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Press a button, select a row, or take hold of it."""
        at = event.position().toPoint()
        index, verb = self._under(at)
        if event.button() == Qt.MouseButton.LeftButton and verb is not None:
            self._held = self._jobs.jobs[index.row()].id, verb
            self._set_hover(at)
            return
        super().mousePressEvent(event)
        job = self._jobs.job(index)
        if event.button() == Qt.MouseButton.LeftButton and job is not None and is_movable(job):
            self._press = job.id, at

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what is under the pointer, or drag."""
        at = self._last = event.position().toPoint()
        if self._press is None or not event.buttons() & Qt.MouseButton.LeftButton:
            self._set_hover(at)
            return
        far = (at - self._press[1]).manhattanLength() >= QApplication.startDragDistance()
        if self._gap is None and not far:
            return
        if self._gap is None:
            self._set_hover(QPoint(-1, -1))
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        self._drag_to(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Do what the button says, or drop."""
        if event.button() != Qt.MouseButton.LeftButton:
            super().mouseReleaseEvent(event)
            return
        at = event.position().toPoint()
        if self._gap is not None:
            self._drop()
        elif self._held is not None:
            index, verb = self._under(at)
            job, held = self._jobs.job(index), self._held
            self._held = None
            self._set_hover(at)
            if job is not None and verb is not None and held == (job.id, verb):
                self.asked.emit(verb, index.row())
        self._press = None
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take two quick clicks on a button as two clicks."""
        self.mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Show that nothing is under the pointer."""
        self._set_hover(QPoint(-1, -1))
        super().leaveEvent(event)

    def claims_key(self, key: Qt.Key, held: Qt.KeyboardModifier) -> bool:
        """Keep the keys of verbs from the window's shortcuts."""
        return (key, held) in _KEYS

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do with the current job what a key stands for; Escape ends a drag."""
        if self._press is not None and event.key() == Qt.Key.Key_Escape:
            self._end_drag()
            return
        row = self.current_row
        keypad = Qt.KeyboardModifier.KeypadModifier
        verb = _KEYS.get((Qt.Key(event.key()), event.modifiers() & ~keypad))
        if event.key() == Qt.Key.Key_Space and row is not None:
            verb = toggle_verb(self._jobs.jobs[row])
            if verb is None:
                return
        if verb is None or row is None:
            super().keyPressEvent(event)
        else:
            self.asked.emit(verb, row)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap the sentences anew."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows, and where a dragged one will go."""
        super().paintEvent(event)
        if self._gap is None or not self._jobs.jobs:
            return
        below = self._gap < len(self._jobs.jobs)
        box = self.row_box(self._gap if below else len(self._jobs.jobs) - 1)
        painter = QPainter(self.viewport())
        y = box.top() if below else box.bottom() + 1
        drop_line(painter, self.viewport().width(), max(y, 4))

    def _under(self, at: QPoint) -> tuple[QModelIndex, Verb | None]:
        index = self.indexAt(at)
        job = self._jobs.job(index)
        if job is None or self._delegate is None:
            return index, None
        box = self.visualRect(index)
        return index, self._delegate.verb_at(job, box.width(), at - box.topLeft())[1]

    def _set_hover(self, at: QPoint) -> None:
        """Show what is under the pointer."""
        delegate = self._delegate
        if delegate is None:
            return
        index = self.indexAt(at)
        job, hovered, verb = self._jobs.job(index), None, None
        if job is not None:
            box = self.visualRect(index)
            button, verb = delegate.verb_at(job, box.width(), at - box.topLeft())
            hovered = index.row(), button
        pressed = job is not None and verb is not None and self._held == (job.id, verb)
        if (hovered, pressed) != (delegate.hovered, delegate.pressed):
            delegate.hovered, delegate.pressed = hovered, pressed
            self.viewport().update()
        shape = Qt.CursorShape.ArrowCursor
        if job is not None and verb is None and is_movable(job):
            shape = Qt.CursorShape.OpenHandCursor
        self.viewport().setCursor(shape)

    # dragging

    def _dragged(self) -> tuple[int, Job] | None:
        row = self._jobs.row_of(self._press[0]) if self._press is not None else None
        return None if row is None else (row, self._jobs.jobs[row])

    def _drag_to(self, at: QPoint) -> None:
        dragged = self._dragged()
        if dragged is None or not is_movable(dragged[1]):
            self._end_drag()  # it began to run meanwhile
            return
        first, last = gaps(self._jobs.jobs, dragged[0])
        boxes = [self.row_box(row) for row in range(first, last)]
        tops, heights = [box.top() for box in boxes], [box.height() for box in boxes]
        self._gap = first + gap_at(tops, heights, at.y())
        near = min(at.y(), self.viewport().height() - at.y()) < _EDGE
        if near and not self._scroller.isActive():
            self._scroller.start()
        elif not near:
            self._scroller.stop()
        self.viewport().update()

    def _scroll(self) -> None:
        bar = self.verticalScrollBar()
        up = self._last.y() < self.viewport().height() / 2
        bar.setValue(bar.value() + (-_SCROLL if up else _SCROLL))
        self._drag_to(self._last)

    def _drop(self) -> None:
        dragged, gap = self._dragged(), self._gap
        self._end_drag()
        if dragged is None or gap is None:
            return
        place: Place | None = place_at(self._jobs.jobs, dragged[0], gap)
        if place is not None:
            self.dropped.emit(dragged[0], place)

    def _end_drag(self) -> None:
        self._press = self._gap = None
        self._scroller.stop()
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        self.viewport().update()

"""How a row of the queue is painted, and which of its buttons lies where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QImage, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from imvar_studio.jobs.queued import State
from imvar_studio.ui.queue import row_painting as paint
from imvar_studio.ui.queue.job_menu import verb_tooltip
from imvar_studio.ui.queue.row_layout import HEIGHT, THUMB, RowLayout, sentence_width
from imvar_studio.ui.queue.verbs import Verb, row_verbs
from imvar_studio.ui.queue.words import failure, left_words
from imvar_studio.ui.theme import fonts

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex

    from imvar_studio.jobs.queued import Job
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.queue.job_model import JobModel
    from imvar_studio.ui.queue.job_pictures import JobPictures

    Index = QModelIndex | QPersistentModelIndex

_WRAPPED = Qt.TextFlag.TextWordWrap
_MOST_IMAGES = 64  # more than there are rows to be seen
_MOST_LINES = 6  # of a failure's sentence; the tooltip has all


class JobDelegate(QStyledItemDelegate):
    """Paints jobs.

    Args:
        model: whose jobs.
        files: which picture shows a job.
        pictures: reads them.
        view: what it paints in.

    Attributes:
        hovered: the row and the button under the pointer.
    """

    def __init__(
        self, model: JobModel, files: JobPictures, pictures: Pictures, view: QListView
    ) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self._files = files
        self._pictures = pictures
        self._heights: dict[tuple[str, int], int] = {}  # of texts in a row of a width
        self._rows: dict[tuple[str, int], int] = {}  # of rows with a failure
        self._images: dict[int, QImage] = {}
        self.hovered: tuple[int, int | None] | None = None
        self.pressed = False

    def layout_of(self, job: Job, width: int) -> RowLayout:
        """Return where the parts of a job's row lie in a row of `width` pixels."""
        message, remedy = failure(job)
        again = job.state is State.FAILED and not job.problem
        left = left_words(job, self._model.live(job))
        small = QFontMetrics(fonts.tabular(fonts.hint_font()))
        return RowLayout(
            width,
            len(row_verbs(job)),
            small.horizontalAdvance(left) + 1 if left else 0,
            self._wrapped(message, width - paint.SIGN, 1) if message else 0,
            self._wrapped(remedy, width, 1) if remedy else 0,
            paint.again_width() if again else 0,
        )

    def verb_at(self, job: Job, width: int, at: QPoint) -> tuple[int | None, Verb | None]:
        """Return the button at a point of a row, by its number and what it does."""
        button = self.layout_of(job, width).button_at(at.x(), at.y())
        if button is None:
            return None, None
        verbs = row_verbs(job)
        return button, verbs[button] if button < len(verbs) else Verb.RETRY

    def box_of(self, job: Job, width: int, verb: Verb) -> QRect | None:
        """Return the place of a button in a row; None where it has none."""
        layout, verbs = self.layout_of(job, width), row_verbs(job)
        if verb in verbs:
            box = layout.button(verbs.index(verb))
        elif verb is Verb.RETRY and layout.again:
            box = layout.try_again
        else:
            return None
        return QRect(box.x, box.y, box.width, box.height)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return what a row takes."""
        job, width = self._model.job(index), self._view.viewport().width()
        if job is None or (job.state is not State.FAILED and not job.problem):
            return QSize(width, HEIGHT)  # asked of every row, so quickly
        key = (f"{job.problem}\n{job.message}\n{job.remedy}", width)
        if key not in self._rows:
            self._rows[key] = self.layout_of(job, width).height
        return QSize(width, self._rows[key])

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a row."""
        job = self._model.job(index)
        if job is None:
            return
        box: QRect = option.rect
        layout, live = self.layout_of(job, box.width()), self._model.live(job)
        state = option.state
        hover = self.hovered if self.hovered and self.hovered[0] == index.row() else None
        look = paint.RowLook(
            selected=bool(state & QStyle.StateFlag.State_Selected),
            hovered=hover is not None,
            focused=bool(state & QStyle.StateFlag.State_HasFocus),
            button=hover[1] if hover else None,
            pressed=self.pressed,
        )
        painter.save()
        painter.translate(box.topLeft())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint.ground(painter, box.size(), look)
        scale = painter.device().devicePixelRatioF()
        paint.thumb(painter, layout.thumb, self._image(job, round(THUMB * scale * 1.5)))
        paint.words(painter, layout, job, live)
        paint.buttons(painter, layout, job, look)
        painter.restore()

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """Tell what a button does, or all of a row."""
        job = self._model.job(index)
        if job is None:
            return super().helpEvent(event, view, option, index)
        at = event.pos() - option.rect.topLeft()
        verb = self.verb_at(job, option.rect.width(), at)[1]
        told = verb_tooltip(verb) if verb is not None else self._model.told(job)
        QToolTip.showText(event.globalPos(), told, view)
        return True

    def _image(self, job: Job, side: int) -> QImage | None:
        """Return a job's picture; the one before it until a new one is read."""
        path = self._files.path(job)
        image = self._pictures.image(path, side) if path else None
        if image is None:
            return self._images.get(job.id)
        self._images[job.id] = image
        while len(self._images) > _MOST_IMAGES:
            del self._images[next(iter(self._images))]
        return image

    def _wrapped(self, text: str, width: int, least: int) -> int:
        """Return the height of a text in lines of a row's width."""
        key = (text, width)
        if key not in self._heights:
            if len(self._heights) > 500:
                self._heights.clear()
                self._rows.clear()
            metrics = QFontMetrics(fonts.hint_font())
            space = QRect(0, 0, sentence_width(width), 10_000)
            lines = round(metrics.boundingRect(space, _WRAPPED, text).height() / metrics.height())
            self._heights[key] = min(max(lines, least), _MOST_LINES) * paint.LINE
        return self._heights[key]

"""The grid of the project's pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QDrag, QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from imvar_studio.ui.library.grid_geometry import GAP, cell_for
from imvar_studio.ui.library.picture_delegate import PictureDelegate, thumbnail_rect
from imvar_studio.ui.library.picture_model import PATH, SHA, PictureModel
from imvar_studio.ui.theme.tokens import PADDING

if TYPE_CHECKING:
    from imvar_studio.ui.pictures import Pictures

_BAR = 11  # px, room for the scroll bar, kept whether it is there or not
_ROW_GAP = 10  # px
_DRAGGED = 64  # px, the picture under the pointer


class PictureGrid(QListView):
    """Pictures in columns; dragged to anywhere, renamed in place.

    Args:
        model: what is shown.
        pictures: that reads them.
        parent: the widget it lies in.

    Attributes:
        activated_pictures: SHA-256 of what was double clicked, or selected when Return was
            pressed.
        delete_pressed: Delete was pressed.
    """

    activated_pictures = Signal(tuple)
    delete_pressed = Signal()

    def __init__(
        self, model: PictureModel, pictures: Pictures, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._drawn = PictureDelegate(pictures, self)
        self.setModel(model)
        self.setItemDelegate(self._drawn)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setUniformItemSizes(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportMargins(PADDING - GAP // 2, 0, 0, 0)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Pictures"))
        self.doubleClicked.connect(lambda index: self.activated_pictures.emit((index.data(SHA),)))
        pictures.ready.connect(self._picture_ready)

    def selected(self) -> tuple[str, ...]:
        """Return the SHA-256 of what is selected, in the order of the list."""
        rows = sorted(self.selectedIndexes(), key=lambda index: index.row())
        return tuple(str(index.data(SHA)) for index in rows)

    def select(self, shas: tuple[str, ...]) -> None:
        """Select pictures by their SHA-256; those that are not listed are passed over."""
        model, flag = self.model(), QItemSelectionModel.SelectionFlag
        wanted, rows = set(shas), [model.index(row, 0) for row in range(model.rowCount())]
        found = [index for index in rows if index.data(SHA) in wanted]
        chosen = QItemSelection()
        for run in _runs([index.row() for index in found]):
            chosen.select(rows[run.start], rows[run.stop - 1])
        self.selectionModel().select(chosen, flag.ClearAndSelect)
        if found:
            self.selectionModel().setCurrentIndex(found[0], flag.NoUpdate)
            self.scrollTo(found[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys that mean something here."""
        editing = self.state() == QAbstractItemView.State.EditingState
        if not editing and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.selected():
                self.activated_pictures.emit(self.selected())
            return
        if not editing and event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the columns out anew."""
        cell = cell_for(self.width() - (PADDING - GAP // 2) - _BAR)
        self._drawn.set_cell(cell)
        self.setGridSize(QSize(cell.width, cell.height + _ROW_GAP))
        super().resizeEvent(event)

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drag what is selected, with a thumbnail under the pointer."""
        indexes = self.selectedIndexes()
        if not indexes:
            return
        drag = QDrag(self)
        drag.setMimeData(self.model().mimeData(indexes))
        drag.setPixmap(self._dragged(self.currentIndex()))
        drag.setHotSpot(QPoint(_DRAGGED // 2, _DRAGGED // 2))
        drag.exec(actions, Qt.DropAction.CopyAction)

    def _dragged(self, index: QModelIndex) -> QPixmap:
        """Return the thumbnail of a row as it stands, smaller."""
        place = thumbnail_rect(self.visualRect(index)).toRect()
        seen = self.viewport().grab(place.intersected(self.viewport().rect()))
        size = QSize(_DRAGGED, _DRAGGED) * self.devicePixelRatioF()
        smooth = Qt.TransformationMode.SmoothTransformation
        seen = seen.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, smooth)
        seen.setDevicePixelRatio(self.devicePixelRatioF())
        return seen

    def _picture_ready(self, path: str, side: int) -> None:
        """Paint what became readable, where it is seen."""
        if side != self._drawn.pixels(self.devicePixelRatioF()):
            return
        for row in self._seen_rows():
            index = self.model().index(row, 0)
            if str(index.data(PATH)) == path:
                self.update(index)

    def _seen_rows(self) -> range:
        view, cell = self.viewport(), self.gridSize()
        columns = max(view.width() // cell.width(), 1)
        above = self.verticalScrollBar().value() // cell.height()
        rows = view.height() // cell.height() + 2
        return range(above * columns, min((above + rows) * columns, self.model().rowCount()))


def _runs(rows: list[int]) -> list[range]:
    """Return rising numbers as runs of neighbours."""
    found: list[range] = []
    for row in rows:
        if found and found[-1].stop == row:
            found[-1] = range(found[-1].start, row + 1)
        else:
            found.append(range(row, row + 1))
    return found

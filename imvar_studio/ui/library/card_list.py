"""A list of cards: what the pages of looks and takes have in common."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import FOCUS_WIDTH, RADIUS

Index = QModelIndex | QPersistentModelIndex
SIDE = 4  # px beside a card; its words stand under the page's other words
INSIDE = 8  # px from a card's edge to its words


class CardList(QListView):
    """Cards of equal height, one above the other.

    Args:
        name: for screen readers.
        parent: the widget it lies in.

    Attributes:
        chosen: the index of what was clicked, or Return was pressed on.
        opened: the index of what was double clicked, or Return was pressed on.
        delete_pressed: Delete was pressed.
    """

    chosen = Signal(QModelIndex)
    opened = Signal(QModelIndex)
    delete_pressed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportMargins(SIDE, 0, SIDE, 0)
        self.setAccessibleName(name)
        self.clicked.connect(self.chosen)
        self.doubleClicked.connect(self.opened)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys that mean something here."""
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if index.isValid():
                self.chosen.emit(index)
                self.opened.emit(index)
        elif event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)


class CardDelegate(QStyledItemDelegate):
    """Paints the ground of a card by its state; what is on it, subclasses' `paint_card` does."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        place = QRect(option.rect).adjusted(0, 1, 0, -1)
        state = option.state
        flag = QStyle.StateFlag
        self._paint_ground(painter, QRectF(place), state)
        self.paint_card(painter, place.adjusted(INSIDE, INSIDE, -INSIDE, -INSIDE), index)
        if state & flag.State_HasFocus:
            painter.setPen(QPen(current_theme().color("accent"), FOCUS_WIDTH))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(place).adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        painter.restore()

    def paint_card(self, painter: QPainter, place: QRect, index: Index) -> None:
        """Paint the content of a row inside `place`."""
        raise NotImplementedError

    def _paint_ground(self, painter: QPainter, place: QRectF, state: QStyle.StateFlag) -> None:
        flag = QStyle.StateFlag
        token = ""
        if state & flag.State_Selected:
            token = "raised"
        elif state & flag.State_MouseOver:
            token = "hover"
        if token:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(current_theme().color(token))
            painter.drawRoundedRect(place, RADIUS, RADIUS)

"""Rows of values as a model that a list view shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

if TYPE_CHECKING:
    from collections.abc import Hashable

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole  # the value of a row
Row = TypeVar("Row")


class RowModel(QAbstractListModel, Generic[Row]):
    """Values, one a row; who derives from it says what a row is called, and what its tip is."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[Row, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """What is listed."""
        return self._rows

    def set_rows(self, rows: tuple[Row, ...]) -> None:
        """List other rows; those that are there in the same order only change."""
        if rows == self._rows:
            return
        if list(map(self.identity, rows)) == list(map(self.identity, self._rows)):
            self._rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
        else:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def identity(self, row: Row) -> Hashable:
        """Return what tells a row from others, and stays while it changes."""
        return row  # rows are frozen values

    def title(self, row: Row) -> str:
        """Return what a row is called."""
        raise NotImplementedError

    def tip(self, row: Row) -> str:
        """Return what is said of a row that is pointed at, and to assistive programs."""
        raise NotImplementedError

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return how many rows there are."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a row shows in a role."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.title(row)
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.tip(row)
        return None

"""The project's pictures as a list that views show."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QUrl,
)

from imvar_studio.ui.library.entries import rename, shown_name, uses, where
from imvar_studio.ui.mime import asset_data

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from imvar_studio.model.project import AssetEntry
    from imvar_studio.ui.asset_files import AssetFiles
    from imvar_studio.ui.session import Session

Index = QModelIndex | QPersistentModelIndex
SHA = Qt.ItemDataRole.UserRole
PATH = Qt.ItemDataRole.UserRole + 1
STATE = Qt.ItemDataRole.UserRole + 2


class FileState(Enum):
    """How a picture's file stands."""

    THERE = "there"
    UNKNOWN = "unknown"  # not yet looked for
    MISSING = "missing"


class PictureModel(QAbstractListModel):
    """Assets by name; a name can be edited, rows can be dragged to anywhere.

    Args:
        session: whose project.
        files: where its media lie.
    """

    def __init__(self, session: Session, files: AssetFiles) -> None:
        super().__init__()
        self._session = session
        self._files = files
        self._entries: tuple[AssetEntry, ...] = ()
        self._missing: frozenset[str] = frozenset()

    @property
    def entries(self) -> tuple[AssetEntry, ...]:
        """What is listed, in order."""
        return self._entries

    def set_entries(self, entries: tuple[AssetEntry, ...]) -> None:
        """List other assets; the same ones stay as they are."""
        if [each.sha for each in entries] == [each.sha for each in self._entries]:
            self._entries = entries
            self.refresh()
            return
        self.beginResetModel()
        self._entries = entries
        self.endResetModel()

    def set_missing(self, missing: frozenset[str]) -> None:
        """Show which files are missing."""
        self._missing = missing
        self.refresh()

    def refresh(self) -> None:
        """Have all rows painted anew."""
        if self._entries:
            self.dataChanged.emit(self.index(0), self.index(len(self._entries) - 1))

    def row_of(self, sha: str) -> int:
        """Return the row of an asset, -1 where it is not listed."""
        return next((row for row, each in enumerate(self._entries) if each.sha == sha), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return how many rows there are."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a row shows in a role."""
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        wanted = _ROLES.get(role)
        return None if wanted is None else wanted(self, entry)

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Rename a picture, as a step that can be undone."""
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        sha, name = self._entries[index.row()].sha, str(value)
        return self._session.edit_project(
            self.tr("Rename picture"), lambda project: rename(project, sha, name)
        )

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return what can be done with a row."""
        flag = Qt.ItemFlag
        if not index.isValid():
            return flag.NoItemFlags
        return (
            flag.ItemIsEnabled
            | flag.ItemIsSelectable
            | flag.ItemIsEditable
            | flag.ItemIsDragEnabled
            | flag.ItemNeverHasChildren
        )

    def mimeTypes(self) -> list[str]:
        """Return the kinds of data that rows are dragged as."""
        return asset_data([]).formats()

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return rows as what is dragged."""
        rows = sorted({index.row() for index in indexes if index.isValid()})
        shas = [self._entries[row].sha for row in rows]
        data = asset_data(shas)
        # other programs take files
        paths = [path for sha in shas if (path := self._files.path(sha)) is not None]
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        return data

    def supportedDragActions(self) -> Qt.DropAction:
        """Copy: what is dragged out stays."""
        return Qt.DropAction.CopyAction

    def path_of(self, index: Index) -> Path | None:
        """Return the file of a row, None where it is not there."""
        return self._files.path(self._entries[index.row()].sha) if index.isValid() else None

    def path(self, entry: AssetEntry) -> Path | None:
        """Return an asset's file, None where it is not there."""
        return self._files.path(entry.sha)

    def state(self, entry: AssetEntry) -> FileState:
        """Return how an asset's file stands."""
        if self._files.path(entry.sha) is not None:
            return FileState.THERE
        return FileState.MISSING if entry.sha in self._missing else FileState.UNKNOWN

    def spoken(self, entry: AssetEntry) -> str:
        """Return what screen readers say."""
        missing = self.state(entry) is FileState.MISSING
        name = shown_name(entry)
        return self.tr("{name}, missing").format(name=name) if missing else name

    def tooltip(self, entry: AssetEntry) -> str:
        """Return the whole name, and where the picture is used."""
        used = uses(self._session.project, (entry.sha,))
        lines = [shown_name(entry)]
        if self.state(entry) is FileState.MISSING:
            lines.append(self.tr("Its file is missing."))
        lines.append(
            self.tr("Used {where}.").format(where=where(used)) if used else self.tr("Not used yet.")
        )
        return "\n".join(lines)


_ROLES: dict[int, Callable[[PictureModel, AssetEntry], object]] = {
    Qt.ItemDataRole.DisplayRole: lambda _, entry: shown_name(entry),
    Qt.ItemDataRole.EditRole: lambda _, entry: shown_name(entry),
    Qt.ItemDataRole.ToolTipRole: PictureModel.tooltip,
    Qt.ItemDataRole.AccessibleTextRole: PictureModel.spoken,
    SHA: lambda _, entry: entry.sha,
    PATH: PictureModel.path,
    STATE: PictureModel.state,
}

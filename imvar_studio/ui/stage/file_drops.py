"""Files and pictures dropped on a widget, which lights up while they hang over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

from imvar_studio.ui.mime import assets_in, take_copy

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget


class FileDrops(QObject):
    """Takes files, and pictures of the library, that are dropped on a widget.

    Args:
        target: the widget; what lies in it and takes no drops itself belongs to it.
        knows: whether the project has an asset, by its SHA-256; of others their files are taken.

    Attributes:
        lit: something hangs over the target, or no more.
        dropped: a list of files' paths.
        assets: SHA-256 of pictures of the library.
    """

    lit = Signal(bool)
    dropped = Signal(list)
    assets = Signal(tuple)

    def __init__(self, target: QWidget, knows: Callable[[str], bool]) -> None:
        super().__init__(target)
        self._knows = knows
        target.setAcceptDrops(True)
        target.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take files and pictures, and leave all else to the target."""
        if isinstance(event, (QDragEnterEvent, QDragMoveEvent)):  # both are drops too
            if not self._take(event):
                return False
            self.lit.emit(True)
        elif isinstance(event, QDropEvent):
            self.lit.emit(False)
            if not self._take(event):
                return False
            shas = self._known(event)
            if shas:
                self.assets.emit(shas)
            else:
                self.dropped.emit(paths_in(event))
        elif event.type() == QEvent.Type.DragLeave:
            self.lit.emit(False)
        else:
            return False
        return True

    def _take(self, event: QDropEvent) -> bool:
        """Accept what can be dropped, as a copy: after a move its source would delete it."""
        if not self._known(event) and not paths_in(event):
            return False
        take_copy(event)
        return True

    def _known(self, event: QDropEvent) -> tuple[str, ...]:
        """Return the assets that are dragged; none where they are another project's."""
        shas = assets_in(event.mimeData())
        return shas if all(self._knows(sha) for sha in shas) else ()


def paths_in(event: QDropEvent) -> list[str]:
    """Return the paths of the files that are dragged; none where it is something else."""
    return [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]

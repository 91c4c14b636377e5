"""Frames decoded before they are due, by threads of their own."""

from __future__ import annotations

import logging
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from imvar_studio.model.errors import UserError
from imvar_studio.ui.pictures import read_image

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_log = logging.getLogger(__name__)
_MOST_BYTES = 192 << 20  # 256 frames of 512 x 512
_THREADS = 2
_SHARE = 0.75  # of the memory for what is wanted now; the rest is for what was just seen


class LookAhead(QObject):
    """Decoded frames around the playhead, in bounded memory.

    Args:
        read: reads a file in a thread; `pictures.read_image` at its own size.
        most_bytes: of images that are kept.
        parent: the owner.

    Attributes:
        ready: the path of a picture that is there now, or cannot be read (`is_broken`).
    """

    ready = Signal(str)
    _read = Signal(str, QImage)

    def __init__(
        self,
        read: Callable[[Path, int], QImage] = read_image,
        most_bytes: int = _MOST_BYTES,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._file_reader = read
        self._most = most_bytes
        self._images: OrderedDict[str, QImage] = OrderedDict()
        self._bytes = 0
        self._wanted: OrderedDict[str, Path] = OrderedDict()
        self._busy: set[str] = set()
        self._broken: set[str] = set()
        self._threads = ThreadPoolExecutor(_THREADS, "window-frames")
        self._closed = False
        self._read.connect(self._keep, Qt.ConnectionType.QueuedConnection)

    def capacity(self, frame_bytes: int) -> int:
        """Return how many frames of a size can be looked ahead, at least 2."""
        return max(int(self._most * _SHARE) // max(frame_bytes, 1), 2)

    def want(self, paths: Sequence[Path]) -> None:
        """Have these decoded, in this order; what was wanted before and has not begun is not."""
        self._wanted = OrderedDict((str(path), path) for path in paths)
        for name in reversed(self._wanted):
            if name in self._images:
                self._images.move_to_end(name)
        self._next()

    def image(self, path: Path) -> QImage | None:
        """Return a decoded frame, None where it is not there (yet)."""
        return self._images.get(str(path))

    def is_broken(self, path: Path) -> bool:
        """Whether a file was found not to be a picture, or not to be there."""
        return str(path) in self._broken

    def forgive(self) -> None:
        """Try again what could not be read: it may have been written anew."""
        self._broken.clear()

    def close(self) -> None:
        """End the threads."""
        self._closed = True
        self._wanted.clear()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _next(self) -> None:
        """Give the threads the next that are wanted and not there."""
        if self._closed:
            return
        for name, path in self._wanted.items():
            if len(self._busy) >= _THREADS:
                return
            if name not in self._images and name not in self._busy and name not in self._broken:
                self._busy.add(name)
                self._threads.submit(self._work, path)

    def _work(self, path: Path) -> None:
        try:
            image = self._file_reader(path, 0)
        except Exception as error:  # noqa: BLE001  (a frame that cannot be read is shown as such)
            if not isinstance(error, UserError):
                _log.exception("a frame cannot be shown")
            image = QImage()
        if not self._closed:
            self._read.emit(str(path), image)

    def _keep(self, name: str, image: QImage) -> None:
        self._busy.discard(name)
        if image.isNull():
            self._broken.add(name)
        else:
            self._images[name] = image
            self._bytes += image.sizeInBytes()
            self._make_room(name)
        self.ready.emit(name)
        self._next()

    def _make_room(self, newest: str) -> None:
        """Drop what is not wanted, the longest unused first; then what is wanted last."""
        spare = [name for name in self._images if name not in self._wanted and name != newest]
        latest = [name for name in reversed(self._wanted) if name in self._images]
        for name in (*spare, *latest):
            if self._bytes <= self._most or name == newest:
                continue
            self._bytes -= self._images.pop(name).sizeInBytes()

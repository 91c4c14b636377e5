"""Pictures for the screen: read, scaled and kept by threads of their own."""

from __future__ import annotations

import logging
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QColorSpace, QImage, QImageReader

from imvar_studio.model.errors import UserError

_log = logging.getLogger(__name__)
_MOST_BYTES = 96 << 20  # of images that are kept
_MOST_WAITING = 64  # requests; older ones are of what was scrolled away
_LARGEST = 4096  # pixels a side that the screen ever needs

Key = tuple[str, int]


class Pictures(QObject):
    """Images by file, scaled to fit a square; what is not there yet is read in the background.

    Attributes:
        ready: (path, side) of an image that is there now, or cannot be read (`broken`).
    """

    ready = Signal(str, int)
    _read = Signal(str, int, QImage)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._images: OrderedDict[Key, QImage] = OrderedDict()
        self._bytes = 0
        self._waiting: OrderedDict[Key, None] = OrderedDict()
        self._broken: set[str] = set()
        self._reading: Key | None = None
        self._threads = ThreadPoolExecutor(1, "window-pictures")
        self._closed = False
        self._read.connect(self._keep, Qt.ConnectionType.QueuedConnection)

    def image(self, path: Path | str, side: int = 0) -> QImage | None:
        """Return an image in sRGB; None where it is not there yet, then `ready` tells.

        Args:
            path: a picture of any kind that `media.image_io` reads.
            side: pixels of the square it is fitted into (never enlarged); 0 is its own size.
        """
        key = (str(path), side)
        found = self._images.get(key)
        if found is not None:
            self._images.move_to_end(key)
            return found
        if key[0] not in self._broken and key != self._reading:
            self._waiting[key] = None
            self._waiting.move_to_end(key)
            while len(self._waiting) > _MOST_WAITING:
                self._waiting.popitem(last=False)
            self._next()
        return None

    def is_broken(self, path: Path | str) -> bool:
        """Whether a file was found not to be a picture, or not to be there."""
        return str(path) in self._broken

    def forget(self, path: Path | str) -> None:
        """Drop what is known of a file: it was changed."""
        self._broken.discard(str(path))
        for key in [key for key in self._images if key[0] == str(path)]:
            self._bytes -= self._images.pop(key).sizeInBytes()

    def close(self) -> None:
        """End the threads."""
        self._closed = True
        self._waiting.clear()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _next(self) -> None:
        """Have the newest request read: it is what is looked at."""
        if self._reading is not None or self._closed or not self._waiting:
            return
        self._reading, _ = self._waiting.popitem(last=True)
        path, side = self._reading
        self._threads.submit(self._work, path, side)

    def _work(self, path: str, side: int) -> None:
        try:
            image = read_image(Path(path), side)
        except Exception as error:  # noqa: BLE001  (a picture that cannot be read is shown as such)
            if not isinstance(error, UserError):
                _log.exception("a picture cannot be shown")
            image = QImage()
        if not self._closed:
            self._read.emit(path, side, image)

    def _keep(self, path: str, side: int, image: QImage) -> None:
        self._reading = None
        if image.isNull():
            self._broken.add(path)
        else:
            old = self._images.pop((path, side), None)
            self._bytes += image.sizeInBytes() - (old.sizeInBytes() if old is not None else 0)
            self._images[path, side] = image
            while self._bytes > _MOST_BYTES and len(self._images) > 1:
                _, old = self._images.popitem(last=False)
                self._bytes -= old.sizeInBytes()
        self.ready.emit(path, side)
        self._next()


def read_image(path: Path, side: int) -> QImage:
    """Read a picture in sRGB, fitted into a square of `side` pixels; 0 keeps its size.

    Raises:
        UserError: if it is no picture, or cannot be read.
    """
    image = _quick(path)
    if image is None:
        image = _thorough(path)
    side = min(side or _LARGEST, _LARGEST)
    if image.width() > side or image.height() > side:
        image = image.scaled(
            QSize(side, side),
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    return image


def _quick(path: Path) -> QImage | None:
    """Return an 8-bit sRGB PNG, as frames are, by Qt's own reader; None for anything else."""
    if path.suffix != ".png":
        return None
    image = QImageReader(str(path)).read()
    space, srgb = image.colorSpace(), QColorSpace(QColorSpace.NamedColorSpace.SRgb)
    if image.isNull() or image.depth() > 32 or image.hasAlphaChannel():
        return None
    if space.isValid() and space != srgb:
        return None
    return image.convertToFormat(QImage.Format.Format_RGB32)


def _thorough(path: Path) -> QImage:
    """Read any picture with its profile and orientation, as renders see it."""
    from imvar_studio.media.image_io import read_picture  # slow: numpy and Pillow

    pixels = read_picture(path)
    if pixels.itemsize > 1:
        pixels = (pixels >> 8).astype("uint8")
    height, width = pixels.shape[:2]
    kind = QImage.Format.Format_RGB888
    return QImage(pixels.tobytes(), width, height, 3 * width, kind).copy()

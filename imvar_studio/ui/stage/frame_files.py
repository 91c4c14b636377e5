"""The picture on the stage to a file and to the clipboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice, QMimeData, QObject, QUrl
from PySide6.QtGui import QColorSpace, QGuiApplication, QImage

from imvar_studio.model.errors import PictureError, StoreError
from imvar_studio.store.atomic import store_error, write_atomic
from imvar_studio.ui.messages import Message
from imvar_studio.ui.pictures import read_image
from imvar_studio.ui.stage.shown import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.ui.session import Session
    from imvar_studio.ui.stage.picture_source import PictureSource
    from imvar_studio.ui.stage.shown import Shown

# ending: (Qt's name of the format, its quality)
_FORMATS = {
    ".png": ("PNG", -1),
    ".jpg": ("JPG", 95),
    ".jpeg": ("JPG", 95),
    ".webp": ("WEBP", 100),  # 100 is lossless
    ".tif": ("TIFF", -1),
    ".tiff": ("TIFF", -1),
}
ENDINGS = tuple(_FORMATS)


def save_picture(target: Path, source: Path | None, image: QImage | None) -> Path:
    """Write the picture that is shown; slow, for a lane.

    Args:
        target: with an ending of `ENDINGS`; a file that is there is replaced.
        source: the frame's file; saved as PNG it is copied byte for byte, with its recipe.
        image: the pixels where there is no file.

    Returns:
        The target.

    Raises:
        PictureError: for another ending.
        StoreError: if the frame cannot be read or the target not be written.
    """
    ending = target.suffix.lower()
    if ending not in _FORMATS:
        raise PictureError(
            f"'{target.name}' does not name a kind of picture that is written here",
            f"choose one of {', '.join(ENDINGS)}",
        )
    if source is not None and ending == ".png":
        try:
            data = source.read_bytes()
        except OSError as error:
            raise store_error(error, "read", source) from error
    else:
        pixels = read_image(source, 0) if source is not None else image
        if pixels is None:
            raise StoreError("there is no picture to save", "render the frame first")
        data = encoded(pixels, ending)
    write_atomic(target, data)
    return target


def encoded(image: QImage, ending: str) -> bytes:
    """Return an image, taken as sRGB, as a file's bytes.

    Args:
        image: the pixels.
        ending: of `ENDINGS`.

    Raises:
        StoreError: if the writer refuses.
    """
    name, quality = _FORMATS[ending]
    tagged = image.convertToFormat(QImage.Format.Format_RGB888)
    tagged.setColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not tagged.save(buffer, name, quality):  # type: ignore[call-overload]
        raise StoreError(f"a picture of this size cannot be written as {name}", "choose .png")
    return bytes(buffer.data().data())


def clipboard_data(image: QImage, source: Path | None) -> QMimeData:
    """Return the picture as pixels and, where it is a file, as that."""
    data = QMimeData()
    data.setImageData(image)
    if source is not None:
        data.setUrls([QUrl.fromLocalFile(str(source))])
    return data


def caveat(shown: Shown) -> str:
    """Return what the user is to know of a picture taken from the stage; "" for a rendered one."""
    if shown.kind == Kind.STALE:
        return QCoreApplication.translate("Stage", "It is out of date.")
    if shown.kind == Kind.PREVIEW:
        return QCoreApplication.translate("Stage", "It is a preview.")
    return ""


class FrameTaker(QObject):
    """Takes the picture on the stage to elsewhere, and tells.

    Args:
        session: tells and does slow work.
        source: has the picture.
        parent: the owner.
    """

    def __init__(self, session: Session, source: PictureSource, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._source = session, source
        self._copies = 0

    def copy(self) -> None:
        """Put the picture on the clipboard, as pixels and as a file.

        A frame whose pixels are not decoded yet is read first.
        """
        self._copies += 1
        number, image, shown = self._copies, self._source.pixels, self._source.shown
        path, about = shown.path, caveat(shown)
        if image is not None:
            self._put(number, image, path, about)
        elif path is not None:
            self._session.lanes.run(
                "stage",
                lambda: read_image(path, 0),
                lambda read: self._put(number, read, path, about),
                self._session.fail,
            )
        else:
            self._tell_none()

    def _put(self, number: int, image: QImage, path: Path | None, about: str) -> None:
        if number == self._copies:  # else another one was asked for meanwhile
            QGuiApplication.clipboard().setMimeData(clipboard_data(image, path))
            self._tell(self.tr("Frame copied."), about)

    def save(self, target: Path) -> None:
        """Write the picture to a file; a message tells when it is there."""
        image, shown = self._source.pixels, self._source.shown
        if image is None and shown.path is None:
            self._tell_none()
            return
        pixels, path, about = QImage(image or QImage()), shown.path, caveat(shown)
        self._session.lanes.run(
            "stage",
            lambda: save_picture(target, path, pixels),
            lambda saved: self._tell(self.tr("Saved {name}.").format(name=saved.name), about),
            self._session.fail,
        )

    def _tell(self, text: str, about: str) -> None:
        self._session.tell(Message(f"{text} {about}".strip(), "warning" if about else "info"))

    def _tell_none(self) -> None:
        text = self.tr("This frame is not rendered yet.")
        self._session.tell(Message(text, "warning", self.tr("Render the film first.")))

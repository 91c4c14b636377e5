"""What other programs hand over, dragged or on the clipboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from imvar_studio.ui.mime import assets_in

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData


def files_in(data: QMimeData) -> list[str]:
    """Return the paths of files on this machine; none for what the window itself handed out."""
    if assets_in(data) or not data.hasUrls():
        return []
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()]


def image_in(data: QMimeData) -> QImage | None:
    """Return the image, as browsers hand over; None where there is none, or there are files."""
    if assets_in(data) or files_in(data) or not data.hasImage():
        return None
    image = data.imageData()
    if not isinstance(image, QImage):
        image = image.toImage() if hasattr(image, "toImage") else QImage()
    return None if image.isNull() else image


def has_media(data: QMimeData) -> bool:
    """Whether there are files or an image."""
    return bool(files_in(data)) or (not assets_in(data) and data.hasImage())

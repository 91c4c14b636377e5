"""What may be dropped on the timeline: shown where it would land, told when it does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QDragMoveEvent, QDropEvent, QImage

from imvar_studio.ui.mime import ASSETS, KEYFRAMES, assets_in, take_copy
from imvar_studio.ui.timeline import clips, verbs
from imvar_studio.ui.timeline.painting import Drop
from imvar_studio.ui.timeline.scene import Scene, Spot

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData

    from imvar_studio.ui.timeline.canvas import TimelineCanvas


class Drops(QObject):
    """Watches what is dragged over the canvas.

    Args:
        canvas: takes the drops.

    Attributes:
        files: (paths, seconds) of files.
        assets: (SHA-256 of assets that the project does not have, seconds).
        text: (words, seconds).
        image: (picture, seconds).
    """

    files = Signal(list, float)
    assets = Signal(tuple, float)
    text = Signal(str, float)
    image = Signal(QImage, float)

    def __init__(self, canvas: TimelineCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        canvas.setAcceptDrops(True)
        canvas.installEventFilter(self)

    @property
    def _scene(self) -> Scene:
        return self._canvas.scene

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take drags; leave everything else to the canvas."""
        kind = event.type()
        if kind in {QEvent.Type.DragEnter, QEvent.Type.DragMove}:
            self._move(event)  # type: ignore[arg-type]
            return True
        if kind == QEvent.Type.DragLeave:
            self._show(None)
            return True
        if kind == QEvent.Type.Drop:
            self._drop(event)  # type: ignore[arg-type]
            return True
        return super().eventFilter(watched, event)

    def _move(self, event: QDragMoveEvent) -> None:
        count = how_many(event.mimeData())
        if not count or self._scene.session.read_only:
            event.ignore()
            return
        take_copy(event)
        spot = Spot(event.position().x(), event.position().y())
        onto = self._onto(event.mimeData(), spot)
        if onto:
            self._show(Drop((), spot, onto))
            return
        first = self._landing(spot.x)
        # what lies far behind the canvas is not drawn
        times = tuple(first + n * verbs.APART for n in range(min(count, 200)))
        self._show(Drop(times, spot))

    def _drop(self, event: QDropEvent) -> None:
        spot = Spot(event.position().x(), event.position().y())
        self._show(None)
        take_copy(event)
        self._canvas.setFocus()
        onto = self._onto(event.mimeData(), spot)
        if onto:
            verbs.replace_picture(self._scene, onto, assets_in(event.mimeData())[0])
        else:
            self.take(event.mimeData(), self._landing(spot.x))

    def _onto(self, data: QMimeData, spot: Spot) -> str:
        """Return the keyframe under the pointer that can show a dragged picture, "" for none."""
        shas = assets_in(data)
        if len(shas) != 1 or self._scene.session.project.asset(shas[0]) is None:
            return ""
        return verbs.replaceable(self._scene, self._scene.find(spot.x, spot.y))

    def take(self, data: QMimeData, time: float) -> bool:
        """Take what was dropped or pasted at `time` seconds; return whether it was of use."""
        shas = assets_in(data)
        project = self._scene.session.project
        if shas and all(project.asset(sha) for sha in shas):
            verbs.add_pictures(self._scene, shas, time)
        elif clips.paste(self._scene, data, time):
            return True
        elif paths := _files(data):  # of another project's pictures, too
            self.files.emit(paths, time)
        elif shas:
            self.assets.emit(shas, time)
        elif data.hasImage():
            self.image.emit(QImage(data.imageData()), time)
        elif data.hasText() and data.text().strip():
            self.text.emit(data.text().strip(), time)
        else:
            return False
        return True

    def _landing(self, x: float) -> float:
        """Return where a drop at `x` px lands: snapped, and first of all at the beginning."""
        scene = self._scene
        if not scene.timeline.keyframes:
            return 0.0
        return scene.snapped(scene.view.value.time(x), scene.targets())[0]

    def _show(self, drop: Drop | None) -> None:
        self._canvas.drop = drop
        self._canvas.update()


def how_many(data: QMimeData) -> int:
    """Return how many keyframes dragged data would make; 0 where it cannot be dropped."""
    if data.hasFormat(ASSETS):
        return len(assets_in(data))
    if data.hasFormat(KEYFRAMES):
        return 1
    if data.hasUrls():
        return len(_files(data))
    return int(data.hasImage() or bool(data.hasText() and data.text().strip()))


def _files(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]

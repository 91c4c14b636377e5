"""What is on the stage now: the picture at the playhead and the one it is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from imvar_studio.ui.stage.comparison import (
    Comparison,
    TakeFrames,
    WithFrame,
    WithSource,
    WithTake,
    file_of,
    read_take_frames,
)
from imvar_studio.ui.stage.content import Content, source_content
from imvar_studio.ui.stage.shown import Glimpse, Kind, Place, Shown, choose, nearest_picture

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtGui import QImage

    from imvar_studio.model.source import Asset
    from imvar_studio.ui.asset_files import AssetFiles
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session
    from imvar_studio.ui.stage.playing import Playing


LARGEST = 4096  # pixels a side that `pictures.read_image` gives


class PictureSource(QObject):
    """Keeps what the stage shows up to date.

    Args:
        session: whose playhead.
        pictures: reads source pictures.
        assets: where they lie.
        playing: has the frames; while it plays, the last picture stays until the next is there.
        parent: the owner.

    Attributes:
        changed: what is shown, what is said of it, or what it is compared with.
    """

    changed = Signal()

    def __init__(
        self,
        session: Session,
        pictures: Pictures,
        assets: AssetFiles,
        playing: Playing,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._pictures, self._assets = session, pictures, assets
        self._playing, self._look_ahead = playing, playing.look_ahead
        self._preview: tuple[Glimpse, QImage] | None = None
        self._comparison: Comparison | None = None
        self._take: TakeFrames | None = None
        self.shown = Shown(Kind.EMPTY)
        self.content = Content(self._size())
        self.other: Content | None = None
        playing.show.connect(lambda _: self.refresh())
        playing.changed.connect(self.refresh)
        playing.accompany(self.companion)
        self._look_ahead.ready.connect(self._on_ready)
        pictures.ready.connect(self._on_picture)
        self._releases = [
            session.playhead.changed.connect(lambda _: self.refresh()),
            session.film_changed.connect(lambda _: self.refresh()),
            session.frames.replaced.connect(self.refresh),
            session.frames.changed.connect(lambda _first, _last: self.refresh()),
            assets.changed.connect(self.refresh),
        ]
        self.refresh()

    @property
    def comparison(self) -> Comparison | None:
        """What the picture is compared with, None for nothing."""
        return self._comparison

    @property
    def pixels(self) -> QImage | None:
        """The pixels of the frame that is shown.

        None for no frame (a source picture is none), and until its file is decoded: what can be
        seen then is the frame before it.
        """
        if self.shown.path is not None:
            return self._look_ahead.image(self.shown.path)
        if self.shown.kind == Kind.PREVIEW and self._preview is not None:
            return self._preview[1]
        return None

    def refresh(self) -> None:
        """Look again at what is to be shown."""
        session = self._session
        self.shown = choose(
            Place(session.frame, session.playhead.value),
            session.timeline,
            session.frames,
            self._preview[0] if self._preview else None,
            lambda path: not self._look_ahead.is_broken(path),
        )
        found = self._content()
        if found is not None:
            self.content = found
        self.other = self._other()
        self.changed.emit()

    def show_preview(self, glimpse: Glimpse, image: QImage) -> None:
        """Take a picture that is being made."""
        self._preview = (glimpse, image)
        self.refresh()

    def clear_preview(self) -> None:
        """Nothing is being made any more."""
        self._preview = None
        self.refresh()

    def compare(self, comparison: Comparison | None) -> None:
        """Compare with something else, or with nothing."""
        if comparison == self._comparison:
            return
        self._comparison, self._take = comparison, None
        if isinstance(comparison, WithTake):
            folder, take = self._session.folder, comparison.id
            self._session.lanes.run(
                "takes",
                lambda: read_take_frames(folder, take),
                lambda frames: self._on_take(comparison, frames),
                self._session.fail,
            )
        self._playing.prepare()
        self.refresh()

    def companion(self, frame: int) -> Path | None:
        """Return the file that a frame is compared with, None where it is no frame's."""
        if not isinstance(self._comparison, (WithFrame, WithTake)):
            return None
        session = self._session
        time = session.time_of(frame)
        return file_of(self._comparison, time, session.frames, session.folder.frames, self._take)

    def release(self) -> None:
        """Watch the session no more."""
        for release in self._releases:
            release()
        self._pictures.ready.disconnect(self._on_picture)

    def _own_size(self, image: QImage) -> tuple[int, int]:
        """Return the size of a frame; a very large one was made smaller for the screen."""
        width, height = self._size()
        reduced = max(image.width(), image.height()) < max(width, height) > LARGEST
        return (width, height) if reduced else (image.width(), image.height())

    def _size(self) -> tuple[int, int]:
        size = self._session.film.settings.size
        return size.width, size.height

    def _content(self) -> Content | None:
        """Return what is to be painted; None leaves what is there until it is decoded."""
        shown = self.shown
        if shown.kind in (Kind.RENDERED, Kind.STALE) and shown.path is not None:
            image = self._look_ahead.image(shown.path)
            return None if image is None else Content(self._own_size(image), image)
        if self._playing.is_playing:
            return None
        if shown.kind == Kind.PREVIEW and self._preview is not None:
            return Content(self._size(), self._preview[1])
        if shown.kind == Kind.PICTURE and shown.asset is not None:
            return self._source(shown.asset, shown.text)
        return Content(self._size(), words=shown.text)

    def _source(self, asset: Asset, words: str = "") -> Content:
        path = self._assets.path(asset.sha)
        image = self._pictures.image(path) if path is not None else None
        if image is None:
            return Content(self._size(), words=words)
        return source_content(image, self._size(), asset.framing)

    def _other(self) -> Content | None:
        session = self._session
        if self._comparison is None or self.shown.kind == Kind.EMPTY:
            return None
        if isinstance(self._comparison, WithSource):
            asset = nearest_picture(session.playhead.value, session.timeline)
            if asset is None:
                return Content(self._size(), words=self.tr("No picture"))
            return self._source(asset)
        path = self.companion(session.frame)
        image = None if path is None else self._look_ahead.image(path)
        if image is not None:
            return Content((image.width(), image.height()), image)
        waits = path is not None and not self._look_ahead.is_broken(path)
        if waits:
            return self.other or Content(self._size())
        return Content(self._size(), words=self.tr("Not rendered"))

    def _on_take(self, comparison: Comparison, frames: TakeFrames) -> None:
        if comparison == self._comparison:
            self._take = frames
            self._playing.prepare()
            self.refresh()

    def _on_ready(self, path: str) -> None:
        """A frame was decoded: show it if it is the one at the playhead."""
        here = self.shown.path, self.companion(self._session.frame)
        if path in map(str, here):
            self.refresh()

    def _on_picture(self, path: str, side: int) -> None:
        if side == 0:
            self.refresh()

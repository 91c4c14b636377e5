"""The stage: the picture at the playhead, in the middle of the window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QImage
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from imvar_studio.ui.stage.compare_menu import CompareMenu
from imvar_studio.ui.stage.comparison import Comparison, WithTake
from imvar_studio.ui.stage.deck import Deck
from imvar_studio.ui.stage.face import Face
from imvar_studio.ui.stage.frame_files import FrameTaker
from imvar_studio.ui.stage.full_screen import FullScreen
from imvar_studio.ui.stage.look_ahead import LookAhead
from imvar_studio.ui.stage.picture_source import PictureSource
from imvar_studio.ui.stage.playing import Playing
from imvar_studio.ui.stage.shown import Glimpse
from imvar_studio.ui.stage.stage_bar import StageBar
from imvar_studio.ui.stage.transport import Transport

if TYPE_CHECKING:
    from imvar_studio.ui.asset_files import AssetFiles
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session


class Stage(QWidget):
    """Shows and plays the film of a session, and compares its pictures.

    Args:
        session: the open project.
        pictures: reads source pictures.
        assets: where they lie.
        parent: the window.

    Attributes:
        files_dropped: a list of paths.
        prompt_requested: the empty film's button was pressed.
        save_requested: the user wants to choose a file for `save_frame_as`.
    """

    files_dropped = Signal(list)
    prompt_requested = Signal()
    save_requested = Signal()

    def __init__(
        self,
        session: Session,
        pictures: Pictures,
        assets: AssetFiles,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look_ahead = LookAhead(parent=self)
        self._playing = Playing(session, self._look_ahead, parent=self)
        self._source = PictureSource(session, pictures, assets, self._playing, self)
        self._deck = Deck(session, self._playing, self)
        self._taker = FrameTaker(session, self._source, self)
        self._menu = CompareMenu(session, self)
        self._bar = StageBar(self._menu)
        self._face = Face(session, self._source, self._bar, self)
        self._transport = Transport(self)
        self._full: tuple[FullScreen, Transport] | None = None
        self._last: Comparison | None = None
        self._build()

    @property
    def playing(self) -> Playing:
        """Plays the film."""
        return self._playing

    @property
    def source(self) -> PictureSource:
        """Has what is shown."""
        return self._source

    def release(self) -> None:
        """Watch the session no more, and end the threads."""
        if self._full is not None:
            self.toggle_full_screen()
        for each in (self._deck, self._source, self._playing):
            each.release()
        self._look_ahead.close()

    def show_preview(  # noqa: PLR0913, PLR0917  (a preview as it comes)
        self, digest: str, width: int, height: int, pixels: bytes, step: int, steps: int
    ) -> None:
        """Take a picture that is being made.

        Args:
            digest: of its recipe.
            width, height: of the preview.
            pixels: (height, width, 3) uint8 sRGB, row by row.
            step, steps: how far its sampling is.
        """
        image = QImage(pixels, width, height, 3 * width, QImage.Format.Format_RGB888)
        own = image.convertToFormat(QImage.Format.Format_RGB32)  # the bytes may go
        self._source.show_preview(Glimpse(digest, step, steps), own)

    def clear_preview(self) -> None:
        """Nothing is being made any more."""
        self._source.clear_preview()

    def play_pause(self) -> None:
        """Play at the film's rate, or stand still."""
        self._deck.play_pause()

    def shuttle(self, direction: int) -> None:
        """J (-1), K (0) or L (1): faster at every press; with K held, a frame at a time."""
        self._deck.shuttle(direction)

    def step(self, frames: int) -> None:
        """Stand still and move the playhead by frames."""
        self._deck.step(frames)

    def go_to_start(self) -> None:
        """Put the playhead on the film's first frame."""
        self._deck.go_to_start()

    def go_to_end(self) -> None:
        """Put the playhead on the film's last frame."""
        self._deck.go_to_end()

    def next_keyframe(self) -> None:
        """Put the playhead on the next keyframe, if there is one."""
        self._deck.go_to_keyframe(1)

    def previous_keyframe(self) -> None:
        """Put the playhead on the keyframe before it, if there is one."""
        self._deck.go_to_keyframe(-1)

    def mark_in(self) -> None:
        """Play from here on."""
        self._deck.mark_in()

    def mark_out(self) -> None:
        """Play up to here."""
        self._deck.mark_out()

    def clear_marks(self) -> None:
        """Play the whole film."""
        self._deck.clear_marks()

    def toggle_loop(self) -> None:
        """Start again at the end, or stop there."""
        self._deck.toggle_loop()

    def set_zoom(self, zoom: str | float) -> None:
        """Zoom the picture.

        Args:
            zoom: "fit", per cent such as "100%", or a factor above 0; at 100% a picture pixel is
                one device-independent px.
        """
        if isinstance(zoom, str):
            zoom = 0.0 if zoom == "fit" else float(zoom.rstrip("%")) / 100
        self._face.canvas.zoom_to(zoom or None)

    def zoom_in(self) -> None:
        """Zoom to the next step up."""
        self._face.canvas.zoom_by(1)

    def zoom_out(self) -> None:
        """Zoom to the next step down."""
        self._face.canvas.zoom_by(-1)

    def set_comparison(self, comparison: Comparison | None) -> None:
        """Compare the picture with something else, or with nothing."""
        self._last = comparison or self._last
        self._menu.set_comparison(comparison)
        self._source.compare(comparison)

    def toggle_compare(self) -> None:
        """Compare with what was compared with last, or stop comparing."""
        on = self._source.comparison is not None
        self.set_comparison(None if on else self._last or self._menu.default())

    def compare_take(self, take: str, name: str = "") -> None:
        """Compare with another take's frames at the same time, by the take's id."""
        self.set_comparison(WithTake(take, name))

    def copy_frame(self) -> None:
        """Put the picture on the clipboard, as pixels and as a file."""
        self._taker.copy()

    def save_frame_as(self, path: Path | str) -> None:
        """Write the picture; as PNG it is the frame's own file with its recipe."""
        self._taker.save(Path(path))

    def toggle_full_screen(self) -> None:
        """Show the canvas alone on the whole screen, or in the window again."""
        if self._full is None:
            self._enter_full_screen()
        else:
            full, transport = self._full
            self._full = None
            self._deck.remove(transport)
            full.give_back()
            self._face.take_canvas()
            full.hide()
            full.deleteLater()
            self._face.canvas.setFocus()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Give the keyboard to the picture; a focus proxy would take it out of Tab's way."""
        self._face.canvas.setFocus(event.reason())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what else can be done with the picture."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        pinned = self._menu.pinned()
        for text, run in (
            (self.tr("Copy frame"), self.copy_frame),
            (self.tr("Save frame as…"), self.save_requested.emit),
            (self.tr("Compare with this frame"), lambda: self.set_comparison(pinned)),
            (self.tr("Full screen"), self.toggle_full_screen),
        ):
            menu.addAction(text).triggered.connect(lambda _=False, run=run: run())
        menu.popup(event.globalPos())

    def _build(self) -> None:
        self.setAccessibleName(self.tr("Stage"))
        self.setProperty("ground", "stage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._face, 1)
        column.addWidget(self._transport)
        self._deck.add(self._transport)
        self._face.files_dropped.connect(self.files_dropped)
        self._face.prompt_requested.connect(self.prompt_requested)
        self._menu.chosen.connect(self.set_comparison)
        self._bar.full_screen.connect(self.toggle_full_screen)

    def _enter_full_screen(self) -> None:
        transport = Transport()
        self._deck.add(transport)
        canvas = self._face.canvas
        canvas.set_bar(False)
        keys = self._deck.keys()
        keys[Qt.Key.Key_C] = self.toggle_compare
        keys[Qt.Key.Key_Plus] = keys[Qt.Key.Key_Equal] = self.zoom_in
        keys[Qt.Key.Key_Minus] = self.zoom_out
        full = FullScreen(canvas, transport, keys, self)
        full.left.connect(self.toggle_full_screen)
        self._full = full, transport
        full.showFullScreen()
        canvas.setFocus()

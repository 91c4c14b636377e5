"""The stage's face: the canvas with what lies over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from imvar_studio.ui.placing import place_pictures
from imvar_studio.ui.stage.canvas import Canvas
from imvar_studio.ui.stage.captions import caption, compared_name, state_words
from imvar_studio.ui.stage.file_drops import FileDrops
from imvar_studio.ui.stage.plate import Plate
from imvar_studio.ui.stage.shown import Kind
from imvar_studio.ui.theme.tokens import SPACING
from imvar_studio.ui.widgets.elided_label import ElidedLabel
from imvar_studio.ui.widgets.empty_state import EmptyState

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from imvar_studio.ui.session import Session
    from imvar_studio.ui.stage.picture_source import PictureSource
    from imvar_studio.ui.stage.stage_bar import StageBar

_EDGE = 8  # px, from the edges to words and buttons
_TOP = 12  # px
_CAPTION_WIDTH = 272  # px at most


class Face(QWidget):
    """Shows what the source has: picture, caption, or what to do where there is nothing.

    Args:
        session: whose film.
        source: has the pictures.
        bar: at the left above the picture.
        parent: the stage.

    Attributes:
        canvas: paints the picture.
        files_dropped: a list of paths.
        prompt_requested: the empty film's button was pressed.
    """

    files_dropped = Signal(list)
    prompt_requested = Signal()

    def __init__(
        self, session: Session, source: PictureSource, bar: StageBar, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session, self._source = session, source
        self.canvas = Canvas(self)
        self._bar = bar
        self._plate = Plate(self)
        self._caption = ElidedLabel(parent=self._plate)
        self._caption.setProperty("kind", "label")
        self._caption.setAccessibleName(self.tr("What is shown"))
        self._caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._empty = EmptyState(
            "image-plus",
            self.tr("Drop pictures here, or add a prompt."),
            self.tr("Add prompt"),
            self,
        )
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        bar.setParent(self)
        self.take_canvas()
        drops = FileDrops(self, lambda sha: session.project.asset(sha) is not None)
        drops.lit.connect(self.canvas.set_lit)
        drops.dropped.connect(self.files_dropped)
        drops.assets.connect(self._place_pictures)
        self._empty.activated.connect(self.prompt_requested)
        self.canvas.view_changed.connect(self._show_zoom)
        bar.zoom.connect(lambda zoom: self.canvas.zoom_to(zoom or None))
        bar.step_zoom.connect(self.canvas.zoom_by)
        source.changed.connect(self.refresh)
        self.refresh()
        self._show_zoom()

    def take_canvas(self) -> None:
        """Have the canvas here, below what lies over it."""
        self._column.addWidget(self.canvas)
        self.canvas.set_bar(True)
        for above in (self._empty, self._bar, self._plate):
            above.raise_()
        self.canvas.show()

    def refresh(self) -> None:
        """Show what the source has."""
        source, shown = self._source, self._source.shown
        empty = shown.kind == Kind.EMPTY
        self.canvas.set_content(source.content, empty=empty)
        names = ("", "")
        if source.comparison is not None:
            fps = self._session.film.settings.fps
            names = state_words(shown), compared_name(source.comparison, fps)
        self.canvas.set_other(source.other, names)
        self._empty.setVisible(empty)
        self._bar.setVisible(not empty)
        self._plate.setVisible(not empty)
        self._bar.show_comparing(source.comparison is not None)
        if self._caption.text() != (text := caption(shown, source.content.size)):
            self._caption.setText(text)
            self.canvas.setAccessibleDescription(text)
            self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place again what depends on the size."""
        self._place()

    def _place_pictures(self, shas: tuple[str, ...]) -> None:
        """Put pictures of the library on the film at the playhead."""
        place_pictures(self._session, shas)

    def _place(self) -> None:
        size = self._bar.sizeHint()
        self._bar.setGeometry(_EDGE, _TOP, size.width(), size.height())
        room = self.width() - size.width() - 3 * _EDGE
        width = max(min(_CAPTION_WIDTH, room, self._caption.sizeHint().width() + 2 * SPACING), 0)
        self._plate.setGeometry(self.width() - _EDGE - width, _TOP, width, size.height())
        self._caption.setGeometry(SPACING, 0, max(width - 2 * SPACING, 0), size.height())
        self._empty.setGeometry(self.rect())

    def _show_zoom(self) -> None:
        self._bar.show_zoom(self.canvas.view.zoom, self.canvas.scale)

"""The library: what the project has to make films of, and what was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from imvar_studio.ui.library.choosing import choose_pictures
from imvar_studio.ui.library.drop_glow import DropGlow
from imvar_studio.ui.library.incoming import files_in, has_media, image_in
from imvar_studio.ui.library.looks_page import LooksPage
from imvar_studio.ui.library.pictures_page import PicturesPage
from imvar_studio.ui.library.takes_page import TakesPage
from imvar_studio.ui.theme.tokens import LEFT_DOCK_WIDTH, PADDING
from imvar_studio.ui.widgets.buttons import IconButton
from imvar_studio.ui.widgets.choice_field import Choice
from imvar_studio.ui.widgets.progress_line import ProgressLine
from imvar_studio.ui.widgets.search_field import SearchField
from imvar_studio.ui.widgets.tab_row import TabRow

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData

    from imvar_studio.ui.asset_files import AssetFiles
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session

_NARROWEST = 212  # px that the names of the pages need


class LibraryPanel(QWidget):
    """Pictures, looks and takes of the open project.

    Args:
        session: the project.
        pictures: for the screen.
        assets: where its media lie.
        parent: the widget it lies in.

    Attributes:
        files_chosen: paths that were chosen or dropped, to be added.
        image_pasted: an image without a file, to be added.
        place_requested: SHA-256 of pictures that are to become keyframes at the playhead.
        compare_take: id of a take to be shown beside the film.
    """

    files_chosen = Signal(list)
    image_pasted = Signal(QImage)
    place_requested = Signal(tuple)
    compare_take = Signal(str)

    def __init__(
        self,
        session: Session,
        pictures: Pictures,
        assets: AssetFiles,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.pictures_page = PicturesPage(session, pictures, assets)
        self.looks_page = LooksPage(session)
        self.takes_page = TakesPage(session, pictures)
        self.pictures_page.place_requested.connect(self.place_requested)
        self.pictures_page.add_requested.connect(self.choose_files)
        self.takes_page.compare_take.connect(self.compare_take)
        self._pages: dict[str, PicturesPage | LooksPage | TakesPage] = {
            "pictures": self.pictures_page,
            "looks": self.looks_page,
            "takes": self.takes_page,
        }
        self._build()
        self._glow = DropGlow(self)
        self.setAcceptDrops(True)
        self.setMinimumWidth(_NARROWEST)
        self.setAccessibleName(self.tr("Library"))
        # what a list does not use comes here
        for view in (self.pictures_page.grid, self.looks_page.list, self.takes_page.list):
            view.installEventFilter(self)

    def release(self) -> None:
        """Watch the session no more."""
        for page in self._pages.values():
            page.release()

    def sizeHint(self) -> QSize:
        """Return the room it wants."""
        return QSize(LEFT_DOCK_WIDTH, 480)

    def refresh_takes(self) -> None:
        """Read the takes anew: one was rendered or removed."""
        self.takes_page.refresh()

    def show_page(self, name: str) -> None:
        """Show a page: "pictures", "looks" or "takes"."""
        self.tabs.set_current(name)
        self._show_page(name)

    def show_added(self, shas: tuple[str, ...]) -> None:
        """Show pictures that were added: selected, and scrolled to."""
        if shas:
            self.show_page("pictures")
            self.pictures_page.grid.select(shas)

    def show_progress(self, done: int, total: int) -> None:
        """Show how many of the files that are being added are done; all hides it."""
        self._progress.set_share(done / total if done < total else 0.0)
        self._progress.setVisible(done < total)

    def choose_files(self) -> None:
        """Let the user choose pictures to add."""
        choose_pictures(self, self.files_chosen.emit)

    def paste(self) -> bool:
        """Add what the clipboard holds: files or an image. Returns whether it held any."""
        return self._take(QGuiApplication.clipboard().mimeData())

    def _build(self) -> None:
        title = QLabel(self.tr("Library"))
        title.setProperty("kind", "name")
        self.add_button = IconButton("plus", tooltip=self.tr("Add pictures"))
        self.add_button.clicked.connect(self.choose_files)
        head = QHBoxLayout()
        head.setContentsMargins(PADDING, 0, 6, 0)
        head.addWidget(title, 1)
        head.addWidget(self.add_button)
        self.search = SearchField(self.tr("Find pictures, prompts"))
        self.search.textChanged.connect(self._find)
        row = QHBoxLayout()
        row.setContentsMargins(PADDING, 0, PADDING, 0)
        row.addWidget(self.search)
        self.tabs = TabRow(
            (
                Choice("pictures", self.tr("Pictures")),
                Choice("looks", self.tr("Looks")),
                Choice("takes", self.tr("Takes")),
            ),
            self.tr("Pages of the library"),
        )
        self.tabs.chosen.connect(self._show_page)
        tabs = QHBoxLayout()
        tabs.setContentsMargins(4, 0, 4, 0)
        tabs.addWidget(self.tabs)
        tabs.addStretch(1)
        self._progress = ProgressLine(self.tr("Pictures added"))
        keeps = self._progress.sizePolicy()
        keeps.setRetainSizeWhenHidden(True)
        self._progress.setSizePolicy(keeps)
        self._progress.hide()
        line = QHBoxLayout()
        line.setContentsMargins(PADDING, 0, PADDING, 0)
        line.addWidget(self._progress)
        self.stack = QStackedWidget()
        for page in self._pages.values():
            self.stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addLayout(row)
        column.addSpacing(2)
        column.addLayout(tabs)
        column.addLayout(line)
        column.addWidget(self.stack, 1)

    def _show_page(self, name: str) -> None:
        self.stack.setCurrentWidget(self._pages[name])
        if name == "takes":
            self.refresh_takes()

    def _find(self, text: str) -> None:
        for page in self._pages.values():
            page.set_search(text)

    def _take(self, data: QMimeData) -> bool:
        files, image = files_in(data), image_in(data)
        if files:
            self.files_chosen.emit(files)
        elif image is not None:
            self.image_pasted.emit(image)
        return bool(files) or image is not None

    def event(self, event: QEvent) -> bool:
        """Take the keys that mean something here, before the window's own shortcuts do."""
        if self._claims(event):
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take those keys from the lists, too."""
        return self._claims(event) or super().eventFilter(watched, event)

    def _claims(self, event: QEvent) -> bool:
        """Take the keys that mean something here, before the window's own shortcuts do."""
        if not isinstance(event, QKeyEvent):
            return False
        pastes = event.matches(QKeySequence.StandardKey.Paste)
        deletes = event.key() == Qt.Key.Key_Delete
        if event.type() == QEvent.Type.ShortcutOverride and (pastes or deletes):
            event.accept()
            return True
        return event.type() == QEvent.Type.KeyPress and pastes and self.paste()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light up for files and images."""
        if has_media(event.mimeData()) and not self._session.read_only:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._glow.light(self.rect())
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Take them anywhere."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Go dark again."""
        self._glow.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand on what was dropped."""
        self._glow.hide()
        if self._take(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.ignore()

"""What the window shows before a project is open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QVBoxLayout, QWidget

from imvar_studio.store.recent import forget_project
from imvar_studio.ui.background import Background
from imvar_studio.ui.bridge import Poster
from imvar_studio.ui.dropped import PACKAGE_ENDING, PROJECT_ENDING
from imvar_studio.ui.library.card_list import INSIDE
from imvar_studio.ui.library.drop_glow import DropGlow
from imvar_studio.ui.library.incoming import files_in
from imvar_studio.ui.library.row_model import ROW
from imvar_studio.ui.pictures import Pictures
from imvar_studio.ui.recent_list import RecentList
from imvar_studio.ui.recent_rows import RecentRow, recent_rows
from imvar_studio.ui.sample_card import SampleCard
from imvar_studio.ui.theme.tokens import SPACING
from imvar_studio.ui.widgets.buttons import push_button

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex
    from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent

_WIDEST = 1056  # px, of what is in the middle: six recent projects in a row
_BETWEEN = 24  # px at least between the words and the sample film
_TITLE = 24  # px
_LANE = "recent"


class StartPage(QWidget):
    """The program's name, the ways to begin, and the projects that were opened last.

    Args:
        parent: the widget it lies in.

    Attributes:
        new_requested: the user wants a new film.
        open_requested: the path of a project, "" to ask for one.
        sample_requested: the user wants to try the sample film.
        paths_dropped: files that are no projects, such as pictures to begin a film with.
    """

    new_requested = Signal()
    open_requested = Signal(str)
    sample_requested = Signal()
    paths_dropped = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        poster = Poster(self)
        self._lanes = Background(poster.post)
        self._pictures = Pictures(self)
        self.destroyed.connect(self._lanes.close)
        self.list = RecentList(self._pictures)
        self._build()
        self._glow = DropGlow(self)
        self.setAcceptDrops(True)
        self.setAccessibleName(self.tr("Start"))
        self.refresh()

    def release(self) -> None:
        """End the threads."""
        self._lanes.close()
        self._pictures.close()

    def refresh(self) -> None:
        """Read the recent projects anew, in the background."""
        self._lanes.run(_LANE, recent_rows, self._show)

    def _build(self) -> None:
        column = QVBoxLayout()
        column.setContentsMargins(24 - INSIDE, 24, 24 - INSIDE, 24)
        column.setSpacing(0)
        column.addStretch(2)
        column.addLayout(self._build_head())
        self.head = _label(self.tr("Recent"), "head")
        self.head.setContentsMargins(INSIDE, 40, 0, 12)
        column.addWidget(self.head)
        column.addWidget(self.list, 12)
        column.addStretch(3)  # a little above the middle is where the eye looks for it
        middle = QWidget()
        middle.setLayout(column)
        middle.setMaximumWidth(_WIDEST)
        middle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(middle, 100)
        row.addStretch(1)
        self.list.opened.connect(self._open)
        self.list.forget_wanted.connect(self._forget)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self._show(())

    def _build_head(self) -> QHBoxLayout:
        """Lay out the name and the ways to begin, and the sample film beside them."""
        title = _label(self.tr("Imvar Studio"), "name")
        title.setStyleSheet(f"font-size: {_TITLE}px;")
        line = _label(self.tr("Films made of pictures and prompts, on your own machine."), "label")
        self.new_button = push_button(self.tr("New film"), "primary", "plus")
        self.open_button = push_button(self.tr("Open…"), "secondary", "folder-open")
        self.sample_button = SampleCard(self._pictures)
        self.new_button.clicked.connect(self.new_requested)
        self.open_button.clicked.connect(lambda: self.open_requested.emit(""))
        self.sample_button.clicked.connect(self.sample_requested)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(INSIDE, 0, 0, 0)
        buttons.setSpacing(SPACING)
        for button in (self.new_button, self.open_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(title)
        words.addSpacing(4)
        words.addWidget(line)
        words.addSpacing(24)
        words.addLayout(buttons)
        words.addSpacing(12)
        words.addWidget(_label(self.tr("Or drop a project or pictures here."), "hint"))
        words.addStretch(1)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, INSIDE, 0)
        row.addLayout(words, 1)
        row.addSpacing(_BETWEEN)
        row.addWidget(self.sample_button)
        return row

    def sizeHint(self) -> QSize:
        """Return the room it wants."""
        return QSize(960, 640)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light up for files."""
        if files_in(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._glow.light(self.rect())
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Go dark again."""
        self._glow.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the project that was dropped, or hand on what else it is."""
        self._glow.hide()
        paths = files_in(event.mimeData())
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        projects = [path for path in paths if _is_project(path)]
        if projects:
            self.open_requested.emit(projects[0])
        elif paths:
            self.paths_dropped.emit(paths)

    def _show(self, rows: tuple[RecentRow, ...]) -> None:
        self.list.set_rows(rows)
        self.head.setVisible(bool(rows))
        self.list.setVisible(bool(rows))

    def _open(self, index: QModelIndex) -> None:
        self.open_requested.emit(str(index.data(ROW).recent.path))

    def _forget(self, index: QModelIndex) -> None:
        """Take a project off the list; the project itself stays."""
        path = index.data(ROW).recent.path
        self._lanes.run(_LANE, lambda: forget_project(path))
        self.refresh()

    def _show_menu(self, place: QPoint) -> None:
        index = self.list.indexAt(place)
        if not index.isValid():
            return
        menu = QMenu(self)
        action = menu.addAction(self.tr("Open"), lambda: self._open(index))
        action.setEnabled(not index.data(ROW).is_missing)
        menu.addAction(self.tr("Remove from the list"), lambda: self._forget(index))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.list.viewport().mapToGlobal(place))


def _label(text: str, kind: str) -> QLabel:
    """Return a label of the theme's kind, in line with the cards' pictures."""
    label = QLabel(text)
    label.setProperty("kind", kind)
    label.setContentsMargins(INSIDE, 0, 0, 0)
    return label


def _is_project(path: str) -> bool:
    """Whether a path is named as projects are; opening it tells whether it is one."""
    return Path(path).suffix.lower() in (PROJECT_ENDING, PACKAGE_ENDING)

"""The library's first page: the project's pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from imvar_studio.model.errors import SpecError
from imvar_studio.ui.importing import LANE
from imvar_studio.ui.library.choosing import choose_file, choose_folder
from imvar_studio.ui.library.entries import pictures as listed
from imvar_studio.ui.library.entries import shown_name, uses, where, without
from imvar_studio.ui.library.picture_grid import PictureGrid
from imvar_studio.ui.library.picture_model import PictureModel
from imvar_studio.ui.library.relink import Relinked, relink
from imvar_studio.ui.messages import Action, Message
from imvar_studio.ui.outside import open_outside
from imvar_studio.ui.selection import Selection
from imvar_studio.ui.theme.tokens import PADDING
from imvar_studio.ui.widgets.buttons import push_button
from imvar_studio.ui.widgets.elided_label import ElidedLabel
from imvar_studio.ui.widgets.empty_state import EmptyState

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.document import Change
    from imvar_studio.model.project import AssetEntry
    from imvar_studio.ui.asset_files import AssetFiles
    from imvar_studio.ui.library.entries import Use
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session


class PicturesPage(QWidget):
    """Pictures in a grid, what to do with them, and what to do about missing ones.

    Args:
        session: whose project.
        pictures: for the screen.
        files: where media lie.
        parent: the widget it lies in.

    Attributes:
        place_requested: SHA-256 of pictures that are to become keyframes at the playhead.
        add_requested: the user wants to choose files.
    """

    place_requested = Signal(tuple)
    add_requested = Signal()

    def __init__(
        self,
        session: Session,
        pictures: Pictures,
        files: AssetFiles,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._pictures = pictures
        self._files = files
        self._search = ""
        self._missing: frozenset[str] = frozenset()
        self.model = PictureModel(session, files)
        self.grid = PictureGrid(self.model, pictures)
        self.grid.activated_pictures.connect(self.place_requested)
        self.grid.delete_pressed.connect(self.remove)
        self.grid.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.grid.customContextMenuRequested.connect(self._show_menu)
        self._build()
        self._disconnect = [
            session.document.changed.connect(self._follow),
            files.changed.connect(self._files_changed),
        ]
        self._show()
        self._files_changed()

    def release(self) -> None:
        """Watch the session no more."""
        for disconnect in self._disconnect:
            disconnect()

    def set_search(self, text: str) -> None:
        """List only the pictures whose names hold every word."""
        self._search = text
        self._show()

    def place(self) -> None:
        """Ask for the selected pictures at the playhead."""
        if self.grid.selected():
            self.place_requested.emit(self.grid.selected())

    def remove(self) -> None:
        """Take the selected pictures out of the project, if nothing uses them."""
        chosen = self.grid.selected()
        if not chosen:
            return
        project = self._session.project
        if uses(project, chosen):
            used = ((sha, uses(project, (sha,))) for sha in chosen)
            self._say_used(*next(each for each in used if each[1]))
            return
        name = (
            self.tr("Remove picture")
            if len(chosen) == 1
            else self.tr("Remove {n} pictures").format(n=len(chosen))
        )
        self._session.edit_project(name, lambda before: without(before, frozenset(chosen)))

    def rename(self) -> None:
        """Let the user type another name for the current picture."""
        self.grid.edit(self.grid.currentIndex())

    def show_in_folder(self) -> None:
        """Show the selected picture's file in the desktop's file manager."""
        path = self.model.path_of(self.grid.currentIndex())
        if path is not None:
            open_outside(path.parent, self._session.tell)

    def relink_in(self, place: Path, shas: frozenset[str] | None = None) -> None:
        """Look for missing files in a folder, or take a file for one.

        Args:
            place: the folder or file.
            shas: what is looked for; None is all that is missing.
        """
        folder, missing = self._session.folder, self._missing_entries(shas)
        if missing:
            self._session.lanes.run(
                LANE, lambda: relink(folder, missing, place), self._relinked, self._session.fail
            )

    def _build(self) -> None:
        self._missing_text = ElidedLabel()
        self._missing_text.setProperty("kind", "stale")
        self.find_button = push_button(self.tr("Find…"), "plain")
        self.find_button.setToolTip(self.tr("Look for the missing files in a folder"))
        self.find_button.clicked.connect(self._choose_folder)
        self.missing_row = QWidget()
        row = QHBoxLayout(self.missing_row)
        row.setContentsMargins(PADDING, 0, 4, 4)
        row.setSpacing(4)
        row.addWidget(self._missing_text, 1)
        row.addWidget(self.find_button)
        self.empty = EmptyState(
            "image-plus", self.tr("Drop pictures here."), self.tr("Add pictures…")
        )
        self.empty.activated.connect(self.add_requested)
        self.nothing = EmptyState("search", "")
        self.stack = QStackedWidget()
        for page in (self.grid, self.empty, self.nothing):
            self.stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.missing_row)
        column.addWidget(self.stack, 1)

    def _show(self) -> None:
        """List what the project has and the search finds; the selection stays."""
        project, chosen = self._session.project, self.grid.selected()
        entries = listed(project, self._search)
        self.model.set_entries(entries)
        if chosen != self.grid.selected():
            self.grid.select(chosen)
        if entries:
            self.stack.setCurrentWidget(self.grid)
        elif listed(project):
            text = self.tr("No picture is called “{text}”.").format(text=self._search.strip())
            self.nothing.set_text(text)
            self.stack.setCurrentWidget(self.nothing)
        else:
            self.stack.setCurrentWidget(self.empty)

    def _follow(self, change: Change) -> None:
        if change.before.assets is not change.after.assets:
            self._show()
            # behind the look at the disk that the change has set off
            self._session.lanes.run("assets", lambda: None, lambda _: self._files_changed())

    def _files_changed(self) -> None:
        missing = self._files.missing()
        for sha in self._missing - missing:
            path = self._files.path(sha)
            if path is not None:
                self._pictures.forget(path)  # it could not be read while it was missing
        self._missing = missing
        self.model.set_missing(missing)
        count = len(missing)
        self._missing_text.setText(
            self.tr("1 file is missing")
            if count == 1
            else self.tr("{n} files are missing").format(n=count)
        )
        self.missing_row.setVisible(count > 0)

    def _missing_entries(self, shas: frozenset[str] | None = None) -> tuple[AssetEntry, ...]:
        missing = self._files.missing()
        wanted = missing if shas is None else missing & shas
        return tuple(entry for entry in self._session.project.assets if entry.sha in wanted)

    def _choose_folder(self) -> None:
        choose_folder(
            self, self.tr("Where are the missing files?"), lambda path: self.relink_in(Path(path))
        )

    def _relinked(self, done: Relinked) -> None:
        self._files.look()
        place = done.place.name or str(done.place)
        if not done.found:
            text = self.tr("None of the missing files is in {place}.").format(place=place)
            self._session.tell(Message(text, "warning", self.tr("Choose another folder.")))
        elif done.wanted == 1:
            self._session.tell(Message(self.tr("The missing file was found.")))
        else:
            text = self.tr("{found} of {wanted} missing files were found.")
            self._session.tell(Message(text.format(found=len(done.found), wanted=done.wanted)))

    def _say_used(self, sha: str, used: tuple[Use, ...]) -> None:
        entry = self._session.project.asset(sha)
        name = shown_name(entry) if entry else sha[:8]
        text = self.tr("{name} is used {where}.").format(name=name, where=where(used))
        action = Action(self.tr("Select"), lambda: select_uses(self._session, used))
        remedy = self.tr("Delete those keyframes first, or give them another look.")
        self._session.tell(Message(text, "warning", remedy, action))

    def menu(self) -> QMenu:
        """Return the menu of what can be done with the selected pictures."""
        menu = QMenu(self)
        chosen = self.grid.selected()
        one = len(chosen) == 1
        there = self.model.path_of(self.grid.currentIndex()) is not None
        _add(menu, self.tr("Add at playhead"), self.place, "Return", enabled=bool(chosen))
        menu.addSeparator()
        _add(menu, self.tr("Show in folder"), self.show_in_folder, enabled=one and there)
        _add(menu, self.tr("Rename"), self.rename, "F2", enabled=one)
        if self._missing_entries(frozenset(chosen)):
            _add(menu, self.tr("Relink…"), self._choose_file)
        menu.addSeparator()
        _add(menu, self.tr("Remove from project"), self.remove, "Del", enabled=bool(chosen))
        return menu

    def _choose_file(self) -> None:
        missing = self._missing_entries(frozenset(self.grid.selected()))
        title = self.tr("Where is {name}?").format(name=missing[0].name)
        shas = frozenset(entry.sha for entry in missing)
        choose_file(self, title, missing[0].name, lambda path: self.relink_in(Path(path), shas))

    def _show_menu(self, place: QPoint) -> None:
        if self.grid.indexAt(place).isValid():
            menu = self.menu()
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.grid.viewport().mapToGlobal(place))


def select_uses(session: Session, used: tuple[Use, ...]) -> None:
    """Show the film where something is used, with its keyframes selected and the first seen.

    Of several films the one that is shown is taken, else the first.
    """
    films = [film.id for film in session.project.films()]
    keys = [use for use in used if use.keyframe and use.film in films]
    if not keys:
        return
    shown = session.film.id
    film = shown if any(use.film == shown for use in keys) else keys[0].film
    try:
        session.show_film(film)
    except SpecError as error:
        session.fail(error)
        return
    here = [use for use in keys if use.film == film]
    session.selection.set(Selection.of_keyframes(*(use.keyframe for use in here)))
    session.seek(here[0].time)


def _add(
    menu: QMenu, text: str, run: Callable[[], None], shortcut: str = "", *, enabled: bool = True
) -> None:
    action = QAction(text, menu)
    if shortcut:
        action.setShortcut(QKeySequence(shortcut))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    action.setEnabled(enabled)
    action.triggered.connect(run)
    menu.addAction(action)

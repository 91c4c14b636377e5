"""The film that is shown, by its name, with the menu of the project's films."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from imvar_studio.ui import films
from imvar_studio.ui.theme.icons import icon
from imvar_studio.ui.widgets.menu_button import MenuButton
from imvar_studio.ui.widgets.popover import Popover

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.project import Project
    from imvar_studio.ui.session import Session

_WIDEST = 240  # px of the name
_FIELD = 260  # px of the field for a name


class FilmsMenu(MenuButton):
    """Shows which film is open; its menu switches films, adds, names, copies, deletes them.

    Args:
        parent: the bar it lies in.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_WIDEST, parent=parent)
        self._session: Session | None = None
        self._disconnects: list[Callable[[], None]] = []
        self.setAccessibleName(self.tr("Film"))
        self.menu_ = QMenu(self)
        self.menu_.aboutToShow.connect(self._fill)
        self.setMenu(self.menu_)

    def attach(self, session: Session) -> None:
        """Show the films of this session."""
        self.release()
        self._session = session
        self._disconnects = [
            session.film_changed.connect(lambda _: self._show()),
            session.document.changed.connect(lambda _: self._show()),
        ]
        self._show()

    def release(self) -> None:
        """Watch the session no more."""
        for disconnect in self._disconnects:
            disconnect()
        self._session, self._disconnects = None, []

    def add(self) -> None:
        """Add an empty film with the settings of the one that is shown, and show it."""
        if self._session is not None:
            like = self._session.film
            self._edit_to(
                self.tr("Add film"),
                lambda project: films.new_film(project, like, self.tr("Film")),
            )

    def duplicate(self) -> None:
        """Copy the film that is shown, and show the copy."""
        if self._session is not None:
            film = self._session.film.id
            self._edit_to(
                self.tr("Duplicate film"), lambda project: films.duplicate_film(project, film)
            )

    def delete(self) -> None:
        """Delete the film that is shown; undo brings it back."""
        session = self._session
        if session is None or len(session.project.films()) < 2:
            return
        film = session.film.id
        after = films.neighbour(session.project, film)
        if not session.read_only:
            session.show_film(after)
        session.edit_project(
            self.tr("Delete film"), lambda project: films.delete_film(project, film)
        )

    def rename(self) -> None:
        """Let the name of the film be typed."""
        session = self._session
        if session is None:
            return
        popover = Popover(self)
        field = QLineEdit(session.film.name)
        field.setAccessibleName(self.tr("Name of the film"))
        field.setMaxLength(films.LONGEST)
        field.setFixedWidth(_FIELD)
        field.selectAll()
        film = session.film.id
        popover.body.addWidget(field)
        popover.closed.connect(popover.deleteLater)

        def take() -> None:
            name = field.text()
            popover.close()
            session.edit_project(
                self.tr("Rename film"), lambda project: films.rename_film(project, film, name)
            )

        field.returnPressed.connect(take)
        popover.open_at(self)

    def _edit_to(self, name: str, change: Callable[[Project], tuple[Project, str]]) -> None:
        """Edit the project, and show the film that came of it."""
        session = self._session
        if session is None:
            return
        made = ""

        def edit(project: Project) -> Project:
            nonlocal made
            project, made = change(project)
            return project

        if session.edit_project(name, edit):
            session.show_film(made)

    def _show(self) -> None:
        if self._session is None:
            return
        name, count = self._session.film.name, len(self._session.project.films())
        self.set_words(name)
        which = self.tr("The film that is shown, one of {n} in the project").format(n=count)
        alone = self.tr("The film of this project; more can be added here")
        self.setToolTip(f"{name}\n{which if count > 1 else alone}")
        self.setAccessibleDescription(name)

    def _fill(self) -> None:
        """List the films as they are now, and what can be done."""
        menu, session = self.menu_, self._session
        menu.clear()
        if session is None:
            return
        group = QActionGroup(menu)
        for film in session.project.films():
            action = QAction(film.name.replace("&", "&&"), menu)
            action.setCheckable(True)
            action.setChecked(film.id == session.film.id)
            action.triggered.connect(partial(self._switch, film.id))
            group.addAction(action)
            menu.addAction(action)
        menu.addSeparator()
        free = not session.read_only
        for text, mark, run, can in (
            (self.tr("New film"), "plus", self.add, free),
            (self.tr("Duplicate"), "copy", self.duplicate, free),
            (self.tr("Rename…"), "pencil", self.rename, free),
            (self.tr("Delete"), "trash-2", self.delete, free and len(session.project.films()) > 1),
        ):
            action = menu.addAction(icon(mark), text, run)
            action.setEnabled(can)

    def _switch(self, film_id: str, checked: bool = True) -> None:
        del checked
        if self._session is not None:
            self._session.show_film(film_id)

"""The menu of the project's films: switch, add, duplicate, rename, delete, undo."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from imvar_studio.model.errors import SpecError
from imvar_studio.ui import films
from imvar_studio.ui.films_menu import FilmsMenu
from imvar_studio.ui.frames import FrameState, Pictured
from imvar_studio.ui.planning import Planner
from imvar_studio.ui.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imvar_studio.ui.session import Session

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def menu(qtbot: Any, session: Session) -> Iterator[FilmsMenu]:
    window = QWidget()
    found = FilmsMenu(window)
    window.resize(400, 60)
    found.move(10, 10)
    found.attach(session)
    qtbot.addWidget(window)
    window.show()
    found.resize(found.sizeHint())
    yield found
    found.release()


def entries(menu: FilmsMenu) -> list[str]:
    """What the menu lists when it is opened, the film that is shown with a tick."""
    menu.menu_.aboutToShow.emit()
    return [
        ("✓ " if action.isChecked() else "") + action.text()
        for action in menu.menu_.actions()
        if not action.isSeparator()
    ]


def choose(menu: FilmsMenu, text: str) -> None:
    """Open the menu and click an entry."""
    menu.menu_.popup(menu.mapToGlobal(QPoint(0, menu.height())))
    (action,) = [each for each in menu.menu_.actions() if each.text() == text]
    assert action.isEnabled(), text
    QTest.mouseClick(menu.menu_, LEFT, pos=menu.menu_.actionGeometry(action).center())


def names(session: Session) -> list[str]:
    return [film.name for film in session.project.films()]


def test_lists_the_films_and_shows_the_one_that_is_chosen(
    menu: FilmsMenu, session: Session
) -> None:
    assert menu.words() == "Night animals"
    assert entries(menu)[0] == "✓ Night animals"
    choose(menu, "New film")
    assert names(session) == ["Night animals", "Film"]
    assert session.film.name == menu.words() == "Film"
    assert session.timeline.keyframes == ()
    assert session.film.settings == session.project.films()[0].settings
    session.selection.set(Selection.of_keyframes("key-1"))
    choose(menu, "Night animals")
    assert session.film.name == menu.words() == "Night animals"
    assert entries(menu)[:2] == ["✓ Night animals", "Film"]
    assert session.selection.value == Selection()


def test_a_copy_stands_behind_its_film_and_undo_takes_it_away(
    menu: FilmsMenu, session: Session
) -> None:
    choose(menu, "New film")
    choose(menu, "Night animals")
    choose(menu, "Duplicate")
    assert names(session) == ["Night animals", "Night animals 2", "Film"]
    assert session.film.name == "Night animals 2"
    assert session.timeline == session.project.films()[0].timeline
    session.document.undo()
    assert names(session) == ["Night animals", "Film"]
    assert session.film.name == menu.words() == "Night animals"


def test_a_name_is_typed(qtbot: Any, menu: FilmsMenu, session: Session) -> None:
    choose(menu, "Rename…")
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), QLineEdit))
    field = QApplication.focusWidget()
    QTest.keyClicks(field, "Owls & foxes")  # over the old name, which is selected
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert session.film.name == menu.words() == "Owls & foxes"
    session.document.undo()
    assert menu.words() == "Night animals"


def test_escape_keeps_the_name(qtbot: Any, menu: FilmsMenu, session: Session) -> None:
    choose(menu, "Rename…")
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), QLineEdit))
    QTest.keyClicks(QApplication.focusWidget(), "Owls")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert session.film.name == "Night animals"
    assert not session.document.can_undo


def test_a_deleted_film_gives_way_to_its_neighbour_and_undo_brings_it_back(
    menu: FilmsMenu, session: Session
) -> None:
    assert not next(a for a in _opened(menu) if a.text() == "Delete").isEnabled()
    choose(menu, "Duplicate")
    choose(menu, "Night animals")
    choose(menu, "Delete")
    assert names(session) == ["Night animals 2"]
    assert session.film.name == menu.words() == "Night animals 2"
    session.document.undo()
    assert names(session) == ["Night animals", "Night animals 2"]


def test_a_project_that_is_read_only_can_be_looked_through(
    menu: FilmsMenu, session: Session
) -> None:
    choose(menu, "Duplicate")
    session.read_only = "Another window has it open."
    can = {action.text(): action.isEnabled() for action in _opened(menu) if action.text()}
    assert can == {
        "Night animals": True,
        "Night animals 2": True,
        "New film": False,
        "Duplicate": False,
        "Rename…": False,
        "Delete": False,
    }


def test_another_film_shows_none_of_the_first_ones_pictures(session: Session) -> None:
    session.frames.plan(session.folder.frames, Pictured(("a" * 64,) * 3, frozenset({"a" * 64})))
    session.edit_project("Add", lambda project: films.duplicate_film(project, "film-1")[0])
    session.show_film("film-2")
    assert session.frames.count == 0
    session.frames.plan(session.folder.frames, Pictured(("b" * 64,) * 3, frozenset()))
    assert [session.frames.state(n) for n in range(3)] == [FrameState.MISSING] * 3
    assert session.frames.path(0) is None


def test_a_plan_that_comes_too_late_is_not_shown(qtbot: Any, session: Session) -> None:
    session.edit_project(
        "Add", lambda project: films.new_film(project, project.films()[0], "Empty")[0]
    )
    planner = Planner(session, lambda _, work: work())
    try:
        planner.plan()  # of the first film, in the background
        session.show_film("film-2")
        qtbot.waitUntil(lambda: planner.is_current)
        assert session.frames.count == 0
        session.show_film("film-1")
        qtbot.waitUntil(lambda: planner.is_current)
        assert session.frames.count == 49
    finally:
        planner.release()


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "Second"])
def test_names_that_cannot_be(session: Session, name: str) -> None:
    project, _ = films.new_film(session.project, session.film, "Second")
    with pytest.raises(SpecError):
        films.rename_film(project, "film-1", name)


def test_a_free_name_counts_on() -> None:
    assert films.free_name(["Film"], "Night") == "Night"
    assert films.free_name(["Film", "Film 2"], "Film") == "Film 3"
    assert films.free_name(["Film 2"], "Film 2") == "Film 3"


def test_an_only_film_stays(session: Session) -> None:
    with pytest.raises(SpecError):
        films.delete_film(session.project, "film-1")


def test_a_film_without_a_change_is_the_same_project(session: Session) -> None:
    project = session.project
    assert films.rename_film(project, "film-1", " Night animals ") is project
    other = films.rename_film(project, "film-1", "Owls")
    assert other.films()[0] == replace(project.films()[0], name="Owls")


def _opened(menu: FilmsMenu) -> list[Any]:
    menu.menu_.aboutToShow.emit()
    return menu.menu_.actions()

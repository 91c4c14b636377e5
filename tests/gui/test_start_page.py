"""The start page: beginning, opening, what was opened last."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from imvar_studio.model.project import FilmWork, Project
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.recent import Recent, recent_projects, remember_project
from imvar_studio.ui.library.row_model import ROW
from imvar_studio.ui.recent_rows import RecentRow, recent_rows
from imvar_studio.ui.sample_card import SampleCard
from imvar_studio.ui.start_page import StartPage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imvar_studio.ui.pictures import Pictures

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def _fresh_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path / "home"))


@pytest.fixture
def places(folder: ProjectFolder, tmp_path: Path) -> tuple[Path, Path]:
    """A project with pictures, opened last, and one that is gone."""
    gone = tmp_path / "gone.imvar"
    remember_project(gone, "Gone")
    remember_project(folder.path, "Night animals")
    return folder.path, gone


@pytest.fixture
def page(places: tuple[Path, Path], qtbot: Any) -> Iterator[StartPage]:
    page = StartPage()
    qtbot.addWidget(page)
    page.resize(1000, 700)
    page.show()
    qtbot.waitUntil(lambda: page.list.model().rowCount() == 2)
    yield page
    page.release()


def row_of(page: StartPage, number: int) -> Any:
    return page.list.model().index(number, 0)


def click(page: StartPage, number: int) -> None:
    where = page.list.visualRect(row_of(page, number)).center()
    QTest.mouseClick(page.list.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, where)


def send(page: StartPage, kind: type, path: Path) -> QEvent:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    middle, keys = page.rect().center(), Qt.KeyboardModifier.NoModifier
    place = QPointF(middle) if kind is QDropEvent else middle
    event: QEvent = kind(place, Qt.DropAction.CopyAction, data, LEFT, keys)
    QApplication.sendEvent(page, event)
    return event


def test_the_ways_to_begin(page: StartPage, qtbot: Any) -> None:
    with qtbot.waitSignal(page.new_requested):
        QTest.mouseClick(page.new_button, LEFT)
    with qtbot.waitSignal(page.open_requested) as heard:
        QTest.mouseClick(page.open_button, LEFT)
    assert heard.args == [""]
    with qtbot.waitSignal(page.sample_requested):
        QTest.keyClick(page.sample_button, Qt.Key.Key_Space)


def test_a_recent_project_shows_what_it_is_and_opens(
    page: StartPage, places: tuple[Path, Path], qtbot: Any
) -> None:
    row = row_of(page, 0).data(ROW)
    assert (row.name, row.is_missing) == ("Night animals", False)
    assert row.picture is not None
    assert row.picture.parent == places[0] / "assets"
    with qtbot.waitSignal(page.open_requested) as heard:
        click(page, 0)
    assert heard.args == [str(places[0])]


def test_a_place_is_named_from_the_home_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pathlib.Path.home", lambda: tmp_path)

    def place(path: Path) -> str:
        return RecentRow(Recent(path, "Film", 0.0), is_missing=False, picture=None).place

    assert place(tmp_path / "film.imvar") == "Home"
    assert place(tmp_path / "films" / "film.imvar") == str(PurePath("~/films"))
    assert place(tmp_path.parent / "film.imvar") == str(tmp_path.parent)


def test_the_keyboard_reaches_them(page: StartPage, places: tuple[Path, Path], qtbot: Any) -> None:
    page.list.setFocus()
    page.list.setCurrentIndex(row_of(page, 0))
    with qtbot.waitSignal(page.open_requested) as heard:
        QTest.keyClick(page.list, Qt.Key.Key_Return)
    assert heard.args == [str(places[0])]
    stops = [page.new_button, page.open_button, page.sample_button, page.list]
    assert all(stop.focusPolicy() & Qt.FocusPolicy.TabFocus for stop in stops)


def test_a_missing_one_is_marked_and_taken_off_the_list(
    page: StartPage, places: tuple[Path, Path], qtbot: Any
) -> None:
    assert row_of(page, 1).data(ROW).is_missing
    with qtbot.assertNotEmitted(page.open_requested):
        click(page, 1)
    QTest.keyClick(page.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: page.list.model().rowCount() == 1)
    assert [recent.path for recent in recent_projects()] == [places[0]]


def test_a_project_is_dropped(page: StartPage, places: tuple[Path, Path], qtbot: Any) -> None:
    assert send(page, QDragEnterEvent, places[0]).isAccepted()
    assert page._glow.isVisible()
    with qtbot.waitSignal(page.open_requested) as heard:
        send(page, QDropEvent, places[0])
    assert heard.args == [str(places[0])]
    assert not page._glow.isVisible()
    picture = places[0] / "assets" / "cat.jpg"
    send(page, QDragEnterEvent, picture)
    with qtbot.waitSignal(page.paths_dropped) as heard:
        send(page, QDropEvent, picture)
    assert heard.args == [[str(picture)]]


def test_without_recent_projects_there_is_no_list(qtbot: Any) -> None:
    page = StartPage()
    qtbot.addWidget(page)
    page.show()
    assert not page.list.isVisible()
    assert not page.head.isVisible()
    page.release()


def test_a_project_that_does_not_read_is_listed_all_the_same(tmp_path: Path) -> None:
    broken = ProjectFolder.create(tmp_path / "broken.imvar", Project((FilmWork("film-1"),)))
    broken.file.write_text("{")
    remember_project(broken.path, "Broken")
    (row,) = recent_rows()
    assert (row.name, row.is_missing, row.picture) == ("Broken", False, None)


def test_the_sample_s_card_that_is_gone_hears_of_no_picture(
    screen_pictures: Pictures, qtbot: Any
) -> None:
    gone = SampleCard(screen_pictures)
    gone.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    with qtbot.captureExceptions() as raised:
        screen_pictures.ready.emit("owl.png", 64)
    assert raised == []

"""The library's pictures and looks, as a person uses them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QDesktopServices,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from imvar_studio.model.keyframe_edits import set_looks
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.project import AssetEntry
from imvar_studio.store.places import bundled_folder
from imvar_studio.ui.asset_files import AssetFiles
from imvar_studio.ui.importing import add_image, add_pictures
from imvar_studio.ui.library.panel import LibraryPanel
from imvar_studio.ui.library.picture_model import SHA, STATE, FileState
from imvar_studio.ui.library.relink import relink
from imvar_studio.ui.library.row_model import ROW
from imvar_studio.ui.mime import assets_in
from imvar_studio.ui.placing import place_pictures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtCore import QEvent

    from imvar_studio.ui.messages import Message
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session

SAMPLES = bundled_folder("resources") / "samples" / "pictures"
COFFEE, BOAT = SAMPLES / "coffee.jpg", SAMPLES / "sailboat-at-sunset.jpg"
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(session: Session, screen_pictures: Pictures, qtbot: Any) -> Iterator[LibraryPanel]:
    files = AssetFiles(session)
    panel = LibraryPanel(session, screen_pictures, files)
    panel.files_chosen.connect(lambda paths: add_pictures(session, paths))
    panel.image_pasted.connect(lambda image: add_image(session, image))
    panel.place_requested.connect(lambda shas: place_pictures(session, shas))
    qtbot.addWidget(panel)
    panel.resize(228, 560)
    panel.show()
    qtbot.waitUntil(lambda: states(panel)[:1] == [FileState.THERE])
    yield panel
    panel.release()
    files.release()


@pytest.fixture
def told(session: Session) -> list[Message]:
    heard: list[Message] = []
    session.messages.connect(heard.append)
    return heard


def states(panel: LibraryPanel) -> list[FileState]:
    model = panel.pictures_page.model
    return [model.index(row).data(STATE) for row in range(model.rowCount())]


def shown(panel: LibraryPanel) -> list[str]:
    model = panel.pictures_page.model
    return [str(model.index(row).data()) for row in range(model.rowCount())]


def place_of(panel: LibraryPanel, row: int) -> QPoint:
    grid = panel.pictures_page.grid
    return grid.visualRect(panel.pictures_page.model.index(row)).center()


def click(panel: LibraryPanel, row: int, *, ctrl: bool = False) -> None:
    keys = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(panel.pictures_page.grid.viewport(), LEFT, keys, place_of(panel, row))


def double_click(panel: LibraryPanel, row: int) -> None:
    view, keys = panel.pictures_page.grid.viewport(), Qt.KeyboardModifier.NoModifier
    click(panel, row)
    QTest.mouseDClick(view, LEFT, keys, place_of(panel, row))


def dropped(paths: list[Path]) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def send(widget: Any, kind: type, data: QMimeData) -> QEvent:
    middle = widget.rect().center()
    place = QPointF(middle) if kind is QDropEvent else middle
    keys, copy = Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    event: QEvent = kind(place, copy, data, LEFT, keys)
    QApplication.sendEvent(widget, event)
    return event


def test_pictures_lie_in_two_columns_with_their_names(panel: LibraryPanel) -> None:
    assert shown(panel) == ["cat", "turtle-in-a-meadow"]
    first, second = (panel.pictures_page.grid.visualRect(
        panel.pictures_page.model.index(row)
    ) for row in (0, 1))  # fmt: skip
    assert first.top() == second.top()
    assert first.right() < second.left()
    panel.resize(340, 560)
    assert panel.pictures_page.grid.gridSize().width() < 340 // 3


def test_thumbnails_are_painted_when_they_are_read(
    panel: LibraryPanel, screen_pictures: Pictures, qtbot: Any
) -> None:
    page = panel.pictures_page
    path = page.model.path_of(page.model.index(0))
    assert path is not None
    side = page.grid.itemDelegate().pixels(panel.devicePixelRatioF())  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: screen_pictures.image(path, side) is not None)
    seen = page.grid.viewport().grab(page.grid.visualRect(page.model.index(0))).toImage()
    colours = {seen.pixel(x, 40) for x in range(20, 80, 10)}
    assert len(colours) > 3


def test_double_click_and_return_place_pictures_at_the_playhead(
    panel: LibraryPanel, session: Session
) -> None:
    session.seek(1.0)
    double_click(panel, 1)
    cat, turtle = (entry.sha for entry in session.project.assets)
    found = {key.time: key.looks[0].look for key in session.timeline.keyframes}
    assert found[1.0].source.sha == turtle  # type: ignore[union-attr]
    session.seek(2.5)
    click(panel, 0)
    click(panel, 1, ctrl=True)
    QTest.keyClick(panel.pictures_page.grid, Qt.Key.Key_Return)
    found = {key.time: key.looks[0].look for key in session.timeline.keyframes}
    assert [found[time].source.sha for time in (2.5, 4.5)] == [cat, turtle]  # type: ignore[union-attr]
    assert session.document.undo_name == "Add 2 keyframes"


def test_what_is_dragged_out_is_ours_and_files_too(panel: LibraryPanel, session: Session) -> None:
    click(panel, 0)
    click(panel, 1, ctrl=True)
    page = panel.pictures_page
    data = page.model.mimeData(page.grid.selectedIndexes())
    assert assets_in(data) == tuple(entry.sha for entry in session.project.assets)
    assert [Path(url.toLocalFile()).is_file() for url in data.urls()] == [True, True]
    assert not send(panel, QDragEnterEvent, data).isAccepted()  # not back into the library


def test_dropped_files_are_added_and_the_panel_lights_up(
    panel: LibraryPanel, session: Session, qtbot: Any
) -> None:
    data = dropped([COFFEE, BOAT])
    assert send(panel, QDragEnterEvent, data).isAccepted()
    assert panel._glow.isVisible()
    QApplication.sendEvent(panel, QDragLeaveEvent())
    assert not panel._glow.isVisible()
    send(panel, QDragEnterEvent, data)
    assert send(panel, QDropEvent, data).isAccepted()
    assert not panel._glow.isVisible()
    qtbot.waitUntil(lambda: len(shown(panel)) == 4 and states(panel)[3] is FileState.THERE)
    assert shown(panel)[2:] == ["coffee", "sailboat-at-sunset"]
    assert FileState.MISSING not in states(panel)
    assert session.document.undo_name == "Add 2 pictures"
    words = QMimeData()
    words.setText("an owl")
    assert not send(panel, QDragEnterEvent, words).isAccepted()


def test_images_and_files_are_pasted(panel: LibraryPanel, session: Session, qtbot: Any) -> None:
    image = QImage(80, 60, QImage.Format.Format_RGB32)
    image.fill(0xFF336699)
    QGuiApplication.clipboard().setImage(image)
    panel.pictures_page.grid.setFocus()
    QTest.keyClick(panel.pictures_page.grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "Pasted picture 1" in shown(panel))
    QGuiApplication.clipboard().setMimeData(dropped([COFFEE]))
    QTest.keyClick(panel.pictures_page.grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "coffee" in shown(panel))
    assert session.document.step == 2
    panel.show_page("looks")
    panel.show_added((session.project.assets[3].sha,))
    assert panel.stack.currentWidget() is panel.pictures_page
    assert panel.pictures_page.grid.selected() == (session.project.assets[3].sha,)


def test_the_plus_button_asks_for_pictures(panel: LibraryPanel, qtbot: Any) -> None:
    QTest.mouseClick(panel.add_button, LEFT)
    dialog = panel.findChild(QFileDialog)
    assert dialog is not None
    assert "*.avif" in dialog.nameFilters()[0]
    with qtbot.waitSignal(panel.files_chosen) as heard:
        dialog.filesSelected.emit([str(COFFEE)])
    assert heard.args == [[str(COFFEE)]]
    dialog.close()
    qtbot.waitUntil(lambda: "coffee" in shown(panel))


def test_a_name_is_typed_in_place(panel: LibraryPanel, session: Session, qtbot: Any) -> None:
    click(panel, 0)
    QTest.keyClick(panel.pictures_page.grid, Qt.Key.Key_F2)
    editor = panel.pictures_page.grid.findChild(QLineEdit)
    assert editor is not None
    assert editor.text() == "cat"
    editor.selectAll()
    QTest.keyClicks(editor, "tabby")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.project.assets[0].name == "tabby.jpg")
    assert shown(panel)[0] == "tabby"
    session.document.undo()
    assert shown(panel)[0] == "cat"


def test_only_what_is_not_used_is_removed(
    panel: LibraryPanel, session: Session, told: list[Message], qtbot: Any
) -> None:
    add_pictures(session, [COFFEE])
    qtbot.waitUntil(lambda: len(shown(panel)) == 3)
    click(panel, 0)
    QTest.keyClick(panel.pictures_page.grid, Qt.Key.Key_Delete)
    assert len(session.project.assets) == 3
    assert told[-1].text == "cat is used in Night animals at 0:00."
    assert told[-1].action is not None
    told[-1].action.run()
    assert session.selection.value.keyframes == {"key-1"}
    click(panel, 2)
    QTest.keyClick(panel.pictures_page.grid, Qt.Key.Key_Delete)
    assert shown(panel) == ["cat", "turtle-in-a-meadow"]
    session.document.undo()
    assert shown(panel) == ["cat", "turtle-in-a-meadow", "coffee"]


def test_the_menu_offers_what_can_be_done(
    panel: LibraryPanel, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: not opened.append(url))
    click(panel, 0)
    actions = {action.text(): action for action in panel.pictures_page.menu().actions()}
    assert list(filter(None, actions)) == [
        "Add at playhead", "Show in folder", "Rename", "Remove from project",
    ]  # fmt: skip
    actions["Show in folder"].trigger()
    assert opened == [QUrl.fromLocalFile(str(session.folder.path / "assets"))]
    session.seek(3.0)
    actions["Add at playhead"].trigger()
    assert 3.0 in [key.time for key in session.timeline.keyframes]


def test_search_finds_pictures_and_looks(panel: LibraryPanel) -> None:
    QTest.keyClicks(panel.search, "MEADOW turtle")
    assert shown(panel) == ["turtle-in-a-meadow"]
    QTest.keyClicks(panel.search, " x")
    assert shown(panel) == []
    assert panel.pictures_page.stack.currentWidget() is panel.pictures_page.nothing
    QTest.keyClick(panel.search, Qt.Key.Key_Escape)
    assert len(shown(panel)) == 2
    QTest.keyClicks(panel.search, "owl")
    QTest.mouseClick(panel.tabs.tab("looks"), LEFT)
    assert panel.looks_page.model.rowCount() == 1
    QTest.keyClicks(panel.search, "s")
    assert panel.looks_page.model.rowCount() == 0


def test_a_look_selects_its_keyframes(panel: LibraryPanel, session: Session) -> None:
    panel.show_page("looks")
    view = panel.looks_page.list
    index = panel.looks_page.model.index(0)
    assert index.data() == "an owl at night"
    QTest.mouseClick(
        view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, view.visualRect(index).center()
    )
    assert session.selection.value.keyframes == {"key-2"}
    assert session.playhead.value == 2.0
    assert panel.looks_page.model.mimeData([index]).text() == "an owl at night"


def test_looks_follow_the_film_once_they_are_seen(panel: LibraryPanel, session: Session) -> None:
    cards = panel.looks_page.model
    session.edit("Write", lambda t: set_looks(t, {"key-2"}, (Weighted(Prompt("a bat")),)))
    panel.show_page("looks")
    assert [cards.index(row).data() for row in range(cards.rowCount())] == ["a bat"]
    session.edit("Write", lambda t: set_looks(t, {"key-1"}, (Weighted(Prompt("a bat")),)))
    assert [use.keyframe for use in cards.index(0).data(ROW).uses] == ["key-1", "key-2"]
    session.document.undo()
    session.document.undo()
    assert [cards.index(row).data() for row in range(cards.rowCount())] == ["an owl at night"]


def lose(session: Session, panel: LibraryPanel, qtbot: Any, to: Path, row: int = 0) -> Path:
    """Move an asset's file out of the project; returns where it went."""
    page = panel.pictures_page
    path = page.model.path_of(page.model.index(row))
    assert path is not None
    to.mkdir(exist_ok=True)
    gone = to / "found again.jpg"
    shutil.move(path, gone)
    page._files.look()
    qtbot.waitUntil(lambda: states(panel)[row] is FileState.MISSING)
    return gone


def test_missing_files_are_said_and_found_by_their_content(
    panel: LibraryPanel,
    session: Session,
    screen_pictures: Pictures,
    told: list[Message],
    qtbot: Any,
    tmp_path: Path,
) -> None:
    page = panel.pictures_page
    path = page.model.path_of(page.model.index(0))
    assert path is not None
    assert not page.missing_row.isVisible()
    gone = lose(session, panel, qtbot, tmp_path / "elsewhere")
    assert page.missing_row.isVisible()
    assert page._missing_text.text() == "1 file is missing"
    screen_pictures.image(path, 33)
    qtbot.waitUntil(lambda: screen_pictures.is_broken(path))
    page.relink_in(COFFEE)
    qtbot.waitUntil(lambda: len(told) == 1)
    assert told[0].text == "coffee.jpg has another content than cat."
    assert states(panel)[0] is FileState.MISSING
    QTest.mouseClick(page.find_button, LEFT)
    dialog = panel.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(gone.parent))
    dialog.close()
    qtbot.waitUntil(lambda: states(panel)[0] is FileState.THERE)
    assert told[-1].text == "The missing file was found."
    assert not page.missing_row.isVisible()
    assert not screen_pictures.is_broken(path)
    assert session.document.step == 0  # nothing of the project has changed


def test_a_folder_without_it_is_said(
    panel: LibraryPanel, session: Session, told: list[Message], qtbot: Any, tmp_path: Path
) -> None:
    lose(session, panel, qtbot, tmp_path / "elsewhere")
    empty = tmp_path / "empty"
    empty.mkdir()
    panel.pictures_page.relink_in(empty)
    qtbot.waitUntil(lambda: len(told) == 1)
    assert told[0].text == "None of the missing files is in empty."


def test_some_of_several_are_found(session: Session, tmp_path: Path) -> None:
    first, second = session.project.assets
    for entry in (first, second):
        session.folder.asset_path(entry.sha).unlink()
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    shutil.copyfile(SAMPLES / "cat.jpg", deep / "other name.jpg")
    shutil.copyfile(COFFEE, deep / second.name)
    done = relink(session.folder, (first, second), tmp_path / "a")
    assert (done.found, done.wanted) == ((first.sha,), 2)


def test_an_empty_project_says_what_to_do(
    session: Session, screen_pictures: Pictures, qtbot: Any
) -> None:
    from imvar_studio.model.project import FilmWork, Project

    session.document.apply("Empty", Project((FilmWork("film-1"),)))
    files = AssetFiles(session)
    panel = LibraryPanel(session, screen_pictures, files)
    qtbot.addWidget(panel)
    page = panel.pictures_page
    assert page.stack.currentWidget() is page.empty
    with qtbot.waitSignal(page.add_requested):
        page.empty.button.click()
    panel.findChild(QFileDialog).close()  # type: ignore[attr-defined]
    panel.release()
    files.release()


def test_nothing_is_dropped_on_what_cannot_be_changed(
    panel: LibraryPanel, session: Session
) -> None:
    session.read_only = "Another has it open."
    assert not send(panel, QDragEnterEvent, dropped([COFFEE])).isAccepted()


def test_thousands_of_pictures_ask_only_for_those_that_are_seen(
    session: Session, screen_pictures: Pictures, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assets = (AssetEntry(f"{n:064x}", ".png", f"picture {n}.png") for n in range(3000))
    session.document.apply("Many", replace(session.project, assets=tuple(assets)))
    files = AssetFiles(session)
    monkeypatch.setattr(files, "path", lambda sha: Path(f"/nowhere/{sha}.png"))
    asked: list[str] = []
    image: Callable[..., QImage | None] = lambda path, side: asked.append(str(path))  # noqa: E731
    monkeypatch.setattr(screen_pictures, "image", image)
    panel = LibraryPanel(session, screen_pictures, files)
    qtbot.addWidget(panel)
    panel.resize(228, 560)
    panel.show()
    panel.grab()
    assert 0 < len(set(asked)) < 16
    grid = panel.pictures_page.grid
    asked.clear()
    grid.scrollToBottom()
    panel.grab()
    assert f"/nowhere/{2999:064x}.png" in asked
    assert len(set(asked)) < 16
    grid.select((f"{7:064x}",))
    assert grid.selectedIndexes()[0].data(SHA) == f"{7:064x}"
    panel.release()
    files.release()

"""The library's takes: what is said of them, compared, opened and deleted."""

from __future__ import annotations

import json
from fractions import Fraction
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest

from imvar_studio.model.codec import encode
from imvar_studio.model.keyframe_edits import move
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.recipe import ModelRef, Recipe
from imvar_studio.model.source import Size
from imvar_studio.model.start import Noise
from imvar_studio.plan.plan import gather
from imvar_studio.store.take_videos import VIDEO_FILE, record_video
from imvar_studio.store.takes import Take
from imvar_studio.ui.library.take_list_view import frames_text
from imvar_studio.ui.library.takes import middle_of, playable_film, remove_take, take_rows
from imvar_studio.ui.library.takes_page import TakesPage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imvar_studio.ui.library.takes import TakeRow
    from imvar_studio.ui.messages import Message
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session

LEFT = Qt.MouseButton.LeftButton


def render(session: Session, name: str, frames: int, made: int, first: int = 0) -> Take:
    """Render a take as far as `made` frames, of a film of that name and no timeline of ours."""
    model, looks = ModelRef("starter", "ab" * 32), (Weighted(Prompt("an owl")),)
    recipes = [
        Recipe(model, looks, Noise(seed), Size(64, 64)) for seed in range(first, first + frames)
    ]
    return _made(session, recipes, made, {"film": {"name": name}})


def render_shown(session: Session) -> Take:
    """Render a frame of the film that is shown."""
    looks = (Weighted(Prompt("shown")),)
    recipe = Recipe(ModelRef("starter", "ab" * 32), looks, Noise(1), Size(64, 64))
    return _made(session, [recipe], 1, {"film": encode(session.film)})


def _made(session: Session, recipes: list[Recipe], made: int, spec: dict[str, Any]) -> Take:
    take = Take.open_or_create(session.folder, gather(recipes, Fraction(12), 4), spec)
    for number, picture in enumerate(take.plan.pictures[:made]):
        data = BytesIO()
        Image.new("RGB", (64, 64), (number, 90, 120)).save(data, "PNG")
        file = session.folder.frames.put(picture.digest, data.getvalue())
        take.record(picture.digest, file, "cpu", 1.0)
    return take


@pytest.fixture
def told(session: Session) -> list[Message]:
    heard: list[Message] = []
    session.messages.connect(heard.append)
    return heard


@pytest.fixture
def page(session: Session, screen_pictures: Pictures, qtbot: Any) -> Iterator[TakesPage]:
    render(session, "Night", 8, 5)
    page = TakesPage(session, screen_pictures)
    qtbot.addWidget(page)
    page.resize(228, 460)
    page.show()
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)
    yield page
    page.release()


def select(page: TakesPage, row: int = 0) -> None:
    index = page.model.index(row)
    where = page.list.visualRect(index).center()
    QTest.mouseClick(page.list.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, where)


def test_a_take_says_how_much_of_the_film_it_has(session: Session) -> None:
    take = render(session, "Night", 8, 5)
    (row,) = take_rows(session.folder)
    assert (row.film, row.done, row.of, row.video, row.busy) == ("Night", 5, 8, None, False)
    assert frames_text(row) == "5 of 8 frames"
    # the middle is not there: the nearest frame that is
    assert row.picture == session.folder.frames.path(take.plan.pictures[4].digest)
    assert row.size > 5 * 64


def test_the_middle_frame_or_the_nearest_there_is() -> None:
    assert middle_of(("a", "b", "c")) == "b"
    assert middle_of(("a", "", "", "")) == "a"
    assert middle_of(("", "")) == middle_of(()) == ""


def test_what_can_be_done_goes_by_the_take(
    page: TakesPage, session: Session, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: not opened.append(url))
    assert not page.compare_button.isEnabled()
    select(page)
    assert page.compare_button.isEnabled()
    assert not page.video_button.isEnabled()
    with qtbot.waitSignal(page.compare_take) as heard:
        QTest.keyClick(page.list, Qt.Key.Key_Return)
    row = page.model.rows[0]
    assert heard.args == [row.id]
    QTest.mouseClick(page.folder_button, LEFT)
    video = row.folder / "night.mp4"
    video.write_bytes(b"film")
    record_video(row.folder, "cd" * 32, video)
    page.refresh()
    qtbot.waitUntil(page.video_button.isEnabled)
    QTest.mouseClick(page.video_button, LEFT)
    qtbot.waitUntil(lambda: len(opened) == 2)
    assert opened == [QUrl.fromLocalFile(str(row.folder)), QUrl.fromLocalFile(str(video))]


def record_at(row: TakeRow, path: str, file: Path) -> None:
    """Record a film of a take, as a project from elsewhere may say it."""
    record_video(row.folder, "cd" * 32, file)
    noted = row.folder / VIDEO_FILE
    data = json.loads(noted.read_text("utf-8"))
    data["videos"][-1]["path"] = path
    noted.write_text(json.dumps(data), "utf-8")


def test_only_films_are_handed_to_other_programs(session: Session, tmp_path: Path) -> None:
    render(session, "Night", 8, 5)
    (row,) = take_rows(session.folder)
    evil = row.folder.parent / "evil.desktop"
    evil.write_bytes(b"[Desktop Entry]")
    record_at(row, "../evil.desktop", evil)
    assert take_rows(session.folder)[0].video is None
    assert playable_film(row.folder) is None
    link = row.folder / "night.mp4"
    link.symlink_to(evil)
    record_at(row, "night.mp4", evil)
    assert playable_film(row.folder) is None
    link.unlink()
    outside = tmp_path / "night.mp4"
    outside.write_bytes(b"film")
    record_video(row.folder, "cd" * 32, outside)
    assert playable_film(row.folder) == outside.resolve()  # it is what was exported
    outside.write_bytes(b"mlif")
    assert take_rows(session.folder)[0].video == outside
    assert playable_film(row.folder) is None


def test_a_video_that_is_another_file_is_not_opened(
    page: TakesPage,
    told: list[Message],
    qtbot: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: not opened.append(url))
    select(page)
    video = tmp_path / "night.mp4"
    video.write_bytes(b"film")
    record_video(page.model.rows[0].folder, "cd" * 32, video)
    video.write_bytes(b"mlif")
    page.refresh()
    qtbot.waitUntil(page.video_button.isEnabled)
    QTest.mouseClick(page.video_button, LEFT)
    qtbot.waitUntil(lambda: bool(told))
    assert [(each.text, each.kind) for each in told] == [
        ("The video is not opened: it is not the file that was exported.", "warning")
    ]
    assert not opened


def test_a_new_take_comes_first_and_the_selection_stays(
    page: TakesPage, session: Session, qtbot: Any
) -> None:
    select(page)
    chosen = page.current()
    assert chosen is not None
    render(session, "Day", 4, 4, first=100)
    page.refresh()
    qtbot.waitUntil(lambda: page.model.rowCount() == 2)
    now = page.current()
    assert now is not None
    assert now.id == chosen.id
    page.set_search("day")
    assert [row.film for row in page.model.rows] == ["Day"]


def test_deleting_is_asked_and_frees_what_only_that_take_had(
    page: TakesPage, session: Session, told: list[Message], qtbot: Any
) -> None:
    keep = render(session, "Day", 3, 3, first=4)  # shares a frame
    page.refresh()
    qtbot.waitUntil(lambda: page.model.rowCount() == 2)
    row = next(n for n, each in enumerate(page.model.rows) if each.film == "Night")
    select(page, row)
    QTest.keyClick(page.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(page.question.isVisible)
    QTest.mouseClick(page.no_button, LEFT)
    assert not page.question.isVisible()
    QTest.mouseClick(page.delete_button, LEFT)
    qtbot.waitUntil(page.question.isVisible)
    QTest.keyClick(page.no_button, Qt.Key.Key_Escape)
    assert not page.question.isVisible()
    assert page.model.rowCount() == 2
    QTest.mouseClick(page.delete_button, LEFT)
    qtbot.waitUntil(page.question.isVisible)
    QTest.mouseClick(page.yes_button, LEFT)
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)
    assert not page.question.isVisible()
    assert told[-1].text.startswith("The take was deleted")
    assert set(session.folder.frames.sizes()) == {each.digest for each in keep.plan.pictures}


def test_what_undo_can_reach_is_spared(
    page: TakesPage, session: Session, told: list[Message], qtbot: Any
) -> None:
    session.edit("Move", lambda timeline: move(timeline, {"key-3"}, 1.0))
    session.folder.save(session.project)
    take = render_shown(session)
    session.edit("Move", lambda timeline: move(timeline, {"key-3"}, 1.0))
    session.folder.save(session.project)
    page.refresh()
    qtbot.waitUntil(lambda: page.model.rowCount() == 2)
    row = next(n for n, each in enumerate(page.model.rows) if each.id == take.path.name)
    select(page, row)
    QTest.mouseClick(page.delete_button, LEFT)
    qtbot.waitUntil(lambda: len(told) == 1)
    assert told[0].text.startswith("The take stays: the queue, a version or the undo history")
    assert not page.question.isVisible()
    assert take.path.is_dir()


def test_the_history_alone_keeps_a_take(session: Session) -> None:
    session.edit("Move", lambda timeline: move(timeline, {"key-3"}, 1.0))
    take = render_shown(session)  # of a state that was never saved
    name = take.path.name
    values = tuple(session.document.values())
    assert remove_take(session.folder, name, values, really=True).takes == ()
    assert remove_take(session.folder, name, values[:1], really=True).takes == (name,)


def test_frames_that_are_shown_are_spared(session: Session) -> None:
    take = render(session, "Night", 3, 3)
    shown = take.plan.pictures[1].digest
    done = remove_take(session.folder, take.path.name, (), [shown], really=True)
    assert done.takes == (take.path.name,)
    assert set(session.folder.frames.sizes()) == {shown}


def test_a_project_that_cannot_be_changed_keeps_its_takes(
    page: TakesPage, session: Session, told: list[Message]
) -> None:
    session.read_only = "Another has it open."
    select(page)
    QTest.mouseClick(page.delete_button, LEFT)
    assert [message.text for message in told] == ["Another has it open."]

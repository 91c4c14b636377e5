"""The stage: what it shows, compares, copies and saves."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QMouseEvent,
)
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton

from imvar_studio.media.image_io import read_picture
from imvar_studio.media.png import read_png_text, write_png
from imvar_studio.model.errors import StoreError
from imvar_studio.model.keyframe_edits import remove
from imvar_studio.model.look import Picture, Prompt, Weighted
from imvar_studio.model.recipe import ModelRef, Recipe
from imvar_studio.model.source import Asset, Size
from imvar_studio.model.start import Noise
from imvar_studio.plan.plan import gather
from imvar_studio.store.takes import Take
from imvar_studio.ui.asset_files import AssetFiles
from imvar_studio.ui.frames import Pictured
from imvar_studio.ui.mime import asset_data
from imvar_studio.ui.stage.canvas import Canvas
from imvar_studio.ui.stage.compare_menu import CompareMenu
from imvar_studio.ui.stage.comparison import WithFrame, WithSource, read_take_frames
from imvar_studio.ui.stage.shown import Kind
from imvar_studio.ui.stage.stage import Stage
from imvar_studio.ui.stage.wipe_grip import WipeGrip
from imvar_studio.ui.widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imvar_studio.store.project_folder import ProjectFolder
    from imvar_studio.ui.messages import Message
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session

DIGESTS = tuple(f"{n:064x}" for n in range(49))
SIDE = 64


def colour(frame: int) -> tuple[int, int, int]:
    """Each frame has a colour of its own."""
    return 5 * frame, 100, 255 - 5 * frame


def size(side: int) -> str:
    return f"{side} \N{MULTIPLICATION SIGN} {side}"


def put_frame(folder: ProjectFolder, digest: str, rgb: tuple[int, int, int]) -> None:
    pixels = np.full((SIDE, SIDE, 3), rgb, "uint8")
    path = folder.frames.path(digest)  # as `put` does, without waiting for the disk
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(write_png(pixels, text={"imvar-recipe": digest}))


@pytest.fixture
def messages(session: Session) -> list[Message]:
    heard: list[Message] = []
    session.messages.connect(heard.append)
    return heard


@pytest.fixture
def stage(session: Session, screen_pictures: Pictures, qtbot: Any) -> Iterator[Stage]:
    """Frames 0 to 9 are rendered, frames 10 to 14 out of date."""
    for frame in range(10):
        put_frame(session.folder, DIGESTS[frame], colour(frame))
    old = tuple(f"{n + 1000:064x}" for n in range(49))
    for frame in range(10, 15):
        put_frame(session.folder, old[frame], colour(frame))
    store = session.folder.frames
    session.frames.plan(store, Pictured(old, frozenset(old[10:15]), count=49))
    session.frames.plan(store, Pictured(DIGESTS, frozenset(DIGESTS[:10]), count=49))
    assets = AssetFiles(session)
    found = Stage(session, screen_pictures, assets)
    qtbot.addWidget(found)
    found.resize(900, 600)
    found.show()
    yield found
    found.release()
    assets.release()
    # the offscreen clipboard outlives Python, and what Python made must not
    QGuiApplication.clipboard().clear()


def canvas_of(stage: Stage) -> Canvas:
    found = stage.findChild(Canvas)
    assert found is not None
    return found


def caption(stage: Stage) -> str:
    found = stage.findChild(ElidedLabel)
    assert found is not None
    return found.text()


def seen(stage: Stage | Canvas, x: float = 0.5, y: float = 0.5) -> tuple[int, int, int]:
    """Return the colour on the screen at a fraction of the picture."""
    canvas = stage if isinstance(stage, Canvas) else canvas_of(stage)
    where = canvas.picture_rect()
    at = QPointF(where.left() + x * where.width(), where.top() + y * where.height()).toPoint()
    found = canvas.grab().toImage().pixelColor(at)
    return found.red(), found.green(), found.blue()


def until_seen(
    qtbot: Any, stage: Stage | Canvas, rgb: tuple[int, int, int], x: float = 0.25
) -> None:
    qtbot.waitUntil(lambda: seen(stage, x, 0.3) == rgb)


def test_the_rendered_frame_at_the_playhead_is_shown(
    stage: Stage, session: Session, qtbot: Any
) -> None:
    until_seen(qtbot, stage, colour(0))
    session.seek_frame(7)
    until_seen(qtbot, stage, colour(7))
    assert caption(stage) == f"{size(64)} · rendered"
    session.seek_frame(12)
    until_seen(qtbot, stage, colour(12))
    assert caption(stage) == f"{size(64)} · out of date"


def test_a_frame_appears_when_it_is_made(stage: Stage, session: Session, qtbot: Any) -> None:
    session.seek_frame(24)
    assert caption(stage) == f"{size(256)} · keyframe 2, not rendered yet"
    session.frames.making([DIGESTS[24]])
    assert caption(stage) == f"{size(256)} · keyframe 2, being rendered"
    put_frame(session.folder, DIGESTS[24], (9, 8, 7))
    session.frames.made(DIGESTS[24])
    until_seen(qtbot, stage, (9, 8, 7))
    assert caption(stage) == f"{size(64)} · rendered"


def test_a_damaged_frame_is_none_until_it_is_made_anew(
    stage: Stage, session: Session, qtbot: Any
) -> None:
    session.folder.frames.put(DIGESTS[20], b"no picture")
    session.frames.made(DIGESTS[20])
    session.seek_frame(20)
    qtbot.waitUntil(lambda: stage.source.shown.kind == Kind.PROMPT)
    put_frame(session.folder, DIGESTS[20], (1, 2, 3))
    session.frames.made(DIGESTS[20])
    until_seen(qtbot, stage, (1, 2, 3))


def test_a_keyframes_picture_stands_in(stage: Stage, session: Session, qtbot: Any) -> None:
    session.seek_frame(48)
    qtbot.waitUntil(lambda: stage.source.content.image is not None)
    turtle = session.folder.asset_path(session.project.assets[1].sha)
    middle = read_picture(turtle)
    qtbot.waitUntil(lambda: stage.source.content.image.width() == middle.shape[1])
    assert stage.source.content.size == (256, 256)
    assert caption(stage) == f"{size(256)} · keyframe 3, not rendered yet"


def test_previews_are_shown_and_go(stage: Stage, session: Session, qtbot: Any) -> None:
    session.seek_frame(24)
    pixels = bytes((10, 20, 30)) * 16 * 16
    stage.show_preview(DIGESTS[24], 16, 16, pixels, 7, 25)
    assert caption(stage) == f"{size(256)} · preview 7 of 25"
    assert seen(stage) == (10, 20, 30)
    stage.show_preview(DIGESTS[30], 16, 16, pixels, 1, 25)
    assert caption(stage) == f"{size(256)} · preview 1 of 25, of frame 30"
    stage.clear_preview()
    assert caption(stage) == f"{size(256)} · keyframe 2, not rendered yet"
    assert stage.source.content.words == "an owl at night"


def test_an_empty_film_says_what_to_do(stage: Stage, session: Session, qtbot: Any) -> None:
    ids = {key.id for key in session.timeline.keyframes}
    button = stage.findChild(QPushButton)
    assert button is not None
    assert not button.isVisible()
    session.edit("Delete", lambda timeline: remove(timeline, ids))
    assert button.isVisible()
    assert caption(stage) == ""
    with qtbot.waitSignal(stage.prompt_requested):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    session.document.undo()
    assert not button.isVisible()


def test_the_wheel_zooms_and_a_double_click_fits(stage: Stage, qtbot: Any) -> None:
    canvas = canvas_of(stage)
    until_seen(qtbot, stage, colour(0))
    fitted = canvas.scale
    qtbot.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.rect().center())
    assert canvas.view.zoom == 1.0
    assert canvas.picture_rect().width() == SIDE
    button = next(b for b in stage.findChildren(QToolButton) if b.text() == "100%")
    assert "100%" in button.toolTip()
    qtbot.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.rect().center())
    assert (canvas.view.zoom, canvas.scale) == (None, fitted)
    stage.set_zoom("200%")
    stage.zoom_in()
    assert canvas.view.zoom == 3.0
    stage.set_zoom("fit")
    assert button.text() == "Fit"


def test_a_drag_moves_the_zoomed_picture_and_escape_takes_it_back(stage: Stage, qtbot: Any) -> None:
    canvas = canvas_of(stage)
    until_seen(qtbot, stage, colour(0))
    stage.set_zoom(8.0)
    before, middle = canvas.picture_rect(), canvas.rect().center()
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(canvas, left, pos=middle)
    move(canvas, middle.x() + 40, middle.y() - 30)
    now = canvas.picture_rect()
    assert (now.left() - before.left(), now.top() - before.top()) == (40, -30)
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.picture_rect() == before
    move(canvas, middle.x() + 80, middle.y())
    assert canvas.picture_rect() == before
    qtbot.mouseRelease(canvas, left, pos=middle)


def move(canvas: Any, x: float, y: float) -> None:
    """Move the pointer with the left button held."""
    at, left = QPointF(x, y), Qt.MouseButton.LeftButton
    kind, no = QEvent.Type.MouseMove, Qt.KeyboardModifier.NoModifier
    there = canvas.mapToGlobal(at)
    QApplication.sendEvent(canvas, QMouseEvent(kind, at, there, Qt.MouseButton.NoButton, left, no))


def test_pixels_are_exact_at_whole_zooms(stage: Stage, session: Session, qtbot: Any) -> None:
    pixels = np.zeros((SIDE, SIDE, 3), "uint8")
    pixels[::2, ::2] = pixels[1::2, 1::2] = 255
    session.folder.frames.put(DIGESTS[30], write_png(pixels, text={}))
    session.frames.made(DIGESTS[30])
    session.seek_frame(30)
    stage.set_zoom("400%")
    canvas = canvas_of(stage)
    qtbot.waitUntil(lambda: seen(stage, 0.5 / SIDE, 0.5 / SIDE) == (255, 255, 255))
    where = canvas.picture_rect().toRect()
    shot = canvas.grab().toImage().copy(where).convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(shot.constBits(), "uint8").reshape(shot.height(), shot.bytesPerLine())
    shown = rows[:, : 3 * shot.width()].reshape(shot.height(), shot.width(), 3)
    assert np.array_equal(shown, pixels.repeat(4, 0).repeat(4, 1))


def test_a_frame_is_compared_and_the_divider_moves(
    stage: Stage, session: Session, qtbot: Any
) -> None:
    session.seek_frame(2)
    stage.set_comparison(WithFrame(9))
    until_seen(qtbot, stage, colour(2), 0.25)
    until_seen(qtbot, stage, colour(9), 0.75)
    canvas, grip = canvas_of(stage), stage.findChild(WipeGrip)
    assert grip is not None
    assert grip.isVisible()
    where = canvas.picture_rect()
    start = grip.rect().center()
    qtbot.mousePress(grip, Qt.MouseButton.LeftButton, pos=start)
    move(grip, start.x() + where.width() * 0.4, start.y())
    assert canvas.divider == pytest.approx(0.9, abs=0.01)
    qtbot.mouseRelease(grip, Qt.MouseButton.LeftButton)
    until_seen(qtbot, stage, colour(2), 0.75)
    qtbot.mousePress(grip, Qt.MouseButton.LeftButton, pos=start)
    move(grip, start.x() - where.width() * 0.4, start.y())
    qtbot.keyClick(grip, Qt.Key.Key_Escape)
    assert canvas.divider == pytest.approx(0.9, abs=0.01)
    qtbot.keyClick(grip, Qt.Key.Key_Home)
    qtbot.keyClick(grip, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(grip, Qt.Key.Key_Right)
    assert canvas.divider == pytest.approx(0.11)
    assert grip.accessibleDescription() == "at 11%"
    # what had the focus is gone: the keys stay with the picture
    grip.setFocus()
    stage.set_comparison(None)
    assert not grip.isVisible()
    assert canvas.hasFocus()


def test_a_pinned_picture_stays_when_the_film_changes(
    stage: Stage, session: Session, qtbot: Any
) -> None:
    menu = stage.findChild(CompareMenu)
    assert menu is not None
    session.seek_frame(5)
    stage.set_comparison(menu.pinned())
    new = tuple(f"{n + 2000:064x}" for n in range(49))
    put_frame(session.folder, new[5], (1, 2, 3))
    there = Pictured(new, frozenset([new[5]]), count=49)
    session.frames.plan(session.folder.frames, there)
    until_seen(qtbot, stage, (1, 2, 3), 0.25)
    until_seen(qtbot, stage, colour(5), 0.75)


def test_words_stay_on_their_side_of_the_divider(
    stage: Stage, session: Session, qtbot: Any
) -> None:
    session.seek_frame(2)
    stage.set_comparison(WithFrame(40))
    until_seen(qtbot, stage, colour(2))
    canvas = canvas_of(stage)
    where = canvas.picture_rect().toRect()
    shot = canvas.grab().toImage().copy(where)
    row, middle = range(shot.height() // 2 - 10, shot.height() // 2 + 10), shot.width() // 2
    left = {shot.pixelColor(x, y).rgb() for y in row for x in range(middle - 24)}
    right = {shot.pixelColor(x, y).rgb() for y in row for x in range(middle + 24, shot.width() - 2)}
    assert left == {QColor(*colour(2)).rgb()}
    assert len(right) > 2  # "Not rendered"


def test_compare_goes_off_and_on_again(stage: Stage, session: Session, qtbot: Any) -> None:
    stage.toggle_compare()
    assert stage.source.comparison == WithSource()
    stage.set_comparison(WithFrame(3, DIGESTS[3]))
    stage.toggle_compare()
    assert stage.source.comparison is None
    until_seen(qtbot, stage, colour(0), 0.75)
    stage.toggle_compare()
    assert stage.source.comparison == WithFrame(3, DIGESTS[3])
    until_seen(qtbot, stage, colour(3), 0.75)


def make_take(folder: ProjectFolder, seeds: range) -> Take:
    model, look = ModelRef("starter", "ab" * 32), (Weighted(Prompt("an owl")),)
    recipes = [Recipe(model, look, Noise(seed), Size(256, 256)) for seed in seeds]
    plan = gather([recipes[n // 2] for n in range(2 * len(recipes))], Fraction(24), 4)
    return Take.open_or_create(folder, plan, {"film": {"name": "Day & night"}})


def test_a_take_is_chosen_from_the_menu_and_compared_at_the_same_time(
    stage: Stage, session: Session, qtbot: Any
) -> None:
    take = make_take(session.folder, range(10))  # 20 frames at 24 fps, each picture twice
    for n, picture in enumerate(take.plan.pictures):
        put_frame(session.folder, picture.digest, (200, 10 * n, 0))
    menu = stage.findChild(CompareMenu)
    assert menu is not None
    menu.popup(stage.mapToGlobal(stage.rect().center()))

    def named() -> list[Any]:
        return [action for action in menu.actions() if action.text().startswith("Day && night · ")]

    qtbot.waitUntil(lambda: len(named()) == 1)
    named()[0].trigger()
    menu.close()
    session.seek_frame(4)  # frame 8 of the take, its picture 4
    until_seen(qtbot, stage, (200, 40, 0), 0.75)
    until_seen(qtbot, stage, colour(4), 0.25)
    session.seek_frame(9)
    until_seen(qtbot, stage, (200, 90, 0), 0.75)


def test_a_take_that_does_not_read_is_told(
    stage: Stage, session: Session, qtbot: Any, messages: list[Message]
) -> None:
    take = make_take(session.folder, range(2))
    assert read_take_frames(session.folder, take.path.name).fps == 24
    (take.path / "plan.json").write_text('{"plan": {}}')
    with pytest.raises(StoreError):
        read_take_frames(session.folder, take.path.name)
    stage.compare_take(take.path.name)
    qtbot.waitUntil(lambda: bool(messages))
    assert messages[0].kind == "error"
    assert take.path.name in messages[0].text


def test_a_rendered_frame_is_copied_as_pixels_and_as_a_file(
    stage: Stage, session: Session, qtbot: Any, messages: list[Message]
) -> None:
    until_seen(qtbot, stage, colour(0))
    stage.copy_frame()
    data = QGuiApplication.clipboard().mimeData()
    assert QImage(data.imageData()).pixelColor(5, 5) == QColor(*colour(0))
    assert data.urls() == [QUrl.fromLocalFile(str(session.frames.path(0)))]
    assert [(m.text, m.kind) for m in messages] == [("Frame copied.", "info")]


def test_a_frame_that_is_not_decoded_yet_is_copied_as_itself(
    stage: Stage, session: Session, qtbot: Any, messages: list[Message]
) -> None:
    until_seen(qtbot, stage, colour(0))
    put_frame(session.folder, DIGESTS[40], colour(40))
    session.frames.made(DIGESTS[40])
    session.seek_frame(40)  # its pixels are not there before the next events
    stage.copy_frame()
    session.seek_frame(0)
    qtbot.waitUntil(lambda: bool(messages))
    data = QGuiApplication.clipboard().mimeData()
    assert QImage(data.imageData()).pixelColor(5, 5) == QColor(*colour(40))
    assert data.urls() == [QUrl.fromLocalFile(str(session.frames.path(40)))]
    assert [(m.text, m.kind) for m in messages] == [("Frame copied.", "info")]


def test_a_png_is_the_frame_with_its_recipe(
    stage: Stage, session: Session, qtbot: Any, tmp_path: Path, messages: list[Message]
) -> None:
    until_seen(qtbot, stage, colour(0))
    target = tmp_path / "owl.png"
    stage.save_frame_as(target)
    qtbot.waitUntil(lambda: bool(messages))
    assert messages[0].text == "Saved owl.png."
    assert read_png_text(target.read_bytes()) == {"imvar-recipe": DIGESTS[0]}


@pytest.mark.parametrize("ending", ["jpg", "jpeg", "tif", "tiff", "webp"])
def test_other_kinds_have_the_same_pixels(
    stage: Stage, qtbot: Any, tmp_path: Path, messages: list[Message], ending: str
) -> None:
    until_seen(qtbot, stage, colour(0))
    target = tmp_path / f"owl.{ending}"
    stage.save_frame_as(target)
    qtbot.waitUntil(lambda: bool(messages))
    assert messages[0].kind == "info"
    pixels = read_picture(target)
    assert pixels.shape == (SIDE, SIDE, 3)
    assert np.abs(pixels.astype(int) - colour(0)).max() <= 3


def test_what_is_saved_is_named_for_what_it_is(
    stage: Stage, session: Session, qtbot: Any, tmp_path: Path, messages: list[Message]
) -> None:
    session.seek_frame(12)
    until_seen(qtbot, stage, colour(12))
    stage.save_frame_as(tmp_path / "old.png")
    qtbot.waitUntil(lambda: len(messages) == 1)
    assert messages[0].text == "Saved old.png. It is out of date."
    session.seek_frame(24)
    stage.save_frame_as(tmp_path / "none.png")
    assert messages[1].text == "This frame is not rendered yet."
    assert not (tmp_path / "none.png").exists()
    stage.show_preview(DIGESTS[24], 16, 16, bytes((10, 20, 30)) * 256, 7, 25)
    stage.save_frame_as(tmp_path / "glimpse.png")
    qtbot.waitUntil(lambda: len(messages) == 3)
    assert messages[2].text == "Saved glimpse.png. It is a preview."
    assert read_picture(tmp_path / "glimpse.png")[0, 0].tolist() == [10, 20, 30]


def test_what_cannot_be_saved_is_told(
    stage: Stage, qtbot: Any, tmp_path: Path, messages: list[Message]
) -> None:
    until_seen(qtbot, stage, colour(0))
    for name in ("owl.doc", "no-such-folder/owl.png"):
        stage.save_frame_as(tmp_path / name)
    qtbot.waitUntil(lambda: len(messages) == 2)
    assert [message.kind for message in messages] == ["error", "error"]
    assert "owl.doc" in messages[0].text


@pytest.mark.filterwarnings("ignore:Function.*QDragEnterEvent:DeprecationWarning")
def test_files_dropped_on_the_stage_are_told(stage: Stage, qtbot: Any, tmp_path: Path) -> None:
    canvas = canvas_of(stage)
    before = canvas.grab().toImage().pixelColor(30, 300)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "fox.png"))])
    place, copy = canvas.rect().center(), Qt.DropAction.CopyAction
    button, no = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    target = canvas.parentWidget()
    enter = QDragEnterEvent(place, copy, data, button, no)
    QApplication.sendEvent(target, enter)
    assert enter.isAccepted()
    assert canvas.grab().toImage().pixelColor(30, 300) != before
    with qtbot.waitSignal(stage.files_dropped) as heard:
        QApplication.sendEvent(target, QDropEvent(QPointF(place), copy, data, button, no))
    assert heard.args == [[str(tmp_path / "fox.png")]]
    assert canvas.grab().toImage().pixelColor(30, 300) == before
    words = QMimeData()
    words.setText("an owl")
    enter = QDragEnterEvent(place, copy, words, button, no)
    QApplication.sendEvent(target, enter)
    assert not enter.isAccepted()


@pytest.mark.filterwarnings("ignore:Function.*QDragEnterEvent:DeprecationWarning")
@pytest.mark.parametrize("known", [True, False])
def test_library_pictures_dropped_on_the_stage_go_to_the_playhead(
    stage: Stage, session: Session, qtbot: Any, tmp_path: Path, known: bool
) -> None:
    sha = session.project.assets[0].sha if known else "ab" * 32
    data = asset_data([sha])
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "fox.png"))])
    files: list[list[str]] = []
    stage.files_dropped.connect(files.append)
    session.seek(1.0)
    target = canvas_of(stage).parentWidget()
    move_or_copy = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    button, held = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
    for event in (
        QDragEnterEvent(QPoint(400, 300), move_or_copy, data, button, held),
        QDropEvent(QPointF(400, 300), move_or_copy, data, button, held),
    ):
        assert event.proposedAction() == Qt.DropAction.MoveAction
        QApplication.sendEvent(target, event)
        assert event.isAccepted()
        assert event.dropAction() == Qt.DropAction.CopyAction
    if known:
        assert [key.time for key in session.timeline.keyframes] == [0.0, 1.0, 2.0, 4.0]
        assert session.timeline.keyframes[1].looks == (Weighted(Picture(Asset(sha))),)
        assert files == []
    else:
        assert files == [[str(tmp_path / "fox.png")]]


def test_full_screen_takes_the_canvas_and_escape_gives_it_back(
    stage: Stage, session: Session, qtbot: Any
) -> None:
    canvas = canvas_of(stage)
    stage.toggle_full_screen()
    full = canvas.window()
    assert full is not stage.window()
    assert full.isFullScreen()
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert session.frame == 2
    until_seen(qtbot, canvas, colour(2))
    qtbot.keyClick(canvas, Qt.Key.Key_Down)
    assert session.frame == 24
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.window() is stage.window()
    assert canvas.isVisible()
    assert not full.isVisible()


def test_everything_has_a_name_and_is_reached_by_keyboard(stage: Stage) -> None:
    buttons = [button for button in stage.findChildren(QToolButton) if button.isVisible()]
    assert len(buttons) == 6
    for button in buttons:
        assert button.accessibleName()
        assert button.toolTip()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert canvas_of(stage).accessibleDescription() == caption(stage)

"""What comes to the timeline from elsewhere: drops, the clipboard, keys, words, big films."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QImage, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from imvar_studio.model.curve import Curve, CurvePoint
from imvar_studio.model.look import Picture, Prompt, Weighted
from imvar_studio.model.source import Asset
from imvar_studio.model.timeline import Keyframe, Timeline, Track
from imvar_studio.ui.frames import Pictured
from imvar_studio.ui.mime import KEYFRAMES, asset_data
from imvar_studio.ui.selection import Selection
from imvar_studio.ui.timeline.geometry import STRIP_TOP
from imvar_studio.ui.timeline.menus import menu_for
from imvar_studio.ui.timeline.scene import Spot
from imvar_studio.ui.timeline.tips import tip
from tests.gui.timeline_hands import ALT, CTRL, LEFT, NONE, ROW, timeline_panel, times, x_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from imvar_studio.ui.messages import Message
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session
    from imvar_studio.ui.timeline.geometry import Lane
    from imvar_studio.ui.timeline.panel import TimelinePanel

KEY = Qt.Key


@pytest.fixture
def panel(qtbot: QtBot, session: Session, screen_pictures: Pictures) -> Iterator[TimelinePanel]:
    with timeline_panel(qtbot, session, screen_pictures) as panel:
        yield panel


def put(session: Session, *tracks: Track) -> None:
    session.edit("Tracks", lambda timeline: replace(timeline, tracks=tracks))


def y_of(lane: Lane, value: float) -> int:
    return round(lane.y(value))


def _named(actions: list[QAction], text: str) -> QAction:
    return next(action for action in actions if action.text() == text)


def drop(panel: TimelinePanel, data: QMimeData, x: int) -> None:
    both = (Qt.DropAction.CopyAction, data, LEFT, NONE)
    QApplication.sendEvent(panel.canvas, QDragEnterEvent(QPoint(x, ROW), *both))
    assert panel.canvas.drop is not None
    QApplication.sendEvent(panel.canvas, QDropEvent(QPointF(x, ROW), *both))
    assert panel.canvas.drop is None


def test_dropped_assets_become_keyframes(panel: TimelinePanel, session: Session) -> None:
    cat, turtle = (entry.sha for entry in session.project.assets)
    drop(panel, asset_data([turtle, cat]), x_of(panel, 2.0))
    keys = session.timeline.keyframes
    assert [key.time for key in keys][:2] == [0.0, 2.0]
    new = [key for key in keys if key.id in session.selection.value.keyframes]
    assert [key.looks[0].look for key in new] == [Picture(Asset(turtle)), Picture(Asset(cat))]
    assert [key.time for key in new] == pytest.approx([2 + 1 / 12, 4 + 1 / 12])
    assert session.document.undo_name == "Add pictures"


def test_files_words_and_pictures_are_told(
    panel: TimelinePanel, qtbot: QtBot, tmp_path: Path
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.jpg"))])
    with qtbot.waitSignal(panel.files_dropped) as files:
        drop(panel, data, x_of(panel, 1.0))
    assert files.args == [[tmp_path / "a.jpg"], 1.0]
    data = QMimeData()
    data.setText(" a fox ")
    with qtbot.waitSignal(panel.text_dropped) as words:
        drop(panel, data, x_of(panel, 1.5))
    assert words.args == ["a fox", 1.5]
    data = QMimeData()
    data.setImageData(QImage(8, 8, QImage.Format.Format_RGB32))
    with qtbot.waitSignal(panel.image_dropped) as image:
        drop(panel, data, x_of(panel, 3.0))
    assert (image.args[0].width(), image.args[1]) == (8, 3.0)
    with qtbot.waitSignal(panel.assets_dropped) as assets:
        drop(panel, asset_data(["0" * 64]), x_of(panel, 3.0))
    assert assets.args == [("0" * 64,), 3.0]


def test_keyframes_are_copied_pasted_and_duplicated(panel: TimelinePanel, session: Session) -> None:
    session.selection.set(Selection.of_keyframes("key-1", "key-2"))
    session.seek(2.5)
    QTest.keyClick(panel.canvas, KEY.Key_C, CTRL)
    QTest.keyClick(panel.canvas, KEY.Key_V, CTRL)
    assert times(session) == [0.0, 2.0, 2.5, 4.0, 4.5]
    assert len(session.selection.value.keyframes) == 2
    session.document.undo()
    session.selection.set(Selection.of_keyframes("key-2"))
    QTest.keyClick(panel.canvas, KEY.Key_X, CTRL)
    assert times(session) == [0.0, 4.0]
    QTest.keyClick(panel.canvas, KEY.Key_V, CTRL)
    assert times(session) == [0.0, 2.5, 4.0]
    assert session.timeline.keyframes[1].looks == (Weighted(Prompt("an owl at night")),)
    QTest.keyClick(panel.canvas, KEY.Key_D, CTRL)
    assert times(session) == [0.0, 2.5, 3.5, 4.0]


def test_the_keyboard_reaches_everything(panel: TimelinePanel, session: Session) -> None:
    canvas = panel.canvas
    canvas.setFocus()
    QTest.keyClick(canvas, KEY.Key_Right)
    QTest.keyClick(canvas, KEY.Key_Right)
    QTest.keyClick(canvas, KEY.Key_Left)
    assert session.frame == 1
    QTest.keyClick(canvas, KEY.Key_Down)
    assert session.playhead.value == 2.0
    QTest.keyClick(canvas, KEY.Key_End)
    assert session.frame == 48
    QTest.keyClick(canvas, KEY.Key_Home)
    assert session.frame == 0
    QTest.keyClick(canvas, KEY.Key_Tab)
    QTest.keyClick(canvas, KEY.Key_Tab)
    assert session.selection.value == Selection.of_keyframes("key-2")
    assert canvas.accessibleDescription() == "Keyframe 2 of 3, an owl at night, 00:02:00"
    steps = len(session.document.steps)
    QTest.keyClick(canvas, KEY.Key_Right, ALT)
    QTest.keyClick(canvas, KEY.Key_Right, ALT)
    assert times(session)[1] == pytest.approx(2 + 2 / 12)
    assert len(session.document.steps) == steps + 1
    QTest.keyClick(canvas, KEY.Key_A, CTRL)
    assert len(session.selection.value.keyframes) == 3


def test_an_empty_film_says_what_to_do(
    panel: TimelinePanel, session: Session, qtbot: QtBot
) -> None:
    panel.select_all()
    panel.delete_selection()
    assert panel.empty.isVisible()
    with qtbot.waitSignal(panel.pictures_requested):
        QTest.mouseClick(panel.empty.button, LEFT)
    drop(panel, asset_data([session.project.assets[0].sha]), 500)
    assert times(session) == [0.0]
    assert not panel.empty.isVisible()


def test_a_big_film_paints_what_is_seen(panel: TimelinePanel, session: Session) -> None:
    frames, count = 100_000, 2000
    keys = tuple(
        Keyframe(f"key-{n}", n * 50 / 12, (Weighted(Prompt(f"word {n}")),)) for n in range(count)
    )
    curve = Curve(tuple(CurvePoint(n / 2, n % 7) for n in range(16_000)))
    session.edit("Big", lambda _: Timeline(keys, (Track("guidance", curve),)))
    session.frames.plan(None, Pictured(("",) * frames, frozenset(), Fraction(12), frames))
    panel.fit()
    panel.canvas.grab()
    drawn = panel.canvas.drawn
    assert 30 <= drawn["keyframes"] <= 80
    assert drawn["points"] <= 110
    assert drawn["samples"] <= 872 + 4
    assert drawn["cells"] == 0
    assert drawn["runs"] == 1
    panel.scene.zoom(400, 1000)
    panel.canvas.grab()
    drawn = panel.canvas.drawn
    assert 1 <= drawn["keyframes"] <= 8
    assert 1 <= drawn["cells"] <= 40
    panel.canvas.grab()
    assert panel.canvas.drawn["layers"] == 0  # curves are kept where nothing is another


def test_what_is_under_the_pointer_is_said_in_words(panel: TimelinePanel, session: Session) -> None:
    scene = panel.scene
    session.frames.plan(
        None, Pictured(tuple("abcd") + ("",) * 45, frozenset("a"), Fraction(12), 49)
    )
    session.frames.making(["b"])

    def said(time: float, y: int) -> str:
        x = scene.view.value.x(time)
        return tip(scene, scene.find(x, y), x)

    strip = STRIP_TOP + 15
    assert said(0.02, strip) == "Frame 0, 00:00:00: rendered"
    assert said(1.5 / 12, strip) == "Frame 1, 00:00:01: being rendered"
    assert said(2.5 / 12, strip) == "Frame 2, 00:00:02: not rendered"
    assert said(0.0, ROW) == "Keyframe 1 of 3, cat.jpg, 00:00:00"
    assert said(1.0, ROW).startswith("From keyframe 1 to 2: Linear.")
    put(session, Track("eta", Curve((CurvePoint(0.0, 0.5),))))
    assert said(1.0, y_of(scene.lanes()[0], 0.5)) == "Eta 0.5 throughout"


def test_the_playhead_stays_in_view(panel: TimelinePanel, session: Session) -> None:
    panel.scene.zoom(36, 8)
    assert not panel.scene.view.value.shows(4.0)
    session.seek(4.0)
    assert panel.scene.view.value.shows(4.0)
    panel.across.setValue(0)
    assert panel.scene.view.value.begin == 0.0
    panel.fit()
    assert panel.scene.view.value.x(session.duration) == pytest.approx(panel.canvas.width() - 36)


def test_keys_zoom_around_the_playhead(panel: TimelinePanel, session: Session) -> None:
    session.seek(2.0)
    x = panel.scene.view.value.x(2.0)
    QTest.keyClick(panel.canvas, KEY.Key_Plus)
    panel.zoom_in()
    assert panel.scene.view.value.x(2.0) == pytest.approx(x)
    panel.zoom_out()
    panel.zoom_out()
    assert panel.scene.view.value.x(2.0) == pytest.approx(x)


def test_a_released_panel_hears_nothing(panel: TimelinePanel, session: Session) -> None:
    panel.release()
    session.selection.set(Selection.of_keyframes("key-2"))
    session.seek(2.0)
    assert panel.canvas.accessibleDescription() == "Playhead at 00:00:00"


def test_the_context_menu_is_about_what_is_there(panel: TimelinePanel, session: Session) -> None:
    scene = panel.scene
    spot = Spot(scene.view.value.x(2.0), ROW)
    menu = menu_for(panel, scene.find(spot.x, spot.y), spot)
    assert session.selection.value == Selection.of_keyframes("key-2")
    _named(menu.actions(), "Delete\tDel").trigger()
    assert times(session) == [0.0, 4.0]
    spot = Spot(scene.view.value.x(1.0), 6)
    menu = menu_for(panel, scene.find(spot.x, spot.y), spot)
    _named(menu.actions(), "Seconds").trigger()
    assert scene.seconds.value
    _named(menu.actions(), "Add a marker here").trigger()
    assert [marker.time for marker in session.timeline.markers] == [1.0]


def test_the_pointer_foretells_the_drag(panel: TimelinePanel, session: Session) -> None:
    canvas, shape = panel.canvas, Qt.CursorShape
    for place, wanted in (
        ((x_of(panel, 2.0), ROW), shape.OpenHandCursor),
        ((x_of(panel, 1.0), ROW), shape.PointingHandCursor),
        ((x_of(panel, 1.0), 6), shape.SizeHorCursor),
        ((x_of(panel, session.duration), STRIP_TOP + 15), shape.SizeHorCursor),
    ):
        QTest.mouseMove(canvas, QPoint(*place))
        assert canvas.cursor().shape() == wanted
    QTest.mousePress(canvas, LEFT, NONE, QPoint(x_of(panel, 2.0), ROW))
    assert canvas.cursor().shape() == shape.ClosedHandCursor
    QTest.mouseRelease(canvas, LEFT, NONE, QPoint(x_of(panel, 2.0), ROW))


def test_keys_no_keyboard_here_has_are_left_alone(panel: TimelinePanel, session: Session) -> None:
    before = (session.project, session.playhead.value, session.selection.value)
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        event = QKeyEvent(kind, 0x4E2D, NONE, "\N{CJK UNIFIED IDEOGRAPH-4E2D}")
        QApplication.sendEvent(panel.canvas, event)
    assert (session.project, session.playhead.value, session.selection.value) == before


def test_a_broken_clipboard_is_a_message(panel: TimelinePanel, session: Session) -> None:
    heard: list[Message] = []
    session.messages.connect(heard.append)
    for content in (b"\xff", b"{}", b"[1]"):
        data = QMimeData()
        data.setData(KEYFRAMES, content)
        QApplication.clipboard().setMimeData(data)
        panel.paste()
    assert [message.kind for message in heard] == ["error"] * 3
    assert times(session) == [0.0, 2.0, 4.0]


def test_the_middle_button_pans(panel: TimelinePanel) -> None:
    panel.scene.zoom(400, 4)
    begin = panel.scene.view.value.begin
    middle = Qt.MouseButton.MiddleButton
    QTest.mousePress(panel.canvas, middle, NONE, QPoint(400, ROW))
    QTest.mouseMove(panel.canvas, QPoint(300, ROW))
    QTest.mouseRelease(panel.canvas, middle, NONE, QPoint(300, ROW))
    view = panel.scene.view.value
    assert view.begin == pytest.approx(begin + 100 / view.scale)

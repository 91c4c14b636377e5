"""The timeline while other things happen: drags, nudges, copies out and back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTranslator, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from imvar_studio.model.curve import Curve, CurvePoint
from imvar_studio.model.edits import put_work
from imvar_studio.model.keyframe_edits import remove
from imvar_studio.model.look import Picture, Prompt, Weighted
from imvar_studio.model.project import FilmWork
from imvar_studio.model.source import Asset
from imvar_studio.model.timeline import Keyframe, Timeline, Track
from imvar_studio.ui.asset_files import AssetFiles
from imvar_studio.ui.mime import asset_data
from imvar_studio.ui.selection import Selection
from imvar_studio.ui.timeline.geometry import LANE_HEIGHTS
from imvar_studio.ui.timeline.panel import TimelinePanel
from imvar_studio.ui.timeline.scene import Scene
from imvar_studio.ui.timeline.tools import Steps
from tests.gui.timeline_hands import ALT, LEFT, NONE, ROW, SHIFT, drag, timeline_panel, times, x_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session

KEY = Qt.Key
FOX = Keyframe("fox", 9.0, (Weighted(Prompt("a fox")),))


BOTH = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction


@pytest.fixture
def panel(qtbot: QtBot, session: Session, screen_pictures: Pictures) -> Iterator[TimelinePanel]:
    with timeline_panel(qtbot, session, screen_pictures) as panel:
        yield panel


def add_fox(timeline: Timeline) -> Timeline:
    return replace(timeline, keyframes=(*timeline.keyframes, FOX))


def go_on(panel: TimelinePanel, time: float) -> None:
    QTest.mouseMove(panel.canvas, QPoint(x_of(panel, time), ROW))


def let_go(panel: TimelinePanel, time: float) -> None:
    QTest.mouseRelease(panel.canvas, LEFT, NONE, QPoint(x_of(panel, time), ROW))


def begin(panel: TimelinePanel, held: Qt.KeyboardModifier = NONE) -> None:
    """Drag the keyframe at 2 s to 3 s, and hold it there."""
    drag(panel.canvas, (x_of(panel, 2.0), ROW), (x_of(panel, 3.0), ROW), held, let_go=False)


def add_day(session: Session) -> None:
    """Add a film of one keyframe."""
    day = FilmWork("film-2", "Day", Timeline((replace(FOX, id="key-2", time=1.0),)))
    session.edit_project("Add film", lambda project: put_work(project, day))


def test_what_is_imported_during_a_drag_stays(panel: TimelinePanel, session: Session) -> None:
    begin(panel)
    session.edit("Add pictures", add_fox)
    drag_to = x_of(panel, 3.5)
    go_on(panel, 3.5)
    assert times(session) == [0.0, 3.5, 4.0, 9.0]
    QTest.mouseRelease(panel.canvas, LEFT, NONE, QPoint(drag_to, ROW))
    assert times(session) == [0.0, 3.5, 4.0, 9.0]


def test_escape_leaves_what_was_imported_during_a_drag(
    panel: TimelinePanel, session: Session
) -> None:
    begin(panel)
    session.edit("Add pictures", add_fox)
    QTest.keyClick(panel.canvas, KEY.Key_Escape)
    assert times(session) == [0.0, 2.0, 4.0, 9.0]


def test_a_keyframe_that_is_deleted_while_it_is_dragged_is_gone(
    panel: TimelinePanel, session: Session
) -> None:
    begin(panel)
    session.edit("Delete", lambda timeline: remove(timeline, {"key-2"}))
    go_on(panel, 3.5)
    let_go(panel, 3.5)
    assert times(session) == [0.0, 4.0]


def test_another_film_ends_a_drag_and_is_left_alone(panel: TimelinePanel, session: Session) -> None:
    add_day(session)
    begin(panel)
    session.show_film("film-2")
    assert not panel.canvas.is_busy
    assert panel.scene.guide.value is None
    go_on(panel, 1.5)
    QTest.keyClick(panel.canvas, KEY.Key_Escape)
    let_go(panel, 1.5)
    assert times(session) == [1.0]
    assert session.selection.value == Selection()
    session.show_film("film-1")
    assert times(session) == [0.0, 3.0, 4.0]


def test_steps_of_one_film_are_never_those_of_another(session: Session) -> None:
    add_day(session)
    steps = Steps(Scene(session))
    assert steps.make("Move", add_fox)
    session.show_film("film-2")
    before = session.project
    assert not steps.make("Move", lambda timeline: timeline)
    steps.cancel()
    session.show_film("film-1")
    steps.cancel()
    assert session.project == before


def test_a_point_that_goes_while_it_is_dragged_harms_nothing(
    panel: TimelinePanel, session: Session
) -> None:
    def put(*points: tuple[float, float]) -> None:
        track = Track("eta", Curve(tuple(CurvePoint(*each) for each in points)))
        session.edit("Track", lambda timeline: replace(timeline, tracks=(track,)))

    put((0.0, 0.5), (2.0, 0.5))
    lane = panel.scene.lane("eta")
    assert lane is not None
    y = round(lane.y(0.5))
    drag(panel.canvas, (x_of(panel, 2.0), y), (x_of(panel, 3.0), y), let_go=False)
    put((0.0, 0.25))
    go_on(panel, 3.5)
    let_go(panel, 3.5)
    (track,) = session.timeline.tracks
    assert [point.value for point in track.curve.points] == [0.25]


def test_a_copy_that_is_dragged_back_is_none(panel: TimelinePanel, session: Session) -> None:
    begin(panel, ALT)
    assert times(session) == [0.0, 2.0, 3.0, 4.0]
    drag_back = QPoint(x_of(panel, 2.0), ROW)
    QTest.mouseMove(panel.canvas, drag_back)
    assert times(session) == [0.0, 2.0, 4.0]
    QTest.mouseRelease(panel.canvas, LEFT, ALT, drag_back)
    assert times(session) == [0.0, 2.0, 4.0]
    assert session.selection.value == Selection.of_keyframes("key-2")
    assert len(session.document.steps) == 1


@pytest.mark.parametrize("between", ["scrub", "key", "focus", "click"])
def test_nudges_with_something_between_them_are_steps_of_their_own(
    panel: TimelinePanel, session: Session, between: str
) -> None:
    canvas = panel.canvas
    canvas.setFocus()
    session.selection.set(Selection.of_keyframes("key-2"))
    QTest.keyClick(canvas, KEY.Key_Right, ALT)
    QTest.keyClick(canvas, KEY.Key_Right, ALT)
    if between == "scrub":
        session.seek(1.0)
    elif between == "key":
        QTest.keyClick(canvas, KEY.Key_Plus)
    elif between == "focus":
        panel.head.snap.setFocus()
        canvas.setFocus()
    else:
        QTest.mouseClick(canvas, LEFT, NONE, QPoint(x_of(panel, 2 + 2 / 12), ROW))
    QTest.keyClick(canvas, KEY.Key_Right, ALT)
    assert times(session)[1] == pytest.approx(2 + 3 / 12)
    assert len(session.document.steps) == 3
    session.document.undo()
    assert times(session)[1] == pytest.approx(2 + 2 / 12)


def test_steps_are_named_in_the_persons_language(
    panel: TimelinePanel, session: Session, qtbot: QtBot
) -> None:
    class German(QTranslator):
        def isEmpty(self) -> bool:  # noqa: N802
            return False

        def translate(self, context: str, text: str, *_: object) -> str:
            return {"Move keyframes": "Keyframes verschieben"}.get(text, text)

    translator = German()
    app = QApplication.instance()
    assert app is not None
    app.installTranslator(translator)
    try:
        drag(panel.canvas, (x_of(panel, 2.0), ROW), (x_of(panel, 3.0), ROW))
    finally:
        app.removeTranslator(translator)
    assert session.document.undo_name == "Keyframes verschieben"


def test_a_pause_ends_a_nudge(panel: TimelinePanel, session: Session, qtbot: QtBot) -> None:
    session.selection.set(Selection.of_keyframes("key-2"))
    QTest.keyClick(panel.canvas, KEY.Key_Right, ALT)
    with qtbot.waitSignal(panel.keyboard.nudging.paused):
        pass
    QTest.keyClick(panel.canvas, KEY.Key_Right, ALT)
    assert len(session.document.steps) == 3


def test_nudges_that_shorten_the_film_are_one_step(panel: TimelinePanel, session: Session) -> None:
    session.seek(4.0)
    session.selection.set(Selection.of_keyframes("key-3"))
    for _ in range(3):
        QTest.keyClick(panel.canvas, KEY.Key_Left, ALT)
    assert times(session)[2] == pytest.approx(4 - 3 / 12)
    assert len(session.document.steps) == 2


def hang(panel: TimelinePanel, data: QMimeData, time: float) -> QDragEnterEvent:
    """Drag something over the row at a time, ready to be moved or copied."""
    event = QDragEnterEvent(QPoint(x_of(panel, time), ROW), BOTH, data, LEFT, SHIFT)
    assert event.proposedAction() == Qt.DropAction.MoveAction
    QApplication.sendEvent(panel.canvas, event)
    return event


def drop(panel: TimelinePanel, data: QMimeData, time: float) -> QDropEvent:
    hang(panel, data, time)
    event = QDropEvent(QPointF(x_of(panel, time), ROW), BOTH, data, LEFT, SHIFT)
    QApplication.sendEvent(panel.canvas, event)
    return event


def test_what_is_dropped_is_copied_never_moved(panel: TimelinePanel) -> None:
    data = QMimeData()
    data.setText("a fox")
    for event in (hang(panel, data, 1.0), drop(panel, data, 1.0)):
        assert event.isAccepted()
        assert event.dropAction() == Qt.DropAction.CopyAction


def test_a_picture_dropped_on_a_keyframe_takes_the_place_of_its_look(
    panel: TimelinePanel, session: Session
) -> None:
    cat, turtle = (entry.sha for entry in session.project.assets)
    hang(panel, asset_data([turtle]), 2.0)
    lit = panel.canvas.drop
    assert lit is not None
    assert (lit.onto, lit.times) == ("key-2", ())
    over = panel.canvas.grab().toImage().pixelColor(x_of(panel, 2.0), ROW - 20)
    hang(panel, asset_data([turtle]), 1.0)
    assert panel.canvas.drop is not None
    assert (panel.canvas.drop.onto, panel.canvas.drop.times) == ("", (1.0,))
    assert panel.canvas.grab().toImage().pixelColor(x_of(panel, 2.0), ROW - 20) != over
    drop(panel, asset_data([turtle]), 2.0)
    assert times(session) == [0.0, 2.0, 4.0]
    assert session.timeline.keyframes[1].looks == (Weighted(Picture(Asset(turtle))),)
    assert session.selection.value == Selection.of_keyframes("key-2")
    assert session.document.undo_name == "Replace picture"
    drop(panel, asset_data([turtle, cat]), 2.0)
    assert len(times(session)) == 5


def test_a_picture_is_put_beside_a_keyframe_that_shows_several(
    panel: TimelinePanel, session: Session
) -> None:
    two = (Weighted(Prompt("an owl")), Weighted(Prompt("a fox")))
    keys = (replace(session.timeline.keyframes[0], looks=two),)
    session.edit("Both", lambda timeline: replace(timeline, keyframes=keys))
    drop(panel, asset_data([session.project.assets[0].sha]), 0.0)
    assert len(times(session)) == 2
    assert session.timeline.keyframes[0].looks == two


def test_pictures_of_another_project_come_as_files(
    panel: TimelinePanel, qtbot: QtBot, tmp_path: Path
) -> None:
    data = asset_data(["ab" * 32])
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "fox.png"))])
    with qtbot.waitSignal(panel.files_dropped) as files:
        drop(panel, data, 1.0)
    assert files.args == [[tmp_path / "fox.png"], 1.0]


def test_heights_of_rows_and_seconds_are_there_in_the_next_run(
    panel: TimelinePanel, session: Session, screen_pictures: Pictures, qtbot: QtBot
) -> None:
    assert not panel.scene.seconds.value
    panel.scene.seconds.set(True)
    panel.scene.set_height("eta", LANE_HEIGHTS[2])
    panel.release()
    assets = AssetFiles(session)
    again = TimelinePanel(session, screen_pictures, assets)
    qtbot.addWidget(again)
    assert again.scene.seconds.value
    assert again.scene.heights == {"eta": LANE_HEIGHTS[2]}
    again.release()
    assets.release()

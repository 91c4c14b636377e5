"""The timeline's tracks, and what comes from elsewhere: drops, the clipboard, the keyboard."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from imvar_studio.model.curve import Curve, CurvePoint, Easing
from imvar_studio.model.timeline import Track
from imvar_studio.ui.selection import Selection
from imvar_studio.ui.timeline.curves import handles
from imvar_studio.ui.timeline.geometry import LANES_TOP
from imvar_studio.ui.timeline.menus import lane_menu
from tests.gui.timeline_hands import CTRL, LEFT, NONE, drag, timeline_panel, x_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QAction
    from pytestqt.qtbot import QtBot

    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session
    from imvar_studio.ui.timeline.geometry import Lane
    from imvar_studio.ui.timeline.panel import TimelinePanel

KEY = Qt.Key


@pytest.fixture
def panel(qtbot: QtBot, session: Session, screen_pictures: Pictures) -> Iterator[TimelinePanel]:
    with timeline_panel(qtbot, session, screen_pictures) as panel:
        yield panel


@pytest.fixture
def lane(panel: TimelinePanel, session: Session) -> Lane:
    """A track of guidance: 2 at 0 s, 6 at 2 s, 4 at 4 s."""
    points = tuple(CurvePoint(t, v) for t, v in ((0.0, 2.0), (2.0, 6.0), (4.0, 4.0)))
    put(session, Track("guidance", Curve(points)))
    found = panel.scene.lane("guidance")
    assert found is not None
    return found


def put(session: Session, *tracks: Track) -> None:
    session.edit("Tracks", lambda timeline: replace(timeline, tracks=tracks))


def points(session: Session, parameter: str = "guidance") -> list[tuple[float, float]]:
    track = session.timeline.track(parameter)
    assert track is not None
    return [(point.time, round(point.value, 3)) for point in track.curve.points]


def y_of(lane: Lane, value: float) -> int:
    return round(lane.y(value))


def test_a_point_is_dragged(panel: TimelinePanel, session: Session, lane: Lane) -> None:
    steps = len(session.document.steps)
    start = (x_of(panel, 2.0), y_of(lane, 6.0))
    drag(panel.canvas, start, (x_of(panel, 2.5), start[1] + 11))
    (a, (time, value), c) = points(session)
    assert (a, c) == ((0.0, 2.0), (4.0, 4.0))
    assert time == 2.5
    assert value == pytest.approx(6 - 11 * 8 / 44)
    assert len(session.document.steps) == steps + 1
    drag(panel.canvas, (x_of(panel, 2.5), y_of(lane, value)), (10, 340), let_go=False)
    QTest.keyClick(panel.canvas, KEY.Key_Escape)
    assert points(session)[1] == (2.5, value)
    assert len(session.document.steps) == steps + 1


def test_points_are_added_and_deleted(panel: TimelinePanel, session: Session, lane: Lane) -> None:
    at = QPoint(x_of(panel, 3.0), y_of(lane, 1.0))
    QTest.mouseDClick(panel.canvas, LEFT, NONE, at)
    assert points(session)[2][0] == 3.0
    assert points(session)[2][1] == pytest.approx(1.0, abs=0.1)
    QTest.mouseClick(panel.canvas, LEFT, CTRL, QPoint(x_of(panel, 1.0), y_of(lane, 7.0)))
    assert [time for time, _ in points(session)] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert session.selection.value == Selection(track="guidance", points=frozenset({1}))
    QTest.keyClick(panel.canvas, KEY.Key_Delete)
    assert [time for time, _ in points(session)] == [0.0, 2.0, 3.0, 4.0]


def test_a_box_selects_points_and_the_last_one_stays(
    panel: TimelinePanel, session: Session, lane: Lane
) -> None:
    drag(panel.canvas, (5, round(lane.top) + 5), (x_of(panel, 4.3), round(lane.bottom) - 5))
    assert session.selection.value.points == {0, 1, 2}
    QTest.keyClick(panel.canvas, KEY.Key_Delete)
    assert points(session) == [(0.0, 2.0)]


def test_a_handle_bends_the_curve(panel: TimelinePanel, session: Session, lane: Lane) -> None:
    QTest.mouseClick(panel.canvas, LEFT, NONE, QPoint(x_of(panel, 0.0), y_of(lane, 2.0)))
    track = session.timeline.track("guidance")
    assert track is not None
    (handle,) = handles(track, 0, lane, panel.scene.view.value)
    drag(
        panel.canvas,
        (round(handle.x), round(handle.y)),
        (x_of(panel, 1.5), y_of(lane, 2.0)),
    )
    track = session.timeline.track("guidance")
    assert track is not None
    easing = track.curve.points[0].easing
    assert (easing.shape, easing.x1) == ("bezier", pytest.approx(0.75, abs=0.01))
    assert easing.y1 == pytest.approx(0.0, abs=0.05)
    assert session.document.undo_name == "Bend the curve"
    assert points(session) == [(0.0, 2.0), (2.0, 6.0), (4.0, 4.0)]


def test_an_exact_value_is_typed(panel: TimelinePanel, session: Session, lane: Lane) -> None:
    QTest.mouseDClick(panel.canvas, LEFT, NONE, QPoint(x_of(panel, 2.0), y_of(lane, 6.0)))
    field = panel.canvas.findChild(QLineEdit)
    QTest.keyClicks(field, "4,25")
    QTest.keyClick(field, KEY.Key_Return)
    assert points(session)[1] == (2.0, 4.25)
    session.seek(3.0)
    head = panel.head.head("guidance")
    QTest.mouseDClick(head, LEFT, NONE, QPoint(head.width() - 20, 18))
    field = head.findChild(QLineEdit)
    assert field.text() == "4.12"
    QTest.keyClicks(field, "5")
    QTest.keyClick(field, KEY.Key_Return)
    assert (3.0, 5.0) in points(session)
    head.type_value()
    field = [each for each in head.findChildren(QLineEdit) if each.isVisible()][-1]
    QTest.keyClicks(field, "1")
    QTest.keyClick(field, KEY.Key_Escape)
    assert (3.0, 5.0) in points(session)


def test_a_constant_is_dragged_up_and_down(panel: TimelinePanel, session: Session) -> None:
    put(session, Track("eta", Curve((CurvePoint(0.0, 0.5),))))
    lane = panel.scene.lane("eta")
    assert lane is not None
    drag(panel.canvas, (300, y_of(lane, 0.5)), (300, y_of(lane, 0.5) - 11))
    assert points(session, "eta") == [(0.0, 0.75)]


def test_a_rows_edge_gives_it_another_height(panel: TimelinePanel, lane: Lane) -> None:
    edge = round(lane.bottom)
    drag(panel.canvas, (300, edge), (300, edge + 30))
    taller = panel.scene.lane("guidance")
    assert taller is not None
    assert taller.height == 98
    assert panel.head.head("guidance").height() == 98


def test_tracks_are_added_by_the_menu_and_removed(panel: TimelinePanel, session: Session) -> None:
    menu = panel.head.tracks.menu()
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == [
        "Guidance",
        "Eta",
        "Embedding strength",
        "Edit amount",
        "Jitter",
        "Strength",
    ]
    menu.actions()[0].trigger()
    assert points(session) == [(0.0, 3.0)]
    menu.aboutToShow.emit()
    assert "Guidance" not in [action.text() for action in menu.actions()]
    actions = lane_menu(panel, "guidance").actions()
    _named(actions, "Remove track").trigger()
    assert session.timeline.tracks == ()


def test_the_hint_in_the_empty_place_offers_tracks(panel: TimelinePanel, session: Session) -> None:
    menu = panel.head.tracks.menu()
    QTest.mouseClick(panel.canvas, LEFT, NONE, QPoint(120, LANES_TOP + 20))
    assert menu.isVisible()
    _named(menu.actions(), "Jitter").trigger()
    menu.close()
    assert [track.parameter for track in session.timeline.tracks] == ["jitter"]
    QTest.mouseClick(panel.canvas, LEFT, NONE, QPoint(120, LANES_TOP + 20))
    assert not menu.isVisible()


def test_a_preset_gives_a_track_its_course(panel: TimelinePanel, session: Session) -> None:
    put(session, Track("eta", Curve((CurvePoint(0.0, 0.0),))))
    way = _named(lane_menu(panel, "eta").actions(), "There and back").menu()
    _named(way.actions(), "Sine in-out").trigger()
    assert points(session, "eta") == [(0.0, 0.0), (2.0, 1.0), (4.0, 0.0)]
    track = session.timeline.track("eta")
    assert track is not None
    assert track.curve.points[0].easing == Easing("sine-in-out")


def _named(actions: list[QAction], text: str) -> QAction:
    return next(action for action in actions if action.text() == text)


def test_an_easing_is_chosen_in_a_popover(panel: TimelinePanel, session: Session) -> None:
    session.selection.set(Selection(transition="key-1"))
    popover = panel.opening.open_easings("key-1", 200)
    QTest.mouseClick(popover.button("cubic-out"), LEFT)
    assert session.timeline.keyframes[0].transition.easing == Easing("cubic-out")
    popover.close()

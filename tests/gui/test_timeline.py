"""The timeline by mouse: keyframes, ruler, markers, the film's end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from imvar_studio.model.timeline import Marker
from imvar_studio.ui.selection import Selection
from imvar_studio.ui.timeline.geometry import KEYS_TOP, RULER, STRIP_TOP
from tests.gui.timeline_hands import (
    ALT,
    CTRL,
    LEFT,
    NONE,
    ROW,
    SHIFT,
    STRIP,
    drag,
    timeline_panel,
    times,
    wheel,
    x_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session
    from imvar_studio.ui.timeline.canvas import TimelineCanvas
    from imvar_studio.ui.timeline.panel import TimelinePanel


@pytest.fixture
def panel(qtbot: QtBot, session: Session, screen_pictures: Pictures) -> Iterator[TimelinePanel]:
    with timeline_panel(qtbot, session, screen_pictures) as panel:
        yield panel


@pytest.fixture
def canvas(panel: TimelinePanel) -> TimelineCanvas:
    return panel.canvas


def test_a_keyframe_is_dragged_in_one_step(panel: TimelinePanel, session: Session) -> None:
    drag(panel.canvas, (x_of(panel, 2.0), ROW), (x_of(panel, 2.5), ROW))
    assert times(session) == [0.0, 2.5, 4.0]
    assert session.selection.value == Selection.of_keyframes("key-2")
    assert (session.document.undo_name, len(session.document.steps)) == ("Move keyframes", 2)
    session.document.undo()
    assert times(session) == [0.0, 2.0, 4.0]


def test_two_keyframes_never_come_to_one_frame(panel: TimelinePanel, session: Session) -> None:
    drag(panel.canvas, (x_of(panel, 2.0), ROW), (x_of(panel, 4.0), ROW))
    assert len(set(times(session))) == 3
    assert abs(times(session)[1] - 4.0) == pytest.approx(1 / 12) or times(session)[2] > 4.0


def test_escape_takes_a_drag_back(
    panel: TimelinePanel, session: Session, canvas: TimelineCanvas
) -> None:
    session.selection.set(Selection.of_keyframes("key-3"))
    drag(canvas, (x_of(panel, 2.0), ROW), (x_of(panel, 3.0), ROW), let_go=False)
    assert times(session) == [0.0, 3.0, 4.0]
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert times(session) == [0.0, 2.0, 4.0]
    assert len(session.document.steps) == 1
    assert session.selection.value == Selection.of_keyframes("key-3")
    QTest.mouseRelease(canvas, LEFT, NONE, QPoint(x_of(panel, 3.0), ROW))
    assert times(session) == [0.0, 2.0, 4.0]


def test_drags_snap_and_say_so(panel: TimelinePanel, session: Session) -> None:
    session.snapping.set(True)
    session.edit("Mark", lambda timeline: replace(timeline, markers=(Marker(2.75),)))
    drag(panel.canvas, (x_of(panel, 2.0), ROW), (x_of(panel, 2.75) - 5, ROW), let_go=False)
    assert times(session)[1] == 2.75
    guide = panel.scene.guide.value
    assert guide is not None
    assert (guide.time, guide.text) == (2.75, "00:02:09")
    QTest.mouseRelease(panel.canvas, LEFT, NONE, QPoint(x_of(panel, 2.75) - 5, ROW))
    assert panel.scene.guide.value is None


def test_a_box_selects_and_delete_removes(panel: TimelinePanel, session: Session) -> None:
    drag(panel.canvas, (x_of(panel, 1.0), KEYS_TOP + 4), (x_of(panel, 4.4), STRIP_TOP - 4))
    assert session.selection.value == Selection.of_keyframes("key-2", "key-3")
    QTest.keyClick(panel.canvas, Qt.Key.Key_Delete)
    assert [key.id for key in session.timeline.keyframes] == ["key-1"]
    assert session.document.undo_name == "Delete keyframes"


def test_ctrl_and_shift_add_to_the_selection(panel: TimelinePanel, session: Session) -> None:
    canvas = panel.canvas
    QTest.mouseClick(canvas, LEFT, NONE, QPoint(x_of(panel, 0.0), ROW))
    QTest.mouseClick(canvas, LEFT, SHIFT, QPoint(x_of(panel, 4.0), ROW))
    assert session.selection.value == Selection.of_keyframes("key-1", "key-2", "key-3")
    QTest.mouseClick(canvas, LEFT, CTRL, QPoint(x_of(panel, 2.0), ROW))
    assert session.selection.value == Selection.of_keyframes("key-1", "key-3")


def test_a_click_between_keyframes_selects_the_transition(
    panel: TimelinePanel, session: Session
) -> None:
    QTest.mouseClick(panel.canvas, LEFT, NONE, QPoint(x_of(panel, 1.0), ROW))
    assert session.selection.value == Selection(transition="key-1")


def test_shift_drags_everything_after(panel: TimelinePanel, session: Session) -> None:
    drag(panel.canvas, (x_of(panel, 2.0), ROW), (x_of(panel, 2.5), ROW), SHIFT)
    assert times(session) == [0.0, 2.5, 4.5]
    drag(panel.canvas, (x_of(panel, 2.5), ROW), (x_of(panel, 0.0) - 30, ROW), SHIFT)
    assert times(session) == pytest.approx([0.0, 1 / 12, 2 + 1 / 12])


def test_the_ripple_switch_does_as_shift(panel: TimelinePanel, session: Session) -> None:
    panel.toggle_ripple()
    drag(panel.canvas, (x_of(panel, 2.0), ROW), (x_of(panel, 3.0), ROW))
    assert times(session) == [0.0, 3.0, 5.0]


def test_alt_drags_a_copy(panel: TimelinePanel, session: Session) -> None:
    drag(panel.canvas, (x_of(panel, 2.0), ROW), (x_of(panel, 3.0), ROW), ALT)
    keys = session.timeline.keyframes
    assert [key.time for key in keys] == [0.0, 2.0, 3.0, 4.0]
    assert keys[1].looks == keys[2].looks
    assert session.selection.value == Selection.of_keyframes(keys[2].id)
    assert len(session.document.steps) == 2


def test_the_playhead_follows_the_ruler(panel: TimelinePanel, session: Session) -> None:
    drag(panel.canvas, (x_of(panel, 1.0), 6), (x_of(panel, 3.0), 6))
    assert session.playhead.value == 3.0
    drag(panel.canvas, (x_of(panel, 3.0), RULER - 10), (x_of(panel, 1.5), 6), let_go=False)
    assert session.playhead.value == 1.5
    QTest.keyClick(panel.canvas, Qt.Key.Key_Escape)
    assert session.playhead.value == 3.0


def test_the_films_end_is_dragged(panel: TimelinePanel, session: Session) -> None:
    end = session.duration
    drag(panel.canvas, (x_of(panel, end), STRIP), (x_of(panel, end) + 120, STRIP))
    wanted = session.timeline.duration
    assert wanted is not None
    assert abs(wanted - end - 120 / panel.scene.view.value.scale) < 1 / 12
    assert session.document.undo_name == "Change the film's length"
    drag(panel.canvas, (x_of(panel, session.duration), STRIP), (x_of(panel, 1.0), STRIP))
    assert session.timeline.duration is None
    assert session.duration == end


def test_the_film_is_trimmed_to_its_marks(panel: TimelinePanel, session: Session) -> None:
    session.marks.set((24, 35))
    panel.trim_to_marks()
    assert times(session) == [0.0]
    assert (session.frame_count, session.marks.value) == (12, None)


def test_marks_are_dragged(panel: TimelinePanel, session: Session) -> None:
    session.marks.set((12, 35))
    drag(panel.canvas, (x_of(panel, 1.0), 6), (x_of(panel, 1.5), 6))
    drag(panel.canvas, (x_of(panel, 3.0), 6), (x_of(panel, 2.5), 6))
    assert session.marks.value == (18, 29)


def test_a_marker_is_added_dragged_named_and_deleted(
    panel: TimelinePanel, session: Session, canvas: TimelineCanvas
) -> None:
    session.seek(1.0)
    QTest.keyClick(canvas, Qt.Key.Key_M)
    assert session.timeline.markers == (Marker(1.0),)
    assert session.selection.value == Selection(marker=1.0)
    session.seek(0.0)
    flag = RULER - 8
    drag(canvas, (x_of(panel, 1.0) + 5, flag), (x_of(panel, 3.0) + 5, flag))
    assert session.timeline.markers == (Marker(3.0),)
    QTest.mouseDClick(canvas, LEFT, NONE, QPoint(x_of(panel, 3.0) + 5, flag))
    field = canvas.findChild(QLineEdit)
    QTest.keyClicks(field, "the turn")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert session.timeline.markers == (Marker(3.0, "the turn"),)
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert session.timeline.markers == ()


@pytest.mark.parametrize("held", [NONE, CTRL])
def test_the_wheel_zooms_at_the_pointer(panel: TimelinePanel, held: Any) -> None:
    view = panel.scene.view
    before, time = view.value, view.value.time(500)
    wheel(panel.canvas, 500, 240, held)
    assert view.value.scale == pytest.approx(before.scale * 1.25**2)
    assert view.value.time(500) == pytest.approx(time)
    wheel(panel.canvas, 500, -120, SHIFT)
    assert view.value.scale == pytest.approx(before.scale * 1.25**2)
    assert view.value.time(500) == pytest.approx(time + 120 / view.value.scale)


def test_nothing_is_dragged_in_a_project_others_have_open(
    panel: TimelinePanel, session: Session
) -> None:
    session.read_only = "Another has it open."
    drag(panel.canvas, (x_of(panel, 2.0), ROW), (x_of(panel, 3.0), ROW))
    assert times(session) == [0.0, 2.0, 4.0]
    QTest.mouseClick(panel.canvas, LEFT, NONE, QPoint(x_of(panel, 2.0), ROW))
    assert session.selection.value == Selection.of_keyframes("key-2")

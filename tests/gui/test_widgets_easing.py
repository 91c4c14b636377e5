"""The easing editor as a person uses it, and where things lie in it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QSize, Qt

from imvar_studio.model.curve import EASINGS, Easing
from imvar_studio.ui.widgets import easing_geometry as geometry
from imvar_studio.ui.widgets.easing_choices import easing_choices, easing_field, easing_of
from imvar_studio.ui.widgets.easing_editor import EasingEditor
from imvar_studio.ui.widgets.easing_geometry import Graph

# what Qt's offscreen platform says of every window
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

LEFT = Qt.MouseButton.LeftButton
BEZIER = Easing("bezier", 0.25, 0.25, 0.75, 0.75)


@pytest.fixture
def editor(qtbot) -> EasingEditor:
    editor = EasingEditor()
    qtbot.addWidget(editor)
    editor.resize(118, 118)  # a graph of 100 x 100
    editor.set_easing(BEZIER)
    editor.show()
    editor.activateWindow()
    editor.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(editor.hasFocus)
    return editor


def told(signal) -> list:
    values: list = []
    signal.connect(lambda *args: values.append(args[0] if args else "ended"))
    return values


def place(editor: EasingEditor, x: float, y: float) -> QPoint:
    px, py = editor.graph().point(x, y)
    return QPoint(round(px), round(py))


def test_a_graph_goes_to_the_screen_and_back() -> None:
    graph = Graph(10, 20, 100, 50, low=-0.5, high=1.5)
    assert graph.point(0, -0.5) == (10, 70)
    assert graph.point(1, 1.5) == (110, 20)
    assert graph.value(*graph.point(0.3, 0.8)) == pytest.approx((0.3, 0.8))


def test_all_of_a_curve_and_its_handles_is_within_reach() -> None:
    assert geometry.reach(Easing("cubic-in-out")) == (0, 1)
    low, high = geometry.reach(Easing("back-in-out"))
    assert low == pytest.approx(-0.55)
    assert high == pytest.approx(1.55)
    assert geometry.reach(Easing("bezier", 0, 4, 1, -3)) == (-3, 4)


def test_a_handle_stops_at_the_ends_of_its_range() -> None:
    moved = geometry.moved(BEZIER, 2, 1.7, 9)
    assert moved == Easing("bezier", 0.25, 0.25, 1, 5)


def test_a_drag_moves_the_handle_it_took(qtbot, editor: EasingEditor) -> None:
    edited, ended = told(editor.edited), told(editor.gesture_ended)
    qtbot.mousePress(editor, LEFT, pos=place(editor, 0.25, 0.25))
    qtbot.mouseMove(editor, place(editor, 0.6, 0.1))
    assert edited[-1] == Easing("bezier", 0.6, 0.1, 0.75, 0.75)
    assert ended == []
    qtbot.mouseRelease(editor, LEFT, pos=place(editor, 0.6, 0.1))
    assert ended == ["ended"]
    assert editor.easing() == edited[-1]


def test_a_drag_above_the_box_does_not_run_away(qtbot, editor: EasingEditor) -> None:
    qtbot.mousePress(editor, LEFT, pos=place(editor, 0.75, 0.75))
    above = place(editor, 0.75, 1.2)
    for _ in range(3):
        qtbot.mouseMove(editor, above + QPoint(1, 0))
        qtbot.mouseMove(editor, above)
    qtbot.mouseRelease(editor, LEFT, pos=above)
    easing = editor.easing()
    assert easing is not None
    assert (easing.x2, easing.y2) == pytest.approx((0.75, 1.2))
    assert 0 <= editor.graph().point(0.75, 1.2)[1] <= editor.height()  # still seen


def test_escape_cancels_a_drag(qtbot, editor: EasingEditor) -> None:
    ended = told(editor.gesture_ended)
    qtbot.mousePress(editor, LEFT, pos=place(editor, 0.25, 0.25))
    qtbot.mouseMove(editor, place(editor, 0.9, 0.9))
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert (editor.easing(), ended) == (BEZIER, ["ended"])
    qtbot.mouseMove(editor, place(editor, 0.5, 0.1))
    assert editor.easing() == BEZIER


def test_arrow_keys_move_the_handle_that_tab_chose(qtbot, editor: EasingEditor) -> None:
    edited, ended = told(editor.edited), told(editor.gesture_ended)
    assert editor.handle == 1
    qtbot.keyClick(editor, Qt.Key.Key_Right)
    qtbot.keyClick(editor, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert edited[-1] == Easing("bezier", 0.26, 0.35, 0.75, 0.75)
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert (editor.handle, editor.hasFocus(), ended) == (2, True, ["ended"])
    qtbot.keyClick(editor, Qt.Key.Key_Left)
    assert edited[-1] == Easing("bezier", 0.26, 0.35, 0.74, 0.75)


def test_a_named_easing_becomes_a_bezier_where_it_is_dragged(qtbot, editor: EasingEditor) -> None:
    editor.set_easing(Easing("cubic-in-out"))
    qtbot.keyClick(editor, Qt.Key.Key_Right)
    assert editor.easing() == Easing("bezier", 0.66, 0, 0.35, 1)


def test_without_an_easing_nothing_can_be_moved(qtbot, editor: EasingEditor) -> None:
    editor.set_easing(None)
    edited = told(editor.edited)
    qtbot.keyClick(editor, Qt.Key.Key_Right)
    qtbot.mousePress(editor, LEFT, pos=QPoint(40, 80))
    qtbot.mouseMove(editor, QPoint(60, 60))
    assert edited == []


def test_every_easing_can_be_chosen_by_name(qtbot) -> None:
    assert sorted(choice.value for choice in easing_choices()) == sorted(EASINGS)
    assert len({choice.label for choice in easing_choices()}) == len(EASINGS)
    field = easing_field("Easing")
    qtbot.addWidget(field)
    for index in range(field.count()):
        image = field.itemIcon(index).pixmap(QSize(16, 16)).toImage()
        drawn = [
            (x, y) for x in range(16) for y in range(16) if image.pixelColor(x, y).alpha() > 100
        ]
        assert len(drawn) > 10, field.itemText(index)


def test_a_custom_curve_begins_as_the_one_before() -> None:
    assert easing_of("bezier", Easing("cubic-in")).y2 == 0
    assert easing_of("hold") == Easing("hold")

"""The inspector of pictures, ensembles and expressions, as a person uses it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent

from imvar_studio.model.keyframe_edits import remove, set_looks
from imvar_studio.model.look import Mix, Picture, Prompt, Scale, Weighted
from imvar_studio.model.source import Asset, Framing
from imvar_studio.model.start import InversionSpec, Inverted, Noise
from imvar_studio.ui.mime import asset_data
from tests.gui.inspector_hands import LEFT, drag, inspector_panel, key, look, retype, select, sha

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imvar_studio.ui.inspector.panel import InspectorPanel
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session


@pytest.fixture
def panel(qtbot: Any, session: Session, screen_pictures: Pictures) -> Iterator[InspectorPanel]:
    with inspector_panel(qtbot, session, screen_pictures) as panel:
        yield panel


def test_a_picture_gives_way_to_a_prompt(
    qtbot: Any, panel: InspectorPanel, session: Session
) -> None:
    select(session, "key-1")
    assert [panel.look.prompt.isHidden(), panel.look.picture.isHidden()] == [True, False]
    assert panel.look.picture.name.text() == "cat.jpg"
    qtbot.mouseClick(panel.look.as_prompt, LEFT)
    assert look(session, "key-1") == Prompt("")
    assert panel.look.prompt.hasFocus()
    with qtbot.waitSignal(panel.picture_wanted) as asked:
        qtbot.mouseClick(panel.look.as_picture, LEFT)
    assert asked.args == ["key-1"]
    assert panel.look.as_prompt.isChecked()
    assert not panel.look.as_picture.isChecked()  # not before one is chosen


def test_the_focus_point_is_dragged(qtbot: Any, panel: InspectorPanel, session: Session) -> None:
    select(session, "key-1")
    pad = panel.look.picture.pad
    at = pad.placed()
    left, top = (QPoint(*map(round, at.point(*each))) for each in ((0.5, 0.5), (0.25, 0.0)))
    drag(qtbot, pad, left, top, top)
    framing = look(session, "key-1").source.framing
    assert (framing.focus_x, framing.focus_y) == (pytest.approx(0.25, abs=0.02), 0.0)
    assert session.document.step == 1
    qtbot.mouseClick(panel.look.picture.mode_row.reset_button, LEFT)
    assert look(session, "key-1") == Picture(Asset(sha(session)))


def test_passing_through_a_picture(qtbot: Any, panel: InspectorPanel, session: Session) -> None:
    select(session, "key-1")
    start = panel.start
    assert start.passing.isChecked()
    assert [start.seed_row.isHidden(), start.inversion.isHidden()] == [True, False]
    assert start.dip.course[0] == (0.0, 1.0)
    assert max(value for _, value in start.dip.course) == 3.0
    assert "Guidance falls to 1 at your picture" in start.words.text()
    assert "Steps are the inversion's there (25 of DDIM)." in start.words.text()
    qtbot.mouseClick(start.inversion.head, LEFT)
    retype(qtbot, start.inversion.steps.field, "50")
    asset = look(session, "key-1").source
    assert key(session, "key-1").start == Inverted(asset, InversionSpec(steps=50))
    assert "(50 of DDIM)" in start.words.text()
    qtbot.mouseClick(start.inversion.steps.reset_button, LEFT)
    assert key(session, "key-1").start is None
    qtbot.mouseClick(start.passing, LEFT, pos=QPoint(8, start.passing.height() // 2))
    assert key(session, "key-1").start == Noise(0)
    assert [start.seed_row.isHidden(), start.dip.isHidden()] == [False, True]
    qtbot.mouseClick(start.passing, LEFT, pos=QPoint(8, start.passing.height() // 2))
    assert key(session, "key-1").start is None


def test_pictures_on_other_grids_are_brought_together(
    qtbot: Any, panel: InspectorPanel, session: Session
) -> None:
    session.edit("Delete", lambda timeline: remove(timeline, {"key-2"}))
    select(session, "key-1")
    start = panel.start
    assert start.same_button.isHidden()
    qtbot.mouseClick(start.inversion.head, LEFT)
    retype(qtbot, start.inversion.steps.field, "40")
    assert "needs the same steps" in start.words.text()
    select(session, "key-1", "key-3")
    assert (start.inversion.steps.value(), start.inversion.method.value()) == (None, "fixed-point")
    select(session, "key-1")
    qtbot.mouseClick(start.same_button, LEFT)
    other = key(session, "key-3").start
    assert isinstance(other, Inverted)
    assert other.spec.steps == 40
    assert start.same_button.isHidden()


def test_a_picture_is_dropped_on_the_look(
    qtbot: Any, panel: InspectorPanel, session: Session
) -> None:
    select(session, "key-2")
    data = asset_data([sha(session, 1)])
    action, keys = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    middle = panel.look.rect().center()
    come = QDragEnterEvent(middle, action, data, LEFT, keys)
    panel.look.dragEnterEvent(come)
    assert come.isAccepted()
    panel.look.dropEvent(QDropEvent(QPointF(middle), action, data, LEFT, keys))
    assert look(session, "key-2") == Picture(Asset(sha(session, 1)))
    assert panel.start.passing.isChecked()


def test_a_border_is_typed(qtbot: Any, panel: InspectorPanel, session: Session) -> None:
    select(session, "key-1")
    picture = panel.look.picture
    assert picture.border_row.isHidden()
    qtbot.keyClick(picture.mode, Qt.Key.Key_Down)
    retype(qtbot, picture.border, "#202020")
    assert look(session, "key-1").source.framing == Framing("fit", background="#202020")
    heard: list[str] = []
    session.messages.connect(lambda message: heard.append(message.text))
    retype(qtbot, picture.border, "grey")
    assert heard == ["Framing background must be a colour like #ffffff, got 'grey'."]
    assert picture.border.text() == "#202020"


def test_an_expression_is_said_in_words_and_kept(
    qtbot: Any, panel: InspectorPanel, session: Session
) -> None:
    mix = Mix((Weighted(Picture(Asset(sha(session)))), Weighted(Prompt("a fox"))))
    session.edit("Mix", lambda timeline: set_looks(timeline, {"key-2"}, (Weighted(mix),)))
    select(session, "key-2")
    assert panel.look.words.text() == "Mix of cat.jpg and “a fox”"
    assert [panel.look.switches.isHidden(), panel.look.prompt.isHidden()] == [True, True]
    retype(qtbot, panel.look.strength.field, "2")
    assert look(session, "key-2") == Scale(mix, 2.0)


def test_the_weights_of_an_ensemble(qtbot: Any, panel: InspectorPanel, session: Session) -> None:
    looks = (Weighted(Prompt("a fox")), Weighted(Prompt("an owl"), 0.5))
    session.edit("Ensemble", lambda timeline: set_looks(timeline, {"key-2"}, looks))
    select(session, "key-2")
    rows = panel.look.ensemble.rows
    assert [(row.label.text(), row.value()) for row in rows] == [
        ("“a fox”", 1.0),
        ("“an owl”", 0.5),
    ]
    retype(qtbot, rows[1].field, "2")
    assert key(session, "key-2").looks == (looks[0], replace(looks[1], weight=2.0))
    heard: list[str] = []
    session.messages.connect(lambda message: heard.append(message.text))
    retype(qtbot, rows[1].field, "0")
    retype(qtbot, rows[0].field, "0")
    assert heard == ["Keyframe looks weights must not all be 0."]
    assert key(session, "key-2").looks == (looks[0], replace(looks[1], weight=0.0))
    assert rows[0].value() == 1.0  # as the document has it

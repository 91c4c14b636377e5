"""The inspector of keyframes and transitions, as a person uses it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

from imvar_studio.model.curve import Easing
from imvar_studio.model.keyframe_edits import remove
from imvar_studio.model.look import Prompt, Scale, Weighted
from imvar_studio.model.start import Noise
from imvar_studio.model.timeline import Keyframe
from imvar_studio.ui.selection import Selection
from tests.gui.inspector_hands import LEFT, add, drag, inspector_panel, key, look, retype, select

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imvar_studio.ui.inspector.panel import InspectorPanel
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session


@pytest.fixture
def panel(qtbot: Any, session: Session, screen_pictures: Pictures) -> Iterator[InspectorPanel]:
    with inspector_panel(qtbot, session, screen_pictures) as panel:
        yield panel


def test_the_head_says_what_is_selected(panel: InspectorPanel, session: Session) -> None:
    def told() -> tuple[str, str]:
        return panel.head.name.text(), panel.head.place.text()

    assert told() == ("Night animals", "00:04:01 · 49 frames")
    assert not panel.film.is_collapsed
    select(session, "key-3")
    assert told() == ("Keyframe 3", "00:04:00 · frame 48")
    assert panel.film.is_collapsed
    select(session, "key-1", "key-2", "key-3")
    assert told()[0] == "3 keyframes"
    session.selection.set(Selection(transition="key-2"))
    assert told() == ("Keyframe 2 to 3", "00:02:00 · frame 24")
    assert [panel.look.isHidden(), panel.transition.isHidden()] == [True, False]


def test_the_head_shows_the_picture_and_leads_there(
    qtbot: Any, panel: InspectorPanel, session: Session
) -> None:
    select(session, "key-3")
    qtbot.waitUntil(panel.head.thumb.has_picture)
    with qtbot.waitSignal(panel.seek_requested) as asked:
        qtbot.mouseClick(panel.head.thumb, LEFT)
    assert asked.args == [4.0]


def test_typing_a_prompt_is_one_step(qtbot: Any, panel: InspectorPanel, session: Session) -> None:
    select(session, "key-2")
    assert panel.look.prompt.text() == "an owl at night"
    panel.focus_prompt()
    qtbot.keyClicks(panel.look.prompt, "a red fox")
    assert look(session, "key-2") == Prompt("a red fox")
    assert (session.document.step, session.document.undo_name) == (1, "Prompt")
    session.document.undo()
    assert panel.look.prompt.text() == "an owl at night"
    assert (session.document.step, len(session.document.steps)) == (0, 2)  # no feedback
    session.document.redo()
    assert panel.look.prompt.text() == "a red fox"


def test_two_visits_of_a_field_are_two_steps(
    qtbot: Any, panel: InspectorPanel, session: Session
) -> None:
    select(session, "key-2")
    panel.focus_prompt()
    qtbot.keyClicks(panel.look.prompt, "a fox")
    qtbot.keyClick(panel.look.prompt, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(panel.look.prompt, "es")
    assert session.document.step == 2
    assert look(session, "key-2").text == "a foxes"


def test_dragging_strength_is_one_step_and_can_be_reset(
    qtbot: Any, panel: InspectorPanel, session: Session
) -> None:
    select(session, "key-2")
    slider = panel.look.strength.slider
    assert slider is not None
    middle = slider.height() // 2
    drag(
        qtbot,
        slider,
        QPoint(slider.width() // 4, middle),
        QPoint(slider.width() // 2, middle),
        QPoint(slider.width() // 2 + 4, middle),
    )
    scaled = look(session, "key-2")
    assert isinstance(scaled, Scale)
    assert 1.9 < scaled.factor < 2.5
    assert scaled.look == Prompt("an owl at night")
    assert panel.look.strength.value() == scaled.factor
    assert session.document.step == 1
    qtbot.mouseClick(panel.look.strength.reset_button, LEFT)
    assert look(session, "key-2") == Prompt("an owl at night")
    assert panel.look.strength.value() == 1.0
    assert session.document.step == 2


def test_the_dice_throw_a_new_seed_unless_it_is_locked(
    qtbot: Any, panel: InspectorPanel, session: Session
) -> None:
    select(session, "key-2")
    seed = panel.start.seed
    assert (seed.value(), panel.start.seed_row.label.text()) == (6, "Seed")
    qtbot.mouseClick(seed.dice, LEFT)
    thrown = key(session, "key-2").start
    assert isinstance(thrown, Noise)
    assert thrown.seed != 6
    assert seed.value() == thrown.seed
    qtbot.mouseClick(seed.lock, LEFT)
    assert panel.start.locked == {"key-2"}
    qtbot.mouseClick(seed.dice, LEFT)
    assert key(session, "key-2").start == thrown
    select(session, "key-1")
    select(session, "key-2")
    assert seed.is_locked()
    qtbot.mouseClick(panel.start.seed_row.reset_button, LEFT)
    assert key(session, "key-2").start is None
    assert (seed.value(), panel.start.seed_row.label.text()) == (0, "Film's seed")


def test_values_that_differ_are_a_dash_and_are_set_for_all(
    qtbot: Any, panel: InspectorPanel, session: Session
) -> None:
    add(session, Keyframe("key-4", 6.0, (Weighted(Scale(Prompt("a fox"), 2.0)),), guidance=7.0))
    before = session.document.step
    select(session, "key-2", "key-4")
    assert panel.look.strength.field.text() == "—"
    assert panel.look.prompt.placeholderText() == "—"
    assert panel.look.guidance.value() is None
    assert session.document.step == before  # showing edits nothing
    retype(qtbot, panel.look.strength.field, "1.5")
    assert [look(session, name).factor for name in ("key-2", "key-4")] == [1.5, 1.5]
    assert look(session, "key-4").look == Prompt("a fox")  # all else stays as it differs
    retype(qtbot, panel.look.guidance.field, "5")
    assert [key(session, name).guidance for name in ("key-2", "key-4")] == [5.0, 5.0]
    qtbot.mouseClick(panel.look.guidance.reset_button, LEFT)
    assert [key(session, name).guidance for name in ("key-2", "key-4")] == [None, None]
    assert panel.look.guidance.value() == 3.0  # the film's


def test_what_is_half_typed_belongs_to_what_was_selected(
    qtbot: Any, panel: InspectorPanel, session: Session
) -> None:
    select(session, "key-2")
    field = panel.look.guidance.field
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "9")
    select(session, "key-3")
    assert [key(session, name).guidance for name in ("key-2", "key-3")] == [9.0, None]
    assert panel.look.guidance.value() == 3.0


def test_half_typed_text_goes_with_its_keyframe(
    qtbot: Any, panel: InspectorPanel, session: Session
) -> None:
    select(session, "key-2")
    field = panel.look.guidance.field
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "9")
    session.edit("Delete", lambda timeline: remove(timeline, {"key-2"}))
    assert session.document.step == 1
    assert [each.guidance for each in session.timeline.keyframes] == [None, None]


def test_negative_prompts(qtbot: Any, panel: InspectorPanel, session: Session) -> None:
    select(session, "key-2")
    panel.look.negative.setFocus()
    qtbot.keyClicks(panel.look.negative, "blur")
    assert key(session, "key-2").negative == Prompt("blur")
    assert session.document.step == 1


def test_easings_and_paths(qtbot: Any, panel: InspectorPanel, session: Session) -> None:
    select(session, "key-2")
    section = panel.transition
    assert section.easing.currentText() == "Linear"
    for _ in range(3):
        qtbot.keyClick(section.easing, Qt.Key.Key_Down)
    assert section.easing.currentText() == "Ease in-out"
    assert key(session, "key-2").transition.easing == Easing("cubic-in-out")
    before = session.document.step
    graph = section.graph.graph()
    hx, hy = graph.point(0.65, 0.0)
    drag(
        qtbot,
        section.graph,
        QPoint(round(hx), round(hy)),
        QPoint(round(hx) - 10, round(hy) - 5),
        QPoint(round(hx) - 20, round(hy) - 10),
    )
    easing = key(session, "key-2").transition.easing
    assert easing.shape == "bezier"
    assert easing.x1 < 0.6
    assert section.easing.value() == "bezier"
    assert session.document.step == before + 1
    qtbot.keyClick(section.latent, Qt.Key.Key_End)
    assert key(session, "key-2").transition.latent == "circle"
    assert not section.circle_row.isHidden()
    qtbot.mouseClick(section.circle.dice, LEFT)
    assert key(session, "key-2").transition.circle_seed == section.circle.value() is not None
    qtbot.mouseClick(section.reset_button, LEFT)
    assert key(session, "key-2").transition == key(session, "key-1").transition
    assert section.reset_button.isHidden()


def test_selecting_among_many_builds_no_widgets(panel: InspectorPanel, session: Session) -> None:
    keys = [
        replace(key(session, "key-2"), id=f"many-{n}", time=10.0 + n, guidance=n % 7)
        for n in range(2000)
    ]
    session.edit(
        "Many",
        lambda timeline: replace(timeline, keyframes=(*timeline.keyframes, *keys)),
    )
    select(session, "many-0")
    before = panel.findChildren(QWidget)
    for n in range(1, 20):
        select(session, f"many-{100 * n}")
        assert panel.look.guidance.value() == 100 * n % 7
        session.seek(float(n))
    assert panel.findChildren(QWidget) == before
    select(session, *(each.id for each in keys))
    assert panel.head.name.text() == "2000 keyframes"
    assert panel.look.guidance.value() is None


def test_released_it_watches_no_more(panel: InspectorPanel, session: Session) -> None:
    panel.release()
    select(session, "key-2")
    assert panel.head.name.text() == "Night animals"


def test_tab_goes_from_top_to_bottom_whatever_was_made_first(
    qtbot: Any, panel: InspectorPanel, session: Session
) -> None:
    select(session, "key-2")
    panel.film.set_collapsed(False)
    qtbot.waitUntil(lambda: panel._sections.made("track") is not None)
    tab, stops = Qt.FocusPolicy.TabFocus, []
    each = panel.window().nextInFocusChain()
    while each is not panel.window():
        seen = each.isVisible() and each.window() is panel.window()
        if seen and (each.focusPolicy() & tab) == tab and each.focusProxy() is None:
            stops.append(each)
        each = each.nextInFocusChain()
    inside = [stop for stop in stops if panel._sections.isAncestorOf(stop)]
    assert len(inside) > 15
    sections = [panel.look, panel.start, panel.transition, panel.film]
    owners = [next(s for s in sections if s.isAncestorOf(stop)) for stop in inside]
    assert [sections.index(owner) for owner in owners] == sorted(map(sections.index, owners))
    assert set(map(sections.index, owners)) == {0, 1, 2, 3}

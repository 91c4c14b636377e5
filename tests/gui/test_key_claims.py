"""Keys in the whole window: what has the focus has its own keys, all else plays and edits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from imvar_studio.jobs.queue import Queue
from imvar_studio.jobs.queued import State
from imvar_studio.jobs.tasks import FilmTask
from imvar_studio.model.look import Prompt
from imvar_studio.model.look_edits import bare, strength_of
from imvar_studio.model.project import FilmWork
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.specs import FilmSpec
from imvar_studio.ui.key_claims import claims
from imvar_studio.ui.selection import Selection
from tests.gui.window import LEFT, NONE, click

if TYPE_CHECKING:
    from tests.gui.window import Studio


KEY, CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier
CTRL_SHIFT = CTRL | Qt.KeyboardModifier.ShiftModifier
WAYS = (KEY.Key_Left, KEY.Key_Right, KEY.Key_Up, KEY.Key_Down, KEY.Key_Home, KEY.Key_End)


def walk_to(widget: QWidget) -> None:
    """Bring the focus to a widget, as the Tab key does."""
    assert widget.isVisible(), widget
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    assert QApplication.focusWidget() is widget


def choose(studio: Studio, *keyframes: str) -> Any:
    """Select keyframes, and return the inspector that shows them."""
    studio.session.selection.set(Selection.of_keyframes(*keyframes))
    return studio.film.inspector


def is_playing(studio: Studio) -> bool:
    return bool(studio.film.stage._playing.is_playing)


def text_of(studio: Studio, at: int = 1) -> str:
    look = bare(studio.session.timeline.keyframes[at].looks[0].look)
    assert isinstance(look, Prompt)
    return look.text


def strength(studio: Studio) -> float:
    return strength_of(studio.session.timeline.keyframes[1].looks[0].look)


def seek_between(studio: Studio) -> float:
    """Put the playhead where every key that moves it does so; returns its time."""
    studio.session.seek(1.5)
    return float(studio.session.playhead.value)


# buttons, sliders, fields


def test_space_presses_the_button_that_has_the_focus(studio: Studio) -> None:
    live = studio.window.top_bar.live
    walk_to(live)
    before = live.isChecked()
    studio.key(KEY.Key_Space)
    assert live.isChecked() is not before
    assert not is_playing(studio)


def test_arrows_move_the_slider_that_has_the_focus(studio: Studio) -> None:
    slider = choose(studio, "key-2").look.strength.slider
    at, before = seek_between(studio), strength(studio)
    walk_to(slider)
    studio.key(KEY.Key_Left)
    assert strength(studio) < before
    studio.key(KEY.Key_Home)
    assert strength(studio) == 0
    assert studio.session.playhead.value == at


def test_arrows_step_the_number_that_has_the_focus(studio: Studio) -> None:
    field = choose(studio, "key-2").look.strength.field
    at, before = seek_between(studio), strength(studio)
    walk_to(field)
    studio.key(KEY.Key_Up)
    assert strength(studio) == pytest.approx(before + 0.01)
    studio.key(KEY.Key_PageDown)
    assert strength(studio) == pytest.approx(before - 0.09)
    assert studio.session.playhead.value == at


def test_arrows_bend_the_easing_that_has_the_focus(studio: Studio) -> None:
    graph = choose(studio, "key-2").transition.graph
    at, before = seek_between(studio), studio.session.timeline.keyframes[1].transition.easing
    walk_to(graph)
    studio.key(KEY.Key_Right)
    assert studio.session.timeline.keyframes[1].transition.easing != before
    assert studio.session.playhead.value == at


def test_arrows_choose_in_a_combo_box(studio: Studio) -> None:
    combo = choose(studio, "key-2").transition.condition
    at, before = seek_between(studio), combo.value()
    walk_to(combo)
    studio.key(KEY.Key_Down)
    assert combo.value() != before
    assert studio.session.playhead.value == at


def test_keys_in_a_popup_mean_nothing_beneath_it(studio: Studio) -> None:
    combo = choose(studio, "key-2").transition.condition
    before = studio.session.project
    walk_to(combo)
    studio.key(KEY.Key_Space)
    studio.until(combo.view().isVisible)
    for key in (KEY.Key_P, KEY.Key_M, KEY.Key_Delete):
        studio.key(key)
    assert studio.session.project is before
    studio.key(KEY.Key_Escape)
    assert not combo.view().isVisible()


def test_arrows_go_from_tab_to_tab(studio: Studio) -> None:
    library, at = studio.film.library, seek_between(studio)
    walk_to(library.tabs.tab("pictures"))
    studio.key(KEY.Key_Right)
    assert library.tabs.current() == "looks"
    studio.key(KEY.Key_End)
    assert library.tabs.current() == "takes"
    assert studio.session.playhead.value == at


def test_arrows_walk_through_the_pictures(studio: Studio) -> None:
    grid, at = studio.film.library.pictures_page.grid, seek_between(studio)
    walk_to(grid)
    grid.setCurrentIndex(grid.model().index(0, 0))
    studio.key(KEY.Key_Right)
    assert grid.currentIndex().row() == 1
    studio.key(KEY.Key_Home)
    assert grid.currentIndex().row() == 0
    studio.key(KEY.Key_A, CTRL)
    assert len(grid.selected()) == 2
    assert not studio.session.selection.value.keyframes
    studio.key(KEY.Key_Space)
    assert not is_playing(studio)
    assert studio.session.playhead.value == at


def test_keys_in_a_list_of_cards_leave_the_film_alone(studio: Studio) -> None:
    library = studio.film.library
    library.show_page("looks")
    choose(studio, "key-2")
    before, at = studio.session.project, seek_between(studio)
    walk_to(library.looks_page.list)
    for key in (*WAYS, KEY.Key_Space, KEY.Key_Delete, KEY.Key_Backspace):
        studio.key(key)
    assert studio.session.project is before
    assert studio.session.playhead.value == at
    assert not is_playing(studio)


# the queue


def stopped_job(studio: Studio) -> int:
    """Have a job in the queue that was cancelled, with its row chosen."""
    with Queue() as queue:
        spec = FilmSpec(FilmWork("film", "Owls"), ModelRef("starter", "ab" * 32))
        number = queue.add(FilmTask("/p/owls.imvar", spec, "starter", ""))
        queue.cancel(number)
    rows = studio.film.queue
    studio.window.show_dock("queue")
    studio.until(lambda: [job.id for job in rows.model.jobs] == [number])
    walk_to(rows.list)
    rows.list.setCurrentIndex(rows.model.index(0, 0))
    return number


def test_keys_in_the_queue_are_the_jobs(studio: Studio) -> None:
    choose(studio, "key-2")
    before, at = studio.session.project, seek_between(studio)
    stopped_job(studio)
    rows = studio.film.queue
    QGuiApplication.clipboard().setText("kept")
    studio.key(KEY.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == "kept"  # of no error, and no keyframes
    studio.key(KEY.Key_Space)
    studio.key(KEY.Key_Home)
    assert not is_playing(studio)
    studio.key(KEY.Key_R)
    studio.until(lambda: rows.model.jobs[0].state is State.WAITING)
    studio.key(KEY.Key_Delete)
    studio.until(lambda: not rows.model.jobs)
    assert studio.session.project is before
    assert studio.session.playhead.value == at


# text


@pytest.mark.parametrize("place", ["prompt", "search"])
def test_what_is_typed_goes_into_the_text(studio: Studio, place: str) -> None:
    inspector = choose(studio, "key-2")
    field = inspector.look.prompt if place == "prompt" else studio.film.library.search
    keys, at = studio.session.timeline.keyframes, seek_between(studio)
    walk_to(field)
    studio.key(KEY.Key_A, CTRL)
    QTest.keyClicks(field, "pmiojklxcs r")
    studio.key(KEY.Key_Left)
    studio.key(KEY.Key_Backspace)
    studio.key(KEY.Key_Home)
    studio.key(KEY.Key_Delete)
    studio.key(KEY.Key_Up)
    found = field.text() if place == "search" else text_of(studio)
    assert found == "miojklxcsr"
    now = studio.session.timeline.keyframes
    assert [key.id for key in now] == [key.id for key in keys]
    assert not studio.session.timeline.markers
    assert studio.session.marks.value is None
    assert studio.session.playhead.value == at
    assert not is_playing(studio)


# undo


def test_a_field_leaves_the_key_of_export_to_the_window(studio: Studio) -> None:
    field = choose(studio, "key-2").look.strength.field
    walk_to(field)
    # on X11 a field would go to its line's end, as it does with End
    press = QKeyEvent(QEvent.Type.ShortcutOverride, KEY.Key_E, CTRL)
    assert claims(field, press) is False
    assert claims(field, QKeyEvent(QEvent.Type.ShortcutOverride, KEY.Key_End, NONE)) is True


def test_undo_in_a_field_takes_back_typing_and_then_the_edit(studio: Studio) -> None:
    field = choose(studio, "key-2").look.strength.field
    first = strength(studio)
    walk_to(field)
    QTest.keyClicks(field, "2")
    studio.key(KEY.Key_Return)
    assert strength(studio) == 2
    QTest.keyClicks(field, "3")
    studio.key(KEY.Key_Z, CTRL)
    assert "2" in field.text()
    assert strength(studio) == 2  # only what was typed
    studio.key(KEY.Key_Z, CTRL)
    assert strength(studio) == first
    studio.key(KEY.Key_Z, CTRL_SHIFT)
    assert strength(studio) == 2
    assert QApplication.focusWidget() is field


def test_undo_in_the_seed_takes_back_the_film_s_step(studio: Studio) -> None:
    inspector = choose(studio, "key-2")
    before = studio.session.project
    click(inspector.start.seed.dice)
    thrown = studio.session.project
    assert thrown != before
    walk_to(inspector.start.seed.text)
    studio.key(KEY.Key_Z, CTRL)
    assert studio.session.project == before
    studio.key(KEY.Key_Z, CTRL_SHIFT)
    assert studio.session.project == thrown


def test_undo_in_the_prompt_takes_back_typing_and_then_the_film_s_steps(studio: Studio) -> None:
    inspector = choose(studio, "key-2")
    slider, prompt = inspector.look.strength.slider, inspector.look.prompt
    first = strength(studio)
    walk_to(slider)
    studio.key(KEY.Key_Left)
    assert strength(studio) != first
    walk_to(prompt)
    before = text_of(studio)
    studio.key(KEY.Key_End, CTRL)
    QTest.keyClicks(prompt, " at dusk")
    assert text_of(studio) == f"{before} at dusk"
    studio.key(KEY.Key_Z, CTRL)
    assert text_of(studio) == before
    assert strength(studio) != first  # only what was typed
    studio.key(KEY.Key_Z, CTRL)
    assert strength(studio) == first


def test_a_prompt_that_was_left_is_undone_as_a_step(studio: Studio) -> None:
    prompt = choose(studio, "key-2").look.prompt
    before = text_of(studio)
    walk_to(prompt)
    studio.key(KEY.Key_End, CTRL)
    QTest.keyClicks(prompt, " one")
    prompt.moveCursor(prompt.textCursor().MoveOperation.Start)
    QTest.keyClicks(prompt, "two ")
    walk_to(studio.window.top_bar.live)
    walk_to(prompt)
    studio.key(KEY.Key_Z, CTRL)
    assert text_of(studio) == before
    assert prompt.text() == before


# where nothing is claimed


def test_keys_on_the_stage_and_the_timeline_are_the_window_s(studio: Studio) -> None:
    for canvas in (studio.canvas, studio.timeline.canvas):
        studio.session.seek(1.0)
        QTest.mouseClick(canvas, LEFT, NONE, QPoint(canvas.width() // 2, canvas.height() - 6))
        canvas.setFocus()
        studio.session.seek(1.0)
        studio.key(KEY.Key_Right)
        assert studio.session.playhead.value == 1.5
        studio.key(KEY.Key_Space)
        assert is_playing(studio)
        studio.key(KEY.Key_Space)
        assert not is_playing(studio)


def test_a_click_into_the_picture_gives_the_keys_back(studio: Studio) -> None:
    walk_to(studio.window.top_bar.live)
    QTest.mouseClick(studio.canvas, LEFT, NONE, studio.canvas.rect().center())
    studio.key(KEY.Key_Space)
    assert is_playing(studio)
    studio.key(KEY.Key_Space)

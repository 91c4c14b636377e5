"""Work of the window's thread in pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer

from imvar_studio.ui.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from tests.gui.window import Studio


@pytest.fixture
def turns(qtbot: Any) -> Generator[Turns, None, None]:
    parent = QObject()
    yield Turns(parent)
    parent.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_events_are_answered_between_pieces(turns: Turns, qtbot: Any) -> None:
    log: list[str] = []

    def work() -> Generator[None, None, None]:
        for piece in ("one", "two"):
            log.append(piece)
            QTimer.singleShot(0, lambda: log.append("event"))
            yield

    with qtbot.waitCallback() as done:
        turns.start(work(), done)
        assert log == []
    assert log == ["one", "event", "two", "event"]


def test_what_is_left_can_be_done_at_once(turns: Turns) -> None:
    log: list[str] = []
    turns.start((log.append("piece") for _ in range(3)), lambda: log.append("done"))
    turns.finish()
    assert log == ["piece", "piece", "piece", "done"]
    turns.finish()
    assert len(log) == 4


def test_a_new_work_closes_the_one_before(turns: Turns, qtbot: Any) -> None:
    closed: list[str] = []

    def endless() -> Generator[None, None, None]:
        try:
            while True:
                yield
        finally:
            closed.append("first")

    turns.start(endless(), lambda: closed.append("never"))
    qtbot.wait(5)
    with qtbot.waitCallback() as done:
        turns.start((None for _ in range(2)), done)
    assert closed == ["first"]


def test_a_work_may_begin_the_next_at_its_end(turns: Turns, qtbot: Any) -> None:
    with qtbot.waitCallback() as done:
        turns.start((None for _ in ()), lambda: turns.start((None for _ in ()), done))


def test_a_work_that_fails_is_over(turns: Turns, qtbot: Any) -> None:
    def work() -> Generator[None, None, None]:
        yield
        raise ValueError("no picture")

    with qtbot.captureExceptions() as raised:
        turns.start(work(), lambda: pytest.fail("it is not done"))
        qtbot.waitUntil(lambda: bool(raised))
        qtbot.wait(5)
    assert [str(error) for _, error, _ in raised] == ["no picture"]


def test_the_window_answers_while_a_project_is_shown(
    start: Callable[..., Studio], sample: Path
) -> None:
    studio = start()
    answered = 0
    seen: list[str] = []

    def answer() -> None:
        nonlocal answered
        building = studio.program.studio.project is not None and studio.window.workspace is None
        answered += building
        if building and not studio.window.updatesEnabled():
            seen.append("held")

    timer = QTimer(studio.window)
    timer.timeout.connect(answer)
    timer.start(0)
    studio.open(sample)
    timer.stop()
    assert answered >= 5  # a turn for each panel
    assert seen  # nothing half built is painted
    assert studio.window.updatesEnabled()


def test_a_project_that_is_left_while_it_is_shown_leaves_nothing(
    start: Callable[..., Studio], sample: Path
) -> None:
    studio = start()
    program = studio.program.studio
    program.open(str(sample))
    studio.until(lambda: program.project is not None)
    assert studio.window.workspace is None
    program.close_project()
    studio.until(lambda: program.project is None)
    assert studio.window.start_page.isVisible()
    assert studio.window.updatesEnabled()
    assert studio.window.docks is None
    assert "edit.clip.delete" not in studio.window.actions_
    studio.open(sample)
    assert studio.film.timeline.isVisible()

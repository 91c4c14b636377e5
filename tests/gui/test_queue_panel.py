"""The queue's panel over a real queue, by mouse and keyboard."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDesktopServices,
    QGuiApplication,
    QHelpEvent,
    QImage,
)
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QMenu, QToolTip

from imvar_studio.jobs.events import Failed, Finished, Made, Progress, Stopped
from imvar_studio.jobs.queue import Queue
from imvar_studio.jobs.queued import Request, State, Urgency
from imvar_studio.jobs.tasks import FilmTask
from imvar_studio.model.project import FilmWork
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.signal import Signal
from imvar_studio.model.specs import FilmSpec
from imvar_studio.store.places import bundled_folder
from imvar_studio.ui.queue import row_painting
from imvar_studio.ui.queue.panel import QueuePanel
from imvar_studio.ui.queue.verbs import Verb
from imvar_studio.ui.queue_lane import QueueLane

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imvar_studio.ui.background import Background
    from imvar_studio.ui.pictures import Pictures

LEFT = Qt.MouseButton.LeftButton


class Desk(QueueLane):
    """The window's queue, and what a render thread would tell."""

    def __init__(self, lanes: Any, open_queue: Any) -> None:
        super().__init__(lanes, open_queue)
        self.events: Signal[Any, Any] = Signal()


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    """The queue as another program has it."""
    with Queue(tmp_path / "queue.db") as found:
        yield found


@pytest.fixture
def desk(queue: Queue, tmp_path: Path, lanes: Background) -> Iterator[Desk]:
    found = Desk(lanes, lambda: Queue(tmp_path / "queue.db", check=False))
    yield found
    found.close_queue()
    lanes.run("queue", lambda: None).result(10)


@pytest.fixture
def panel(desk: Desk, screen_pictures: Pictures, qtbot: Any) -> Iterator[QueuePanel]:
    found = QueuePanel(desk, screen_pictures, print)
    QAbstractItemModelTester(
        found.model, QAbstractItemModelTester.FailureReportingMode.Fatal, found
    )
    qtbot.addWidget(found)
    found.resize(300, 600)
    found.show()
    qtbot.waitExposed(found)
    yield found
    found.release()


def add(queue: Queue, name: str, urgency: Urgency = Urgency.FOREGROUND, target: str = "") -> int:
    spec = FilmSpec(FilmWork("film", name), ModelRef("starter", "ab" * 32))
    return queue.add(FilmTask("/p/owls.imvar", spec, "starter", target), urgency)


@pytest.fixture
def show(desk: Desk, queue: Queue, panel: QueuePanel, qtbot: Any) -> Any:
    """Have the panel show the queue as it is, and wait until its rows lie there."""

    def run() -> None:
        desk.look()
        qtbot.waitUntil(lambda: panel.model.jobs == queue.jobs())
        count = len(panel.model.jobs)
        qtbot.waitUntil(lambda: not count or panel.list.row_box(count - 1).height() > 0)

    return run


def ids(panel: QueuePanel) -> list[int]:
    return [job.id for job in panel.model.jobs]


def press(qtbot: Any, panel: QueuePanel, row: int, verb: Verb) -> None:
    box = panel.list.button_box(row, verb)
    assert not box.isEmpty()
    qtbot.mouseMove(panel.list.viewport(), box.center())
    qtbot.mouseClick(panel.list.viewport(), LEFT, pos=box.center())


def drag(qtbot: Any, panel: QueuePanel, row: int, to: QPoint) -> None:
    view, start = panel.list.viewport(), panel.list.row_box(row).center()
    qtbot.mousePress(view, LEFT, pos=start)
    for part in (0.5, 1.0):
        qtbot.mouseMove(view, start + (to - start) * part)


def test_an_empty_queue_says_so(panel: QueuePanel, queue: Queue, show: Any) -> None:
    assert panel.empty.isVisible()
    assert not panel.pause_all.isEnabled()
    assert not panel.clear.isEnabled()
    add(queue, "Eulen")
    show()
    assert panel.list.isVisible()
    assert panel.pause_all.isEnabled()


def test_buttons_pause_resume_and_cancel(
    panel: QueuePanel, queue: Queue, show: Any, qtbot: Any
) -> None:
    number = add(queue, "Eulen")
    show()
    press(qtbot, panel, 0, Verb.PAUSE)
    qtbot.waitUntil(lambda: panel.model.jobs[0].state is State.PAUSED)
    press(qtbot, panel, 0, Verb.RESUME)
    qtbot.waitUntil(lambda: panel.model.jobs[0].state is State.WAITING)
    press(qtbot, panel, 0, Verb.CANCEL)
    qtbot.waitUntil(lambda: panel.model.jobs[0].state is State.CANCELLED)
    assert queue.job(number).state is State.CANCELLED
    press(qtbot, panel, 0, Verb.RETRY)
    qtbot.waitUntil(lambda: queue.job(number).state is State.WAITING)


def test_a_running_job_is_asked(panel: QueuePanel, queue: Queue, show: Any, qtbot: Any) -> None:
    number = add(queue, "Eulen")
    queue.claim()
    show()
    press(qtbot, panel, 0, Verb.PAUSE)
    qtbot.waitUntil(lambda: panel.model.jobs[0].request is Request.PAUSE)
    assert panel.model.data(panel.model.index(0), Qt.ItemDataRole.AccessibleTextRole) == (
        "Eulen of owls, Pausing."
    )
    panel.list.setCurrentIndex(panel.model.index(0))
    qtbot.keyClick(panel.list, Qt.Key.Key_Delete)  # what runs is cancelled first
    qtbot.waitUntil(lambda: panel.model.jobs[0].request is Request.CANCEL)
    assert queue.job(number).state is State.RUNNING
    assert panel.list.button_box(0, Verb.CANCEL).isEmpty()


def test_a_press_that_leaves_its_button_does_nothing(
    panel: QueuePanel, queue: Queue, show: Any, qtbot: Any
) -> None:
    number = add(queue, "Eulen")
    show()
    view, box = panel.list.viewport(), panel.list.button_box(0, Verb.CANCEL)
    with qtbot.assertNotEmitted(panel.list.asked):
        qtbot.mousePress(view, LEFT, pos=box.center())
        qtbot.mouseMove(view, panel.list.button_box(0, Verb.PAUSE).center())
        qtbot.mouseRelease(view, LEFT, pos=panel.list.button_box(0, Verb.PAUSE).center())
    assert queue.job(number).state is State.WAITING


def test_a_failure_says_what_to_do_and_is_tried_again(
    panel: QueuePanel, queue: Queue, show: Any, qtbot: Any
) -> None:
    number = add(queue, "Eulen")
    queue.claim()
    queue.fail(number, Failed("user", "the disk is full", "free some space"))
    add(queue, "Tag")
    show()
    plain, failed = panel.list.row_box(0), panel.list.row_box(1)
    assert failed.height() > plain.height()
    panel.list.setCurrentIndex(panel.model.index(1))
    qtbot.keyClick(panel.list, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    text = QGuiApplication.clipboard().text()
    assert text == "Eulen of owls: The disk is full. Free some space."
    press(qtbot, panel, 1, Verb.RETRY)
    qtbot.waitUntil(lambda: queue.job(number).state is State.WAITING)
    qtbot.waitUntil(lambda: panel.list.row_box(1).height() == plain.height())


def test_dragging_puts_a_job_before_another(
    panel: QueuePanel, queue: Queue, show: Any, qtbot: Any
) -> None:
    first, second, third = (add(queue, name) for name in ("Eulen", "Tag", "Nacht"))
    show()
    panel.list.setCurrentIndex(panel.model.index(2))
    drag(qtbot, panel, 2, panel.list.row_box(0).center() - QPoint(0, 10))
    assert panel.list.is_dragging
    qtbot.mouseRelease(
        panel.list.viewport(), LEFT, pos=panel.list.row_box(0).center() - QPoint(0, 10)
    )
    qtbot.waitUntil(lambda: ids(panel) == [third, first, second])
    assert [job.id for job in queue.jobs()] == [third, first, second]
    assert panel.list.current_row == 0  # the selection went along
    end = QPoint(150, 500)
    drag(qtbot, panel, 0, end)
    qtbot.mouseRelease(panel.list.viewport(), LEFT, pos=end)
    qtbot.waitUntil(lambda: ids(panel) == [first, second, third])
    assert queue.claim().id == first  # type: ignore[union-attr]


def test_escape_ends_a_drag(panel: QueuePanel, queue: Queue, show: Any, qtbot: Any) -> None:
    numbers = [add(queue, name) for name in ("Eulen", "Tag")]
    show()
    top = QPoint(150, 4)
    with qtbot.assertNotEmitted(panel.list.dropped):
        drag(qtbot, panel, 1, top)
        assert panel.list.is_dragging
        qtbot.keyClick(panel.list, Qt.Key.Key_Escape)
        assert not panel.list.is_dragging
        qtbot.mouseRelease(panel.list.viewport(), LEFT, pos=top)
    assert [job.id for job in queue.jobs()] == numbers


def test_what_runs_or_ended_is_not_dragged(
    panel: QueuePanel, queue: Queue, show: Any, qtbot: Any
) -> None:
    done = add(queue, "Eulen")
    queue.claim()
    queue.finish(done, Finished(("/p/owls.mp4",)))
    running, waiting = add(queue, "Tag"), add(queue, "Nacht")
    queue.claim()
    show()
    assert ids(panel) == [running, waiting, done]
    for row in (0, 2):
        drag(qtbot, panel, row, panel.list.row_box(1).center())
        assert not panel.list.is_dragging
        qtbot.mouseRelease(panel.list.viewport(), LEFT, pos=panel.list.row_box(1).center())
    with qtbot.assertNotEmitted(panel.list.dropped):  # not before what runs
        drag(qtbot, panel, 1, QPoint(150, 2))
        qtbot.mouseRelease(panel.list.viewport(), LEFT, pos=QPoint(150, 2))


def test_a_job_that_begins_to_run_is_let_go_of(
    panel: QueuePanel, queue: Queue, show: Any, qtbot: Any
) -> None:
    add(queue, "Eulen")
    add(queue, "Tag")
    show()
    drag(qtbot, panel, 0, panel.list.row_box(1).center() + QPoint(0, 20))
    queue.claim()
    show()
    with qtbot.assertNotEmitted(panel.list.dropped):
        qtbot.mouseMove(panel.list.viewport(), panel.list.row_box(1).center())
        assert not panel.list.is_dragging
        qtbot.mouseRelease(panel.list.viewport(), LEFT, pos=panel.list.row_box(1).center())


def test_keys_do_what_buttons_do(panel: QueuePanel, queue: Queue, show: Any, qtbot: Any) -> None:
    first, second, third = (add(queue, name) for name in ("Eulen", "Tag", "Nacht"))
    show()
    keys, control = Qt.Key, Qt.KeyboardModifier.ControlModifier
    panel.list.setCurrentIndex(panel.model.index(2))
    qtbot.keyClick(panel.list, keys.Key_Up, control)
    qtbot.waitUntil(lambda: ids(panel) == [first, third, second])
    qtbot.keyClick(panel.list, keys.Key_Home, control)
    qtbot.waitUntil(lambda: ids(panel) == [third, first, second])
    qtbot.keyClick(panel.list, keys.Key_Down, control)
    qtbot.waitUntil(lambda: ids(panel) == [first, third, second])
    qtbot.keyClick(panel.list, keys.Key_Space)
    qtbot.waitUntil(lambda: panel.model.jobs[1].state is State.PAUSED)
    qtbot.keyClick(panel.list, keys.Key_Space)
    qtbot.waitUntil(lambda: panel.model.jobs[1].state is State.WAITING)
    qtbot.keyClick(panel.list, keys.Key_Delete)
    qtbot.waitUntil(lambda: ids(panel) == [first, second])
    assert panel.list.current_row is not None


def test_all_are_paused_and_resumed(panel: QueuePanel, queue: Queue, show: Any, qtbot: Any) -> None:
    add(queue, "Eulen")
    show()
    assert panel.pause_all.text() == "Pause all"
    places = panel.pause_all.geometry(), panel.clear.geometry()
    qtbot.mouseClick(panel.pause_all, LEFT)
    qtbot.waitUntil(lambda: panel.pause_all.text() == "Resume all")
    assert queue.all_paused()
    panel.layout().activate()
    assert places == (panel.pause_all.geometry(), panel.clear.geometry())  # nothing jumps
    assert queue.claim() is None
    qtbot.mouseClick(panel.pause_all, LEFT)
    qtbot.waitUntil(lambda: panel.pause_all.text() == "Pause all")
    assert queue.claim() is not None


def test_finished_jobs_are_cleared(panel: QueuePanel, queue: Queue, show: Any, qtbot: Any) -> None:
    done, stopped = add(queue, "Eulen"), add(queue, "Tag")
    queue.claim()
    queue.finish(done, Finished(()))
    queue.cancel(stopped)
    left = add(queue, "Nacht")
    show()
    qtbot.mouseClick(panel.clear, LEFT)
    qtbot.waitUntil(lambda: ids(panel) == [left])
    assert not panel.clear.isEnabled()


def test_what_the_render_thread_tells_is_shown_at_once(
    panel: QueuePanel, queue: Queue, desk: Desk, show: Any, screen_pictures: Pictures, qtbot: Any
) -> None:
    number = add(queue, "Eulen")
    queue.claim()
    show()
    role = Qt.ItemDataRole.AccessibleTextRole
    desk.events.emit(f"job-{number}", Progress("denoising", 5, 9, 66, 144, 70.0))
    said = panel.model.data(panel.model.index(0), role)
    assert said == "Eulen of owls, Rendering 66 of 144, 1 min 10 s left."
    sample = bundled_folder("resources") / "samples" / "pictures" / "cat.jpg"
    with qtbot.waitSignal(screen_pictures.ready) as heard:
        desk.events.emit(f"job-{number}", Made("ab", str(sample)))
        panel.list.viewport().repaint()
    assert heard.args[0] == str(sample)
    desk.events.emit("now-1", Progress("denoising", 5, 9, 1, 2))  # no job of the queue
    desk.events.emit(f"job-{number}", Stopped(66, 144))
    assert panel.model.live(panel.model.jobs[0]) is None


def test_the_menu_offers_what_suits(panel: QueuePanel, queue: Queue, show: Any, qtbot: Any) -> None:
    first = add(queue, "Eulen")
    second = add(queue, "Tag")
    show()
    panel.list.customContextMenuRequested.emit(panel.list.row_box(1).center())
    menu = panel.findChild(QMenu)
    actions = {each.text(): each for each in menu.actions() if each.text()}
    assert list(actions) == [
        *("Pause", "Cancel", "To the front", "Move up", "Move down"),
        *("Open folder", "Show log", "Remove"),
    ]
    assert not actions["Move down"].isEnabled()
    assert not actions["Show log"].isEnabled()  # it was never begun
    actions["To the front"].trigger()
    menu.close()
    qtbot.waitUntil(lambda: ids(panel) == [second, first])


def test_the_folder_of_a_film_is_opened(
    panel: QueuePanel, queue: Queue, show: Any, tmp_path: Path, qtbot: Any, monkeypatch: Any
) -> None:
    done = add(queue, "Eulen")
    queue.claim()
    place = tmp_path / "films"
    place.mkdir()
    queue.finish(done, Finished((str(place / "owls.mp4"),)))
    show()
    opened: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: not opened.append(url.toLocalFile())
    )
    press(qtbot, panel, 0, Verb.FOLDER)
    assert opened == [str(place)]


def test_a_long_queue_paints_only_what_is_seen(
    panel: QueuePanel, queue: Queue, desk: Desk, show: Any, qtbot: Any, monkeypatch: Any
) -> None:
    add(queue, "Eulen")
    show()
    one = desk.jobs.value[0]
    many = tuple(replace(one, id=number, title=f"Film {number}") for number in range(1, 1001))
    desk.jobs.set(many)
    qtbot.waitUntil(lambda: panel.list.row_box(999).height() > 0)
    painted: list[int] = []
    real = row_painting.words

    def paint(painter: Any, layout: Any, job: Any, live: Any) -> None:
        painted.append(job.id)
        real(painter, layout, job, live)

    monkeypatch.setattr(row_painting, "words", paint)
    panel.list.viewport().repaint()
    assert 0 < len(set(painted)) < 15
    panel.list.setCurrentIndex(panel.model.index(500))
    desk.jobs.set(tuple(reversed(many)))
    assert panel.list.current_row == 499
    desk.jobs.set(many[:10])
    assert len(ids(panel)) == 10


def test_it_is_seen_in_both_schemes_without_a_word_of_qts(
    panel: QueuePanel, queue: Queue, show: Any, theme: Any
) -> None:
    add(queue, "Eulen")
    show()
    dark = panel.grab().toImage()
    theme.set_scheme("light")
    try:
        light = panel.grab().toImage()
    finally:
        theme.set_scheme("dark")
    assert dark.pixelColor(4, 300).lightness() < 80 < 200 < light.pixelColor(4, 300).lightness()


def test_the_menus_key_opens_the_menu_of_the_current_row(
    panel: QueuePanel, queue: Queue, show: Any, qtbot: Any
) -> None:
    add(queue, "Eulen")
    second = add(queue, "Tag")
    show()
    panel.list.setCurrentIndex(panel.model.index(1))
    at = panel.list.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle).center()
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Keyboard, at, panel.list.viewport().mapToGlobal(at)
    )
    QApplication.sendEvent(panel.list.viewport(), event)
    menu = panel.findChild(QMenu)
    next(each for each in menu.actions() if each.text() == "Remove").trigger()
    menu.close()
    qtbot.waitUntil(lambda: second not in ids(panel))


def test_tooltips_name_buttons_and_their_keys(
    panel: QueuePanel, queue: Queue, show: Any, qtbot: Any
) -> None:
    add(queue, "Eulen", target="/f/owls.mp4")
    show()
    view = panel.list.viewport()
    for at, said in (
        (panel.list.button_box(0, Verb.PAUSE).center(), "Pause (Space)"),
        (panel.list.button_box(0, Verb.CANCEL).center(), "Cancel (Shift+Esc)"),
        (panel.list.row_box(0).center(), "Eulen of owls\nWaiting · owls.mp4"),
    ):
        event = QHelpEvent(QEvent.Type.ToolTip, at, view.mapToGlobal(at))
        QApplication.sendEvent(view, event)
        assert QToolTip.text() == said
    QToolTip.hideText()


def test_a_picture_stays_until_the_next_is_read(
    panel: QueuePanel,
    queue: Queue,
    desk: Desk,
    show: Any,
    screen_pictures: Pictures,
    qtbot: Any,
    tmp_path: Path,
) -> None:
    number = add(queue, "Eulen")
    queue.claim()
    show()
    for name, colour in (("one", "red"), ("two", "blue")):
        image = QImage(64, 64, QImage.Format.Format_RGB32)
        image.fill(QColor(colour))
        image.save(str(tmp_path / f"{name}.png"))
    middle = panel.list.row_box(0).topLeft() + QPoint(34, 32)

    def shown() -> QColor:
        image = panel.list.viewport().grab().toImage()
        return image.pixelColor(middle * image.devicePixelRatio())

    desk.events.emit(f"job-{number}", Made("ab", str(tmp_path / "one.png")))
    qtbot.waitUntil(lambda: shown() == QColor("red"))
    desk.events.emit(f"job-{number}", Made("cd", str(tmp_path / "two.png")))
    assert shown() == QColor("red")
    qtbot.waitUntil(lambda: shown() == QColor("blue"))


def test_a_panel_that_is_gone_hears_of_no_picture(
    desk: Desk, screen_pictures: Pictures, qtbot: Any
) -> None:
    gone = QueuePanel(desk, screen_pictures, print)
    gone.release()
    gone.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    with qtbot.captureExceptions() as raised:
        screen_pictures.ready.emit("owl.png", 64)
    assert raised == []

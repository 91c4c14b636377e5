"""The status bar's line about rendering."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt

from imvar_studio.ui.render_line import RenderLine
from imvar_studio.ui.render_status import RenderStatus
from imvar_studio.ui.state import State

LEFT = Qt.MouseButton.LeftButton
RUNNING = RenderStatus("denoising", "Eulen of owls", "job-3", 66, 144, 70.0, failed=4)


class Desk:
    """Keeps what it is asked for."""

    def __init__(self) -> None:
        self.status = State(RenderStatus())
        self.machine = State("")
        self.asked: list[object] = []

    def pause(self, number: int) -> None:
        self.asked.append(("pause", number))

    def resume(self, number: int) -> None:
        self.asked.append(("resume", number))

    def cancel(self, number: int) -> None:
        self.asked.append(("cancel", number))

    def cancel_current(self) -> None:
        self.asked.append("cancel current")

    def retry_failed(self) -> None:
        self.asked.append("retry")


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def line(desk: Desk, qtbot: Any) -> RenderLine:
    found = RenderLine(desk)
    qtbot.addWidget(found)
    found.resize(1100, 28)
    found.show()
    qtbot.waitExposed(found)
    return found


def test_it_says_how_far_it_is(line: RenderLine, desk: Desk) -> None:
    desk.status.set(RUNNING)
    assert line.words.text() == "Rendering 66 of 144 · 1 min 10 s left"
    assert line.progress.share == 66 / 144
    assert line.progress.width() == 148
    assert not line.again.isVisible()  # what is being made has not failed
    assert line.words.shown == line.words.text()


def test_nothing_jumps_while_it_goes_on(line: RenderLine, desk: Desk, qtbot: Any) -> None:
    desk.machine.set("Starter · CPU bf16 · 1.9 GB")
    desk.status.set(RUNNING)
    qtbot.waitUntil(line.words.isVisible)
    places = []
    for status in (
        RUNNING,
        RenderStatus("loading", "x", "job-3"),
        RenderStatus("denoising", "x", "now-1", 1, 9999, 40000.0),
        RenderStatus("waiting", "x", "job-3", text="the disk is full " * 20),
        RenderStatus("paused", "x", "job-3", 66, 144, text="paused"),
    ):
        desk.status.set(status)
        line.layout().activate()
        widgets = (line.progress, line.cancel, line.words, line.machine)
        places.append([each.mapTo(line, each.rect().topLeft()).x() for each in widgets])
    assert all(each == places[0] for each in places)


def test_it_pauses_resumes_and_cancels(line: RenderLine, desk: Desk, qtbot: Any) -> None:
    desk.status.set(RUNNING)
    qtbot.mouseClick(line.pause, LEFT)
    desk.status.set(RenderStatus("paused", "x", "job-3", 66, 144, text="paused"))
    qtbot.mouseClick(line.pause, LEFT)
    qtbot.mouseClick(line.cancel, LEFT)
    desk.status.set(RUNNING)
    line.cancel.setFocus()
    qtbot.keyClick(line.cancel, Qt.Key.Key_Space)
    assert desk.asked == [("pause", 3), ("resume", 3), ("cancel", 3), "cancel current"]


def test_live_rendering_is_not_paused(line: RenderLine, desk: Desk) -> None:
    desk.status.set(RenderStatus("denoising", "x", "now-1", 1, 9))
    assert not line.pause.isVisible()
    assert line.cancel.isVisible()


def test_a_failure_offers_to_try_again(line: RenderLine, desk: Desk, qtbot: Any) -> None:
    desk.status.set(RenderStatus(key="job-3", text="the disk is full", failed=1))
    assert line.failed.text() == "1 frame failed"
    assert line.sign.isVisible()
    qtbot.mouseClick(line.again, LEFT)
    assert desk.asked == ["retry"]
    desk.status.set(RenderStatus(key="job-3", text="the disk is full", failed=4))
    assert line.failed.text() == "4 frames failed"
    desk.status.set(RenderStatus())
    assert not line.again.isVisible()


def test_after_a_stop_it_says_what_is_kept(line: RenderLine, desk: Desk) -> None:
    desk.status.set(RUNNING)
    desk.status.set(RenderStatus(pictures=66, of=144, text="stopped"))
    assert line.ended.text() == "Stopped. 66 of 144 pictures are kept."
    assert line.ended.isVisible()
    assert not line.cancel.isVisible()


def test_a_released_line_hears_nothing(line: RenderLine, desk: Desk) -> None:
    line.release()
    desk.status.set(RUNNING)
    assert not line.words.text()

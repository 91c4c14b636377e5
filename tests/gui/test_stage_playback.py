"""Playback on the stage: frames from the disk, by a clock of our own and by the real one."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QLabel, QLineEdit, QToolButton

from imvar_studio.media.png import write_png
from imvar_studio.model.keyframe_edits import remove
from imvar_studio.ui.asset_files import AssetFiles
from imvar_studio.ui.frames import Pictured
from imvar_studio.ui.pictures import read_image
from imvar_studio.ui.stage.held_key import HeldKey
from imvar_studio.ui.stage.look_ahead import LookAhead
from imvar_studio.ui.stage.playing import Playing
from imvar_studio.ui.stage.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session

DIGESTS = tuple(f"{n:064x}" for n in range(49))


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Disk:
    """Reads frames; those in `slow` only when they are let go."""

    def __init__(self) -> None:
        self.read: list[int] = []
        self.slow: dict[int, threading.Event] = {}

    def __call__(self, path: Path, side: int) -> QImage:
        frame = int(path.stem, 16)
        self.read.append(frame)
        if frame in self.slow:
            self.slow[frame].wait(10)
        return read_image(path, side)


@pytest.fixture
def rendered(session: Session) -> Session:
    """A session whose frames 0 to 39 are rendered, 40 to 48 are not."""
    store = session.folder.frames
    for frame in range(40):
        path = store.path(DIGESTS[frame])
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.full((32, 32, 3), (5 * frame, 0, 0), "uint8")
        path.write_bytes(write_png(pixels, text={}))
    session.frames.plan(store, Pictured(DIGESTS, frozenset(DIGESTS[:40]), count=49))
    return session


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ahead(disk: Disk, qapp: QObject) -> Iterator[LookAhead]:
    found = LookAhead(disk)
    yield found
    for event in disk.slow.values():
        event.set()
    found.close()


@pytest.fixture
def playing(rendered: Session, ahead: LookAhead, clock: Clock) -> Iterator[Playing]:
    found = Playing(rendered, ahead, clock)
    yield found
    found.release()


@pytest.fixture
def stage(rendered: Session, screen_pictures: Pictures, qtbot: Any) -> Iterator[Stage]:
    assets = AssetFiles(rendered)
    found = Stage(rendered, screen_pictures, assets)
    qtbot.addWidget(found)
    found.resize(800, 500)
    found.show()
    yield found
    found.release()
    assets.release()


def path(session: Session, frame: int) -> Path:
    found = session.frames.path(frame)
    assert found is not None
    return found


def test_frames_are_decoded_ahead_and_shown_in_time(
    playing: Playing, rendered: Session, ahead: LookAhead, clock: Clock, qtbot: Any
) -> None:
    shown: list[int] = []
    playing.show.connect(shown.append)
    qtbot.waitUntil(lambda: ahead.image(path(rendered, 12)) is not None)
    playing.play()
    qtbot.waitUntil(lambda: ahead.image(path(rendered, 39)) is not None)
    for _ in range(30):
        clock.now += 1 / 12
        playing.tick()
    assert shown == list(range(31))
    assert (rendered.frame, playing.dropped) == (30, 0)


def test_a_late_frame_is_dropped_counted_and_not_waited_for(
    playing: Playing, rendered: Session, disk: Disk, ahead: LookAhead, clock: Clock, qtbot: Any
) -> None:
    disk.slow = {frame: threading.Event() for frame in (20,)}
    shown: list[int] = []
    playing.show.connect(shown.append)
    rendered.seek_frame(18)
    playing.play()
    qtbot.waitUntil(lambda: ahead.image(path(rendered, 30)) is not None)
    for _ in range(4):
        clock.now += 1 / 12
        playing.tick()
    assert shown == [18, 19, 21, 22]
    assert (rendered.frame, playing.dropped) == (22, 1)


def test_a_frame_that_comes_within_its_time_is_shown(
    playing: Playing, rendered: Session, disk: Disk, ahead: LookAhead, clock: Clock, qtbot: Any
) -> None:
    disk.slow = {20: threading.Event()}
    shown: list[int] = []
    playing.show.connect(shown.append)
    rendered.seek_frame(19)
    qtbot.waitUntil(lambda: ahead.image(path(rendered, 19)) is not None)
    playing.play()
    clock.now += 1 / 12
    playing.tick()
    assert shown == [19]
    disk.slow[20].set()
    qtbot.waitUntil(lambda: shown == [19, 20])
    assert playing.dropped == 0


def test_frames_that_are_not_rendered_are_held(
    playing: Playing, rendered: Session, ahead: LookAhead, clock: Clock, qtbot: Any
) -> None:
    rendered.looping.set(False)
    rendered.seek_frame(38)
    qtbot.waitUntil(lambda: ahead.image(path(rendered, 39)) is not None)
    shown: list[int] = []
    playing.show.connect(shown.append)
    playing.play()
    for _ in range(11):
        clock.now += 1 / 12
        playing.tick()
    assert shown == [38, 39]
    assert (rendered.frame, playing.dropped, playing.is_playing) == (48, 0, False)


def test_marks_and_loop_bound_what_is_played(
    playing: Playing, rendered: Session, clock: Clock
) -> None:
    rendered.marks.set((10, 12))
    playing.play()
    frames = []
    for _ in range(5):
        frames.append(rendered.frame)
        clock.now += 1 / 12
        playing.tick()
    assert frames == [10, 11, 12, 10, 11]
    assert (rendered.frame, playing.is_playing) == (12, True)
    rendered.looping.set(False)
    clock.now += 1 / 12
    playing.tick()
    assert (rendered.frame, playing.is_playing) == (12, False)


def test_the_playhead_may_be_moved_while_it_plays(
    playing: Playing, rendered: Session, clock: Clock
) -> None:
    playing.play()
    clock.now += 3 / 12
    playing.tick()
    rendered.seek_frame(20)
    clock.now += 2 / 12
    playing.tick()
    assert rendered.frame == 22


def test_shuttle_plays_faster_and_backwards(
    playing: Playing, rendered: Session, clock: Clock
) -> None:
    rendered.seek_frame(10)
    for _ in range(3):
        playing.shuttle(1)
    assert playing.rate == 4
    clock.now += 0.25
    playing.tick()
    assert rendered.frame == 22
    playing.shuttle(-1)
    clock.now += 0.25
    playing.tick()
    assert (playing.rate, rendered.frame) == (-1, 19)
    playing.shuttle(0)
    assert not playing.is_playing


def test_a_film_that_is_cut_short_goes_on_within_it(
    playing: Playing, rendered: Session, clock: Clock
) -> None:
    rendered.seek_frame(40)
    playing.play()
    rendered.edit("Delete", lambda timeline: remove(timeline, {"key-3"}))
    clock.now += 1 / 12
    playing.tick()
    assert 0 <= rendered.frame <= 24
    rendered.edit("Delete", lambda timeline: remove(timeline, {"key-2"}))
    assert not playing.is_playing  # one frame does not play


def test_what_is_kept_is_bounded(rendered: Session, qtbot: Any) -> None:
    one = 32 * 32 * 4
    ahead = LookAhead(most_bytes=8 * one)
    assert ahead.capacity(one) == 6
    paths = [path(rendered, frame) for frame in range(20)]
    for first in range(0, 16, 4):
        ahead.want(paths[first : first + 4])
        last = paths[first + 3]
        qtbot.waitUntil(lambda last=last: ahead.image(last) is not None)
    kept = [n for n, each in enumerate(paths) if ahead.image(each) is not None]
    assert len(kept) <= 8
    assert set(range(12, 16)) <= set(kept)
    ahead.close()


def test_the_wanted_come_in_their_order(
    rendered: Session, disk: Disk, ahead: LookAhead, qtbot: Any
) -> None:
    frames = [9, 3, 7, 1]
    ahead.want([path(rendered, frame) for frame in frames])
    qtbot.waitUntil(lambda: all(ahead.image(path(rendered, n)) is not None for n in frames))
    assert sorted(disk.read[:2]) == [3, 9]
    assert sorted(disk.read[2:]) == [1, 7]


def test_the_real_clock_plays_to_the_end(stage: Stage, rendered: Session, qtbot: Any) -> None:
    rendered.looping.set(False)
    rendered.seek_frame(30)
    stage.mark_out()
    rendered.seek_frame(26)
    play = next(b for b in stage.findChildren(QToolButton) if b.accessibleName().startswith("Play"))
    qtbot.mouseClick(play, Qt.MouseButton.LeftButton)
    assert play.accessibleName().startswith("Pause")
    qtbot.waitUntil(lambda: not stage.playing.is_playing)
    assert rendered.frame == 30
    assert play.accessibleName().startswith("Play")
    image = stage.source.content.image
    assert image is not None
    assert image.pixelColor(0, 0).red() == 150


def test_the_transport_says_where_it_is(stage: Stage, rendered: Session, qtbot: Any) -> None:
    words = {label.accessibleName(): label for label in stage.findChildren(QLabel)}
    rendered.seek_frame(30)
    assert words["Time of the playhead"].text() == "00:02:06"
    assert words["Length of the film"].text() == "/ 00:04:01"
    assert words["Speed of playback"].text() == "12 fps · 0 dropped"
    width = words["Speed of playback"].width()
    stage.shuttle(-1)
    stage.shuttle(-1)
    assert words["Speed of playback"].text().startswith("−2× 12 fps · ")  # noqa: RUF001
    assert words["Speed of playback"].width() == width
    stage.play_pause()
    assert not stage.playing.is_playing


def test_the_buttons_go_to_the_ends_and_switch_the_loop(
    stage: Stage, rendered: Session, qtbot: Any
) -> None:
    by_name = {button.accessibleName(): button for button in stage.findChildren(QToolButton)}
    left = Qt.MouseButton.LeftButton
    qtbot.mouseClick(by_name["To end (End)"], left)
    assert rendered.frame == 48
    qtbot.mouseClick(by_name["To start (Home)"], left)
    assert rendered.frame == 0
    loop = by_name["Loop (Ctrl+L)"]
    assert loop.isChecked()
    qtbot.mouseClick(loop, left)
    assert not rendered.looping.value
    stage.toggle_loop()
    assert loop.isChecked()


def test_keyframes_steps_and_marks(stage: Stage, rendered: Session) -> None:
    stage.next_keyframe()
    assert rendered.frame == 24
    stage.next_keyframe()
    stage.next_keyframe()
    assert rendered.frame == 48
    stage.step(-3)
    assert rendered.frame == 45
    stage.mark_out()
    stage.previous_keyframe()
    stage.mark_in()
    assert rendered.marks.value == (24, 45)
    stage.clear_marks()
    assert rendered.marks.value is None


def test_k_held_steps_and_let_go_plays(stage: Stage, rendered: Session, qtbot: Any) -> None:
    line = QLineEdit(stage)
    line.show()
    for key, direction in (("J", -1), ("K", 0), ("L", 1)):
        action = QAction(stage)
        action.setShortcut(key)
        action.triggered.connect(lambda _=False, direction=direction: stage.shuttle(direction))
        stage.addAction(action)
    stage.activateWindow()
    stage.setFocus()
    qtbot.waitUntil(stage.isActiveWindow)
    rendered.seek_frame(10)
    canvas = stage.focusProxy()
    qtbot.keyPress(canvas, Qt.Key.Key_K)
    qtbot.keyClick(canvas, Qt.Key.Key_L)
    qtbot.keyClick(canvas, Qt.Key.Key_L)
    assert (rendered.frame, stage.playing.is_playing) == (12, False)
    qtbot.keyClick(canvas, Qt.Key.Key_J)
    assert rendered.frame == 11
    qtbot.keyRelease(canvas, Qt.Key.Key_K)
    held = stage.findChild(HeldKey)
    assert held is not None
    assert not held.held
    qtbot.keyClick(canvas, Qt.Key.Key_L)
    assert stage.playing.rate == 1
    qtbot.keyClick(canvas, Qt.Key.Key_K)
    assert not stage.playing.is_playing

"""A film from the start page to an exported file, with the starter in a real worker process."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColorSpace, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from imvar_studio.jobs.provenance import film_spec_of, read_record
from imvar_studio.store.places import bundled_folder
from imvar_studio.ui.export.dialog import ExportDialog
from imvar_studio.ui.frames import FrameState
from imvar_studio.ui.selection import Selection
from imvar_studio.ui.timeline.geometry import KEY_ROW, KEYS_TOP, RULER, STRIP_ROW, STRIP_TOP
from imvar_studio.ui.widgets.easing_geometry import handles
from imvar_studio.worker.process import main as worker
from tests.gui.window import LEFT, LONG, NONE, SAMPLE, click, drag, drop_files, shrink

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.gui.window import Studio


ROW, STRIP = KEYS_TOP + KEY_ROW // 2, STRIP_TOP + STRIP_ROW // 2
CAT = bundled_folder("resources") / "samples" / "pictures" / "cat.jpg"


@pytest.mark.slow
def test_an_evening_with_a_film(
    start: Callable[..., Studio], own_home: Path, tmp_path: Path
) -> None:
    # the sample film is copied to the person's own folder; here a small one lies there already
    place = own_home / SAMPLE
    shutil.copytree(bundled_folder("resources") / "samples" / SAMPLE, place)
    shrink(place)
    studio = start(worker)
    assert studio.window.start_page.isVisible()
    click(studio.window.start_page.sample_button)
    studio.until(lambda: studio.has(place))
    assert not studio.window.start_page.isVisible()
    first = studio.project.document.project

    _edit(studio)
    _undo_and_redo_all(studio, first)
    _render(studio)
    _scrub(studio)
    film = _export(studio, tmp_path / "evening.mp4")
    _edit_while_it_renders(studio)
    _reopen(studio, film)
    _close_and_open_again(start, studio)


def _edit(studio: Studio) -> None:
    """Drop a picture, move a keyframe, trim the end, bend an easing."""
    canvas, session = studio.timeline.canvas, studio.session
    count = len(session.timeline.keyframes)
    assert drop_files(canvas, [CAT], QPoint(studio.x(1.5), ROW))
    studio.until(lambda: len(session.timeline.keyframes) == count + 1)
    assert session.timeline.keyframes[2].time == 1.5
    drag(canvas, (studio.x(2.0), ROW), (studio.x(2.5), ROW))
    assert [key.time for key in session.timeline.keyframes] == [0.0, 1.0, 1.5, 2.5, 3.0]
    drag(canvas, (studio.x(session.duration), STRIP), (studio.x(4.5), STRIP))
    assert session.frame_count == 9
    drag(canvas, (studio.x(4.5), STRIP), (studio.x(4.0), STRIP))
    assert session.frame_count == 8
    QTest.mouseClick(canvas, LEFT, NONE, QPoint(studio.x(1.0), ROW))
    assert session.selection.value == Selection.of_keyframes("key-2")
    graph = studio.film.inspector.transition.graph
    before = session.timeline.keyframes[1].transition.easing
    area = graph.graph()
    x, y = area.point(*handles(before)[0])
    drag(graph, (round(x), round(y)), (round(x) + 20, round(y) - 15))
    after = session.timeline.keyframes[1].transition.easing
    assert after.shape == "bezier"
    assert (after.x1, after.y1) != (before.x1, before.y1)


def _undo_and_redo_all(studio: Studio, first: object) -> None:
    document = studio.project.document
    last, steps = document.project, len(document.steps)
    assert steps == 6
    for _ in range(steps - 1):
        studio.press("edit.history.undo")
    assert document.project == first
    assert not studio.window.top_bar.undo.isEnabled()
    for _ in range(steps - 1):
        studio.press("edit.history.redo")
    assert document.project == last
    assert not studio.window.top_bar.redo.isEnabled()


def _render(studio: Studio) -> None:
    frames = studio.session.frames
    # the worker looks at the machine first; nothing can be rendered before that
    studio.until(lambda: len(frames.digest(0)) == 64, LONG)
    assert not frames.is_complete
    button = studio.window.top_bar.render_button
    assert button.text() == "Render"
    click(button)
    studio.until(lambda: button.text() == "Cancel")
    studio.until(lambda: frames.is_complete, LONG)
    studio.until(lambda: button.text() == "Render", LONG)
    count = studio.session.frame_count
    assert {frames.state(n) for n in range(count)} == {FrameState.RENDERED}


def _scrub(studio: Studio) -> None:
    """Drag the playhead over the ruler; at 100% the stage shows the frame's own pixels."""
    canvas, session = studio.timeline.canvas, studio.session
    studio.press("view.zoom.whole")
    seen = set()
    for seconds in (0.0, 1.0, 3.0):
        drag(canvas, (studio.x(session.playhead.value), RULER - 8), (studio.x(seconds), RULER - 8))
        assert session.playhead.value == seconds
        path = session.frames.path(session.frame)
        assert path is not None
        frame = pixels(QImage(str(path)))
        studio.until(lambda frame=frame: shown(studio) == frame)
        seen.add(session.frames.digest(session.frame))
    assert len(seen) == 3
    studio.press("view.zoom.fit")


def shown(studio: Studio) -> QImage:
    """What lies on the screen where the picture is."""
    return pixels(studio.canvas.grab(studio.canvas.picture_rect().toRect()).toImage())


def pixels(image: QImage) -> QImage:
    """The pixels alone: images of other colour spaces are never equal."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    image.setColorSpace(QColorSpace())
    return image


def _export(studio: Studio, target: Path) -> Path:
    click(studio.window.top_bar.export_button)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ExportDialog)
    dialog.form.name.selectAll()
    QTest.keyClicks(dialog.form.name, str(target))
    click(dialog.export)
    studio.until(target.is_file, LONG)
    studio.until(lambda: not studio.program.desk.status.value.is_busy, LONG)
    spec = film_spec_of(read_record(target), target)
    assert spec.film.timeline == studio.session.timeline
    assert spec.film.name == studio.session.film.name
    return target


def _edit_while_it_renders(studio: Studio) -> None:
    """With Live on an edit is rendered by itself; cancelling keeps what is there."""
    desk, session = studio.program.desk, studio.session
    click(studio.window.top_bar.live)
    assert desk.live.value
    QTest.mouseClick(studio.timeline.canvas, LEFT, NONE, QPoint(studio.x(1.0), ROW))
    prompt = studio.film.inspector.look.prompt
    prompt.setFocus()
    prompt.selectAll()
    QTest.keyClicks(prompt, "a fox at night")
    timeline = studio.timeline.canvas
    timeline.setFocus()
    assert session.timeline.keyframes[1].looks[0].look.text == "a fox at night"
    states = lambda: [session.frames.state(n) for n in range(session.frame_count)]  # noqa: E731
    studio.until(lambda: min(states()[1:3]) != FrameState.RENDERED or desk.status.value.is_busy)
    studio.until(lambda: FrameState.RENDERING in states(), LONG)
    kept = {n for n, state in enumerate(states()) if state is FrameState.RENDERED}
    click(studio.window.render_line.cancel)
    studio.until(lambda: not desk.status.value.is_busy, LONG)
    assert not studio.window.top_bar.live.isChecked()
    now = {n for n, state in enumerate(states()) if state is FrameState.RENDERED}
    assert kept <= now
    assert FrameState.RENDERING not in states()
    studio.press("edit.history.undo")
    studio.until(lambda: session.frames.is_complete)


def _reopen(studio: Studio, exported: Path) -> None:
    """An exported film that is dropped comes back as a film."""
    session = studio.session
    before = session.film
    assert drop_files(studio.timeline.canvas, [exported], QPoint(studio.x(1.0), ROW))
    studio.until(lambda: len(session.project.films()) == 2)
    assert session.film.id != before.id
    assert session.film.timeline == before.timeline
    assert session.film.settings == before.settings


def _close_and_open_again(start: Callable[..., Studio], studio: Studio) -> None:
    place, project = studio.session.folder.path, studio.project.document.project
    studio.press("file.save.save")
    studio.until(lambda: studio.project.is_saved)
    studio.window.close()
    studio.until(lambda: not studio.window.isVisible())
    studio.close()
    again = start(path=place)
    assert again.project.document.project == project
    frames = again.session.frames
    again.until(lambda: frames.is_complete)
    again.until(lambda: shown(again).width() > 64)
    assert again.session.read_only == ""

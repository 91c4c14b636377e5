"""The whole window around a project: closing, locks, crashes, beginnings, its process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from imvar_studio.model.edits import put_work
from imvar_studio.model.keyframe_edits import move as moved
from imvar_studio.model.look import Prompt
from imvar_studio.store.locks import project_lock
from imvar_studio.store.places import bundled_folder
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.recovery import Autosave, newer
from imvar_studio.ui.render_status import RenderStatus
from imvar_studio.ui.timeline.geometry import KEY_ROW, KEYS_TOP
from tests.gui.window import click, drag, drop_files, press_in_dialog, words_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.project import Project
    from tests.gui.window import Files, Studio


ROW = KEYS_TOP + KEY_ROW // 2
CAT = bundled_folder("resources") / "samples" / "pictures" / "cat.jpg"


def times(project: Project) -> list[float]:
    return [key.time for key in project.films()[0].timeline.keyframes]


# closing


def test_one_click_closes_the_window_and_saves(studio: Studio, sample: Path) -> None:
    drag(studio.timeline.canvas, (studio.x(2.0), ROW), (studio.x(2.5), ROW))
    studio.window.close()
    studio.until(lambda: not studio.window.isVisible())
    assert times(ProjectFolder.open(sample).load()) == [0.0, 1.0, 2.5, 3.0]
    assert project_lock(ProjectFolder.open(sample), "a test").holder() is None


def test_closing_while_something_renders_asks_once(studio: Studio) -> None:
    studio.program.desk.status.set(RenderStatus("sampling", "First film", "job-1", 3, 8))
    heard: list[str] = []
    press_in_dialog("Stay", heard)
    studio.window.close()
    assert "3 of 8 pictures are finished and kept." in heard
    assert any("goes on when Imvar Studio is started again" in line for line in heard)
    assert studio.window.isVisible()
    assert studio.session.timeline.keyframes
    press_in_dialog("Close", heard)
    studio.window.close()
    studio.until(lambda: not studio.window.isVisible())
    assert len(heard) == 6  # two questions of a title and two lines


def test_a_project_is_left_for_the_start_page(studio: Studio, sample: Path) -> None:
    studio.press("file.close.close")
    window = studio.window
    studio.until(window.start_page.isVisible)
    assert window.docks is None
    assert "edit.clip.cut" not in window.actions_
    studio.until(lambda: window.start_page.list.model().rowCount() == 1)
    studio.open(sample)
    assert studio.session.read_only == ""


def test_the_panels_stay_when_another_project_is_opened(studio: Studio, sample: Path) -> None:
    panels = ("library", "inspector", "timeline")
    assert all(studio.window.docks.is_shown(each) for each in panels)
    other = shutil.copytree(sample, sample.with_name("other.imvar"))
    studio.open(other)
    QTest.qWait(50)  # what is left of the first project goes
    assert all(studio.window.docks.is_shown(each) for each in panels)
    assert not studio.window.docks.is_shown("queue")
    assert not studio.timeline.visibleRegion().isEmpty()


def test_the_arrows_say_which_step_and_take_one(studio: Studio, sample: Path) -> None:
    bar = studio.window.top_bar
    for name in ("One", "Two"):
        studio.session.edit_film(name, lambda film, name=name: replace(film, name=name))
    assert (bar.undo.toolTip(), bar.redo.isEnabled()) == ("Undo two (Ctrl+Z)", False)
    click(bar.undo)
    assert (bar.undo.toolTip(), bar.redo.toolTip()) == (
        "Undo one (Ctrl+Z)",
        "Redo two (Ctrl+Shift+Z)",
    )
    assert studio.session.film.name == "One"
    # the menus are filled anew for every project: the arrows still take one step
    studio.press("file.close.close")
    studio.until(studio.window.start_page.isVisible)
    studio.open(sample)
    assert not bar.undo.isEnabled()
    studio.session.edit_film("One", lambda film: replace(film, name="One again"))
    studio.session.edit_film("Two", lambda film: replace(film, name="Two again"))
    click(bar.undo)
    assert studio.session.film.name == "One again"


# other programs, other starts


def test_a_project_that_another_has_open_is_shown_only(
    start: Callable[..., Studio], sample: Path
) -> None:
    lock = project_lock(ProjectFolder.open(sample), "imvar add")
    lock.acquire()
    studio = start(path=sample)
    bar = studio.window.messages
    assert bar.isVisible()
    assert "imvar add" in bar.message.text
    assert "read-only" in words_of(studio.window.top_bar)
    before = studio.project.document.project
    drag(studio.timeline.canvas, (studio.x(2.0), ROW), (studio.x(2.5), ROW))
    studio.press("edit.clip.delete")
    assert studio.project.document.project is before
    studio.window.close()
    studio.until(lambda: not studio.window.isVisible())
    assert lock.holder() is not None
    lock.release()


def test_a_project_that_is_open_here_is_not_taken_for_another_s(
    studio: Studio, sample: Path, qtbot: Any
) -> None:
    drag(studio.timeline.canvas, (studio.x(2.0), ROW), (studio.x(2.5), ROW))
    before = studio.project
    studio.program.studio.open(str(sample))
    qtbot.wait(300)  # nothing is to happen
    assert studio.project is before
    assert studio.session.read_only == ""
    assert project_lock(ProjectFolder.open(sample), "a test").holder() is not None


def leave_unsaved(place: Path) -> tuple[Project, Project]:
    """Leave what a crash leaves; returns the project as saved, and as it was last."""
    folder = ProjectFolder.open(place)
    saved = folder.load()
    (film,) = saved.films()
    later = replace(film, timeline=moved(film.timeline, {"key-3"}, 0.5))
    changed = put_work(saved, later)
    autosave = Autosave(folder)
    autosave.changed(changed)
    autosave.write()
    assert newer(folder) is not None
    return saved, changed


def test_what_a_crash_left_is_compared_and_restored(
    start: Callable[..., Studio], sample: Path
) -> None:
    saved, changed = leave_unsaved(sample)
    heard: list[str] = []
    press_in_dialog("Restore", heard)
    studio = start(path=sample)
    studio.until(lambda: studio.project.document.project == changed)
    assert heard[0] == "Restore unsaved changes?"
    assert any(line.startswith("•") for line in heard)
    studio.press("edit.history.undo")
    assert studio.project.document.project == saved


def test_what_a_crash_left_can_be_left(start: Callable[..., Studio], sample: Path) -> None:
    saved, _ = leave_unsaved(sample)
    press_in_dialog("Leave them", [])
    studio = start(path=sample)
    studio.until(lambda: newer(studio.session.folder) is None)
    assert studio.project.document.project == saved


# beginnings


def test_pictures_on_the_start_page_begin_a_film(
    start: Callable[..., Studio], files: Files, own_home: Path
) -> None:
    studio = start()
    page = studio.window.start_page
    files.answer(own_home / "cats")
    assert drop_files(page, [CAT], QPoint(200, 400))
    studio.until(lambda: studio.has(own_home / "cats.imvar"))
    studio.until(lambda: times(studio.session.project) == [0.0])


def test_pictures_of_a_film_that_was_not_begun_go_nowhere(
    start: Callable[..., Studio], files: Files, sample: Path, qtbot: Any
) -> None:
    studio = start()
    assert drop_files(studio.window.start_page, [CAT], QPoint(200, 400))
    assert files.asked == ["New film"]  # and it is not answered
    studio.open(sample)
    qtbot.wait(300)  # nothing is to happen
    assert times(studio.session.project) == [0.0, 1.0, 2.0, 3.0]


def test_the_key_for_a_prompt_puts_it_at_the_playhead(studio: Studio) -> None:
    studio.session.seek(1.5)
    studio.press("timeline.add.prompt")
    assert times(studio.session.project) == [0.0, 1.0, 1.5, 2.0, 3.0]
    assert isinstance(QApplication.focusWidget(), type(studio.film.inspector.look.prompt))
    QTest.keyClicks(QApplication.focusWidget(), "a hare")
    studio.timeline.canvas.setFocus()
    (look,) = studio.session.timeline.keyframes[2].looks
    assert look.look == Prompt("a hare")


def test_what_goes_wrong_is_told_over_the_stage_until_it_is_closed(
    studio: Studio, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    assert drop_files(studio.timeline.canvas, [broken], QPoint(studio.x(1.5), ROW))
    bar = studio.window.messages
    studio.until(bar.isVisible)
    assert bar.message.kind == "error"
    assert "broken.png" in bar.message.text
    assert times(studio.session.project) == [0.0, 1.0, 2.0, 3.0]
    click(bar.close_button)
    assert not bar.isVisible()


# the program's own process

INSIDE = """
import json, sys
from PySide6.QtCore import QTimer
from imvar_studio import app
from imvar_studio.ui.application import Program

begin = Program.start

def start(self, path=""):
    begin(self, path)
    self.watch = QTimer(interval=50)
    self.watch.timeout.connect(lambda: look(self))
    self.watch.start()

def look(program):
    project = program.studio.project
    if project is None or len(project.session.frames.digest(0)) != 64:
        return
    program.watch.stop()
    seen = sorted({name.partition(".")[0] for name in sys.modules})
    print(json.dumps([program.studio.window.isVisible(), seen]), flush=True)
    program.studio.window.close()

Program.start = start
if __name__ == "__main__":
    app.studio()
"""


def test_the_window_s_process_never_has_torch(sample: Path, own_home: Path) -> None:
    """The program as it is started, until the worker has told what to plan with."""
    script = own_home / "inside.py"
    script.write_text(INSIDE)
    done = subprocess.run(  # noqa: PLW1510  (its exit code is looked at)
        [sys.executable, str(script), str(sample)],
        env=os.environ | {"PYTHONPATH": str(Path.cwd()), "QT_QPA_PLATFORM": "offscreen"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    visible, modules = json.loads(done.stdout)
    assert visible
    assert not {"torch", "diffusers", "transformers"} & set(modules)
    assert "PySide6" in modules
    assert ProjectFolder.open(sample).load().films()
    assert project_lock(ProjectFolder.open(sample), "a test").holder() is None

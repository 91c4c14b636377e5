"""Opening, saving and leaving projects, with another program and a crash in the way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.model.errors import StoreError
from imvar_studio.model.keyframe_edits import move, remove
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.project import Project
from imvar_studio.model.sheet import Axis, SheetWork
from imvar_studio.model.shot import Shot
from imvar_studio.store.locks import project_lock
from imvar_studio.store.package import pack
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.recovery import newer
from imvar_studio.ui.project_desk import ProjectDesk, create_project, open_project

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.ui.background import Background
    from imvar_studio.ui.messages import Message


def leave(desk: ProjectDesk, qtbot: Any) -> None:
    """Give the project back, and wait until that is done."""
    with qtbot.waitCallback(raising=True) as left:
        desk.leave(left, lambda error: pytest.fail(str(error)))


def desk_of(folder: ProjectFolder, lanes: Background) -> ProjectDesk:
    return ProjectDesk(open_project(folder.path), lanes, lambda work: work(), interval=0.05)


def test_changes_reach_the_disk_and_the_lock_goes_at_the_end(
    folder: ProjectFolder, lanes: Background, qtbot: Any
) -> None:
    desk = desk_of(folder, lanes)
    assert project_lock(folder, "a test").holder() is not None
    desk.session.edit("Move", lambda timeline: move(timeline, {"key-2"}, 0.5))
    assert not desk.is_saved
    qtbot.waitUntil(folder.recovery.exists)  # by itself, within moments
    heard: list[float | None] = []
    desk.saved_at.changed.connect(heard.append)
    desk.save()
    qtbot.waitUntil(lambda: desk.is_saved)
    assert folder.load() == desk.document.project
    assert len(heard) == 1
    assert not folder.recovery.exists()
    desk.session.edit("Delete", lambda timeline: remove(timeline, {"key-2"}))
    leave(desk, qtbot)
    assert folder.load() == desk.document.project
    assert not folder.recovery.exists()
    assert project_lock(folder, "a test").holder() is None


def test_a_project_that_another_has_open_can_be_looked_at(
    folder: ProjectFolder, lanes: Background, qtbot: Any
) -> None:
    with_lock = project_lock(folder, "imvar add")
    with_lock.acquire()
    desk = desk_of(folder, lanes)
    heard: list[Message] = []
    desk.session.messages.connect(heard.append)
    assert "imvar add" in desk.session.read_only
    assert not desk.session.edit("Move", lambda timeline: move(timeline, {"key-2"}, 0.5))
    assert heard[0].text == desk.session.read_only
    assert str(folder.path) not in desk.session.read_only
    leave(desk, qtbot)
    assert with_lock.holder() is not None
    with_lock.release()


def test_a_second_window_is_told_in_plain_words(
    folder: ProjectFolder, lanes: Background, qtbot: Any
) -> None:
    desk = desk_of(folder, lanes)
    second = open_project(folder.path)
    why = second.read_only
    assert why is not None
    assert why.text.startswith("Another window has this project open;")
    assert str(folder.path) in why.details
    assert "process" in why.details
    leave(desk, qtbot)
    assert second.lock is None
    third = open_project(folder.path)
    assert third.read_only is None
    assert third.lock is not None
    third.lock.release()


def test_what_a_crash_left_is_found_and_restored_as_a_step(
    folder: ProjectFolder, lanes: Background, qtbot: Any
) -> None:
    first = desk_of(folder, lanes)
    saved = first.document.project
    first.session.edit("Move", lambda timeline: move(timeline, {"key-2"}, 0.5))
    changed = first.document.project
    qtbot.waitUntil(lambda: newer(folder) is not None)
    assert first._thread is not None
    first._thread.stop()
    assert first._lock is not None
    first._lock.release()  # the program died here
    opened = open_project(folder.path)
    assert opened.recovered is not None
    second = ProjectDesk(opened, lanes, lambda work: work())
    second.restore(opened.recovered)
    assert second.document.project == changed
    assert second.document.undo_name == "Restore unsaved changes"
    second.document.undo()
    assert second.document.project == saved
    leave(second, qtbot)


def test_a_save_that_fails_is_told_once_and_loses_nothing(
    folder: ProjectFolder, lanes: Background, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of(folder, lanes)
    heard: list[Message] = []
    desk.session.messages.connect(heard.append)
    desk.session.edit("Move", lambda timeline: move(timeline, {"key-2"}, 0.5))
    before = folder.load()

    def fail(*_: Any) -> None:
        raise StoreError("the disk is full", "free some space")

    with monkeypatch.context() as patch:
        patch.setattr(ProjectFolder, "save", fail)
        desk.save()
        qtbot.waitUntil(lambda: len(heard) == 1)
        desk.save()
        qtbot.waitUntil(lambda: not desk._saving)
        with qtbot.waitCallback(raising=True) as refused:
            desk.leave(lambda: pytest.fail("it was left"), refused)
    assert [(m.text, m.remedy) for m in heard] == [
        ("Your changes are not saved: the disk is full.", "Free some space.")
    ]
    assert folder.load() == before
    assert not desk.is_saved
    # all stays as it was: still ours, still kept, still to be edited
    assert project_lock(folder, "a test").holder() is not None
    assert desk.session.edit("Delete", lambda timeline: remove(timeline, {"key-3"}))
    qtbot.waitUntil(
        lambda: (found := newer(folder)) is not None and found.project == desk.document.project
    )
    leave(desk, qtbot)
    assert folder.load() == desk.document.project


def test_a_new_project_has_a_film_and_a_package_is_unpacked_beside(
    tmp_path: Path, folder: ProjectFolder
) -> None:
    opened = create_project(tmp_path / "new.imvar", "Dawn")
    assert opened.lock is not None
    opened.lock.release()
    assert [film.name for film in opened.project.films()] == ["Dawn"]
    pack(folder, tmp_path / "night.imvarz")
    found = open_project(tmp_path / "night.imvarz")
    assert found.lock is not None
    found.lock.release()
    assert found.folder.path == tmp_path / "night-2.imvar"
    assert found.project == folder.load()


def test_a_project_of_sheets_alone_is_shown_with_an_empty_film_and_keeps_its_sheets(
    tmp_path: Path, lanes: Background, qtbot: Any
) -> None:
    sheet = SheetWork("owls", "Owls", Shot((Weighted(Prompt("an owl")),)), Axis("seed", ("1", "2")))
    folder = ProjectFolder.create(tmp_path / "owls.imvar", Project((sheet,)))
    desk = desk_of(folder, lanes)
    assert desk.session.frame_count == 0
    desk.session.edit_film("Rename film", lambda film: replace(film, name="Flight"))
    leave(desk, qtbot)
    project = folder.load()
    assert project.sheets() == (sheet,)
    assert [film.name for film in project.films()] == ["Flight"]


def test_what_is_abandoned_is_found_at_the_next_start(
    folder: ProjectFolder, lanes: Background, qtbot: Any
) -> None:
    desk = desk_of(folder, lanes)
    saved = folder.load()
    desk.session.edit("Move", lambda timeline: move(timeline, {"key-2"}, 0.5))
    with qtbot.waitCallback(raising=True) as left:
        desk.abandon(left)
    assert not desk.session.edit("Late", lambda timeline: remove(timeline, {"key-2"}))
    assert folder.load() == saved
    found = newer(folder)
    assert found is not None
    assert found.project == desk.document.project
    assert project_lock(folder, "a test").holder() is None

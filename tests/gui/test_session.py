"""The session and pictures for the screen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from imvar_studio.model.errors import SpecError
from imvar_studio.model.keyframe_edits import move, remove
from imvar_studio.ui.selection import Selection

if TYPE_CHECKING:
    from imvar_studio.ui.messages import Message
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session


def test_the_playhead_stays_on_frames_in_the_film(session: Session) -> None:
    assert (session.frame_count, session.duration) == (49, 49 / 12)
    session.seek(1.04)
    assert (session.frame, session.playhead.value) == (12, 1.0)
    session.seek(99)
    assert session.frame == 48
    session.edit("Shorten", lambda timeline: remove(timeline, {"key-3"}))
    assert session.frame == 24  # where the film now ends


def test_a_refused_edit_is_a_message_and_nothing_changes(session: Session) -> None:
    heard: list[Message] = []
    session.messages.connect(heard.append)
    before = session.project

    def refuse(_: Any) -> Any:
        raise SpecError("that cannot be", "keyframe", "try another way")

    assert not session.edit("Break", refuse)
    assert session.project is before
    assert [(m.text, m.kind, m.remedy) for m in heard] == [
        ("That cannot be.", "error", "Try another way.")
    ]
    session.read_only = "Another has it open."
    assert not session.edit("Move", lambda timeline: move(timeline, {"key-2"}, 0.5))
    assert session.project is before
    assert heard[-1].text == "Another has it open."


def test_a_selection_holds_only_what_is_there(session: Session) -> None:
    session.selection.set(Selection.of_keyframes("key-2", "key-3"))
    session.edit("Delete", lambda timeline: remove(timeline, {"key-3"}))
    assert session.selection.value == Selection.of_keyframes("key-2")
    session.document.undo()
    assert session.selection.value == Selection.of_keyframes("key-2")


def test_marks_stay_in_the_film(session: Session) -> None:
    session.marks.set((10, 48))
    session.edit("Shorten", lambda timeline: remove(timeline, {"key-3"}))
    assert session.marks.value == (10, 24)
    session.edit("Shorten", lambda timeline: remove(timeline, {"key-2"}))
    assert session.marks.value is None


def test_another_film_is_told(session: Session) -> None:
    heard: list[str] = []
    session.film_changed.connect(lambda film: heard.append(film.name))
    session.edit_film("Rename", lambda film: replace(film, name="Day"))
    assert heard == ["Day"]
    session.edit_film("Rename", lambda film: replace(film, name="Day"))
    assert heard == ["Day"]


def test_pictures_come_scaled_and_later(
    session: Session, screen_pictures: Pictures, qtbot: Any
) -> None:
    path = session.folder.asset_path(session.project.assets[0].sha)
    with qtbot.waitSignal(screen_pictures.ready) as heard:
        assert screen_pictures.image(path, 64) is None
    assert heard.args == [str(path), 64]
    image = screen_pictures.image(path, 64)
    assert image is not None
    assert max(image.width(), image.height()) == 64
    with qtbot.waitSignal(screen_pictures.ready):
        assert screen_pictures.image(session.folder.file, 64) is None
    assert screen_pictures.is_broken(session.folder.file)

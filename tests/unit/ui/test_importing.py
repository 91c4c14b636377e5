"""Files that are dropped, chosen and pasted, without Qt."""

from __future__ import annotations

import shutil
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from imvar_studio.model.codec import encode
from imvar_studio.model.document import Document
from imvar_studio.model.look import Picture, Prompt, Weighted
from imvar_studio.model.project import FilmWork, Project
from imvar_studio.model.recipe import ModelRef, Recipe, recipe_digest
from imvar_studio.model.source import Asset, Size
from imvar_studio.model.specs import FilmSpec
from imvar_studio.model.start import Noise
from imvar_studio.model.timeline import Keyframe, Timeline
from imvar_studio.plan.plan import PlannedPicture
from imvar_studio.store.places import bundled_folder
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.ui.dropped import plan_drop
from imvar_studio.ui.importing import add_image, add_pictures
from imvar_studio.ui.placing import free_times, place_pictures
from imvar_studio.ui.reopening import open_drop, reopen, reopen_film, reopen_picture
from imvar_studio.ui.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imvar_studio.ui.messages import Message

SAMPLES = bundled_folder("resources") / "samples" / "pictures"
CAT, COFFEE = SAMPLES / "cat.jpg", SAMPLES / "coffee.jpg"
MODEL = ModelRef("starter", "ab" * 32)


class AtOnce:
    """Lanes that do the work where it is asked for."""

    def run(
        self,
        lane: str,
        work: Callable[[], Any],
        done: Callable[[Any], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001  (as lanes do)
            assert failed is not None
            failed(error)
            return
        if done is not None:
            done(result)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    keys = (Keyframe("key-1", 0.0, (Weighted(Prompt("an owl")),), start=Noise(6)),)
    project = Project((FilmWork("film-1", "Night", Timeline(keys)),))
    folder = ProjectFolder.create(tmp_path / "night.imvar", project)
    return Session(folder, Document(project, saved=project), AtOnce())


@pytest.fixture
def told(session: Session) -> list[Message]:
    heard: list[Message] = []
    session.messages.connect(heard.append)
    return heard


def recipe(**changes: Any) -> Recipe:
    looks = (Weighted(Prompt("a fox in the snow")),)
    return replace(Recipe(MODEL, looks, Noise(11), Size(256, 256)), **changes)


def exported(path: Path, made: Recipe) -> Path:
    """Write a picture as the program exports it."""
    import numpy as np

    from imvar_studio.media.image_io import write_png
    from imvar_studio.worker.provenance import picture_text

    text = picture_text(PlannedPicture(recipe_digest(made), made), "cpu", 4)
    path.write_bytes(write_png(np.full((64, 64, 3), 90, np.uint8), text=text))
    return path


def names(session: Session) -> list[str]:
    return [entry.name for entry in session.project.assets]


def test_files_are_told_apart_by_what_is_in_them(session: Session, tmp_path: Path) -> None:
    odd = tmp_path / "picture-without-ending"
    shutil.copyfile(CAT, odd)
    text = tmp_path / "notes.png"
    text.write_text("no picture")
    ours = exported(tmp_path / "owl.png", recipe())
    package = tmp_path / "night.imvarz"
    package.write_bytes(b"PK")
    project = session.folder.path
    gone = tmp_path / "gone.jpg"
    drop = plan_drop([odd, text, ours, package, project, project / "project.json", tmp_path, gone])
    assert drop.pictures == (odd,)
    assert drop.projects == (package, project, project)
    ((export),) = drop.exports
    assert (export.path, export.is_picture, export.record["format"]) == (ours, True, "imvar-recipe")
    assert [each.path for each in drop.others] == [text, tmp_path, gone]
    sentences = [str(each.error) for each in drop.others]
    assert "not a picture" in sentences[0]
    assert "folder without a project" in sentences[1]
    assert "there is no file" in sentences[2]


def test_films_tell_how_they_were_made(session: Session, tmp_path: Path) -> None:
    import numpy as np

    from imvar_studio.media.video import write_video
    from imvar_studio.worker.provenance import film_record

    keys = (Keyframe("a", 0.0, (Weighted(Prompt("a boat")),)),)
    spec = FilmSpec(FilmWork("film-1", "Sea", Timeline(keys)), MODEL)
    frames = [np.full((64, 64, 3), grey, np.uint8) for grey in (20, 90)]
    ours, foreign = tmp_path / "ours.mp4", tmp_path / "foreign.mp4"
    record = film_record("ab" * 32, encode(spec))
    write_video(frames, ours, fps=Fraction(12), metadata={"comment": record})
    write_video(frames, foreign, fps=Fraction(12), metadata={})
    drop = plan_drop([ours, foreign])
    assert [export.is_picture for export in drop.exports] == [False]
    assert [each.path for each in drop.others] == [foreign]
    reopen(session, drop.exports[0])
    assert (session.film.id, session.film.name) == ("film-2", "Sea")
    assert session.timeline == spec.film.timeline


def test_pictures_are_added_in_one_step_and_placed_two_seconds_apart(
    session: Session, told: list[Message]
) -> None:
    heard: list[tuple[int, int]] = []
    done: list[tuple[str, ...]] = []
    add_pictures(session, [CAT, COFFEE], 0.0, done.append, lambda *step: heard.append(step))
    assert heard == [(1, 2), (2, 2)]
    assert names(session) == ["cat.jpg", "coffee.jpg"]
    shas = [entry.sha for entry in session.project.assets]
    assert done == [tuple(shas)]
    keys = session.timeline.keyframes
    assert [(key.time, key.looks[0].look) for key in keys[1:]] == [
        (2.0, Picture(Asset(shas[0]))),  # at 0 s there was one already
        (4.0, Picture(Asset(shas[1]))),
    ]
    assert session.selection.value.keyframes == {keys[1].id, keys[2].id}
    assert session.document.undo_name == "Add 2 pictures"
    assert told == []
    for entry in session.project.assets:
        assert session.folder.asset_path(entry.sha).is_file()
    session.document.undo()
    assert (names(session), len(session.timeline.keyframes)) == ([], 1)


def test_the_bad_ones_are_told_and_the_good_ones_added(
    session: Session, told: list[Message], tmp_path: Path
) -> None:
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(CAT.read_bytes()[:2000])
    text = tmp_path / "text.png"
    text.write_text("words")
    add_pictures(session, [cut, CAT, text])
    assert names(session) == ["cat.jpg"]
    (message,) = told
    assert message.text == "2 of 3 files are no good, such as cut.jpg."
    assert "text.png" in message.details
    assert sorted(p.suffix for p in (session.folder.path / "assets").iterdir()) == [".jpg"]


def test_the_same_bytes_are_kept_once(
    session: Session, told: list[Message], tmp_path: Path
) -> None:
    again = tmp_path / "another name.jpg"
    shutil.copyfile(CAT, again)
    add_pictures(session, [CAT, again, CAT])
    assert names(session) == ["cat.jpg"]
    add_pictures(session, [again])
    assert names(session) == ["cat.jpg"]
    assert told[-1].text == "cat is in the library already."
    assert session.document.step == 1


def test_a_project_that_cannot_be_changed_takes_nothing(
    session: Session, told: list[Message]
) -> None:
    session.read_only = "Another has it open."
    add_pictures(session, [CAT])
    assert [message.text for message in told] == ["Another has it open."]
    assert not (session.folder.path / "assets").exists()


def test_pasted_pictures_are_numbered(session: Session) -> None:
    from PySide6.QtGui import QImage

    for grey in (0xFF202020, 0xFF808080):
        image = QImage(70, 70, QImage.Format.Format_RGB32)
        image.fill(grey)
        add_image(session, image)
    assert names(session) == ["Pasted picture 1.png", "Pasted picture 2.png"]
    with Image.open(session.folder.asset_path(session.project.assets[1].sha)) as kept:
        assert kept.convert("RGB").getpixel((3, 3)) == (128, 128, 128)


def test_free_times_are_on_frames(session: Session) -> None:
    fps = Fraction(12)
    assert free_times(session.timeline, fps, 0.0, 2) == [2.0, 4.0]
    assert free_times(session.timeline, fps, 1.02, 2) == [1.0, 3.0]
    assert free_times(session.timeline, fps, -5, 1) == [2.0]


def test_a_film_that_ends_before_a_new_keyframe_grows(session: Session) -> None:
    add_pictures(session, [CAT])
    session.edit("Trim", lambda timeline: replace(timeline, duration=3.0, loop=True))
    place_pictures(session, [session.project.assets[0].sha], 4.0)
    assert session.timeline.keyframes[-1].time == 4.0
    assert session.timeline.duration == pytest.approx(4 + 1 / 12)
    assert session.document.undo_name == "Add keyframe"


def test_an_exported_picture_becomes_a_keyframe(session: Session, told: list[Message]) -> None:
    made = recipe(guidance=5.0, steps=9, negative=Prompt("grey"))
    name = reopen_picture(session, made)
    key = next(key for key in session.timeline.keyframes if key.id == name)
    assert (key.time, key.looks, key.start, key.guidance, key.negative) == (
        2.0,
        made.looks,
        Noise(11),
        5.0,
        Prompt("grey"),
    )
    assert told[-1].text == (
        "Taken over: its look, seed 11 and guidance 5. It was made with 9 steps."
    )


def test_an_exported_film_is_added_and_shown(session: Session, told: list[Message]) -> None:
    lost = "cd" * 32
    keys = (
        Keyframe("a", 0.0, (Weighted(Prompt("a boat")),)),
        Keyframe("b", 1.5, (Weighted(Picture(Asset(lost))),)),
    )
    film = FilmWork("film-1", "Sea", Timeline(keys))
    name = reopen_film(session, FilmSpec(film, MODEL))
    assert name == "film-2"
    assert session.film == replace(film, id="film-2")
    assert session.project.films()[0].name == "Night"
    assert "1 media file (cdcdcdcd) that the project lacks" in told[-1].text
    session.document.undo()
    assert [film.id for film in session.project.films()] == ["film-1"]


def test_a_film_that_is_reopened_beside_itself_has_a_name_of_its_own(session: Session) -> None:
    # the takes of a project know their films by name
    reopen_film(session, FilmSpec(FilmWork("film-1", "Night", Timeline()), MODEL))
    assert [film.name for film in session.project.films()] == ["Night", "Night 2"]


def test_what_is_dropped_is_taken_for_what_it_is(
    session: Session, told: list[Message], tmp_path: Path
) -> None:
    ours = exported(tmp_path / "fox.png", recipe())
    opened: list[tuple[Path, ...]] = []
    other = tmp_path / "other.imvar"
    ProjectFolder.create(other, Project((FilmWork("film-1"),)))
    open_drop(session, [CAT, ours, other], 0.0, opened.append)
    assert opened == [(other,)]
    assert names(session) == ["cat.jpg"]
    looks = [key.looks[0].look for key in session.timeline.keyframes]
    assert Prompt("a fox in the snow") in looks
    assert told[-1].text.startswith("Taken over")
    open_drop(session, [ours], as_pictures=True)
    assert names(session) == ["cat.jpg", "fox.png"]

"""What is chosen in the export dialog becomes what the render thread is asked for."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from imvar_studio.jobs.estimate import Estimate
from imvar_studio.media.film_formats import FORMATS
from imvar_studio.model.errors import SpecError
from imvar_studio.model.film_export import FilmExport
from imvar_studio.model.source import Size
from imvar_studio.ui.export import words
from imvar_studio.ui.export.choice import (
    FRAMES,
    FilmFacts,
    Found,
    file_name,
    first_choice,
    kind_name,
    look,
    with_file,
    with_kind,
    with_name,
)

FACTS = FilmFacts(
    "Night animals", Size(255, 256), Fraction(12), (True,) * 66 + (False,) * 78, (10, 48)
)
PLAIN = replace(FACTS, marks=None)


@pytest.fixture
def choice(tmp_path):
    return first_choice(PLAIN, tmp_path)


def test_it_begins_with_the_whole_film_named_by_it(choice, tmp_path):
    assert choice.target == tmp_path / "Night animals.mp4"
    assert choice.export(PLAIN) == FilmExport(codec="h264")
    assert words.problems(choice, PLAIN) == {}


def test_formats_are_called_as_titles_are():
    titles = [words.format_title(kind) for kind in FORMATS]
    assert "Looping GIF" in titles
    assert "ProRes 422 HQ" in titles
    assert all(title[0].isupper() for title in titles)


def test_marks_are_taken_where_there_are_some(tmp_path):
    choice = first_choice(FACTS, tmp_path)
    assert choice.export(FACTS) == FilmExport(first=10, last=48, codec="h264")
    assert choice.rendered(FACTS) == (39, 39)
    gone = words.problems(choice, PLAIN)
    assert gone == {words.EXTENT: "There are no in and out marks; set them on the timeline."}


def test_all_choices_reach_the_export(choice):
    chosen = replace(choice, extent=FRAMES, first=60, last=70, scale=50, crf=23, preset="slow")
    assert chosen.export(PLAIN) == FilmExport(60, 70, False, 50, 23, "slow", "h264")
    there = replace(chosen, there_only=True)
    assert there.export(PLAIN).there_only
    assert not replace(there, last=65).export(PLAIN).there_only  # nothing is missing there
    to_the_end = replace(chosen, last=143)
    assert to_the_end.export(PLAIN).last is None


def test_a_format_without_quality_leaves_it_alone(choice):
    prores = with_kind(replace(choice, crf=40, preset="slow"), "prores-hq.mov")
    export = prores.export(PLAIN)
    assert (export.crf, export.preset, export.codec) == (16, "medium", "prores-hq")
    assert words.quality_words(prores) == "This format has one quality."
    gif = with_kind(choice, "gif.gif")
    assert gif.export(PLAIN).codec == ""


@pytest.mark.parametrize("kind", FORMATS, ids=kind_name)
def test_every_format_has_its_ending_and_makes_an_export(choice, kind):
    chosen = with_kind(choice, kind_name(kind))
    assert chosen.target.name == f"Night animals{kind.ending}"
    assert chosen.format is kind
    assert chosen.export(PLAIN).scale == 100


def test_an_ending_chooses_the_format_and_a_format_the_ending(choice):
    assert with_name(choice, "owls.GIF").kind == "gif.gif"
    assert with_name(choice, "owls.GIF").target.name == "owls.GIF"
    av1 = with_kind(choice, "av1.mp4")
    assert with_name(av1, "owls.mp4").kind == "av1.mp4"  # it has that ending, too
    assert with_name(choice, "v1.2 owls").target.name == "v1.2 owls.mp4"
    assert with_kind(with_name(choice, "v1.2 owls"), "gif.gif").name == "v1.2 owls.gif"
    assert with_kind(choice, "vp9.webm").name == "Night animals.webm"


def test_a_whole_path_may_be_typed_or_picked(choice, tmp_path):
    other = tmp_path / "films" / "owls.mov"
    assert with_name(choice, str(other)).target == other
    picked = with_file(choice, other)
    assert (picked.target, picked.kind, picked.folder) == (other, "prores-hq.mov", other.parent)


def test_another_name_must_be_allowed_anew(choice):
    assert not with_name(replace(choice, overwrite=True), "owls.mp4").overwrite


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Night animals", "Night animals"),
        ("a/b:c*?", "a b c"),
        ("  ..  ", "film"),
        ("", "film"),
        ("e\u0301l\u00e9phant", "e\u0301l\u00e9phant"),
        ("ü" * 200, "ü" * 119),
    ],
)
def test_a_films_name_becomes_a_files(name, made):
    assert file_name(name) == made


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"name": "  "}, words.NAME, "Give the file a name."),
        ({"name": ".mp4"}, words.NAME, "Give the file a name."),
        ({"name": "ü" * 130}, words.NAME, "The name is too long; shorten it."),
        (
            {"extent": FRAMES, "first": 80, "last": 20},
            words.EXTENT,
            "The first frame is behind the last one; exchange them.",
        ),
        (
            {"extent": FRAMES, "first": 0, "last": 144},
            words.EXTENT,
            "The film has the frames 0 to 143; choose among them.",
        ),
        (
            {"extent": FRAMES, "first": 100, "last": 120, "there_only": True},
            words.FILM,
            "No frame of these is rendered yet.",
        ),
    ],
)
def test_what_is_wrong_stands_by_its_field(choice, changes, field, said):
    assert words.problems(replace(choice, **changes), PLAIN) == {field: said}


def test_frames_the_film_does_not_have_are_refused(choice):
    with pytest.raises(SpecError, match="no frames 0 to 144"):
        replace(choice, extent=FRAMES, last=144).export(PLAIN)


def test_a_format_too_slow_for_the_film_is_said(choice):
    fast = replace(PLAIN, fps=Fraction(60))
    found = words.problems(with_kind(choice, "gif.gif"), fast)
    assert found[words.FORMAT].startswith("Looping GIF plays at most 50 frames a second")
    assert words.problems(choice, fast) == {}


def test_a_film_that_cannot_be_rendered_is_not_exported(choice):
    empty = replace(PLAIN, there=())
    assert words.problems(choice, empty) == {words.FILM: "The film is empty; add a keyframe."}
    broken = replace(PLAIN, problem="two keyframes fall on one frame")
    assert words.problems(choice, broken) == {words.FILM: "Two keyframes fall on one frame."}


def test_the_disk_is_looked_at(choice, tmp_path):
    assert look(choice.target) == Found()
    assert words.disk_problem(choice, Found()) == ""
    choice.target.write_bytes(b"")
    found = look(choice.target)
    assert found == Found(file=True)
    assert words.disk_problem(choice, found) == "Night animals.mp4 is there already."
    assert words.disk_problem(replace(choice, overwrite=True), found) == ""
    nowhere = replace(choice, folder=tmp_path / "gone")
    said = words.disk_problem(nowhere, look(nowhere.target))
    assert said == f"Nothing can be written into {tmp_path / 'gone'}; choose another folder."
    (tmp_path / "owls.mp4").mkdir()
    taken = with_name(choice, "owls.mp4")
    said = words.disk_problem(replace(taken, overwrite=True), look(taken.target))
    assert said == "A folder has this name; give another one."


def test_sizes_are_said_as_they_will_be(choice):
    even = "Plays everywhere. It takes even sides only: 256 \N{MULTIPLICATION SIGN} 256 px."
    assert words.format_words(choice, PLAIN) == even
    assert words.format_words(replace(choice, scale=50), PLAIN) == "Plays everywhere."
    half = "128 \N{MULTIPLICATION SIGN} 128 px, even sides"
    assert words.size_words(replace(choice, scale=50), PLAIN) == half
    gif = with_kind(choice, "gif.gif")
    assert words.size_words(gif, PLAIN) == "255 \N{MULTIPLICATION SIGN} 256 px"


def test_quality_has_words(choice):
    said = [words.quality_words(replace(choice, crf=crf)) for crf in (0, 16, 20, 25, 30, 51)]
    assert said[1] == "Visually lossless"
    assert len(set(said)) == 6


def test_what_it_takes_is_said(choice):
    found = Estimate(78, 144, 70.0, 10**9, 14_000_000)
    assert words.rendered_words(choice, PLAIN) == "66 of 144 frames are rendered."
    said = words.estimate_words(choice, PLAIN, found)
    assert said == "78 pictures to render: about 1 min 10 s, 14 MB on disk."
    assert words.estimate_words(choice, PLAIN, None) == "Working out what it takes"
    there = replace(choice, there_only=True)
    said = words.estimate_words(there, PLAIN, None)
    assert said == "Nothing is rendered: encoding takes a few seconds."
    part = replace(choice, extent=FRAMES, first=0, last=65)
    said = words.estimate_words(part, PLAIN, None)
    assert said == "Nothing left to render: encoding takes a few seconds."
    assert words.rendered_words(part, PLAIN) == "All 66 frames are rendered."
    assert words.length_words(part, PLAIN) == "66 frames, 5.5 s"


def test_what_is_written_into_the_file_is_said(choice):
    said = words.metadata_words(choice, PLAIN)
    for part in ("prompts included", "“Night animals”", "trainedAlgorithmicMedia", "Imvar Studio"):
        assert part in said
    assert "without the prompts" in words.metadata_words(replace(choice, keep_prompts=False), PLAIN)
    gif = words.metadata_words(with_kind(choice, "gif.gif"), PLAIN)
    assert gif == "Written into the file: how it was made, prompts included."

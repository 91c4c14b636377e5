"""`imvar sheet`: a sheet by options or from a file, its files, and going on where it stopped."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from imvar_studio.jobs.provenance import read_record, recipe_of
from imvar_studio.media.image_io import read_png_text
from imvar_studio.model.codec import decode
from imvar_studio.model.edits import put_work
from imvar_studio.model.look import Mix, Picture, Prompt
from imvar_studio.model.recipe import recipe_digest
from imvar_studio.model.specs import SheetSpec
from imvar_studio.model.start import Noise
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.take_list import read_takes
from imvar_studio.store.take_references import referred_takes

QUICK = ["--steps", 2, "--precision", "fp32"]


@pytest.fixture
def sheet(here, model, tmp_path, monkeypatch):
    """Make a sheet with the tiny model in a folder of its own; returns what was said."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object, code: int = 0):
        given = [] if any("model" in str(word) for word in words) else ["--model", model]
        said = here("sheet", *given, *QUICK, *words, "--json")
        assert said.code == code, said
        return said

    return run


def test_a_sheet_of_two_axes_and_its_files(sheet, picture, tmp_path):
    said = sheet("--like", picture, "--columns", "guidance=1,4", "--rows", "seed=3..5",
                 "--likeness")  # fmt: skip
    files = said.only("finished")["files"]
    assert files[0] == str(tmp_path / "waves.png")
    names = sorted(path.name for path in (tmp_path / "waves").iterdir())
    assert names == [
        f"{row}-{column}-seed-{seed}-guidance-{guidance}.png"
        for row, seed in ((1, 3), (2, 4), (3, 5))
        for column, guidance in ((1, 1), (2, 4))
    ]
    for path in sorted((tmp_path / "waves").iterdir()):
        recipe = recipe_of(read_record(path), path)
        row, column = (int(part) for part in path.name.split("-")[:2])
        assert recipe.start == Noise(row + 2)
        assert recipe.guidance == (1.0, 4.0)[column - 1]
        assert read_record(path)["digest"] == recipe_digest(recipe)
    whole = np.asarray(Image.open(files[0]))
    one = np.asarray(Image.open(files[1]))
    hits = np.argwhere((whole == one[0, 0]).all(-1))
    assert any(np.array_equal(whole[y : y + 64, x : x + 64], one) for y, x in hits)


def test_the_sheet_itself_says_what_it_was_made_from(sheet, picture, tmp_path):
    sheet("--like", picture, "--columns", "mix=0,50%", "--second-text", "flowers")
    data = (tmp_path / "waves.png").read_bytes()
    record = json.loads(read_png_text(data)["imvar"])
    spec = decode(record["spec"], SheetSpec)
    assert record["format"] == "imvar-sheet"
    assert spec.sheet.shot.second == Prompt("flowers")
    names = sorted((tmp_path / "waves").iterdir())
    looks = [recipe_of(read_record(path), path).looks[0].look for path in names]
    assert [type(look) for look in looks] == [Picture, Mix]


def test_prompts_stay_private_where_that_is_asked(sheet, tmp_path):
    spec = tmp_path / "own.toml"
    spec.write_text('look = "a secret owl"\ncolumns = { seed = [1], labels = ["secret"] }', "utf-8")
    sheet("--prompt", "a secret owl", "--columns", "seed=1,2", "--no-prompts")
    sheet(spec, "--no-prompts", "--name", "secret plan", "--out", "plan.png")
    made = [each for name in ("sheet", "plan") for each in (tmp_path / name).iterdir()]
    for path in [tmp_path / "sheet.png", tmp_path / "plan.png", *made]:
        assert b"secret" not in path.read_bytes()
        assert "secret" not in path.name
    record = json.loads(read_png_text((tmp_path / "sheet.png").read_bytes())["imvar"])
    assert record["prompts"] == "left out"


def test_a_sheet_from_a_file(sheet, picture, model, tmp_path):
    spec = tmp_path / "looks.toml"
    spec.write_text(
        f"""
        caption = "Joined and averaged."
        picture = "{picture.name}"
        model = "{model}"
        steps = 2
        [[columns.look]]
        label = "a, a"
        join = ["picture", "picture"]
        [[columns.look]]
        label = "both"
        ensemble = ["picture", "a red fox"]
        """,
        "utf-8",
    )
    (tmp_path / picture.name).write_bytes(picture.read_bytes())
    said = sheet(spec, "--out", "made.png", "--sheet-only", "--model", model)
    assert said.only("finished")["files"] == [str(tmp_path / "made.png")]
    assert not (tmp_path / "made").exists()


def test_it_goes_on_where_it_stopped_and_renders_nothing_twice(sheet, picture, tmp_path):
    words = ["--like", picture, "--columns", "guidance=1,2,4", "--name", "Again"]
    sheet(*words)
    project = tmp_path / "again.imvar"
    frames = sorted((project / "frames").rglob("*.png"))
    assert len(frames) == 3
    times = {path: path.stat().st_mtime_ns for path in frames}
    frames[1].unlink()
    (tmp_path / "again.png").unlink()
    said = sheet(*words, "--overwrite")
    assert len([each for each in said.events if each["event"] == "made"]) == 1
    assert {p: p.stat().st_mtime_ns for p in frames if p != frames[1]} == {
        p: t for p, t in times.items() if p != frames[1]
    }


def test_a_sheet_that_is_there_is_not_replaced_unasked(sheet, picture, tmp_path):
    sheet("--like", picture, "--columns", "seed=1")
    before = (tmp_path / "waves.imvar" / "project.json").read_bytes()
    said = sheet("--like", picture, "--columns", "seed=2", code=2)
    assert said.sentence.endswith("waves.png exists: give another name, or --overwrite")
    assert (tmp_path / "waves.imvar" / "project.json").read_bytes() == before


def test_a_memorised_picture_is_flagged(sheet, picture, tmp_path, monkeypatch):
    """A variation that is its input: what a model does that has memorised it."""
    from imvar_studio.engine import likeness

    said = sheet("--like", picture, "--columns", "seed=1,2", "--name", "free")
    assert not [each for each in said.events if each["event"] == "note"]
    monkeypatch.setattr(likeness, "NEAR_COPY", -1.0)  # everything is alike then
    said = sheet("--like", picture, "--columns", "seed=1,2", "--name", "copies")
    assert said.only("note")["text"] == (
        "copies: 2 pictures are near copies of the input, the model may have memorised them."
    )
    free, copies = (np.asarray(Image.open(tmp_path / f"{n}.png")) for n in ("free", "copies"))
    red = (0xB3, 0x26, 0x1E)
    assert not (free == red).all(-1).any()
    assert (copies == red).all(-1).sum() > 100


BAD = [
    (["--columns", "seed=1"], "one look is wanted: give SPEC.toml, --like or --prompt"),
    (["--prompt", "owl", "--columns", "seed"], "--columns must be like guidance=0,1,2"),
    (["--prompt", "owl", "--rows", "seed=9..1"], "--rows must rise, by at most 500 values"),
    (["--prompt", "owl", "--columns", "mix=0,1"], "mix needs a second look: say what to mix in"),
    (["--prompt", "owl", "--rows", "shift=2"], "shift must be in [-1, 1], got 2"),
    (["--prompt", "owl", "--columns", "eta=2"], "eta must be in [0, 1], got 2"),
    (["--prompt", "owl", "--columns", "sampler=magic"], "sampler must be one of dpmpp-2m, "),
    (["--prompt", "owl", "--out", "sheet.jpg"], "a sheet is written as PNG, not as sheet.jpg"),
    (["--prompt", "owl", "--second", "a.png", "--second-text", "b"], "there is one second look"),
    (["missing.toml"], "missing.toml"),
]


@pytest.mark.parametrize(("words", "sentence"), BAD)
def test_what_is_refused(sheet, tmp_path, words, sentence):
    said = sheet(*words, code=2)
    assert sentence in said.sentence
    assert not list(tmp_path.glob("*.png"))


def test_a_file_that_is_no_toml(sheet, tmp_path):
    (tmp_path / "bad.toml").write_text("rows = [", "utf-8")
    assert "bad.toml is no TOML" in sheet("bad.toml", code=2).sentence


def test_what_a_project_has_is_told_and_its_take_is_not_cleaned_away(
    sheet, here, picture, tmp_path
):
    sheet("--like", picture, "--columns", "guidance=1,2", "--rows", "seed=1,2", "--name", "Kept")
    project = tmp_path / "kept.imvar"
    told = here("info", project, "--json").only("info")
    assert told["sheets"] == [
        {"name": "Kept", "rows": 2, "columns": 2, "varied": ["seed", "guidance"]}
    ]
    assert told["locked"] == []
    assert "Kept: a sheet of 2 x 2 pictures over seed and guidance" in here("info", project).out
    folder = ProjectFolder.open(project)
    (take,) = read_takes(folder)
    assert take.film == "Kept"
    assert referred_takes(folder) == {take.id}
    # its words are not in its pictures; what it varies is
    kept = folder.load()
    (work,) = kept.sheets()
    folder.save(put_work(kept, replace(work, name="Renamed", caption="New")))
    assert referred_takes(folder) == {take.id}
    folder.save(put_work(kept, replace(work, rows=None)))
    for path in folder.versions.glob("*"):
        path.unlink()
    assert referred_takes(folder) == set()


def test_img2img_at_strengths(sheet, picture, tmp_path):
    sheet("--like", picture, "--start", "picture", "--columns", "strength=0.5,1", "--seed", 4,
          "--steps", 4)  # fmt: skip
    names = sorted((tmp_path / "waves").iterdir())
    starts = [recipe_of(read_record(path), path).start for path in names]
    assert [(start.strength, start.seed) for start in starts] == [(0.5, 4), (1.0, 4)]
    given = np.asarray(Image.open(picture).convert("RGB").resize((64, 64)), float)
    far = [np.abs(np.asarray(Image.open(path), float) - given).mean() for path in names]
    assert far[0] < far[1]


def test_what_a_project_has_stays_and_a_sheet_of_its_name_gets_another_id(
    sheet, here, picture, model, tmp_path
):
    project = tmp_path / "both.imvar"
    assert here("new", project, "--model", model, "--name", "Film").code == 0
    words = ["--like", picture, "--project", project, "--name", "film"]
    sheet(*words, "--columns", "seed=1", "--out", "one.png")
    sheet(*words, "--columns", "seed=2", "--out", "two.png")
    sheet(*words, "--columns", "seed=1", "--out", "one.png")
    found = ProjectFolder.open(project).load()
    assert [work.id for work in found.works] == ["film", "film-2", "film-3"]
    assert [film.name for film in found.films()] == ["Film"]


def test_what_is_refused_changes_no_project(sheet, here, picture, model, tmp_path):
    project = tmp_path / "kept.imvar"
    here("new", project, "--model", model)
    before = (project / "project.json").read_bytes()
    words = ["--like", picture, "--project", project]
    for bad in (["--columns", "sampler=bogus"], ["--model", "model-nowhere"],
                ["--columns", "guidance=1000"], ["--columns", "mix=0.5"], ["--out", "a.jpg"],
                ["--rows", "seed=1,2", "--columns", "seed=3"]):  # fmt: skip
        sheet(*words, *bad, code=2)
        assert (project / "project.json").read_bytes() == before, bad


def test_files_of_others_are_not_replaced_and_those_of_a_stop_are(sheet, picture, tmp_path):
    cells = tmp_path / "mine"
    words = ["--like", picture, "--columns", "guidance=1,2", "--name", "Mine"]
    cells.mkdir()
    (cells / "1-1-guidance-1-seed-0.png").write_text("not yours")
    said = sheet(*words, code=2)
    assert "1-1-guidance-1-seed-0.png exists" in said.sentence
    (cells / "1-1-guidance-1-seed-0.png").unlink()
    sheet(*words)
    # as after a stop between the files: the same line goes on, and again when all is there
    (cells / "1-2-guidance-2-seed-0.png").unlink()
    (tmp_path / "mine.png").unlink()
    sheet(*words)
    sheet(*words)
    assert len(list(cells.iterdir())) == 2
    sheet(*words, "--steps", 3, code=2)


def test_pictures_over_columns_are_each_compared_with_their_own(sheet, picture, tmp_path):
    other = tmp_path / "other.png"
    Image.fromarray(np.asarray(Image.open(picture).convert("RGB"))[::-1]).save(other)
    sheet("--like", picture, "--columns", f"picture={picture},{other}", "--likeness")
    names = sorted((tmp_path / "waves").iterdir())
    assert [path.name for path in names] == ["1-1-waves-seed-0.png", "1-2-other-seed-0.png"]
    shas = [recipe_of(read_record(path), path).looks[0].look.source.sha for path in names]
    assert len(set(shas)) == 2


def test_a_size_and_what_a_model_cannot_read(sheet, picture, tmp_path, tiny_model):
    sheet("--like", picture, "--columns", "seed=1", "--size", "96", "--sheet-only")
    said = sheet("--like", picture, "--columns", "seed=1", "--model", tiny_model("text"), code=2)
    assert "takes prompts only, a picture cannot be its look" in said.sentence
    spec = tmp_path / "mix.toml"
    spec.write_text(
        f'picture = "{picture}"\nlook = {{ join = ["picture", "picture"] }}\n'
        'second = { text = "owl" }\ncolumns = { mix = [0.5] }\n',
        "utf-8",
    )
    assert "mix needs looks of equal token counts" in sheet(spec, code=2).sentence
    assert "says what to show: leave --prompt out" in sheet(spec, "--prompt", "a", code=2).sentence


def test_a_sheet_tells_what_it_is(sheet, here, picture, tmp_path):
    sheet("--like", picture, "--columns", "seed=1")
    assert json.loads(here("info", tmp_path / "waves.png").out)["format"] == "imvar-sheet"
    said = here("picture", "--recipe", tmp_path / "waves.png")
    assert said.code == 2
    assert "waves.png is a sheet: give one of its pictures" in said.sentence

"""`imvar gallery`: every figure of one picture, a page that needs nothing else, going on."""

from __future__ import annotations

import base64
import io
import re
import tomllib

import pytest
from PIL import Image

from imvar_studio.jobs.provenance import read_record, recipe_of
from imvar_studio.model.look import Join, Prompt
from imvar_studio.model.sheet_text import sheet_of
from imvar_studio.model.source import Asset
from imvar_studio.store.places import bundled_folder
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.take_list import read_takes
from imvar_studio.store.take_references import referred_takes

OWN = bundled_folder("resources") / "gallery" / "gallery.toml"
QUICK = ["--steps", 2, "--precision", "fp32"]
# what each experiment varies, as it is known
KNOWN = {
    "variations", "guidance", "resize", "models", "strength", "mix", "join", "text-mix",
    "text-join", "edit", "added-noise", "multiplied-noise", "crops", "inversion",
    "inversion-classic", "inverted-edit", "inverted-house", "eta", "eta-few-steps", "eta-style",
    "eta-style-starter", "ensembles",
}  # fmt: skip


@pytest.fixture
def gallery(here, model, picture, tmp_path, monkeypatch):
    """Make a gallery of the tiny model in a folder of its own; returns what was said."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object, code: int = 0):
        said = here("gallery", picture, "--model", model, *QUICK, *words, "--json")
        assert said.code == code, said
        return said

    return run


def test_every_experiment_is_a_figure_that_can_be_read() -> None:
    figures = tomllib.loads(OWN.read_text("utf-8"))["figure"]
    assert {figure["id"] for figure in figures} == KNOWN
    for figure in figures:
        table = {name: part for name, part in figure.items() if name != "needs"}
        table["picture"] = "cat.jpg" if table.get("picture", True) else None
        table.setdefault("second", {"picture": "fox.jpg"})
        sheet = sheet_of(
            {name: part for name, part in table.items() if part is not None},
            lambda text: Asset(("ab" if text == "cat.jpg" else "cd") * 32),
        )
        assert sheet.caption
        assert 2 <= len(sheet.cells()) <= 16


def test_a_page_that_needs_nothing_else(gallery, tmp_path):
    said = gallery("--only", "guidance,join,ensembles")
    files = said.only("finished")["files"]
    page = (tmp_path / "waves-gallery" / "index.html").read_text("utf-8")
    assert files[0] == str(tmp_path / "waves-gallery" / "index.html")
    assert not re.search(r"(src|href)=\"(?!data:|#)", page)
    names = ["Guidance", "Joined embeddings", "Prompt ensembles"]
    assert re.findall(r"<h2>([^<]+)</h2>", page) == names
    assert re.findall(r'<a href="#figure-\d">([^<]+)</a>', page) == names
    assert re.findall(r'<section id="(figure-\d)">', page) == ["figure-1", "figure-2", "figure-3"]
    for data in re.findall(r"data:image/webp;base64,([^\"]+)", page):
        with Image.open(io.BytesIO(base64.b64decode(data))) as image:
            image.load()
            assert image.width > 200
    sheets = sorted((tmp_path / "waves-gallery" / "sheets").glob("*.png"))
    assert [path.name for path in sheets] == ["01-guidance.png", "02-join.png", "03-ensembles.png"]


def test_each_picture_has_its_own_recipe_and_the_project_keeps_the_sheets(gallery, tmp_path):
    gallery("--only", "join,ensembles")
    place = tmp_path / "waves-gallery"
    joined = sorted((place / "sheets" / "01-join").iterdir())
    assert len(joined) == 9
    look = recipe_of(read_record(joined[2]), joined[2]).looks[0].look
    assert isinstance(look, Join)
    assert len(look.looks) == 2
    crossed = sorted((place / "sheets" / "02-ensembles").glob("4-1-*"))[0]
    texts = [part.look for part in recipe_of(read_record(crossed), crossed).looks]
    assert texts == [
        Prompt("a giraffe that looks like a frog"),
        Prompt("a frog that looks like a giraffe"),
    ]
    project = ProjectFolder.open(place / "gallery.imvar").load()
    assert [sheet.id for sheet in project.sheets()] == ["join", "ensembles"]


def test_it_goes_on_where_it_stopped(gallery, tmp_path):
    gallery("--only", "guidance")
    before = set((tmp_path / "waves-gallery" / "gallery.imvar" / "frames").rglob("*.png"))
    said = gallery("--only", "guidance,strength")
    made = {each["path"] for each in said.events if each["event"] == "made"}
    # guidance 4 at both seeds is strength 1 at both seeds
    assert len(made) == 8
    assert not made & {str(path) for path in before}


def test_prompts_stay_private_where_that_is_asked(gallery, tmp_path):
    gallery("--only", "text-mix", "--no-prompts")
    for path in (tmp_path / "waves-gallery" / "sheets").rglob("*.png"):
        assert b"flowers" not in path.read_bytes(), path
    page = (tmp_path / "waves-gallery" / "index.html").read_text("utf-8")
    assert "“flowers”" not in page


BAD = [
    (["--only", "guidance,magic"], "there is no figure 'magic': there are variations, guidance"),
    (["--only", "inversion-classic"], "none of these figures can be made here"),
    (["--with", "missing.png"], "missing.png"),
    (["--figures", "missing.toml"], "missing.toml"),
]


@pytest.mark.parametrize(("words", "sentence"), BAD)
def test_what_is_refused(gallery, tmp_path, words, sentence):
    assert sentence in gallery(*words, code=2).sentence
    assert not (tmp_path / "waves-gallery").exists()


def test_figures_of_ones_own(gallery, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        "title = 'Mine'\n[[figure]]\nid = 'one'\nname = 'One & only'\ncolumns = { seed = [1] }\n",
        "utf-8",
    )
    gallery("--figures", own)
    page = (tmp_path / "waves-gallery" / "index.html").read_text("utf-8")
    assert "<h1>Mine: waves</h1>" in page
    assert "<h2>One &amp; only</h2>" in page
    own.write_text("[[figure]]\nname = 'no id'\n", "utf-8")
    assert "a gallery's file has figures, each with its id" in gallery("--figures", own, code=2).err
    own.write_text("[[figure]]\nid = 'x'\nneeds = 'luck'\n", "utf-8")
    assert "needs 'luck', which is not known" in gallery("--figures", own, code=2).err


def test_two_models_stand_beside_each_other(gallery, tmp_path, model):
    gallery("--only", "models", "--second-model", "starter", "--steps", 1)
    sheets = tmp_path / "waves-gallery" / "sheets" / "01-models"
    recipes = [recipe_of(read_record(path), path) for path in sorted(sheets.iterdir())]
    assert [recipe.model.id for recipe in recipes[:4]] == [recipes[0].model.id] * 4
    assert [recipe.model.id for recipe in recipes[4:]] == ["starter"] * 4
    assert {recipe.start.seed for recipe in recipes} == {1, 2, 3, 4}


def test_a_page_of_others_is_not_replaced(gallery, tmp_path):
    place = tmp_path / "site"
    place.mkdir()
    (place / "index.html").write_text("my own site")
    said = gallery("--only", "guidance", "--out", place, code=2)
    assert "index.html exists: give another folder with --out, or --overwrite" in said.sentence
    assert (place / "index.html").read_text() == "my own site"
    assert list(place.iterdir()) == [place / "index.html"]
    gallery("--only", "guidance", "--out", place, "--overwrite")
    gallery("--only", "guidance", "--out", place)  # its own by now


def test_what_was_rendered_is_referred_to_from_the_first_picture_on(gallery, tmp_path):
    gallery("--only", "guidance,strength")
    folder = ProjectFolder.open(tmp_path / "waves-gallery" / "gallery.imvar")
    assert len(read_takes(folder)) == 3  # of both figures together, and of each
    assert referred_takes(folder) == {take.id for take in read_takes(folder)}


ODD = [
    "defaults = 3\n[[figure]]\nid = 'x'",
    "[[figure]]\nid = ['x']",
    "[[figure]]\nid = 'x'\nneeds = ['a']",
    "[[figure]]\nid = 'x'\nrows = { model = 'MODEL' }",
    "[[figure]]\nid = 'x'\nrows = { model = [['MODEL']] }",
    "figure = 3",
]


@pytest.mark.parametrize("text", ODD)
def test_figures_that_cannot_be_read(gallery, tmp_path, text):
    own = tmp_path / "own.toml"
    own.write_text(text, "utf-8")
    assert gallery("--figures", own, code=2).sentence

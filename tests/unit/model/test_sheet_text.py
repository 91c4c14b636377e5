"""Sheets as they are written down, and what is said where they cannot be read."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Join, Mix, Nothing, Picture, Prompt, Weighted
from imvar_studio.model.sheet import Axis, Ensemble, LookAxis, SheetWork
from imvar_studio.model.sheet_text import sheet_of
from imvar_studio.model.shot import Shot
from imvar_studio.model.source import Asset, Size
from imvar_studio.model.start import InversionSpec

ASSETS = {"cat.jpg": Asset("ab" * 32), "fox.png": Asset("cd" * 32)}
CAT, FOX = (Picture(asset) for asset in ASSETS.values())


def read(text: str) -> SheetWork:
    return sheet_of(tomllib.loads(text), ASSETS.__getitem__)


def test_the_least() -> None:
    assert read('picture = "cat.jpg"') == SheetWork(
        "sheet", "sheet", Shot((Weighted(CAT),), picture=ASSETS["cat.jpg"])
    )
    assert read('look = "an owl"').shot == Shot((Weighted(Prompt("an owl")),))


def test_all_of_it() -> None:
    found = read("""
        name = "Still water"
        caption = "How far an edit goes."
        picture = "cat.jpg"
        second = { text = "flowers" }
        negative = "blur"
        edit = { from = "still water", to = "wild flowers", amount = 0.5 }
        start = "inverted"
        inversion = "classic"
        steps = 50
        guidance = 3
        seed = 7
        size = "320x256"
        likeness = true
        rows = { edit = [0, 0.5, "150%"], labels = ["none", "half", "more"] }
        columns = { seed = [1, 2] }
    """)
    shot = Shot(
        (Weighted(CAT),),
        ASSETS["cat.jpg"],
        Prompt("flowers"),
        "still water",
        "wild flowers",
        Prompt("blur"),
        seed=7,
        steps=50,
        guidance=3,
        edit=0.5,
        start="inverted",
        inversion=InversionSpec("plain", 500, spacing="leading", start_step=1),
    )
    assert found == SheetWork(
        "still-water",
        "Still water",
        shot,
        Axis("edit", ("0", "0.5", "150%"), ("none", "half", "more")),
        Axis("seed", ("1", "2")),
        Size(320, 256),
        "How far an edit goes.",
        likeness=True,
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('start = "inverted"', (16, 4)),
        ('start = "inverted"\ninversion = "fixed-point"', (16, 4)),
        ('inversion = "classic"', (16, 4)),  # and starts from noise
        ('start = "inverted"\ninversion = "classic"', (50, 3)),
        ('start = "inverted"\ninversion = "classic"\nsteps = 20', (20, 3)),
        ('start = "inverted"\ninversion = "classic"\nguidance = 1', (50, 1)),
        ('start = "inverted"\nrows = { inversion = ["fixed-point", "classic"] }', (50, 3)),
        ('start = "inverted"\ncolumns = { inversion = ["fixed-point"] }', (16, 4)),
    ],
)
def test_the_classic_inversion_is_decoded_as_published_where_nothing_else_is_said(
    text: str, found: tuple[int, float]
) -> None:
    shot = read(f'picture = "cat.jpg"\n{text}').shot
    assert (shot.steps, shot.guidance) == found


def test_looks_over_an_axis() -> None:
    found = read("""
        picture = "cat.jpg"
        second = { picture = "fox.png" }
        [[columns.look]]
        label = "a, a"
        join = ["picture", "picture"]
        [[columns.look]]
        label = "a, b, nothing"
        join = ["picture", "second", "nothing"]
        [[columns.look]]
        label = "half"
        mix = ["picture", { text = "an owl", weight = 0.5 }]
        [[columns.look]]
        label = "both"
        ensemble = ["a giraffe", "a frog"]
    """)
    owl = Weighted(Prompt("an owl"), 0.5)
    assert found.columns == LookAxis(
        (
            Ensemble((Weighted(Join((CAT, CAT))),)),
            Ensemble((Weighted(Join((CAT, FOX, Nothing()))),)),
            Ensemble((Weighted(Mix((Weighted(CAT), owl))),)),
            Ensemble((Weighted(Prompt("a giraffe")), Weighted(Prompt("a frog")))),
        ),
        ("a, a", "a, b, nothing", "half", "both"),
    )


def test_pictures_over_an_axis_are_assets() -> None:
    found = read('picture = "cat.jpg"\nrows = { picture = ["cat.jpg", "fox.png"] }')
    shas = tuple(asset.sha for asset in ASSETS.values())
    assert found.rows == Axis("picture", shas, ("cat", "fox"))


def test_a_parameter_of_two_words_is_written_with_a_hyphen() -> None:
    found = read("""
        look = "an owl"
        latent-shift = -0.25
        shift = 0.1
        columns = { latent-shift = [0, 0.5] }
    """)
    assert (found.shot.latent_shift, found.shot.shift) == (-0.25, 0.1)
    assert found.columns == Axis("latent-shift", ("0", "0.5"))
    assert [cell.latent_shift for cell in found.cells()] == [0.0, 0.5]


def test_texts_over_an_axis_label_themselves() -> None:
    found = read('look = "an owl"\ncolumns = { look = ["an owl", "a fox"] }')
    assert found.columns is not None
    assert found.columns.shown == ("an owl", "a fox")


REFUSED: list[tuple[str, str]] = [
    ("", "a sheet needs a picture or a look: say what to show"),
    ('look = "an owl"\nsteeps = 3', "'steeps' is not known: there are caption, columns, "),
    ("look = 3", "look must be text, or one of picture, text, mix, join"),
    ('look = { blend = ["a", "b"] }', "look has 'blend', which is none of picture, text, mix"),
    ('look = "second"', "look means the second look, and there is none"),
    ('look = "picture"', "look means the picture, and there is none"),
    ('look = { join = "picture" }', "look must be a list"),
    ('look = "owl"\nrows = { seed = [1], steps = [2] }', "rows must vary one parameter, got seed"),
    ('look = "owl"\nrows = [1, 2]', "rows must name a parameter and its values"),
    ('look = "owl"\nrows = { seed = 3 }', "rows must be a list"),
    ('look = "owl"\nrows = { colour = ["red"] }', "axis parameter must be one of guidance, "),
    ('look = "owl"\nrows = { seed = [true] }', "rows must be numbers or texts, got 'True'"),
    ('look = "owl"\nsize = "big"', "size must be like 256 or 320x240, got 'big'"),
    ('look = "owl"\nedit = "far"', "edit must have from, to and amount"),
    (
        'look = "owl"\ninversion = "new"',
        "inversion must be one of fixed-point, few-steps, classic, got 'new'",
    ),
    ('look = "owl"\nlatent_shift = 0.1', "'latent_shift' is not known: there are caption, "),
    ('look = "owl"\nlatent-shift = 2', "latent shift must be in [-1, 1], got 2"),
    ('look = "owl"\nshift = -1.5', "shift must be in [-1, 1], got -1.5"),
    ('look = "owl"\nguidance = 99', "guidance must be in [0, 50], got 99"),
    ('look = "owl"\nlikeness = "yes"', "likeness must be true or false, got 'yes'"),
    ('look = { join = ["a","b","c","d","e","f","g","h","i"] }', "join must hold 1 to 8 looks"),
    ('look = "owl"\nname = 3', "name must be text, got 3"),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_what_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(SpecError) as caught:
        read(text)
    assert str(caught.value).startswith(sentence)


def test_no_table_of_any_kind_is_a_fault() -> None:
    odd: list[Any] = [None, 3, 1.5, True, "x", [], [3], {}, {"x": 1}, [{}], [[]]]
    names = ["picture", "look", "second", "edit", "negative", "inversion", "rows", "columns",
             "name", "id", "size", "caption", "likeness", "seed", "start", "model"]  # fmt: skip
    for name in names:
        for value in odd:
            table = {"look": "an owl", name: value}
            try:
                sheet_of(table, lambda text: ASSETS["cat.jpg"])
            except SpecError:
                continue

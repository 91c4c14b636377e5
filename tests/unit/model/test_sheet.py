"""Sheets: axes over rows and columns, and the cells they make."""

from __future__ import annotations

from typing import Any

import pytest

from imvar_studio.model.codec import decode, encode
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Join, Nothing, Picture, Prompt, Weighted
from imvar_studio.model.project import Project
from imvar_studio.model.sheet import PARAMETERS, Axis, Ensemble, LookAxis, SheetWork, field_of
from imvar_studio.model.shot import Shot
from imvar_studio.model.source import Asset, Framing

CAT, FOX = Asset("ab" * 32, Framing(focus_x=0.2)), "cd" * 32
SHOT = Shot(
    (Weighted(Picture(CAT)),), picture=CAT, second=Prompt("flowers"), origin="a", target="b"
)

VALUES = {
    "guidance": ("0", "7.5"),
    "scale": ("0.25", "200%"),
    "mix": ("0", "25%"),
    "edit": ("-2", "150%"),
    "jitter": ("0", "0.5"),
    "multiply": ("0.2", "0.75"),
    "shift": ("-1", "20%"),
    "latent-shift": ("-0.25", "1"),
    "eta": ("0.3", "1"),
    "strength": ("0.1", "1"),
    "seed": ("0", "9223372036854775807"),
    "steps": ("1", "1000"),
    "crops": ("0", "64"),
    "sampler": ("ddim", "dpmpp-2m"),
    "model": ("starter", "/models/sd 1.5.safetensors"),
    "start": ("noise", "inverted"),
    "resize": ("trained", "antialiased"),
    "inversion": ("fixed-point", "classic"),
    "picture": (CAT.sha, FOX),
}


def test_every_parameter_is_tried() -> None:
    assert VALUES.keys() == PARAMETERS.keys()


@pytest.mark.parametrize("parameter", [name for name in VALUES if name != "picture"])
def test_an_axis_sets_a_field(parameter: str) -> None:
    axis = Axis(parameter, VALUES[parameter])
    for n, text in enumerate(VALUES[parameter]):
        plain = text.endswith("%")
        wanted: Any = float(text[:-1]) / 100 if plain else PARAMETERS[parameter](text)
        assert getattr(axis.applied(SHOT, n), field_of(parameter)) == wanted


def test_an_axis_of_pictures_puts_them_wherever_the_first_one_is() -> None:
    sheet = SheetWork("pets", "Pets", SHOT, rows=Axis("picture", (CAT.sha, FOX)))
    first, second = sheet.cells()
    assert first == SHOT
    fox = Asset(FOX, CAT.framing)
    assert (second.picture, second.looks) == (fox, (Weighted(Picture(fox)),))
    assert second.second == SHOT.second
    assert sheet.assets() == {CAT.sha, FOX}


def test_cells_lie_row_by_row_and_columns_come_after_rows() -> None:
    looks = LookAxis(
        (Ensemble((Weighted(Nothing()),)), Ensemble((Weighted(Join((Nothing(), Nothing()))),))),
        ("nothing", "twice"),
    )
    sheet = SheetWork("s", "S", SHOT, looks, Axis("seed", ("1", "2", "3")))
    assert (sheet.height, sheet.width) == (2, 3)
    cells = sheet.cells()
    assert [cell.seed for cell in cells] == [1, 2, 3, 1, 2, 3]
    assert [cell.looks == looks.looks[0].looks for cell in cells] == [True] * 3 + [False] * 3
    assert sheet.cell(1, 2) == cells[5]
    assert looks.shown == ("nothing", "twice")


def test_labels_name_the_parameter_unless_they_are_given() -> None:
    assert Axis("mix", ("0", "25%")).shown == ("mix 0", "mix 25%")
    assert Axis("mix", ("0", "1"), ("cat", "fox")).shown == ("cat", "fox")
    assert Axis("picture", (CAT.sha,)).shown == ("",)


def test_a_sheet_is_read_back_from_its_project() -> None:
    rows, columns = Axis("seed", ("1", "2")), Axis("guidance", ("1", "4"), ("low", "high"))
    project = Project((SheetWork("s", "S", SHOT, rows, columns, likeness=True),))
    assert decode(encode(project), Project) == project
    assert encode(project)["works"][0]["rows"] == {
        "kind": "axis",
        "parameter": "seed",
        "values": ["1", "2"],
    }


REFUSED = [
    (lambda: Axis("size", ("1",)), "axis parameter must be one of guidance, "),
    (lambda: Axis("mix", ()), "an axis has 1 to 500 values, mix has 0"),
    (lambda: Axis("seed", tuple(map(str, range(501)))), "an axis has 1 to 500 values, seed has"),
    (lambda: Axis("mix", ("half",)), "'half' is no number"),
    (lambda: Axis("seed", ("1.5",)), "'1.5' is no whole number"),
    (lambda: Axis("picture", ("cat.jpg",)), "asset must be 64 hexadecimal digits, got 'cat.jpg'"),
    (lambda: Axis("mix", ("0", "1"), ("a",)), "mix has 2 values and 1 labels: give as many"),
    (lambda: Axis("model", ("",)), "model must not be empty"),
    (lambda: LookAxis((Ensemble((Weighted(Nothing()),)),), ()), "an axis of looks needs a label"),
    (lambda: Axis("mix", ("2",)).applied(SHOT, 0), "mix must be in [0, 1], got 2.0"),
    (
        lambda: Axis("picture", (FOX,)).applied(Shot((Weighted(Nothing()),)), 0),
        "an axis of pictures needs a first one: give a picture",
    ),
    (
        lambda: SheetWork("s", "S", SHOT, Axis("seed", tuple(map(str, range(51)))),
                          Axis("steps", tuple(map(str, range(1, 51))))),
        "a sheet has at most 2500 pictures, got 2550: make several sheets",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("make", "sentence"), REFUSED)
def test_what_is_refused(make: Any, sentence: str) -> None:
    with pytest.raises(SpecError) as caught:
        make()
    assert str(caught.value).startswith(sentence)


def test_looks_are_put_before_pictures_whichever_are_rows() -> None:
    looks = LookAxis((Ensemble((Weighted(Join((Picture(CAT), Nothing()))),)),), ("a, nothing",))
    pictures = Axis("picture", (CAT.sha, FOX))
    for rows, columns in ((looks, pictures), (pictures, looks)):
        cells = SheetWork("s", "S", SHOT, rows, columns).cells()
        found = [cell.looks[0].look for cell in cells]
        fox = Asset(FOX, CAT.framing)
        assert found == [Join((Picture(CAT), Nothing())), Join((Picture(fox), Nothing()))]


def test_one_parameter_is_not_varied_twice() -> None:
    with pytest.raises(SpecError, match="rows and columns both vary seed"):
        SheetWork("s", "S", SHOT, Axis("seed", ("1",)), Axis("seed", ("2",)))

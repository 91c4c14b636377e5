"""Contact sheets: every picture at its own size and place, every word on the sheet."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import ImageFont

from imvar_studio.media.contact_sheet import SheetCell, SheetRow, contact_sheet, wrapped
from imvar_studio.store.places import bundled_folder

FOLDER = bundled_folder("resources") / "fonts"
FONTS = (FOLDER / "Inter-Regular.ttf", FOLDER / "Inter-SemiBold.ttf")
WHITE = 255


def colour(n: int, size: tuple[int, int] = (64, 64)) -> Any:
    """A picture of noise of its own, which nothing else on a sheet is."""
    return np.random.default_rng(n).integers(0, 200, (*size, 3), dtype=np.uint8)


def place_of(picture: Any, sheet: Any) -> tuple[int, int]:
    """Where a picture lies on a sheet, (top, left)."""
    high, wide, _ = picture.shape
    for top, left in np.argwhere((sheet == picture[0, 0]).all(-1)):
        if np.array_equal(sheet[top : top + high, left : left + wide], picture):
            return int(top), int(left)
    pytest.fail("the picture is not on the sheet")


def test_pictures_keep_their_pixels_and_lie_in_rows_and_columns() -> None:
    rows = [
        SheetRow((SheetCell(colour(1)), SheetCell(colour(2))), "first", colour(9), "likeness 0.5"),
        SheetRow((SheetCell(colour(3)), SheetCell(None)), "second"),
    ]
    sheet = contact_sheet("Guidance", "What it does.", ["0", "8"], rows, FONTS)
    assert sheet.dtype == np.uint8
    places = {n: place_of(colour(n), sheet) for n in (1, 2, 3, 9)}
    assert places[9][0] == places[1][0] == places[2][0] < places[3][0]
    assert places[9][1] < places[1][1] == places[3][1] < places[2][1]
    # nothing lies where a picture is missing
    empty = sheet[places[3][0] : places[3][0] + 64, places[2][1] : places[2][1] + 64]
    assert (empty == WHITE).all()
    assert (sheet[-20:] == WHITE).all()


def test_words_stand_where_they_belong() -> None:
    def drawn(**words: Any) -> Any:
        row = SheetRow((SheetCell(colour(1)),), words.get("label", ""), None, words.get("note", ""))
        return contact_sheet(words.get("title", ""), words.get("caption", ""),
                             [words.get("column", "")], [row], FONTS)  # fmt: skip

    bare = drawn()
    top, left = place_of(colour(1), bare)
    for word in ("title", "caption", "column", "label", "note"):
        sheet = drawn(**{word: "gjM"})
        at = place_of(colour(1), sheet)
        ink = np.argwhere((sheet < 150).all(-1))
        outside = [(y, x) for y, x in ink
                   if not (at[0] <= y < at[0] + 64 and at[1] <= x < at[1] + 64)]  # fmt: skip
        assert outside, word
        ys, xs = zip(*outside, strict=True)
        if word in ("title", "caption", "column"):
            assert max(ys) < at[0], word
        else:
            assert max(xs) < at[1] if word == "label" else min(xs) >= at[1] + 64, word
        assert (at != (top, left)) or word == "note"


def test_a_mark_stands_on_its_picture_and_nowhere_else() -> None:
    cells = (SheetCell(colour(1), "near copy"), SheetCell(colour(2)))
    sheet = contact_sheet("", "", ["", ""], [SheetRow(cells)], FONTS)
    red = np.argwhere((sheet == (0xB3, 0x26, 0x1E)).all(-1))
    top, left = place_of(colour(2), sheet)
    assert len(red) > 100
    assert red[:, 0].min() >= top
    assert red[:, 0].max() <= top + 64
    assert red[:, 1].max() < left


def test_cells_are_as_large_as_the_largest() -> None:
    cells = (SheetCell(colour(1, (32, 48))), SheetCell(colour(2, (96, 64))))
    sheet = contact_sheet("", "", ["", ""], [SheetRow(cells), SheetRow(cells)], FONTS)
    top, left = place_of(colour(2, (96, 64)), sheet)
    assert place_of(colour(1, (32, 48)), sheet) == (top, left - 64 - 10)


def test_a_sheet_that_is_too_large_is_made_smaller() -> None:
    wide = colour(1, (8, 9000))
    sheet = contact_sheet("", "", ["", ""], [SheetRow((SheetCell(wide), SheetCell(wide)))], FONTS)
    assert max(sheet.shape) == 16_000


def test_lines_are_broken_between_words() -> None:
    font = ImageFont.truetype(str(FONTS[0]), 14)
    text = "a long word and Donaudampfschifffahrtsgesellschaft at its end"
    lines = wrapped(text, font, 90)
    assert " ".join(lines) == text
    assert all(font.getlength(line) <= 90 or " " not in line for line in lines)
    assert len(lines) > 3
    assert wrapped("", font, 90) == []
    assert wrapped("one\ntwo", font, 90) == ["one", "two"]

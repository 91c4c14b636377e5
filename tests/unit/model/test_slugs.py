"""Words as parts of file names and of ids."""

from __future__ import annotations

import pytest

from imvar_studio.model.sheet_text import sheet_id
from imvar_studio.model.slugs import slug


@pytest.mark.parametrize(
    ("words", "longest", "keep", "wanted"),
    [
        ("A red fox, at dusk!", 40, "", "a-red-fox-at-dusk"),
        ("guidance 2.5 seed 3", 80, ".", "guidance-2.5-seed-3"),
        ("guidance 2.5 seed 3", 80, "", "guidance-2-5-seed-3"),
        (" -.ends.- ", 80, ".", "ends"),
        ("one two", 4, "", "one"),
        ("v1.5", 3, ".", "v1"),
        ("Füße", 40, "", "f-e"),
        ("猫", 40, "", ""),
    ],
)
def test_what_is_left_of_words(words, longest, keep, wanted):
    assert slug(words, longest, keep) == wanted


def test_a_sheet_without_a_letter_has_an_id():
    assert sheet_id("猫") == "sheet"
    assert sheet_id("x" * 70) == "x" * 60

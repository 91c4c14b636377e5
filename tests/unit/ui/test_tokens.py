from __future__ import annotations

import re

import pytest

from imvar_studio.ui.theme.tokens import DARK, LIGHT, PAIRS, TOKEN_NAMES, Tokens, contrast

GREYS = (
    "stage", "bg", "panel", "raised", "field", "line", "hover", "pressed", "text", "text2", "text3",
    "disabled",
)  # fmt: skip


def test_contrast_of_black_and_white_is_the_greatest() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1
    # the grey that WCAG's examples name as the lightest that is read on white
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0]}-on-{pair[1]}")
def test_every_pair_is_read(tokens: Tokens, pair: tuple[str, str, float]) -> None:
    mark, ground, least = pair
    assert contrast(getattr(tokens, mark), getattr(tokens, ground)) >= least


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
def test_colours_are_whole_and_greys_are_neutral(tokens: Tokens) -> None:
    for name in TOKEN_NAMES:
        assert re.fullmatch("#[0-9a-f]{6}", getattr(tokens, name)), name
    for name in GREYS:
        colour = getattr(tokens, name)
        assert colour[1:3] == colour[3:5] == colour[5:7], name

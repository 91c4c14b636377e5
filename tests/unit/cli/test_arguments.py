from __future__ import annotations

import contextlib
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imvar_studio.cli.arguments import (
    decimal,
    parse_frames,
    parse_time,
    shown,
    weighted,
    whole,
)
from imvar_studio.model.codec import decode, encode
from imvar_studio.model.errors import SpecError
from imvar_studio.model.film_edits import read_rate
from imvar_studio.model.project import FilmSettings
from imvar_studio.model.source import Size, parse_size

PARSERS = [parse_size, parse_time, read_rate, whole("steps"), decimal("guidance")]


@pytest.mark.parametrize(
    ("text", "size"),
    [("256", Size(256, 256)), ("320x240", Size(320, 240)), (" 64X8192 ", Size(64, 8192))],
)
def test_sizes(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2", 2), ("2s", 2), ("0.25 s", 0.25), ("1500ms", 1.5), ("1:30", 90), ("2:00.5", 120.5),
     ("0", 0)],
)  # fmt: skip
def test_times(text, seconds):
    assert parse_time(text) == seconds


@pytest.mark.parametrize(
    ("text", "rate"),
    [("12", Fraction(12)), ("23.976", Fraction(24000, 1001)), ("23.98", Fraction(24000, 1001)),
     ("29.97", Fraction(30000, 1001)), ("59.94", Fraction(60000, 1001)), ("0.5", Fraction(1, 2)),
     ("24000/1001", Fraction(24000, 1001)), ("12.345678", Fraction(12345678, 10**6))],
)  # fmt: skip
def test_rates(text, rate):
    assert read_rate(text) == rate


@pytest.mark.parametrize("text", ["1/0", "1/00", "0/5", ".5", "1e1", "-12", "12 fps", "240.1", ""])
def test_rates_that_are_none(text):
    with pytest.raises(SpecError, match=r"^fps must be "):
        read_rate(text, "fps")


@given(st.integers(100_000, 240_000_000))
def test_every_rate_that_can_be_typed_can_be_saved(millionths):
    rate = read_rate(f"{millionths // 10**6}.{millionths % 10**6:06}")
    settings = FilmSettings(fps=rate)
    assert decode(encode(settings), FilmSettings) == settings


@given(st.text(max_size=50))
def test_any_text_ends_in_a_value_or_a_sentence(text):
    for parse in PARSERS:
        with contextlib.suppress(SpecError):
            parse(text)


@pytest.mark.parametrize(
    ("text", "name", "weight"),
    [("fox.png", "fox.png", 1), ("fox.png:0.5", "fox.png", 0.5), ("a:b:2", "a:b", 2),
     ("scene: a fox", "scene: a fox", 1), ("a fox:", "a fox:", 1), ("C:\\a.png", "C:\\a.png", 1),
     ("a fox: 3", "a fox", 3), ("a:-1", "a", -1), ("a:1e2", "a", 100)],
)  # fmt: skip
def test_weights_stand_behind_the_last_colon(text, name, weight):
    assert weighted(text, "--mix") == (name, weight)


@pytest.mark.parametrize("text", ["", " ", ":1", " :0.5"])
def test_a_weight_of_nothing(text):
    with pytest.raises(SpecError, match=r"^--mix needs something before the weight, got "):
        weighted(text, "--mix")


@pytest.mark.parametrize(
    ("path", "typed"), [("a.imvar", "a.imvar"), ("my film.imvar", '"my film.imvar"')]
)
def test_paths_as_they_are_typed(path, typed):
    assert shown(Path(path)) == typed


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("4-9", (4, 9)), ("4-", (4, None)), ("-9", (0, 9)), (" 4 ", (4, 4)), ("0-0", (0, 0)),
     ("9-4", (9, 4))],
)  # fmt: skip
def test_frames_are_a_range_or_one(text, wanted):
    assert parse_frames(text) == wanted


@pytest.mark.parametrize("text", ["", "-", "a", "1-2-3", "--4", "1.5", "12345678", "4–9"])  # noqa: RUF001
def test_other_frames_are_refused(text):
    with pytest.raises(SpecError, match="frames must be like 0-23, 24- or -23, got "):
        parse_frames(text)

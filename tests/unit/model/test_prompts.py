"""Prompts of the text family: brackets and BREAK, and the windows that tokens fall into."""

from __future__ import annotations

import re
from itertools import chain, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from imvar_studio.model.errors import SpecError
from imvar_studio.model.prompt_syntax import Break, Run, parse
from imvar_studio.model.prompt_windows import most_windows, shortened, split, windows

COMMA = 0
UP, DOWN = 1.1, 1 / 1.1


def runs(prompt: str) -> list[tuple[str, float] | str]:
    return [
        "BREAK" if isinstance(part, Break) else (part.text, round(part.weight, 9))
        for part in parse(prompt)
    ]


# the web UI's own examples, and what they leave open
CASES: dict[str, list[tuple[str, float] | str]] = {
    "": [],
    "normal text": [("normal text", 1)],
    "an (important) word": [("an ", 1), ("important", 1.1), (" word", 1)],
    "(unbalanced": [("unbalanced", 1.1)],
    "un)balanced]": [("un)balanced]", 1)],
    r"\(literal\]": [("(literal]", 1)],
    r"(a \(b\) c)": [("a (b) c", 1.1)],
    r"\\(a)": [("\\", 1), ("a", 1.1)],
    r"a\b": [(r"a\b", 1)],
    "(unnecessary)(parens)": [("unnecessaryparens", 1.1)],
    "a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).": [
        ("a ", 1),
        ("house", 1.573),
        (" ", 1.1),
        ("on", 1),
        (" a ", 1.1),
        ("hill", 0.55),
        (", sun, ", 1.1),
        ("sky", 1.4641),
        (".", 1.1),
    ],
    "[a [b]]": [("a ", round(DOWN, 9)), ("b", round(DOWN**2, 9))],
    "(a [b) c]": [("a ", 1.1), ("b", 1), (" c", round(DOWN, 9))],
    "(a: .5 )": [("a", 0.5)],
    "(a:+2.)": [("a", 2)],
    "(a:0)": [("a", 0)],
    "((a:8):0.5)": [("a", 4)],
    "a:1.2)": [("a:1.2)", 1)],
    "[a:0.5]": [("a:0.5", round(DOWN, 9))],
    "(a:1.2.3)": [("a:1.2.3", 1.1)],
    "(a:b)": [("a:b", 1.1)],
    "()[]": [],
    "a BREAK b": [("a", 1), "BREAK", ("b", 1)],
    "a\n BREAK \nBREAK": [("a", 1), "BREAK", "BREAK"],
    "(a BREAK b:2)": [("a", 2), "BREAK", ("b", 2)],
    "breakfast, BREAKFAST, break, A_BREAK": [("breakfast, BREAKFAST, break, A_BREAK", 1)],
    "a.BREAK,b": [("a.", 1), "BREAK", (",b", 1)],
}


@pytest.mark.parametrize("prompt", CASES)
def test_runs(prompt: str) -> None:
    assert runs(prompt) == CASES[prompt]


@pytest.mark.parametrize(
    ("prompt", "weight"),
    [("(a:4.01)", "4.01"), ("(a:-0.1)", "-0.1"), ("((a:3):2)", "6"), ("(" * 15 + "a", "4.17725"),
     ("(a:" + "9" * 400 + ")", "inf"), ("((a:" + "9" * 400 + "):0)", "nan")],
)  # fmt: skip
def test_weights_have_a_range(prompt: str, weight: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse(prompt)
    assert str(caught.value).startswith(f"prompt weights must be in [0, 4], got {weight}: ")
    assert caught.value.field == "prompt weight"


BITS = st.sampled_from(["(", ")", "[", "]", "\\", ":", "1.2", " ", "BREAK", "word", ",", "é", "\n"])


@given(st.one_of(st.text(max_size=60), st.lists(BITS, max_size=40).map("".join)))
@example("(:1)")
def test_any_prompt_parses_or_is_told(prompt: str) -> None:
    try:
        found = parse(prompt)
    except SpecError as error:
        assert error.field == "prompt weight"  # noqa: PT017
        return
    words = [part for part in found if isinstance(part, Run)]
    assert all(run.text and 0 <= run.weight <= 4 for run in words)
    # nothing is made up: what is left is the prompt, less syntax and the blanks around BREAK
    rest = iter(prompt)
    assert all(letter in rest for letter in "".join(run.text for run in words))
    plain, read = (
        re.sub(r"[()\[\]\\:.0-9+\-\sBREAK]", "", text)
        for text in (prompt, "".join(run.text for run in words))
    )
    assert read == plain
    neighbours = [pair for pair in pairwise(found) if Break() not in pair]
    assert all(a.weight != b.weight for a, b in neighbours if isinstance(a, Run) and b)


@given(st.text(max_size=60).filter(lambda text: "BREAK" not in text))
def test_an_escaped_text_is_itself(text: str) -> None:
    escaped = re.sub(r"[\\()\[\]]", lambda match: "\\" + match.group(), text)
    assert parse(escaped) == ((Run(text),) if text else ())


def tokens(text: str) -> list[int]:
    """A token a letter: a comma 0, a blank none."""
    return [COMMA if letter == "," else ord(letter) for letter in text if letter != " "]


def lengths(prompt: str, room: int = 75) -> list[int]:
    return [len(window.tokens) for window in split(prompt, tokens, COMMA, room)]


def test_windows_are_full_or_broken_or_the_last() -> None:
    assert lengths("") == lengths("()") == [0]
    assert lengths("a" * 75) == [75]
    assert lengths("a" * 76) == [75, 1]
    assert lengths("a" * 225) == [75, 75, 75]
    assert lengths("aa BREAK b") == [2, 1]
    assert lengths("aa BREAK BREAK b") == [2, 0, 1]
    assert lengths("aa BREAK") == [2]
    assert lengths("BREAK b") == [0, 1]


def test_a_comma_near_the_end_ends_a_full_window() -> None:
    assert lengths("a" * 55 + "," + "a" * 19 + "b") == [56, 20]
    assert lengths("a" * 54 + "," + "a" * 20 + "b") == [75, 1]  # too far
    assert lengths("a" * 55 + "," + "a" * 19) == [75]  # it all fits
    assert lengths("a" * 60 + ",aa,aa" + "a" * 9 + "b") == [64, 12]  # the last one
    assert lengths("a" * 74 + ",b") == [75, 1]
    assert lengths("a" * 60 + "," + "a" * 14 + ",b") == [75, 2]  # a comma itself does not move


def test_tokens_keep_their_weights_where_windows_break() -> None:
    first, second = split("a" * 60 + ", (b" + "b" * 14 + ":1.5) [c]", tokens, COMMA, 75)
    assert first.weights == (1.0,) * 61
    assert first.tokens == (ord("a"),) * 60 + (COMMA,)
    assert second.tokens == (ord("b"),) * 15 + (ord("c"),)
    assert second.weights == (1.5,) * 15 + (DOWN,)


@given(st.lists(st.sampled_from("ab,() "), max_size=300).map("".join), st.integers(2, 30))
def test_no_token_is_lost(prompt: str, room: int) -> None:
    found = split(prompt, tokens, COMMA, room)
    read = [tokens(part.text) for part in parse(prompt) if isinstance(part, Run)]
    assert [token for window in found for token in window.tokens] == list(chain(*read))
    assert all(len(each.tokens) == len(each.weights) <= room for each in found)
    assert all(each.tokens for each in found) or found == split("", tokens, COMMA, room)
    assert len(found) <= most_windows(prompt, room)


def test_eight_windows_are_read_and_no_more() -> None:
    assert len(windows("a" * 600, tokens, COMMA, 75)) == 8
    with pytest.raises(SpecError) as caught:
        windows("a" * 601, tokens, COMMA, 75)
    sentence = f"prompt '{'a' * 37}...' fills 9 windows of 75 tokens, at most 8 are read"
    assert str(caught.value) == f"{sentence}: shorten it"
    assert shortened("a" * 40) == "a" * 40

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imvar_studio.model.errors import FormatError, StoreError
from imvar_studio.store.strict_json import DEEPEST, json_bytes, parse_json, read_json

if TYPE_CHECKING:
    from pathlib import Path

REFUSED = {
    "a key twice": (b'{"a": {"b": 1, "b": 2}}', "field 'b' twice"),
    "NaN": (b'{"a": NaN}', "holds NaN"),
    "infinity": (b'{"a": -Infinity}', "holds -Infinity"),
    "a float too large": (b'{"a": 1e999}', "1e999, which is too large"),
    "an integer a digit too long": (b"-" + b"1" * 41, "whole number of 41 digits"),
    "an integer too long": (b'{"a": 1' + b"0" * 5000 + b"}", "whole number of 5001 digits"),
    "not UTF-8": (b'{"a": "\xff"}', "not UTF-8 text, see byte 7"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
    "half a pair": (rb'{"a": ["\ud83d"]}', "half of a character pair"),
    "cut": (b'{\n"a": 1,\n"b', "line 3 is not JSON"),
    "two values": (b"{}\n{}", "line 2 is not JSON, extra data"),
    "empty": (b"", "line 1 is not JSON"),
    "zeros": (bytes(500), "line 1 is not JSON"),
    "deep": (b"[" * 200 + b"]" * 200, f"more than {DEEPEST} deep"),
    "very deep": (b"[" * 200_000, f"more than {DEEPEST} deep"),
    "deep objects": (b'{"a":' * 150 + b"1" + b"}" * 150, f"more than {DEEPEST} deep"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(tmp_path: Path, case: str) -> None:
    data, sentence = REFUSED[case]
    path = tmp_path / "file.json"
    path.write_bytes(data)
    with pytest.raises(FormatError) as caught:
        read_json(path)
    assert sentence in str(caught.value)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == data


def test_an_oversize_file_is_not_parsed(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    with path.open("wb") as file:
        file.truncate(64 * 2**20 + 1)
    with pytest.raises(FormatError, match="larger than 64 MiB"):
        read_json(path)
    path.write_bytes(b"12345")
    assert read_json(path, most=5) == 12345
    with pytest.raises(FormatError, match="larger than"):
        read_json(path, most=4)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot read .*no such file"):
        read_json(tmp_path / "none.json")


def test_the_deepest_that_is_read() -> None:
    assert parse_json(b"[" * DEEPEST + b"]" * DEEPEST, "x")


def test_the_longest_whole_number_that_is_read() -> None:
    assert parse_json(b"-" + b"9" * 40, "x") == 1 - 10**40


def test_pairs_of_escapes_are_text() -> None:
    assert parse_json(rb'"\ud83e\udd89 \u00e9"', "x") == "🦉 é"


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**39), 10**39)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner),
    max_leaves=12,
)


@given(values)
def test_what_is_written_is_read_back(value: object) -> None:
    assert parse_json(json_bytes(value), "x") == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    said = "x "
    try:
        parse_json(data, "x")
    except FormatError as error:
        said = str(error)
    assert said.startswith("x ")

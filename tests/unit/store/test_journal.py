from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imvar_studio.model.errors import SpecError, StoreError
from imvar_studio.store.journal import Journal, JournalRecord

if TYPE_CHECKING:
    from pathlib import Path

lenient = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def record(number: int) -> JournalRecord:
    device = "cpu torch 2.13 fp32 \N{GREEK SMALL LETTER MU}\nbatch 4"
    return JournalRecord(f"{number:064x}", f"{number + 99:064x}", device, number / 7)


def rounded(value: JournalRecord) -> tuple[str, str, str, float]:
    return value.recipe, value.file, value.fingerprint, float(f"{value.seconds:.9g}")


def shown(journal: Journal) -> list[tuple[str, str, str, float]]:
    return [rounded(each) for each in journal.records()]


def test_records_come_back_in_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    assert journal.records() == ()
    journal.append([record(1)])
    journal.append([record(2), record(3)])
    journal.append([])
    assert shown(journal) == [rounded(record(i)) for i in (1, 2, 3)]
    assert (tmp_path / "journal.jsonl").read_bytes().count(b"\n") == 3


def test_torn_anywhere_in_the_last_two_records(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.append([record(i) for i in range(4)])
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    ends = [sum(map(len, lines[:i])) for i in range(5)]
    for cut in range(ends[2], ends[4] + 1):
        path.write_bytes(whole[:cut])
        kept = sum(cut >= end - 1 for end in ends[1:])  # a line break is not part of a record
        assert shown(journal) == [rounded(record(i)) for i in range(kept)]
        journal.append([record(9)])
        assert shown(journal) == [rounded(record(i)) for i in (*range(kept), 9)]
        assert path.read_bytes().startswith(whole[:cut])


@lenient
@given(data=st.data())
def test_flipped_bits_cost_only_their_own_lines(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "journal.jsonl"
    path.unlink(missing_ok=True)
    journal = Journal(path)
    journal.append([record(i) for i in range(5)])
    content = bytearray(path.read_bytes())
    starts = [0, *(i + 1 for i, byte in enumerate(content) if byte == 10)][:5]
    hit: set[int] = set()
    for _ in range(data.draw(st.integers(1, 3))):
        bit = data.draw(st.integers(0, len(content) * 8 - 1))
        content[bit // 8] ^= 1 << bit % 8
        line = sum(start <= bit // 8 for start in starts) - 1
        hit.add(line)
        if bit // 8 + 1 in starts:  # its line break: the next line is joined to it
            hit.add(line + 1)
    path.write_bytes(content)
    found = shown(journal)
    every = [rounded(record(i)) for i in range(5)]
    assert [each for i, each in enumerate(every) if i not in hit] == [
        each for each in found if every.index(each) not in hit
    ]
    assert path.read_bytes() == content


@lenient
@given(st.binary(max_size=300))
def test_any_bytes_are_no_records(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(content)
    assert Journal(path).records() == ()
    Journal(path).append([record(1)])
    assert shown(Journal(path)) == [rounded(record(1))]


@pytest.mark.parametrize(
    "line",
    [b"[" * 100_000, b"1" * 5000, b"[]", b'{"check":"x"}', b"null", b'{"recipe":NaN}', b"\xff"],
)
def test_strange_lines_are_ignored(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(line + b"\n" + record(1).line() + b"\n" + line)
    assert shown(Journal(path)) == [rounded(record(1))]


def test_a_record_that_was_edited_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    line = record(1).line()
    path.write_bytes(line.replace(b"cpu", b"gpu") + b"\n")
    assert Journal(path).records() == ()


def fill(path: Path) -> None:
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def refusal(journal: Journal, added: JournalRecord) -> StoreError | None:
    try:
        journal.append([added])
    except StoreError as error:
        return error
    return None


def test_a_disk_that_takes_a_part_costs_that_record_only(small_disk: Path) -> None:
    path = small_disk / "journal.jsonl"
    journal = Journal(path)
    journal.append([record(1)])
    filler = small_disk / "filler"
    fill(filler)
    kept = 1
    said = None
    while said is None and kept < 100:
        said = refusal(journal, record(kept + 1))
        kept += said is None
    assert "journal.jsonl, the disk is full" in str(said)
    assert shown(journal) == [rounded(record(i)) for i in range(1, kept + 1)]
    filler.unlink()
    journal.append([record(200)])
    assert shown(journal)[-1] == rounded(record(200))
    assert len(shown(journal)) == kept + 1


def test_a_failing_sync_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> NoReturn:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StoreError, match="disk reports an error"):
        Journal(tmp_path / "journal.jsonl").append([record(1)])


@pytest.mark.parametrize(
    "fields",
    [
        ("x", "0" * 64, "cpu", 1.0),
        ("0" * 64, "x", "cpu", 1.0),
        ("0" * 64, "0" * 64, "cpu\0", 1.0),
        ("0" * 64, "0" * 64, "cpu", -1.0),
        ("0" * 64, "0" * 64, "cpu", float("nan")),
    ],
)
def test_records_are_checked(fields: tuple[str, str, str, float]) -> None:
    with pytest.raises(SpecError):
        JournalRecord(*fields)

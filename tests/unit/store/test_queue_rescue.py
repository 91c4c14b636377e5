"""Damaged queues: refused without a change, and saved as far as they can be read."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from imvar_studio.model.errors import FormatError
from imvar_studio.store.queue_db import QueueDB, QueueRow
from imvar_studio.store.queue_file import QueueDamagedError
from imvar_studio.store.queue_rescue import rescue

COUNT, PAGE = 60, 4096


def task(number):
    """As long as a film's task, a few pages, each different."""
    return f'{{"task": "{random.Random(number).randbytes(800 + 97 * number).hex()}"}}'


def row(number):
    states = ("waiting", "paused", "finished", "failed")
    return QueueRow(
        number, float(number), f"film {number}", f"/p/{number}", number % 3, -number,
        states[number % 4], message="a" * number,
    )  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bytes of a queue of `COUNT` jobs; all of it is in the database, nothing in the WAL."""
    path = tmp_path_factory.mktemp("queue") / "queue.db"
    with QueueDB(path) as db:
        for number in range(1, COUNT + 1):
            with db.change():
                assert db.insert(row(number), task(number)) == number
    return path.read_bytes()


def damaged(data, number):
    """Return the data with one of the damages that disks and people do."""
    chance, data = random.Random(number), bytearray(data)
    spot = chance.randrange(len(data))
    match number % 7:
        case 0:
            data[spot] ^= 1 << chance.randrange(8)
        case 1:  # where the form of the pages is
            data[spot // PAGE * PAGE + chance.randrange(12)] ^= 1 << chance.randrange(8)
        case 2:
            data[chance.randrange(100)] = chance.randrange(256)
        case 3:
            data[spot : spot + 512] = chance.randbytes(512)
        case 4:
            page = spot // PAGE * PAGE
            data[page : page + PAGE] = bytes(PAGE)
        case 5:
            del data[spot:]
        case 6:
            del data[spot : spot + chance.randrange(1, 9)]
    return bytes(data)


def contents(folder):
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}


def refused(path, data):
    """Tell whether opening the queue is refused as damaged; if so, nothing was changed."""
    path.write_bytes(data)
    try:
        with QueueDB(path) as db:
            texts = {each.id: db.task_text(each.id) for each in db.rows()}
    except QueueDamagedError:
        assert path.read_bytes() == data
        return True
    except FormatError:  # one of the bytes is the version's
        assert int.from_bytes(data[60:64], "big") > 1
        assert path.read_bytes() == data
        return False
    # no harm that can be seen: a task that was hit is known to be
    assert all(text in (None, task(number)) for number, text in texts.items())
    return False


@pytest.mark.parametrize("part", range(5))
def test_damage_is_refused_or_harmless_and_rescue_keeps_what_is_whole(whole, tmp_path, part):
    """30 of the 150 damages each."""
    count = 0
    for number in range(part * 30, part * 30 + 30):
        place = tmp_path / f"{number}"
        place.mkdir()
        path, data = place / "queue.db", damaged(whole, number)
        if not refused(path, data):
            continue
        count += 1
        found = rescue(path)
        assert contents(place)[found.moved[0].name] == data
        assert set(contents(place)) == {"queue.db", *(each.name for each in found.moved)}
        with QueueDB(path) as db:
            rows = db.rows()
            assert len(rows) == found.kept + found.mended
            assert all(db.task_text(each.id) == task(each.id) for each in rows)
            if number % 7 <= 4:  # the damage is in one place: at most the tasks of two pages
                assert len(rows) >= COUNT - 16, (number, found)
            same = sum(each == row(each.id) for each in rows)
            assert same >= found.kept - 1  # a byte of a number may be another unnoticed
            with db.change():
                assert db.insert(row(0), "{}") > max((each.id for each in rows), default=0)
    assert count >= 10


def test_the_trees_of_the_tables_are_not_needed(whole, tmp_path):
    """The pages from which all others are reached are gone."""
    path = tmp_path / "queue.db"
    path.write_bytes(bytes(3 * PAGE) + whole[3 * PAGE :])
    found = rescue(path)
    assert (found.kept, found.mended, found.lost) == (COUNT, 0, 0)
    with QueueDB(path) as db:
        assert sorted(db.rows(), key=lambda each: each.id) == [row(n + 1) for n in range(COUNT)]


def test_what_is_only_in_the_log_is_saved_too(tmp_path):
    path, wal = tmp_path / "queue.db", tmp_path / "queue.db-wal"
    with QueueDB(path) as db:
        for number in range(1, 6):
            with db.change():
                db.insert(row(number), task(number))
        log = wal.read_bytes()
    for content in (b"", None):
        path.unlink()
        if content is not None:
            path.write_bytes(content)
        wal.write_bytes(log)
        with pytest.raises(QueueDamagedError):
            QueueDB(path)
        found = rescue(path)
        assert (found.kept, found.mended, found.lost) == (5, 0, 0)
        assert log in [each.read_bytes() for each in found.moved]
        with QueueDB(path) as db:
            assert {each.id: each for each in db.rows()} == {n: row(n) for n in range(1, 6)}


def test_a_whole_queue_is_left_alone(tmp_path, whole):
    path = tmp_path / "queue.db"
    path.write_bytes(whole)
    found = rescue(path)
    assert (found.kept, found.mended, found.lost, found.moved) == (COUNT, 0, 0, ())
    assert path.read_bytes() == whole


def test_a_newer_queue_is_not_touched(tmp_path, whole):
    path = tmp_path / "queue.db"
    path.write_bytes(whole[:60] + (2).to_bytes(4, "big") + whole[64:])
    before = path.read_bytes()
    with pytest.raises(FormatError, match="update Imvar Studio"):
        rescue(path)
    assert path.read_bytes() == before


def test_a_job_whose_row_is_wrong_is_kept_with_its_task(tmp_path, whole):
    path = tmp_path / "queue.db"
    path.write_bytes(whole)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA ignore_check_constraints = 1")
        db.execute("UPDATE jobs SET state = 'sleeping' WHERE id = 7")
        db.execute("DELETE FROM jobs WHERE id = 8")
        db.execute("UPDATE tasks SET text = 'other' WHERE id = 9")
    found = rescue(path)
    assert (found.kept, found.mended, found.lost) == (COUNT - 3, 2, 1)
    with QueueDB(path) as db:
        rows = {each.id: each for each in db.rows()}
        assert rows.keys() == set(range(1, COUNT + 1)) - {9}
        assert {rows[7].state, rows[8].state} == {"interrupted"}
        assert rows[10] == row(10)
        assert db.task_text(7) == task(7)


def test_what_was_removed_does_not_come_back(tmp_path, whole):
    path = tmp_path / "queue.db"
    path.write_bytes(whole)
    with QueueDB(path) as db, db.change():
        for number in range(1, COUNT):
            db.delete(number)
    data = path.read_bytes()
    for number in range(1, COUNT):
        assert task(number)[-200:].encode() not in data
    path.write_bytes(bytes(3 * PAGE) + data[3 * PAGE :])
    found = rescue(path)
    assert found.kept + found.mended <= 1


def test_a_program_that_has_the_queue_open_goes_on_with_the_new_one(tmp_path, whole):
    path = tmp_path / "queue.db"
    path.write_bytes(whole)
    with QueueDB(path) as window:
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("PRAGMA application_id = 0")
        assert rescue(path).kept == COUNT
        with window.change():
            window.save(replace(row(3), title="renamed"))
        assert len(window.rows()) == COUNT
    with QueueDB(path) as db:
        assert db.row(3).title == "renamed"

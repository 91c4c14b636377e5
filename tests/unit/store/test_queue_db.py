"""The queue's rows on disk."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing, suppress
from dataclasses import replace

import pytest

from imvar_studio.model.errors import FormatError, StoreError
from imvar_studio.store import queue_file
from imvar_studio.store.queue_db import QueueDB, QueueRow, queue_path
from imvar_studio.store.queue_file import QueueDamagedError

ROW = QueueRow(0, 1.5, "owls", "/p/owls.imvar", 2, 7)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "queue.db"


@pytest.fixture
def hasty(monkeypatch):
    """Nobody waits for a lock."""
    monkeypatch.setattr(queue_file, "_BUSY_SECONDS", 0.0)


def insert(db, row=ROW, task="{}"):
    with db.change():
        return db.insert(row, task)


def test_the_queue_lies_in_the_users_folder(user_home):
    assert queue_path() == user_home / "queue.db"


def test_a_row_comes_back_as_it_was_added_and_saved(path):
    full = QueueRow(
        1, 1.25, "Straße 梟\0\n", "/p/a b", 1, -3, "running", "yield", "host", 4_294_967_295, 0.5,
        1e11, 3, 5, 9, 0.125, "why", "do", '["/a"]', 2.5, 3.5,
    )  # fmt: skip
    task = '{"a": "\0 梟"}' * 5000
    with QueueDB(path) as db:
        assert insert(db, task=task) == 1
        with db.change():
            db.save(full)
    with QueueDB(path) as db:
        assert db.rows() == [full]
        assert db.row(1) == full
        assert db.task_text(1) == task
        assert db.row(2) is db.task_text(2) is None
        assert db.row(0) is db.row(-1) is db.row(10**30) is None


def test_names_that_are_no_text_are_shown_with_escapes(path):
    with QueueDB(path) as db:
        insert(db, replace(ROW, project="/p/\udcff"))
        assert db.rows()[0].project == "/p/\\udcff"


def test_an_id_is_never_given_twice(path):
    with QueueDB(path) as db:
        assert [insert(db), insert(db)] == [1, 2]
        with db.change():
            db.delete(2)
        assert db.task_text(2) is None
        assert insert(db) == 3


def test_rows_come_by_urgency_position_and_id(path):
    with QueueDB(path) as db:
        for urgency, position in ((2, 0), (1, 5), (1, -5), (2, 0), (0, 9)):
            insert(db, replace(ROW, urgency=urgency, position=position))
        assert [row.id for row in db.rows()] == [5, 3, 2, 1, 4]
        first = db.first_waiting()
        assert first == db.row(5)
        with db.change():
            db.save(replace(first, state="paused"))
        assert db.first_waiting() == db.row(3)


def test_all_of_a_change_is_there_or_nothing(path):
    with QueueDB(path) as db, QueueDB(path) as other:
        insert(db)
        with suppress(ZeroDivisionError), db.change():
            db.insert(ROW, "{}")
            db.pause_all(paused=True)
            assert other.rows() == [replace(ROW, id=1)]
            _ = 1 / 0
        assert [row.id for row in other.rows()] == [1]
        assert not other.all_paused()
        with db.change():
            db.pause_all(paused=True)
        assert other.all_paused()


def test_every_change_by_anyone_makes_another_revision(path):
    with QueueDB(path) as db, QueueDB(path) as other:
        first = db.revision()
        assert db.revision() == first
        insert(db)
        second = db.revision()
        insert(other)
        assert len({first, second, db.revision()}) == 3


def test_what_is_written_is_synced_before_the_call_returns(path):
    with QueueDB(path) as db:
        assert db._db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert db._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_values_that_no_row_has_are_not_let_in(path):
    with QueueDB(path) as db:
        for wrong in (
            {"state": "sleeping"}, {"request": "dance"}, {"urgency": 3}, {"position": 0.5},
            {"created": -1.0}, {"created": float("nan")}, {"pictures": -1}, {"title": b"x"},
            {"seconds_left": float("inf")}, {"started": "now"}, {"pid": -1},
        ):  # fmt: skip
            with pytest.raises(sqlite3.IntegrityError), db.change():
                db.insert(replace(ROW, **wrong), "{}")
        assert db.rows() == []


def test_a_newer_database_is_refused_and_left_alone(path):
    QueueDB(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 7")
    before = path.read_bytes()
    with pytest.raises(FormatError, match=r"newer version .*\(format 7, .*: update Imvar Studio"):
        QueueDB(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "harm",
    [
        "PRAGMA user_version = 99999",
        "PRAGMA user_version = -1",
        "PRAGMA application_id = 0",
        "CREATE TABLE more (a)",
        "CREATE TRIGGER t AFTER INSERT ON jobs BEGIN DELETE FROM jobs; END",
        "DROP TABLE settings",
        "PRAGMA ignore_check_constraints = 1; UPDATE jobs SET state = 'sleeping'",
        "PRAGMA ignore_check_constraints = 1; UPDATE jobs SET created = 'yesterday'",
        "PRAGMA ignore_check_constraints = 1; UPDATE jobs SET position = x'00'",
        "PRAGMA ignore_check_constraints = 1; UPDATE tasks SET text = x'00'",
        "PRAGMA ignore_check_constraints = 1; UPDATE settings SET paused = 2",
    ],
)
def test_what_is_not_of_our_form_is_damaged_and_left_alone(path, harm):
    with QueueDB(path) as db:
        insert(db)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(harm)
    before = path.read_bytes()
    with pytest.raises(
        QueueDamagedError, match=r"nothing in it was changed: .*'imvar queue rescue'"
    ):
        QueueDB(path)
    assert path.read_bytes() == before


def test_a_crash_before_the_tables_were_there_does_no_harm(path):
    path.parent.mkdir()
    path.touch()
    QueueDB(path).close()
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
    with QueueDB(path) as db:
        assert insert(db) == 1


def test_a_log_without_its_database_is_not_thrown_away(path):
    """SQLite deletes the WAL of an empty file, and with it all that was not written back."""
    with QueueDB(path) as db:
        insert(db)
        wal = path.with_name("queue.db-wal")
        kept = wal.read_bytes()
    for content in (b"", None):
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)
        wal.write_bytes(kept)
        with pytest.raises(QueueDamagedError):
            QueueDB(path)
        assert wal.read_bytes() == kept


def test_a_task_that_was_changed_on_the_disk_is_none(path):
    with QueueDB(path) as db:
        insert(db, task='{"steps": 20}')
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE tasks SET text = '{\"steps\": 21}'")
    with QueueDB(path) as db:
        assert db.task_text(1) is None
        assert [row.id for row in db.rows()] == [1]


def test_a_database_that_stays_locked_is_said_in_a_sentence(path, hasty):
    with QueueDB(path) as db, QueueDB(path) as other, db.change():
        db.insert(ROW, "{}")
        with pytest.raises(StoreError, match="kept busy by another program: try again"):
            insert(other)
        assert other.rows() == []
    with QueueDB(path) as db:
        assert insert(db) == 2


def test_a_folder_in_its_place_is_said_in_a_sentence(path):
    path.mkdir(parents=True)
    with pytest.raises(StoreError, match=r"queue\.db.*: "):
        QueueDB(path)


def test_a_full_disk_is_said_in_a_sentence_and_costs_no_job(small_disk):
    path = small_disk / "queue.db"
    with QueueDB(path) as db:
        insert(db)
        with pytest.raises(StoreError, match=r"full.*: free some space"):
            insert(db, task="x" * 300_000)
        assert [row.id for row in db.rows()] == [1]
        insert(db)
        assert [row.id for row in db.rows()] == [1, 2]
    with QueueDB(path) as db:
        assert [row.id for row in db.rows()] == [1, 2]


def test_many_programs_can_make_the_queue_at_once(path):
    start, made, faults = threading.Barrier(8), [], []

    def work():
        try:
            start.wait()
            with QueueDB(path) as db:
                made.append(insert(db))
        except Exception as error:  # noqa: BLE001  (any is shown)
            faults.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert faults == []
    assert sorted(made) == list(range(1, 9))


def test_a_file_put_in_its_place_is_opened_anew(path, tmp_path):
    with QueueDB(path) as db:
        insert(db)
        with QueueDB(tmp_path / "other.db") as other:
            insert(other, replace(ROW, title="another"))
        revision = db.revision()
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).unlink()
        (tmp_path / "other.db").replace(path)
        assert [row.title for row in db.rows()] == ["another"]
        assert db.revision() != revision


def test_a_broken_file_in_its_place_is_said_each_time_until_a_whole_one_is_there(path, tmp_path):
    with QueueDB(path) as db:
        insert(db)
        with QueueDB(tmp_path / "other.db") as other:
            insert(other, replace(ROW, title="another"))
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).unlink()
        path.unlink()
        path.write_bytes(b"no database " * 500)
        for _ in range(2):
            with pytest.raises(QueueDamagedError):
                db.rows()
        (tmp_path / "other.db").replace(path)
        assert [row.title for row in db.rows()] == ["another"]

from __future__ import annotations

import logging
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.model.errors import Cancelled, SpecError
from imvar_studio.store.atomic import store_error
from imvar_studio.store.logs import MOST_JOBS, PrivateFormatter, debugging, job_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "a zebrafish in a top hat"


@pytest.fixture(autouse=True)
def level(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("IMVAR_DEBUG", raising=False)
    package = logging.getLogger("imvar_studio")
    before = package.level
    yield
    package.setLevel(before)
    assert package.handlers == []


def raised(error: Exception) -> Any:
    try:
        raise error  # noqa: TRY301
    except Exception:  # noqa: BLE001
        return sys.exc_info()


def record(name: str, message: object, *args: object, info: Any = None) -> logging.LogRecord:
    return logging.LogRecord(name, logging.WARNING, "/a/b.py", 7, message, args, info)


def written(info: Any) -> str:
    return PrivateFormatter().format(record("imvar_studio.x", "a fault", info=info))


def fault(cause: bool) -> None:
    """A fault whose words, and whose cause's words, are secret."""
    try:
        {}[SECRET]
    except KeyError as error:
        if cause:
            raise ValueError(SECRET) from error
        raise RuntimeError(SECRET)  # noqa: B904


def caught(cause: bool) -> Any:
    try:
        fault(cause)
    except Exception:  # noqa: BLE001
        return sys.exc_info()


@pytest.mark.parametrize("cause", [True, False])
def test_a_fault_is_written_with_its_places_and_without_its_words(cause):
    text = written(caught(cause))
    assert "zebrafish" not in text
    assert "SECRET" not in text  # no line of the source either
    place = f'  File "{__file__}", line '
    kinds = [line for line in text.splitlines()[1:] if not line.startswith(place)]
    assert kinds == ["Traceback (most recent call last):", "KeyError", "which led to:",
                     "Traceback (most recent call last):",
                     "ValueError" if cause else "RuntimeError"]  # fmt: skip
    assert [line.rpartition(" ")[2] for line in text.splitlines() if place in line] == [
        "fault", "caught", "fault"]  # fmt: skip


def test_errors_in_groups_and_endless_chains():
    first, second = ValueError(SECRET), KeyError(SECRET)
    first.__context__, second.__context__ = second, first
    text = written(raised(ExceptionGroup(SECRET, [first, OSError(28, SECRET)])))
    assert "zebrafish" not in text
    assert text.endswith("OSError (ENOSPC)")
    assert "ExceptionGroup" in text
    assert "ValueError" in text


def test_what_another_formatter_made_of_an_error_is_not_used():
    noted = record("imvar_studio.x", "a fault", info=raised(ValueError(SECRET)))
    logging.Formatter().format(noted)
    assert SECRET in (noted.exc_text or "")
    assert SECRET not in PrivateFormatter().format(noted)


def test_errors_in_messages_are_named_and_not_quoted():
    cause = PermissionError(13, "Permission denied")
    refused = store_error(cause, "read", SECRET)
    refused.__cause__ = cause
    text = PrivateFormatter().format(record("imvar_studio.x", "%s stays: %s", "a/b", refused))
    assert text.endswith("a/b stays: imvar_studio.model.errors.StoreError (EACCES)")
    bare = PrivateFormatter().format(record("imvar_studio.x", ValueError(SECRET)))
    assert bare.endswith("imvar_studio.x: ValueError")


@pytest.mark.parametrize(
    ("name", "message", "args", "shown"),
    [("transformers", f"too long: {SECRET}", (), "a message from b.py:7, IMVAR_DEBUG=1 shows it"),
     ("diffusers.x", "too long: %s", (SECRET,), "a message from b.py:7, IMVAR_DEBUG=1 shows it"),
     ("imvar_studios", SECRET, (), "a message from b.py:7, IMVAR_DEBUG=1 shows it"),
     ("py.warnings", "%s", (f"/a/c.py:9: UserWarning: {SECRET}\n  warn('{SECRET}')\n",),
      "/a/c.py:9: UserWarning"),
     ("py.warnings", "%s", (SECRET,), "a warning")],
)  # fmt: skip
def test_what_libraries_say_is_left_out(name, message, args, shown):
    text = PrivateFormatter().format(record(name, message, *args))
    assert text.split(f"{name}: ")[1] == shown


def test_debugging_shows_everything():
    for noted in (
        record("imvar_studio.x", "a fault", info=raised(ValueError(SECRET))),
        record("imvar_studio.x", "a fault: %s", ValueError(SECRET)),
        record("transformers", SECRET),
    ):
        assert SECRET in PrivateFormatter(debug=True).format(noted)


@pytest.mark.parametrize(("value", "on"), [("1", True), ("yes", True), ("0", False), ("", False)])
def test_how_debugging_is_switched_on(monkeypatch, value, on):
    monkeypatch.setenv("IMVAR_DEBUG", value)
    assert debugging() is on


# ---- jobs


def lines(home: Path, name: str) -> list[str]:
    text = (home / "logs" / "jobs" / f"{name}.log").read_text("utf-8")
    return [line.partition(" imvar_studio")[2] for line in text.splitlines()]


def test_a_jobs_log_has_its_notes_and_what_the_package_says(user_home):
    with job_log("job-1") as log:
        log.info("settings %s", "ab" * 4)
        logging.getLogger("imvar_studio.store.cache").warning("an entry is damaged")
        logging.getLogger("imvar_studio.store.cache").debug("not while nobody debugs")
        logging.getLogger("transformers").warning("not ours")
    logging.getLogger("imvar_studio.x").warning("after it")
    found = lines(user_home, "job-1")
    assert found[:3] == [".job: begins", ".job: settings abababab",
                         ".store.cache: an entry is damaged"]  # fmt: skip
    assert found[3].startswith(".job: done after ")
    assert len(found) == 4
    with job_log("job-1"):
        pass
    assert len(lines(user_home, "job-1")) == 6


@pytest.mark.parametrize(
    ("error", "says"),
    [(Cancelled(), "stopped after "), (SpecError(SECRET, "prompt"), "ended after "),
     (KeyError(SECRET), "failed after "), (KeyboardInterrupt(), "failed after ")],
)  # fmt: skip
def test_how_a_job_ended_is_noted_and_passes_on(user_home, error, says):
    with pytest.raises(type(error)), job_log("job-1"):
        raise error
    assert lines(user_home, "job-1")[1].startswith(f".job: {says}")
    text = (user_home / "logs" / "jobs" / "job-1.log").read_text("utf-8")
    assert "zebrafish" not in text
    assert text.endswith("\nKeyError\n") == isinstance(error, KeyError)


def test_jobs_inside_and_beside_each_other_keep_apart(user_home):
    shared = logging.getLogger("imvar_studio.x")
    inside, go = threading.Event(), threading.Event()

    def beside() -> None:
        with job_log("beside") as log:
            inside.set()
            assert go.wait(30)
            log.info("b")

    thread = threading.Thread(target=beside)
    thread.start()
    assert inside.wait(30)
    with job_log("outer"):
        shared.info("a")
        with job_log("inner"):
            shared.info("c")
        shared.info("d")
    go.set()
    thread.join(30)
    said = {name: [line.split(": ")[1] for line in lines(user_home, name)][1:-1]
            for name in ("outer", "inner", "beside")}  # fmt: skip
    assert said == {"outer": ["a", "d"], "inner": ["c"], "beside": ["b"]}


def test_the_newest_logs_are_kept(user_home):
    folder = user_home / "logs" / "jobs"
    folder.mkdir(parents=True)
    for i in range(MOST_JOBS + 10):
        for path in (folder / f"old-{i}.log", folder / f"old-{i}.log.1"):
            path.touch()
            os.utime(path, (i, i))
    with job_log("new"):
        pass
    names = {path.name for path in folder.iterdir()}
    kept = {f"old-{i}.log" for i in range(11, MOST_JOBS + 10)}
    assert names == {"new.log"} | kept | {f"{name}.1" for name in kept}
    with job_log("new"):
        pass
    assert {path.name for path in folder.iterdir()} == names


def test_a_long_log_is_bounded(user_home):
    with job_log("long") as log:
        for _ in range(3000):
            log.info("x" * 1000)
    folder = user_home / "logs" / "jobs"
    assert {path.name for path in folder.iterdir()} == {"long.log", "long.log.1"}
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 2_000_000


def test_without_a_place_the_job_runs_all_the_same(user_home, caplog):
    (user_home / "logs").write_bytes(b"")
    with job_log("job-1") as log:
        log.info("a note")
    assert "a job has no log" in caplog.text


@pytest.mark.parametrize("name", ["../evil", "a/b", "", "A", "a" * 65, "con:1"])
def test_names_that_are_none(user_home, name):
    with pytest.raises(SpecError, match="job must be 1 to 64 of"), job_log(name):
        pass
    assert not (user_home / "logs").exists()

"""Logs: one of the program, one of each job; no prompt stands in them unless debugging is on.

Debugging is on with IMVAR_DEBUG=1 in the environment, or with `imvar settings debug-log on` for
all that is done from then on: both write prompts into logs.

What an error says can quote what somebody wrote: a prompt, a name. So logs tell where errors
happened and of which kind they are, in files, lines, functions and types, and leave out what
they say; of other libraries' messages they tell who spoke. Debugging has everything written as
it is, and more than warnings. Our own calls pass paths, digests, numbers and errors, never texts
of the user.
"""

from __future__ import annotations

import errno
import logging
import logging.handlers
import os
import re
import time
import traceback
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from imvar_studio.model import checks
from imvar_studio.model.errors import Cancelled, UserError
from imvar_studio.store.places import user_data_folder
from imvar_studio.store.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]

DEBUG = "IMVAR_DEBUG"
MOST_JOBS = 50
_PACKAGE, _JOB = "imvar_studio", "imvar_studio.job"
_MOST_BYTES, _BACKUPS = 1_000_000, 3
_FORM = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"
_DEEPEST = 20  # errors behind an error
# how `warnings` formats one: where, and its class
_WARNING = re.compile(r"([^\n]+:\d+: \w+): ")
_current: ContextVar[str | None] = ContextVar("job", default=None)


def debugging() -> bool:
    """Whether logs may hold everything: IMVAR_DEBUG is set and not 0, or the user's setting is."""
    said = os.environ.get(DEBUG)
    return load_settings().debug_log if said is None else said not in ("", "0")


class PrivateFormatter(logging.Formatter):
    """Formats records without what errors and other libraries say.

    Args:
        debug: format everything as it is.
    """

    def __init__(self, *, debug: bool = False) -> None:
        super().__init__(_FORM)
        self._debug = debug

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line, with the places of its error below."""
        copy = logging.makeLogRecord(record.__dict__)
        copy.exc_text = None  # what another formatter made of it
        if not self._debug:
            copy.stack_info = None
            copy.msg, copy.args = _message(record)
        return super().format(copy)

    def formatException(self, ei: Any) -> str:  # noqa: N802  (logging's name)
        """Return an error's traceback: with its words while debugging, else only places, types."""
        return super().formatException(ei) if self._debug else "\n".join(_places(ei[1]))


def start_log(name: str = "imvar.log") -> Path | None:
    """Write warnings and faults, while debugging everything of ours, to a rotating file.

    Args:
        name: of the file in the user's folder `logs`.

    Returns:
        The file, which is made with its first line; None where there is no place for it.
    """
    logging.raiseExceptions = False  # a log that cannot be written is not worth a traceback
    try:
        path = user_data_folder() / "logs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = _file(path, _BACKUPS)
    except (OSError, RuntimeError):  # RuntimeError: no home to expand ~ to
        logging.basicConfig(handlers=[logging.NullHandler()])
        return None
    handler.setLevel(logging.DEBUG if debugging() else logging.WARNING)
    handler.addFilter(lambda record: record.name != _JOB)  # jobs have files of their own
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger(_PACKAGE).setLevel(_level())
    logging.captureWarnings(capture=True)
    return path


def log_file(name: str = "imvar.log") -> Path | None:
    """Return the file that `start_log` writes, None where there is none yet."""
    try:
        path = user_data_folder() / "logs" / name
        return path if path.is_file() else None
    except (OSError, RuntimeError):
        return None


@contextmanager
def job_log(name: str) -> Iterator[logging.Logger]:
    """Give a job a log of its own, `logs/jobs/<name>.log`, for a `with` block.

    All that the package logs meanwhile from INFO on stands there, with the job's begin and end;
    the same job's next run is appended. A job inside another one's block logs to its own file.
    The newest 50 jobs' logs are kept, of 1 MB at most and as much before. Where there is no
    place for the file the job runs all the same. What the block raises is noted and passes; a
    fault is for the caller to log as well.

    Args:
        name: the job's, as `checks.slug` takes it: `job-17`, `film-20261121-105811`.

    Yields:
        The logger for the job's own notes; they stand in its file only. They must not quote
        the user.

    Raises:
        SpecError: for another name.
    """
    checks.slug(name, "job")
    handler = _job_handler(name)
    package, log = logging.getLogger(_PACKAGE), logging.getLogger(_JOB)
    if package.getEffectiveLevel() > _level():
        package.setLevel(_level())
    if handler is not None:
        package.addHandler(handler)
    token = _current.set(name)
    try:
        with _noted(log):
            yield log
    finally:
        _current.reset(token)
        if handler is not None:
            package.removeHandler(handler)
            handler.close()


@contextmanager
def _noted(log: logging.Logger) -> Iterator[None]:
    begin = time.monotonic()
    log.info("begins")
    try:
        yield
    except Cancelled:
        log.info("stopped after %.1f s", time.monotonic() - begin)
        raise
    except UserError as error:
        log.error("ended after %.1f s by %s", time.monotonic() - begin, error)  # noqa: TRY400
        raise
    except BaseException:
        log.exception("failed after %.1f s", time.monotonic() - begin)
        raise
    log.info("done after %.1f s", time.monotonic() - begin)


def _level() -> int:
    return logging.DEBUG if debugging() else logging.INFO


class _File(logging.handlers.RotatingFileHandler):
    """A log that never complains: a full disk must not stop or garble the work."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (logging's name)
        """Say nothing."""


def _file(path: Path, backups: int) -> _File:
    handler = _File(path, maxBytes=_MOST_BYTES, backupCount=backups, encoding="utf-8", delay=True)
    handler.setFormatter(PrivateFormatter(debug=debugging()))
    return handler


def _job_handler(name: str) -> logging.Handler | None:
    try:
        folder = user_data_folder() / "logs" / "jobs"
        folder.mkdir(parents=True, exist_ok=True)
        _remove_oldest(folder, name)
        handler = _file(folder / f"{name}.log", 1)
    except (OSError, RuntimeError) as error:
        logging.getLogger(__name__).warning("a job has no log: %s", error)
        return None
    # of another job's thread, or of a job inside this one
    handler.addFilter(lambda record: _current.get() in (None, name))
    return handler


def _remove_oldest(folder: Path, name: str) -> None:
    """Make room for one more job's log."""
    others = [path for path in folder.glob("*.log") if path.stem != name]
    others.sort(key=lambda path: path.stat().st_mtime)
    for path in others[: max(len(others) - MOST_JOBS + 1, 0)]:
        for each in (path, path.with_name(path.name + ".1")):
            with suppress(OSError):
                each.unlink()


def _message(record: logging.LogRecord) -> tuple[str, Any]:
    """Return a record's template and arguments without what errors and libraries say."""
    if record.name == _PACKAGE or record.name.startswith(_PACKAGE + "."):
        if not isinstance(record.msg, str):
            return "%s", (_plain(record.msg),)
        if isinstance(record.args, tuple):
            return record.msg, tuple(_plain(each) for each in record.args)
        return record.msg, record.args
    if record.name == "py.warnings":
        found = _WARNING.match(record.getMessage())
        return "%s", (found[1] if found else "a warning",)
    return "%s", (f"a message from {record.filename}:{record.lineno}, {DEBUG}=1 shows it",)


def _plain(value: object) -> object:
    if not isinstance(value, BaseException):
        return value
    return _named(value)


def _named(error: BaseException) -> str:
    """Return an error's type, and the system's name for what it refused."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else _full_name(kind)
    refused = error if isinstance(error, OSError) else error.__cause__
    if isinstance(refused, OSError) and refused.errno:
        name += f" ({errno.errorcode.get(refused.errno, refused.errno)})"
    return name


def _full_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _places(error: BaseException | None, depth: int = 0) -> Iterator[str]:
    """Return a traceback as places and types, an error's causes before it."""
    if error is None or depth > _DEEPEST:
        return
    before = error.__cause__
    if before is None and not error.__suppress_context__:
        before = error.__context__
    if before is not None:
        yield from _places(before, depth + 1)
        yield "which led to:"
    yield "Traceback (most recent call last):"
    for frame, line in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        yield f'  File "{code.co_filename}", line {line}, in {code.co_name}'
    yield _named(error)
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _places(each, depth + 1)

"""Versions of a project: what project.json was before each save, thinned as it gets older.

A version is a file `versions/<UTC stamp>.json`, word for word what stood in project.json; its
stamp is the time that was saved. The stamps rise, even where a clock was set back. After every
save these are kept, counted back from the newest and not from now, so that a project that lay
idle for a year loses nothing:

- the last 5, whenever they were made;
- the newest of each hour (UTC), of the last 8 hours in which there are any;
- the newest of each day (UTC), of the last days in which there are any;

20 in all, in this order.
"""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.model.errors import StoreError
from imvar_studio.store.atomic import make_folder, store_error, sync_folder, write_atomic
from imvar_studio.store.strict_json import MOST_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST, LAST, HOURS = 20, 5, 8
_STAMP = "%Y%m%d-%H%M%S-%f"
_TICK = timedelta(microseconds=1)
_YEARS = range(1970, 9000)  # others come from broken clocks
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Version:
    """One earlier state of a project.

    Args:
        id: its stamp, as in `20261121-105811-250000`.
        path: its file.
        saved: when it was saved, UTC.
    """

    id: str
    path: Path
    saved: datetime


def list_versions(folder: Path) -> tuple[Version, ...]:
    """Return the versions in a folder `versions`, newest first; none where there is no folder.

    Raises:
        StoreError: if the folder is there and cannot be read.
    """
    try:
        paths = [path for path in folder.iterdir() if path.suffix == ".json" and path.is_file()]
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise store_error(error, "read", folder) from error
    found = [Version(path.stem, path, time) for path in paths if (time := _time(path.stem))]
    return tuple(sorted(found, key=lambda version: version.saved, reverse=True))


def find_version(folder: Path, name: str) -> Version:
    """Return the one version whose id is or begins with `name`.

    Raises:
        StoreError: if there is none, or more than one.
    """
    found = [version for version in list_versions(folder) if name and version.id.startswith(name)]
    if len(found) != 1:
        count = "no version" if not found else f"{len(found)} versions"
        remedy = "give the whole id that 'imvar versions DIR' shows"
        raise StoreError(f"{folder.parent} has {count} called {name[:60]!r}", remedy)
    return found[0]


@contextmanager
def keeping(folder: Path, file: Path, new: bytes) -> Iterator[None]:
    """While `new` is written over `file`: keep what stands there as a version.

    Nothing is kept where that is `new` or the newest version already. What the disk refuses is
    logged and never stops the save; if the save fails, no version is left behind.

    Args:
        folder: for versions; made where it is missing.
        file: about to be replaced; nothing needs to be there.
        new: what it is going to hold.
    """
    made = _guarded(folder, file, new)
    try:
        yield
    except BaseException:
        if made is not None:
            _remove(made)
            with suppress(OSError):
                folder.rmdir()  # unless it holds others
        raise
    if made is not None:
        thin(folder)


def keep_bytes(folder: Path, data: bytes, saved: datetime) -> None:
    """Keep `data`, the content of a project.json of the time `saved`, as the newest version.

    Raises:
        StoreError: if it cannot be written.
    """
    newest = next(iter(list_versions(folder)), None)
    try:
        same = newest is not None and _bytes_of(newest.path) == data
    except OSError:
        same = False
    if not same:
        make_folder(folder)
        write_atomic(folder / f"{_free_stamp(saved, newest)}.json", data)
        thin(folder)


def kept(times: Sequence[datetime]) -> frozenset[datetime]:
    """Return which of the versions of these times stay, by the rule of this module."""
    falling = sorted(set(times), reverse=True)
    hours: dict[object, datetime] = {}
    days: dict[object, datetime] = {}
    for time in falling:
        hours.setdefault((time.date(), time.hour), time)
        days.setdefault(time.date(), time)
    wanted = [*falling[:LAST], *list(hours.values())[:HOURS], *days.values()]
    return frozenset(list(dict.fromkeys(wanted))[:MOST])


def thin(folder: Path) -> None:
    """Remove the versions that the rule does not keep; what cannot be removed is logged."""
    try:
        found = list_versions(folder)
    except StoreError as error:
        _log.warning("versions are not thinned: %s", error)
        return
    stay = kept([version.saved for version in found])
    for version in found:
        if version.saved not in stay:
            _remove(version.path)


def _guarded(folder: Path, file: Path, new: bytes) -> Path | None:
    try:
        return _keep(folder, file, new)
    except (OSError, StoreError) as error:
        _log.warning("no version of %s is kept: %s", file, error)
        with suppress(OSError):
            folder.rmdir()
        return None


def _keep(folder: Path, file: Path, new: bytes) -> Path | None:
    old = _bytes_of(file)
    if old is None or old == new:
        return None
    newest = next(iter(list_versions(folder)), None)
    if newest is not None and _bytes_of(newest.path) == old:
        return None
    make_folder(folder)
    path = folder / f"{_free_stamp(_saved(file), newest)}.json"
    try:
        # a second name for the old file: takes no space, and the new one gets the first name
        os.link(file.resolve(), path)
    except OSError:  # not every file system has links
        write_atomic(path, old)
    else:
        _sync(folder, path)
    return path


def _sync(folder: Path, made: Path) -> None:
    try:
        sync_folder(folder)
    except OSError:
        _remove(made)
        raise


def _free_stamp(saved: datetime, newest: Version | None) -> str:
    """Return the stamp of a time, or of a moment after the newest version's."""
    if saved.year not in _YEARS:
        saved = datetime.now(UTC)
    time = saved if newest is None else max(saved, newest.saved + _TICK)
    return time.strftime(_STAMP)


def _saved(file: Path) -> datetime:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime_ns // 1000 / 1e6, UTC)
    except (OSError, OverflowError, ValueError):  # a time no calendar has
        return datetime.now(UTC)


def _time(stamp: str) -> datetime | None:
    """Return the time of a stamp, None unless it is exactly what would be written."""
    try:
        time = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    return time if time.year in _YEARS and time.strftime(_STAMP) == stamp else None


def _bytes_of(path: Path) -> bytes | None:
    """Return a file's content; None where there is none, or more than a project has."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    return data if len(data) <= MOST_BYTES else None


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("the version %s cannot be removed: %s", path, error)

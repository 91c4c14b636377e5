"""The projects that were opened last: `recent.json` in the user's data folder."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.model import checks
from imvar_studio.model.codec import decode, encode
from imvar_studio.model.errors import FormatError, SpecError, StoreError
from imvar_studio.store.atomic import make_folder, write_atomic
from imvar_studio.store.places import user_data_folder
from imvar_studio.store.strict_json import json_bytes, read_json

if TYPE_CHECKING:
    from imvar_studio.model.codec import Data

MOST = 20
_FORMAT, _VERSION = "imvar-recent", 1
_MOST_BYTES = 2**20
_END_OF_TIME = 4e9  # seconds since 1970
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recent:
    """A project that was opened.

    Args:
        path: its folder, absolute; it may be gone.
        name: what it was called then.
        opened: when it was opened last, in seconds since 1970.
    """

    path: Path
    name: str
    opened: float

    @property
    def is_missing(self) -> bool:
        """Whether the folder is gone; asks the disk."""
        try:
            return not self.path.is_dir()
        except OSError:
            return True


@dataclass(frozen=True, slots=True)
class _Entry:
    """A project as the file has it."""

    path: str
    name: str
    opened: float

    def __post_init__(self) -> None:
        checks.text(self.path, "path", 4096, empty=False)
        checks.put(self, name=checks.text(self.name, "name", 1000))
        checks.put(self, opened=checks.number(self.opened, "opened", 0, _END_OF_TIME))


@dataclass(frozen=True, slots=True)
class _Entries:
    """The content of the file."""

    projects: tuple[_Entry, ...] = ()


def recent_file() -> Path:
    """Return where the list lies, whether it is there or not."""
    return user_data_folder() / "recent.json"


def recent_projects() -> tuple[Recent, ...]:
    """Return the projects that were opened, the last first, at most `MOST`.

    A list that is damaged or cannot be read is empty, with a line in the log: it never keeps
    the program from starting.
    """
    try:
        found = _read()
    except (FormatError, StoreError) as error:
        if not isinstance(error.__cause__, FileNotFoundError):
            _log.warning("the recent projects are not readable: %s", error)
        return ()
    newest = sorted(found.projects, key=lambda entry: -entry.opened)[:MOST]
    return tuple(Recent(Path(entry.path), entry.name, entry.opened) for entry in newest)


def remember_project(path: Path, name: str) -> None:
    """Put a project first on the list, as opened now; what the disk refuses is logged."""
    known = recent_projects()
    now = max([time.time(), *(other.opened + 1e-3 for other in known[:1])])  # clocks go back
    others = [other for other in known if other.path != path.absolute()]
    _write([Recent(path.absolute(), name, now), *others])


def forget_project(path: Path) -> None:
    """Take a project off the list; what the disk refuses is logged."""
    known = recent_projects()
    others = [other for other in known if other.path != path.absolute()]
    if len(others) < len(known):
        _write(others)


def _read() -> _Entries:
    path = recent_file()
    data: Data = read_json(path, _MOST_BYTES)
    if not isinstance(data, dict) or (data.get("format"), data.get("version")) != (
        _FORMAT,
        _VERSION,
    ):
        raise FormatError(f"{path} is no list of recent projects of this version")
    return decode({"projects": data.get("projects")}, _Entries)


def _write(recents: list[Recent]) -> None:
    path = recent_file()
    try:
        entries = tuple(_Entry(str(r.path), r.name, r.opened) for r in recents[:MOST])
        content = {"format": _FORMAT, "version": _VERSION, **encode(_Entries(entries))}
        make_folder(path.parent)
        write_atomic(path, json_bytes({"projects": [], **content}))
    except (SpecError, StoreError) as error:
        _log.warning("the recent projects are not kept: %s", error)

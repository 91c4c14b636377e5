"""Versions of project.json: one pure function takes a project from each to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from imvar_studio.model.errors import FormatError

Migration = Callable[[dict[str, Any]], dict[str, Any]]

VERSION = 1
# MIGRATIONS[n] takes the data of a project of version n to version n + 1
MIGRATIONS: Mapping[int, Migration] = {}


def migrate(
    data: dict[str, Any],
    version: int,
    steps: Mapping[int, Migration] = MIGRATIONS,
    current: int = VERSION,
) -> dict[str, Any]:
    """Return a project's data as version `current` has it; `data` is left as it is.

    Args:
        data: the project as it stood in a file of `version`.
        version: the file's.
        steps: the function from each version to the next.
        current: the version to arrive at.

    Raises:
        FormatError: if the file is newer than `current` or of a version that never was.
    """
    if version > current:
        raise FormatError(
            f"made by a newer version of Imvar Studio (format {version}, this one knows {current})",
            "update Imvar Studio",
        )
    if version < 1 or any(each not in steps for each in range(version, current)):
        raise FormatError(f"of a format version that never was, {version}")
    for each in range(version, current):
        data = steps[each](data)
    return data

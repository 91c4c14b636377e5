"""Files of TOML that people write."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from imvar_studio.model.errors import FormatError
from imvar_studio.store.atomic import store_error

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST = 4 << 20  # bytes


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds.

    Raises:
        FormatError: for what is no TOML, naming the line.
        StoreError: a file that cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise store_error(error, "read", path) from error
    if len(data) > _LARGEST:
        raise FormatError(f"{path} is too large for a TOML file", "give a sheet's file")
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise FormatError(f"{path} is no TOML: {error}", "correct it there") from error

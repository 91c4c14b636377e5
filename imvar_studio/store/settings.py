"""The user's settings on disk: `settings.json` in the user's data folder."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from imvar_studio.model.codec import decode, encode
from imvar_studio.model.errors import FormatError, StoreError
from imvar_studio.model.settings import Settings
from imvar_studio.store.atomic import make_folder, store_error, write_atomic
from imvar_studio.store.places import user_data_folder
from imvar_studio.store.strict_json import json_bytes, read_json

if TYPE_CHECKING:
    from pathlib import Path

_FORMAT, _VERSION = "imvar-settings", 1
_MOST_BYTES = 2**20
_log = logging.getLogger(__name__)


def settings_file() -> Path:
    """Return where the settings lie, whether they are there or not."""
    return user_data_folder() / "settings.json"


def load_settings() -> Settings:
    """Return the user's settings, the defaults where there are none.

    A file that is damaged or cannot be read gives the defaults and a line in the log: settings
    never stop a render.
    """
    path = settings_file()
    try:
        return _read(path)
    except (FormatError, StoreError) as error:
        if not isinstance(error.__cause__, FileNotFoundError):
            _log.warning("the settings are not readable, defaults hold: %s", error)
        return Settings()


def save_settings(settings: Settings) -> None:
    """Write the settings; a damaged file is kept beside them as `settings.json.damaged`.

    Raises:
        StoreError: if they cannot be written; what was there before is left.
    """
    path = settings_file()
    make_folder(path.parent)
    try:
        _read(path)
    except FormatError:
        aside = path.with_name(path.name + ".damaged")
        try:
            os.replace(path, aside)  # noqa: PTH105  (tests make this one fail)
        except OSError as error:
            raise store_error(error, "write", aside) from error
    except StoreError as error:
        _log.info("there are no settings yet: %s", error)
    content = {"format": _FORMAT, "version": _VERSION, "settings": encode(settings)}
    write_atomic(path, json_bytes(content))


def _read(path: Path) -> Settings:
    data = read_json(path, _MOST_BYTES)
    if not isinstance(data, dict) or (data.get("format"), data.get("version")) != (
        _FORMAT,
        _VERSION,
    ):
        raise FormatError(f"{path} is no settings file of this version")
    return decode(data.get("settings"), Settings)

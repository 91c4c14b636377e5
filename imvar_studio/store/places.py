"""Where things lie: what comes with the program, and what belongs to the user.

The folder named by the environment variable IMVAR_HOME, where set, holds all that belongs to
the user (tests, portable installations).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import platformdirs

import imvar_studio
from imvar_studio.model.errors import StoreError

_PROGRAM = "imvar-studio"


def bundled_folder(name: Literal["resources", "plugins"]) -> Path:
    """Return a folder that comes with the program, of a wheel or of a checkout.

    Raises:
        StoreError: if the installation lacks it.
    """
    package = Path(imvar_studio.__file__).resolve().parent
    inside, beside = package / name, package.parent / name
    if inside.is_dir():
        return inside
    # beside an installed package lies site-packages, whose folders are not ours
    if beside.is_dir() and (package.parent / "pyproject.toml").is_file():
        return beside
    raise StoreError(f"the installation lacks its folder {name}", "install Imvar Studio again")


def starter_model() -> Path:
    """Return the folder of the model that comes with the program."""
    return bundled_folder("resources") / "models" / "starter"


def user_data_folder() -> Path:
    """Return the folder for what the user would miss; it may not exist yet."""
    home = _home()
    return home if home else platformdirs.user_data_path(_PROGRAM, appauthor=False)


def user_cache_folder() -> Path:
    """Return the folder for what can be computed again; it may not exist yet."""
    home = _home()
    return home / "cache" if home else platformdirs.user_cache_path(_PROGRAM, appauthor=False)


def user_models_folder() -> Path:
    """Return the folder whose folders are models; it may not exist yet."""
    return user_data_folder() / "models"


def _home() -> Path | None:
    home = os.environ.get("IMVAR_HOME", "")
    return Path(home).expanduser().absolute() if home else None

"""Ids and paths of models and priors: where each lies, and what names it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.model.errors import ModelError, UserError
from imvar_studio.store.model_profile import read_profile
from imvar_studio.store.model_roots import models_below, remembered_roots
from imvar_studio.store.places import bundled_folder, user_models_folder

if TYPE_CHECKING:
    from collections.abc import Mapping


def known_places() -> list[tuple[str, Path]]:
    """Return id and place of all that may be models or priors: those that came, then the user's.

    The user's lie in the folder `models` of the user's data, and in folders that were remembered
    (`model_roots`). An id may be there more than once.
    """
    own = (bundled_folder("resources") / "models", user_models_folder())
    roots = (*own, *remembered_roots())
    return [(_id_of(path), path) for root in roots for path in models_below(root)]


def find_path(asked: str, known: Mapping[str, Path], kind: str, remedy: str) -> Path:
    """Return the folder or file that an id or a path means, absolute.

    Args:
        asked: an id, or a path. An id goes before a folder of that name in the working folder;
            `./name` is always the folder.
        known: the places that ids find.
        kind: what is asked for, in messages: `model`, `prior`.
        remedy: what to do where it is no known id and no path.

    Raises:
        ModelError: if there is nothing.
    """
    if asked in known:
        return known[asked].absolute()
    try:
        path = Path(asked).expanduser().absolute()
        there = path.exists()
    except (OSError, RuntimeError) as error:
        message = f"there is no {kind} {asked[:200]}"
        raise ModelError(message, f"give the id or the path of a {kind}") from error
    if there:
        return path
    if "/" in asked or os.sep in asked or asked.startswith((".", "~")):
        raise ModelError(f"there is nothing at {path}", "check the path")
    ids = ", ".join(known) or "none"
    raise ModelError(f"there is no {kind} called {asked[:200]!r}, the known ids are {ids}", remedy)


def slug_of(path: Path) -> str:
    """Return a folder's or file's name as an id."""
    whole = path.resolve()
    name = whole.stem if path.is_file() else whole.name
    slug = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).lstrip("._-")
    return slug[:64] or "model"


def _id_of(path: Path) -> str:
    try:
        return (read_profile(path).id if path.is_dir() else "") or slug_of(path)
    except UserError:  # said when the model is resolved
        return slug_of(path)

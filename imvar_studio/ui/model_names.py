"""The models that can be chosen, by id and name."""

from __future__ import annotations

from imvar_studio.model.errors import UserError
from imvar_studio.store.model_profile import read_profile
from imvar_studio.store.models import list_models


def model_names() -> tuple[tuple[str, str], ...]:
    """Return (id, name) of every model that an id finds; reads the disk."""
    found: list[tuple[str, str]] = []
    for name, path in list_models():
        try:
            label = read_profile(path).name if path.is_dir() else path.stem
        except UserError:
            label = ""
        found.append((name, label or name))
    return tuple(found)

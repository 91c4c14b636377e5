"""Where models lie: folders of ours, and those of other programs that the user told us of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.model.errors import FormatError, StoreError, UserError
from imvar_studio.store.atomic import make_folder, write_atomic
from imvar_studio.store.places import user_data_folder
from imvar_studio.store.strict_json import json_bytes, read_json

if TYPE_CHECKING:
    from collections.abc import Iterator

# where ComfyUI and AUTOMATIC1111 keep whole models, below their own folder
_KNOWN = (
    "models/checkpoints",
    "models/diffusers",
    "models/Stable-diffusion",
    "checkpoints",
    "diffusers",
    "Stable-diffusion",
)
# CLIP in transformers' layout: a part of models, and none itself
COMPANION = "clip-vit-large-patch14"
_DEEPEST = 3
_MOST = 2000


def models_below(root: Path) -> list[Path]:
    """Return what may be models in a folder: diffusers folders and single files, sorted.

    Of a folder of ComfyUI or AUTOMATIC1111 only the places of whole models are looked into, so
    that LoRAs, upscalers and the like are left out; a folder that is a model itself is the one.
    What a file really is, `resolve` tells.
    """
    if (root / "model_index.json").is_file():
        return [root]
    places = [root / name for name in _KNOWN if (root / name).is_dir()]
    found: list[Path] = []
    for place in places or [root]:
        _walk(place, 0, found)
    return sorted(dict.fromkeys(found))


def _walk(folder: Path, depth: int, found: list[Path]) -> None:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for each in entries:
        if len(found) >= _MOST:
            return
        if _is_folder(each):
            if (each / "model_index.json").is_file():
                found.append(each)
            elif depth < _DEEPEST and not each.is_symlink() and each.name.lower() != COMPANION:
                _walk(each, depth + 1, found)
        elif each.suffix.lower() == ".safetensors":
            found.append(each)


def folders_named(root: Path, name: str, depth: int = 0) -> Iterator[Path]:
    """Yield the folders called `name`, in any case, in `root` and below, and `root` itself.

    Args:
        root: where to look; it may not exist.
        name: in lower case.
        depth: folders above that were gone through.
    """
    if root.name.lower() == name and _is_folder(root):
        yield root
        return
    try:
        entries = sorted(root.iterdir())
    except OSError:
        return
    for each in entries:
        if each.name.lower() == name and _is_folder(each):
            yield each
        elif depth < _DEEPEST and _is_folder(each) and not each.is_symlink():
            yield from folders_named(each, name, depth + 1)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # it may not be looked at
        return False


def _file() -> Path:
    return user_data_folder() / "model-folders.json"


def remembered_roots() -> list[Path]:
    """Return the folders that were remembered, in their order; none where that cannot be read."""
    try:
        data = read_json(_file())
    except (FormatError, StoreError):
        return []
    return [Path(each) for each in data if isinstance(each, str)] if isinstance(data, list) else []


def remember_root(root: Path) -> None:
    """Look into `root` from now on whenever models are listed.

    Raises:
        StoreError: if it is no folder, or that cannot be written.
    """
    if not root.is_dir():
        raise StoreError(f"{root} is not a folder", "give the folder that the models lie in")
    roots = remembered_roots()
    whole = root.resolve()
    if whole not in roots:
        try:
            make_folder(user_data_folder())
            write_atomic(_file(), json_bytes([str(each) for each in (*roots, whole)]))
        except UserError as error:
            raise StoreError(error.message, error.remedy) from error

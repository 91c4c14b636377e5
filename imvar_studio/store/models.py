"""Models by id or by path: where they lie, what they are, which weights they have."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.model.canonical import digest_data
from imvar_studio.model.codec import encode
from imvar_studio.model.errors import ModelError, UserError
from imvar_studio.model.model_card import ModelCard
from imvar_studio.model.recipe import ModelRef
from imvar_studio.store.atomic import store_error
from imvar_studio.store.cache import DigestCache
from imvar_studio.store.hashing import blake2b, blake2b_of_file
from imvar_studio.store.model_files import CHOOSE, Recognised, recognise
from imvar_studio.store.model_profile import Profile, read_profile
from imvar_studio.store.model_weights import safetensors_header
from imvar_studio.store.places import bundled_folder, user_cache_folder, user_models_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

_LARGE = 2**20  # bytes from which on a file's hash is worth keeping
_TEXTS = {".json", ".txt"}
_HASH = re.compile(rb"[0-9a-f]{64}")


def list_models() -> list[tuple[str, Path]]:
    """Return id and folder of every model that an id finds: those that came, then the user's.

    The user's lie in the folder `models` of the user's data. Where two have one id, the first
    has it; the other is reached by its path.
    """
    found: dict[str, Path] = {}
    for place in (bundled_folder("resources") / "models", user_models_folder()):
        for folder in _model_folders(place):
            found.setdefault(_id_of(folder), folder)
    return list(found.items())


def resolve(model: str, hashes: DigestCache | None = None) -> ModelCard:
    """Return what is known of a model before it is loaded, with the digest of its weights.

    Args:
        model: an id, or the path of a folder in diffusers layout. An id goes before a folder
            of that name in the working folder; `./name` is always the folder.
        hashes: where hashes of large files are kept; None is the user's cache folder.

    Raises:
        ModelError: if there is no such model, it is of no supported family, or not whole.
        StoreError: if a file of it cannot be read.
    """
    folder = _find(model)
    if hashes is None:
        hashes = DigestCache(user_cache_folder() / "hashes")
    try:
        profile = read_profile(folder)
        found = recognise(folder, profile)
        weights = _weights_digest(folder, found, profile, hashes)
        size = sum(path.stat().st_size for path in found.weights)
    except OSError as error:
        raise store_error(error, "read", folder) from error
    return ModelCard(
        ref=ModelRef(profile.id or _slug(folder), weights),
        path=str(folder),
        family=found.family,
        name=profile.name or folder.name,
        licence=profile.licence,
        native=found.native,
        multiple=found.multiple,
        width=found.width,
        image_tower=found.image_tower,
        text_tower=found.text_tower,
        window=found.window,
        preprocessing=found.preprocessing,
        image_norm=profile.image_norm,
        inpainting=found.inpainting,
        weights_bytes=size,
    )


def _find(model: str) -> Path:
    """Return the folder that an id or a path means, absolute."""
    known = dict(list_models())
    if model in known:
        return known[model].absolute()
    try:
        path = Path(model).expanduser().absolute()
        there, folder = path.exists(), path.is_dir()
    except (OSError, RuntimeError) as error:
        raise ModelError(f"there is no model {model[:200]}", CHOOSE) from error
    if folder:
        return path
    if there:
        raise _single_file(path)
    if "/" in model or os.sep in model or model.startswith((".", "~")):
        raise ModelError(f"there is no folder {path}", "check the path")
    ids = ", ".join(known) or "none"
    message = f"there is no model called {model[:200]!r}, the known ids are {ids}"
    raise ModelError(message, "give one of them, or the path of a model's folder")


def _single_file(path: Path) -> ModelError:
    """Say what a file is that was given as a model; none can be opened yet."""
    if path.suffix.lower() != ".safetensors":
        what = "is not a model's folder, and files of its kind may run code when they are read"
        return ModelError(f"{path} {what}", CHOOSE)
    if any("lora" in name.lower() for name in safetensors_header(path)):
        return ModelError(f"{path} is a LoRA, a change to a model and no model", CHOOSE)
    message = f"{path} is a single file, and models are opened from folders in diffusers layout"
    return ModelError(message, "convert it with diffusers' save_pretrained")


def _model_folders(place: Path) -> Iterable[Path]:
    try:
        return sorted(each for each in place.iterdir() if (each / "model_index.json").is_file())
    except OSError:
        return ()


def _id_of(folder: Path) -> str:
    try:
        return read_profile(folder).id or _slug(folder)
    except UserError:  # said when the model is resolved
        return _slug(folder)


def _slug(folder: Path) -> str:
    """Return a folder's name as an id."""
    name = re.sub(r"[^a-z0-9._-]+", "-", folder.resolve().name.lower()).lstrip("._-")
    return name[:64] or "model"


def _weights_digest(folder: Path, found: Recognised, profile: Profile, hashes: DigestCache) -> str:
    """Return the digest over everything of a model that changes pixels, and nothing else."""
    files = sorted(
        [path.relative_to(folder).as_posix(), *_size_and_hash(path, hashes)] for path in found.files
    )
    preprocessing = found.preprocessing and encode(found.preprocessing, rounded=True)
    return digest_data(
        {
            "family": found.family,
            "files": files,
            "image_norm": profile.image_norm,
            "preprocessing": preprocessing,
        }
    )


def _size_and_hash(path: Path, hashes: DigestCache) -> tuple[int, str]:
    if path.suffix in _TEXTS:  # a checkout on Windows may have other line ends
        data = path.read_bytes().replace(b"\r\n", b"\n")
        return len(data), blake2b(data).hexdigest()
    status = path.stat()
    if status.st_size < _LARGE:
        return status.st_size, blake2b_of_file(path)
    stamp = [ascii(path.resolve()), status.st_size, status.st_mtime_ns, status.st_ctime_ns]
    key = digest_data(stamp)
    known = hashes.get(key)
    if known is None or not _HASH.fullmatch(known):
        known = blake2b_of_file(path).encode()
        hashes.put(key, known)
    return status.st_size, known.decode()

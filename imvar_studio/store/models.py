"""Models by id or by path: where they lie, what they are, which weights they have."""

from __future__ import annotations

import os
import re
from pathlib import Path

from imvar_studio.model.canonical import digest_data
from imvar_studio.model.codec import encode
from imvar_studio.model.errors import ModelError, UserError
from imvar_studio.model.model_card import ModelCard
from imvar_studio.model.recipe import ModelRef
from imvar_studio.store.atomic import store_error
from imvar_studio.store.cache import DigestCache
from imvar_studio.store.companions import Companion, find_companion
from imvar_studio.store.hashing import blake2b, blake2b_of_file
from imvar_studio.store.model_files import CHOOSE, Recognised, recognise
from imvar_studio.store.model_profile import Profile, read_profile
from imvar_studio.store.model_roots import models_below, remembered_roots
from imvar_studio.store.places import bundled_folder, user_cache_folder, user_models_folder
from imvar_studio.store.single_files import recognise_file

_LARGE = 2**20  # bytes from which on a file's hash is worth keeping
_TEXTS = {".json", ".txt"}
_HASH = re.compile(rb"[0-9a-f]{64}")


def list_models() -> list[tuple[str, Path]]:
    """Return id and place of every model that an id finds: those that came, then the user's.

    The user's lie in the folder `models` of the user's data, and in folders that were remembered
    (`model_roots`). Where two have one id, the first has it; the other is reached by its path.
    """
    found: dict[str, Path] = {}
    own = (bundled_folder("resources") / "models", user_models_folder())
    for root in (*own, *remembered_roots()):
        for path in models_below(root):
            found.setdefault(_id_of(path), path)
    return list(found.items())


def resolve(model: str, hashes: DigestCache | None = None) -> ModelCard:
    """Return what is known of a model before it is loaded, with the digest of its weights.

    Args:
        model: an id, or the path of a folder in diffusers layout or of a single safetensors
            file. An id goes before a folder of that name in the working folder; `./name` is
            always the folder.
        hashes: where hashes of large files are kept; None is the user's cache folder.

    Raises:
        ModelError: if there is no such model, it is of no supported family, or not whole.
        StoreError: if a file of it cannot be read.
    """
    path = _find(model)
    companion = Companion()
    if hashes is None:
        hashes = DigestCache(user_cache_folder() / "hashes")
    single = path.is_file()
    prediction = ""
    try:
        profile = Profile() if single else read_profile(path)
        if single:
            found, prediction = recognise_file(path)
        else:
            found = recognise(path, profile)
            companion = find_companion(path, found)
        weights = _weights_digest(path, found, profile, hashes)
        text = _text_digest(companion, hashes)
        size = sum(each.stat().st_size for each in found.weights)
    except OSError as error:
        raise store_error(error, "read", path) from error
    return ModelCard(
        ref=ModelRef(profile.id or _slug(path), weights, text=text),
        path=str(path),
        family=found.family,
        name=profile.name or path.stem if single else profile.name or path.name,
        licence=profile.licence,
        native=found.native,
        multiple=found.multiple,
        width=found.width,
        image_tower=found.image_tower,
        text_tower=found.text_tower,
        window=found.window or companion.window,
        preprocessing=found.preprocessing,
        image_norm=profile.image_norm,
        inpainting=found.inpainting,
        weights_bytes=size,
        sampler=profile.sampler or found.sampler,
        spacing=found.spacing,
        prediction=prediction,
        tokenizer_path=str(found.files[1].parent) if single else str(companion.folder or ""),
        companion=str(companion.folder or ""),
        text_remedy=companion.remedy,
    )


def portable(model: str, card: ModelCard) -> str:
    """Return how a file names a model: by its id, which moves with the program, or its whole path.

    Args:
        model: an id or a path, as in `resolve`.
        card: what `resolve` found.
    """
    return model if model in dict(list_models()) else card.path


def _find(model: str) -> Path:
    """Return the folder or file that an id or a path means, absolute."""
    known = dict(list_models())
    if model in known:
        return known[model].absolute()
    try:
        path = Path(model).expanduser().absolute()
        there = path.exists()
    except (OSError, RuntimeError) as error:
        raise ModelError(f"there is no model {model[:200]}", CHOOSE) from error
    if there:
        return path
    if "/" in model or os.sep in model or model.startswith((".", "~")):
        raise ModelError(f"there is nothing at {path}", "check the path")
    ids = ", ".join(known) or "none"
    message = f"there is no model called {model[:200]!r}, the known ids are {ids}"
    raise ModelError(message, "give one of them, or the path of a model")


def _id_of(path: Path) -> str:
    try:
        return (read_profile(path).id if path.is_dir() else "") or _slug(path)
    except UserError:  # said when the model is resolved
        return _slug(path)


def _slug(path: Path) -> str:
    """Return a folder's or file's name as an id."""
    whole = path.resolve()
    name = whole.stem if path.is_file() else whole.name
    slug = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).lstrip("._-")
    return slug[:64] or "model"


def _weights_digest(folder: Path, found: Recognised, profile: Profile, hashes: DigestCache) -> str:
    """Return the digest over everything of a model that changes pixels, and nothing else."""
    files = sorted([_name_in(folder, each), *_size_and_hash(each, hashes)] for each in found.files)
    preprocessing = found.preprocessing and encode(found.preprocessing, rounded=True)
    return digest_data(
        {
            "family": found.family,
            "files": files,
            "image_norm": profile.image_norm,
            "preprocessing": preprocessing,
        }
    )


def _text_digest(companion: Companion, hashes: DigestCache) -> str:
    """Return the digest of a text tower that is not the model's own; "" without one."""
    if companion.folder is None:
        return ""
    files = [[each.name, *_size_and_hash(each, hashes)] for each in companion.files]
    return digest_data({"files": sorted(files)})


def _name_in(model: Path, file: Path) -> str:
    """Return a file's name within a model; of a single file, its place says nothing."""
    inside = model.is_dir() and file.is_relative_to(model)
    return file.relative_to(model).as_posix() if inside else file.suffix


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

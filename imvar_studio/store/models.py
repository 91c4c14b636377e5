"""Models by id or by path: where they lie, what they are, which weights they have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.model.canonical import digest_data
from imvar_studio.model.codec import encode
from imvar_studio.model.errors import ModelError
from imvar_studio.model.model_card import ModelCard
from imvar_studio.model.recipe import ModelRef
from imvar_studio.store.atomic import store_error
from imvar_studio.store.cache import DigestCache
from imvar_studio.store.companions import Companion, find_companion
from imvar_studio.store.model_digest import named_hashes, size_and_hash
from imvar_studio.store.model_files import Recognised, recognise
from imvar_studio.store.model_places import find_path, known_places, slug_of
from imvar_studio.store.model_profile import Profile, read_profile
from imvar_studio.store.places import user_cache_folder
from imvar_studio.store.priors import is_prior, list_priors
from imvar_studio.store.single_files import recognise_file

if TYPE_CHECKING:
    from pathlib import Path


def list_models() -> list[tuple[str, Path]]:
    """Return id and place of every model that an id finds: those that came, then the user's.

    Where two have one id, the first has it; the other is reached by its path. Priors are left out.
    """
    found: dict[str, Path] = {}
    for name, path in known_places():
        if not is_prior(path):
            found.setdefault(name, path)
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
        ref=ModelRef(profile.id or slug_of(path), weights, text=text),
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
    """Return the folder or file that an id or a path means, absolute; a prior is none."""
    known = dict(list_models())
    path = dict(list_priors()).get(model) if model not in known else None
    if path is None:
        remedy = "give one of them, or the path of a model"
        path = find_path(model, known, "model", remedy)
    if is_prior(path):
        message = f"{path} is a prior, which leads texts to embeddings and paints no pictures"
        raise ModelError(message, "give its id with --prior, beside an image-variation model")
    return path


def _weights_digest(folder: Path, found: Recognised, profile: Profile, hashes: DigestCache) -> str:
    """Return the digest over everything of a model that changes pixels, and nothing else."""
    files = named_hashes(folder, found.files, hashes)
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
    files = [[each.name, *size_and_hash(each, hashes)] for each in companion.files]
    return digest_data({"files": sorted(files)})

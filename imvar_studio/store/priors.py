"""Priors by id or by path: what leads texts to embeddings of pictures, read from its files.

Layouts: diffusers' `UnCLIPPipeline` (Karlo), of which the prior, its schedule, text tower and
tokenizer are used and the rest need not be there, and `KandinskyPriorPipeline` (Kandinsky 2.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from imvar_studio.model.canonical import digest_data
from imvar_studio.model.errors import ModelError, UserError
from imvar_studio.model.prior_card import PriorCard
from imvar_studio.store.atomic import store_error
from imvar_studio.store.cache import DigestCache
from imvar_studio.store.model_config import COPY_AGAIN, Config
from imvar_studio.store.model_digest import named_hashes
from imvar_studio.store.model_files import tokenizer_files
from imvar_studio.store.model_places import find_path, known_places, slug_of
from imvar_studio.store.model_profile import read_profile
from imvar_studio.store.model_weights import component_weights
from imvar_studio.store.places import user_cache_folder, user_models_folder

_KARLO, _KANDINSKY = "kakaobrain/karlo-v1-alpha", "kandinsky-community/kandinsky-2-1-prior"
_CHOOSE = f"choose a prior like {_KARLO} or {_KANDINSKY}"
# the folder of a pipeline's schedule
_SCHEDULERS = {"UnCLIPPipeline": "prior_scheduler", "KandinskyPriorPipeline": "scheduler"}
_KANDINSKY_22 = ("KandinskyV22PriorPipeline", "KandinskyV22PriorEmb2EmbPipeline")
# diffusers' and transformers' own, where a config names none
_WIDTH, _WINDOW, _TOWER_WIDTH = 768, 77, 512
_ADDED = 4  # tokens after the text's: its embedding, the time, the sample, and what is read out


def list_priors() -> list[tuple[str, Path]]:
    """Return id and place of every prior that an id finds, as `models.list_models` does."""
    found: dict[str, Path] = {}
    for name, path in known_places():
        if is_prior(path):
            found.setdefault(name, path)
    return list(found.items())


def is_prior(path: Path) -> bool:
    """Whether a folder says that it is a prior; what it holds is not looked at."""
    try:
        name = Config(path / "model_index.json").text("_class_name")
    except (UserError, OSError):
        return False
    return name in _SCHEDULERS or name in _KANDINSKY_22


def find_prior(prior: str, hashes: DigestCache | None = None) -> PriorCard:
    """Return what is known of a prior before it is loaded, with the digest of its weights.

    Args:
        prior: an id, or the path of a folder in diffusers layout; as in `models.resolve`.
        hashes: where hashes of large files are kept; None is the user's cache folder.

    Raises:
        ModelError: if there is no such prior, it is of no supported kind, or not whole.
        StoreError: if a file of it cannot be read.
    """
    path = _find(prior)
    if hashes is None:
        hashes = DigestCache(user_cache_folder() / "hashes")
    try:
        found = _recognise(path)
        profile = read_profile(path)
        files = named_hashes(path, (*found.files, *found.weights), hashes)
        size = sum(each.stat().st_size for each in found.weights)
    except OSError as error:
        raise store_error(error, "read", path) from error
    return PriorCard(
        id=profile.id or slug_of(path),
        weights=digest_data({"family": "prior", "files": files}),
        path=str(path),
        width=found.width,
        window=found.window,
        scheduler=found.scheduler,
        name=profile.name or path.name,
        licence=profile.licence,
        weights_bytes=size,
    )


def _find(prior: str) -> Path:
    known = dict(list_priors())
    first = "give one of them, or " if known else ""  # looks name priors by ids alone
    remedy = f"{first}put the files of one, like {_KARLO}, into a folder in {user_models_folder()}"
    return find_path(prior, known, "prior", remedy)


@dataclass(frozen=True, slots=True)
class _Recognised:
    """What the files say; the fields are `PriorCard`'s, `files` all but the weights."""

    width: int
    window: int
    scheduler: str
    files: tuple[Path, ...]
    weights: tuple[Path, ...]


def _recognise(folder: Path) -> _Recognised:
    """Return what a prior's folder holds, or say why it cannot be used."""
    scheduler = _scheduler(folder)
    prior = Config(folder / "prior" / "config.json")
    text = Config(folder / "text_encoder" / "config.json")
    schedule = Config(folder / scheduler / "scheduler_config.json")
    width = prior.integer("embedding_dim", _WIDTH)
    window = prior.integer("num_embeddings", _WINDOW)
    _check_prior(prior, width)
    _check_text_tower(text, width, window)
    _check_schedule(schedule)
    return _Recognised(
        width=width,
        window=window,
        scheduler=scheduler,
        files=(prior.path, text.path, schedule.path, *tokenizer_files(folder / "tokenizer")),
        weights=(
            *component_weights(folder / "prior", transformers=False),
            *component_weights(folder / "text_encoder", transformers=True),
        ),
    )


def _scheduler(folder: Path) -> str:
    """Return the folder of the prior's schedule, or say what a folder without a prior is."""
    if folder.is_file():
        raise ModelError(
            f"{folder} is a file, and a prior is a folder in diffusers layout", _CHOOSE
        )
    if not (folder / "model_index.json").is_file():
        whole = is_prior(folder.parent)
        remedy = f"give the whole prior, {folder.parent}" if whole else _CHOOSE
        raise ModelError(f"{folder} is not a prior, it holds no model_index.json", remedy)
    name = Config(folder / "model_index.json").text("_class_name")
    if name in _KANDINSKY_22:
        message = f"{folder} is Kandinsky 2.2's prior, which makes embeddings of 1280 numbers"
        raise ModelError(message, f"use one that makes 768, like {_KARLO} or {_KANDINSKY}")
    if name not in _SCHEDULERS:
        raise ModelError(f"{folder} is {name or 'of no known kind'}, which is no prior", _CHOOSE)
    return _SCHEDULERS[name]


def _check_prior(prior: Config, width: int) -> None:
    """Refuse what the loop over embeddings does not know."""
    _must_be(prior, "_class_name", "PriorTransformer")
    _must_be(prior, "additional_embeddings", _ADDED, _ADDED)
    _must_be(prior, "encoder_hid_proj_type", "linear", "linear")
    _must_be(prior, "added_emb_type", "prd", "prd")
    for key in ("embedding_proj_dim", "clip_embed_dim"):  # null is the width
        if prior.raw(key) is not None:
            _must_be(prior, key, width)


def _check_text_tower(text: Config, width: int, window: int) -> None:
    kinds = text.names("architectures")
    if kinds[:1] != ("CLIPTextModelWithProjection",):
        raise _unsupported(text, "architectures", "CLIPTextModelWithProjection")
    # the prior is given the tokens' states, too, and they go through the same projection
    for key in ("projection_dim", "hidden_size"):
        _must_be(text, key, width, _TOWER_WIDTH)
    _must_be(text, "max_position_embeddings", window, _WINDOW)


def _check_schedule(schedule: Config) -> None:
    _must_be(schedule, "_class_name", "UnCLIPScheduler")
    _must_be(schedule, "prediction_type", "sample", "epsilon")
    _must_be(schedule, "variance_type", "fixed_small_log", "fixed_small_log")
    _must_be(schedule, "beta_schedule", "squaredcos_cap_v2", "squaredcos_cap_v2")


def _must_be(config: Config, key: str, wanted: str | int, default: str | int = "") -> None:
    """Refuse another value than is wanted; `default` is what a config without the key means."""
    value = config.raw(key) if config.holds(key) else default
    if type(value) is not type(wanted) or value != wanted:
        raise _unsupported(config, key, wanted)


def _unsupported(config: Config, key: str, wanted: str | int) -> ModelError:
    if not config.holds(key):
        return ModelError(f"{config.path} names no {key}, which must be {wanted}", COPY_AGAIN)
    shown = str(config.raw(key))[:60] if config.raw(key) is not None else "null"
    return ModelError(f"{config.path}: {key} must be {wanted}, got {shown}", _CHOOSE)

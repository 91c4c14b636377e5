"""The text tower of CLIP ViT-L/14, for image-variation models that came without theirs.

Stable Diffusion Image Variations is conditioned on the image embeddings of OpenAI's CLIP ViT-L/14
and ships its image tower alone. The text embeddings of the same CLIP lie in the same space, so
that its text tower, in a folder `clip-vit-large-patch14` among the user's models, makes prompts
into looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from imvar_studio.model.errors import UserError
from imvar_studio.model.model_card import IMAGE_VARIATION
from imvar_studio.store.model_config import Config
from imvar_studio.store.model_files import Recognised, tokenizer_files
from imvar_studio.store.model_roots import COMPANION, folders_named, remembered_roots
from imvar_studio.store.model_weights import component_weights
from imvar_studio.store.places import user_models_folder

_WIDTH, _SIDE, _PATCH, _ACTIVATION = 768, 224, 14, "quick_gelu"
_BASE_PATCH, _BASE_WIDTH = 32, 512  # transformers' own, where a config names none
_WINDOW = 77
_KINDS = ("CLIPModel", "CLIPTextModelWithProjection")


@dataclass(frozen=True, slots=True)
class Companion:
    """The text tower that a model without one goes with.

    Args:
        folder: where it lies; None where there is none, or the model needs none.
        window: tokens it takes.
        files: all that decide its embeddings.
        remedy: what to do to have one; "" where there is one, or none would do.
    """

    folder: Path | None = None
    window: int = 0
    files: tuple[Path, ...] = ()
    remedy: str = ""


def find_companion(model: Path, found: Recognised) -> Companion:
    """Return the text tower that goes with a model's image tower. It is looked for, not read.

    A folder that does not hold what it should is told in the remedy: pictures need none of it.

    Args:
        model: the model's folder.
        found: what `recognise` returned for it.
    """
    if not _wants_one(model, found):
        return Companion()
    for root in (user_models_folder(), *remembered_roots()):
        for folder in folders_named(root, COMPANION):
            try:
                return _checked(folder)
            except UserError as error:
                return Companion(remedy=f"{error.remedy}, as {error.message}")
    place = user_models_folder() / COMPANION
    return Companion(remedy=f"put the files of openai/{COMPANION} into {place}, or use pictures")


def _wants_one(model: Path, found: Recognised) -> bool:
    """Whether a model without a text tower sees by CLIP ViT-L/14 as OpenAI trained it."""
    if found.family != IMAGE_VARIATION or found.text_tower or found.width != _WIDTH:
        return False
    tower = Config(model / found.image_tower / "config.json")
    return (
        tower.integer("image_size", _SIDE) == _SIDE
        and tower.integer("patch_size", _BASE_PATCH) == _PATCH
        and tower.text("hidden_act") in ("", _ACTIVATION)  # others were trained with gelu
    )


def _checked(folder: Path) -> Companion:
    config = Config(folder / "config.json")
    kinds = config.names("architectures")
    text = config.part("text_config") if kinds == ("CLIPModel",) else config
    if not set(kinds) & set(_KINDS):
        config.refuse("architectures", f"must be {' or '.join(_KINDS)}")
    width = config.integer("projection_dim", _BASE_WIDTH)
    if text.integer("projection_dim", width) != _WIDTH:
        text.refuse("projection_dim", f"must be {_WIDTH}")
    weights = component_weights(folder, transformers=True)
    return Companion(
        folder=folder,
        window=text.integer("max_position_embeddings", _WINDOW),
        files=(config.path, *tokenizer_files(folder), *weights),
    )

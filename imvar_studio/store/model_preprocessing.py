"""How a model's image tower wants its pictures, from the files of its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.model.errors import ModelError
from imvar_studio.model.model_card import CLIP_MEAN, CLIP_STD, Preprocessing
from imvar_studio.store.model_config import COPY_AGAIN, Config

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.store.model_profile import Profile

_TOWER_SIZE = 224  # CLIP's, where its config names none
_CHANNELS = 3


def image_preprocessing(folder: Path, tower: Config, profile: Profile) -> Preprocessing:
    """Return how pictures meet the image tower.

    Args:
        folder: the model's.
        tower: the image tower's config.
        profile: its `image_size` and `antialias` go before what the files say. Without a
            profile there is no antialiasing: so the CompVis checkpoints were trained.

    Raises:
        ModelError: if the files contradict each other.
    """
    size = tower.integer("image_size", _TOWER_SIZE)
    mean: tuple[float, ...] = CLIP_MEAN
    std: tuple[float, ...] = CLIP_STD
    asked, asker = profile.image_size, "the profile"
    path = folder / "feature_extractor" / "preprocessor_config.json"
    if path.is_file():
        config = Config(path)
        mean, std = _channels(config, "image_mean", mean), _channels(config, "image_std", std)
        if min(std) <= 0:
            config.refuse("image_std", "must be above 0")
        if asked is None:
            asked, asker = _side(config), str(path)
    if asked not in (None, size):
        message = f"{folder}: {asker} asks for pictures of {asked} px, the image tower for {size}"
        raise ModelError(message, COPY_AGAIN)
    return Preprocessing(size, profile.antialias, mean, std)


def _side(config: Config) -> int | None:
    """Return the side in pixels, in any of the forms transformers has written it in."""
    for key in ("crop_size", "size"):
        value = config.raw(key)
        if isinstance(value, dict):
            sides = [value[name] for name in ("height", "width", "shortest_edge") if name in value]
            if not sides or any(side != sides[0] for side in sides):
                config.refuse(key, "must be one side in pixels")
            value = sides[0]
        if value is not None:
            if type(value) is not int or value < 1:
                config.refuse(key, "must be a side in pixels")
            return value
    return None


def _channels(config: Config, key: str, default: tuple[float, ...]) -> tuple[float, ...]:
    value = config.raw(key)
    if value is None:
        return default
    numbers = isinstance(value, list) and all(type(each) in (int, float) for each in value)
    if not numbers or len(value) != _CHANNELS:
        config.refuse(key, "must be a number for each of 3 channels")
    return tuple(float(each) for each in value)

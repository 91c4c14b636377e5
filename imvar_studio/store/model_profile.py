"""`imvar_profile.json`: what a model's own files do not say, written by whoever knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imvar_studio.model import checks
from imvar_studio.model.codec import decode
from imvar_studio.model.errors import FormatError, ModelError
from imvar_studio.model.source import LARGEST_SIDE, SMALLEST_SIDE
from imvar_studio.store.strict_json import read_json

if TYPE_CHECKING:
    from pathlib import Path

PROFILE_FILE = "imvar_profile.json"
_FORMAT, _VERSION = "imvar-model-profile", 1
_MOST_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Profile:
    """What is told about a model; None and "" leave it to the model's files.

    Args:
        id: a slug, for commands and recipes.
        name, licence: for people, at most 200 characters.
        image_size: side in pixels that the image tower takes, in [16, 4096].
        antialias: whether its pictures were filtered when they were resized.
        image_norm: length of its picture embeddings, in (0, 10000].
        native_size: side in pixels that the model was trained at, in [64, 8192].
        sampler: the one to begin with; "" is the scheduler the model ships.
    """

    id: str = ""
    name: str = ""
    licence: str = ""
    image_size: int | None = None
    antialias: bool = False
    image_norm: float | None = None
    native_size: int | None = None
    sampler: str = ""

    def __post_init__(self) -> None:
        if self.id:
            checks.slug(self.id, "id")
        checks.put(self, name=checks.text(self.name, "name", 200))
        checks.put(self, licence=checks.text(self.licence, "licence", 200))
        if self.sampler:
            checks.slug(self.sampler, "sampler")
        if self.image_size is not None:
            checks.integer(self.image_size, "image_size", 16, 4096)
        if self.image_norm is not None:
            norm = checks.number(self.image_norm, "image_norm", 0, 10_000, open_low=True)
            checks.put(self, image_norm=norm)
        if self.native_size is not None:
            checks.integer(self.native_size, "native_size", SMALLEST_SIDE, LARGEST_SIDE)


def read_profile(folder: Path) -> Profile:
    """Return the profile in a model's folder, the empty one where there is none.

    Raises:
        ModelError: naming the file and what is wrong in it.
    """
    path = folder / PROFILE_FILE
    if not path.is_file():
        return Profile()
    try:
        data = read_json(path, _MOST_BYTES)
    except FormatError as error:
        raise ModelError(error.message, "correct the file or remove it") from error
    if not isinstance(data, dict) or data.pop("format", None) != _FORMAT:
        raise ModelError(
            f'{path} does not begin with "format": "{_FORMAT}"', "correct or remove it"
        )
    version = data.pop("version", None)
    if type(version) is not int or version < 1:
        raise ModelError(f"{path} has no version", "correct the file or remove it")
    if version > _VERSION:
        raise ModelError(f"{path} was made for a newer version", "update Imvar Studio")
    try:
        return decode(data, Profile)
    except FormatError as error:
        message = f"{path} is not readable, {error.message}"
        raise ModelError(message, "correct the file or remove it") from error

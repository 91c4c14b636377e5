"""The JSON files of a model's folder, asked with the type each answer must have."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, NoReturn

from imvar_studio.model.errors import FormatError, ModelError
from imvar_studio.store.strict_json import read_json

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.model.codec import Data

COPY_AGAIN = "copy or download the model again"
_LARGEST = 2**20


class Config:
    """One file's content.

    Raises:
        ModelError: from the start and from every question, naming file, field and what is wrong.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise ModelError(f"{path} is missing", COPY_AGAIN)
        try:
            content = read_json(path)
        except FormatError as error:
            raise ModelError(error.message, COPY_AGAIN) from error
        if not isinstance(content, dict):
            raise ModelError(f"{path} must hold an object", COPY_AGAIN)
        self._content = content

    def holds(self, key: str) -> bool:
        """Whether anything stands under `key`, null included."""
        return key in self._content

    def raw(self, key: str) -> Data:
        """Return what stands under `key`, None where nothing does."""
        return self._content.get(key)

    def text(self, key: str) -> str:
        """Return the text under `key`, "" where there is none."""
        value = self.raw(key)
        return value[:100] if isinstance(value, str) else ""

    def integer(self, key: str, default: int | None = None) -> int:
        """Return the whole number above 0 under `key`; without `default` it must be there."""
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if not _is_count(value):
            self.refuse(key, "must be a whole number above 0")
        return int(value)

    def integers(self, key: str) -> tuple[int, ...]:
        """Return the list of whole numbers above 0 under `key`, at least one."""
        value = self.raw(key)
        if not isinstance(value, list) or not value or not all(map(_is_count, value)):
            self.refuse(key, "must be a list of whole numbers above 0")
        return tuple(value)

    def names(self, key: str) -> tuple[str, ...]:
        """Return the list of texts under `key`, empty where there is none."""
        value = self.raw(key)
        if not isinstance(value, list):
            return ()
        return tuple(each for each in value if isinstance(each, str))

    def part(self, key: str) -> Config:
        """Return the object under `key` as a config of its own, empty where there is none."""
        found = copy(self)
        value = self.raw(key)
        found._content = value if isinstance(value, dict) else {}
        return found

    def refuse(self, key: str, what: str) -> NoReturn:
        """Raise the ModelError that says what is wrong under `key`."""
        shown = repr(self.raw(key))[:60]
        raise ModelError(f"{self.path}: {key} {what}, got {shown}", COPY_AGAIN)


def _is_count(value: Data) -> bool:
    return type(value) is int and 1 <= value <= _LARGEST

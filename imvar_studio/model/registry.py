"""Named entries with metadata; built-ins come in through the same door as plugins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from imvar_studio.model.checks import slug
from imvar_studio.model.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """One registered thing: what it is called in files, what people read, and the thing."""

    name: str
    label: str
    about: str
    content: T


class Registry(Generic[T]):
    """Entries by name, in the order they came.

    Args:
        noun: what an entry is, for messages: "sampler".
    """

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._entries: dict[str, Entry[T]] = {}

    def add(self, name: str, content: T, *, label: str, about: str = "") -> None:
        """Add an entry; a name that is taken is refused."""
        slug(name, f"{self._noun} name")
        if name in self._entries:
            raise SpecError(f"{self._noun} {name!r} is registered already", self._noun)
        self._entries[name] = Entry(name, label, about, content)

    def __getitem__(self, name: str) -> Entry[T]:
        """Return the entry called `name`, or raise a `SpecError` that lists the names."""
        try:
            return self._entries[name]
        except KeyError:
            known = ", ".join(self._entries)
            message = f"{self._noun} must be one of {known}, got {name!r}"
            raise SpecError(message, self._noun) from None

    def __iter__(self) -> Iterator[Entry[T]]:
        return iter(self._entries.values())

"""What a value is made of."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")


def parts(value: object) -> Iterator[object]:
    """Yield `value` and all that its dataclasses and tuples hold, however deep."""
    yield value
    if isinstance(value, tuple):
        for each in value:
            yield from parts(each)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from parts(getattr(value, field.name))


def swapped(value: T, old: object, new: object) -> T:
    """Return `value` with `new` wherever `old` stands in it, however deep."""
    return mapped(value, lambda part: new if part == old else part)


def mapped(value: T, change: Callable[[object], object]) -> T:
    """Return `value` with each part, from the whole down, as `change` makes it.

    Where `change` returns another part, that one is not looked into any more.
    """
    found: Any = _mapped(value, change)
    return found  # type: ignore[no-any-return]


def _mapped(value: Any, change: Callable[[object], object]) -> Any:
    made: Any = change(value)
    if made is not value:
        return made
    if isinstance(value, tuple):
        parts_ = tuple(_mapped(each, change) for each in value)
        same = all(a is b for a, b in zip(parts_, value, strict=True))
        return value if same else parts_
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
        new = {name: _mapped(part, change) for name, part in fields.items()}
        changed = {name: part for name, part in new.items() if part is not fields[name]}
        return dataclasses.replace(value, **changed) if changed else value
    return value

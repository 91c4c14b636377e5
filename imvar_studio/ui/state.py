"""A value that others watch; for what the window shows and undo does not know."""

from __future__ import annotations

from typing import Generic, TypeVar

from imvar_studio.model.signal import Signal

T = TypeVar("T")


class State(Generic[T]):
    """A value with a signal for its changes. It belongs to one thread.

    Args:
        value: to begin with.

    Attributes:
        changed: with the new value, whenever it becomes another.
    """

    def __init__(self, value: T) -> None:
        self.changed: Signal[T] = Signal()
        self._value = value

    @property
    def value(self) -> T:
        """The value as it stands."""
        return self._value

    def set(self, value: T) -> None:
        """Make `value` the present one; an equal value tells nobody."""
        if value != self._value:
            self._value = value
            self.changed.emit(value)

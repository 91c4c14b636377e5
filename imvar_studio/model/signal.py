"""Typed signals: who changes something tells it, who wants to know connects; no string lookup."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Generic, TypeVarTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Args = TypeVarTuple("Args")


class Signal(Generic[*Args]):
    """A list of slots that are called, in the order of connecting, with what is emitted.

    `Signal[Change]()` is emitted with one `Change`, `Signal[float, str]()` with two values. It
    belongs to the thread that made it.
    """

    def __init__(self) -> None:
        self._connections: list[_Connection[*Args]] = []
        self._blocks = 0

    def connect(self, slot: Callable[[*Args], object]) -> Callable[[], None]:
        """Have `slot` called with every emission from now on.

        Returns:
            What ends this connection; to call it again does nothing. A slot that is connected
            twice is called twice.
        """
        connection = _Connection(slot)
        self._connections.append(connection)

        def disconnect() -> None:
            connection.live = False
            # by identity: one slot may be connected twice
            self._connections = [each for each in self._connections if each is not connection]

        return disconnect

    def emit(self, *args: *Args) -> None:
        """Call every slot with `args`; nothing while blocked.

        A slot that is disconnected on the way is not called any more; one that is connected on
        the way is called from the next emission on.

        Raises:
            Exception: the first that a slot raised, after all slots were called; those of other
                slots are its notes.
        """
        if self._blocks:
            return
        first: Exception | None = None
        for connection in tuple(self._connections):
            if not connection.live:
                continue
            try:
                connection.slot(*args)
            except Exception as error:  # noqa: BLE001  (a slot's fault is not to silence the next)
                if first is None:
                    first = error
                elif error is not first:
                    first.add_note(f"another slot failed too: {error!r}")
        if first is not None:
            raise first

    @contextlib.contextmanager
    def blocked(self) -> Iterator[None]:
        """Let nothing through inside the `with`: emissions are dropped, not kept for later."""
        self._blocks += 1
        try:
            yield
        finally:
            self._blocks -= 1


class _Connection(Generic[*Args]):
    """A slot, and whether it is still to be called."""

    def __init__(self, slot: Callable[[*Args], object]) -> None:
        self.slot = slot
        self.live = True

"""Messages: what the window tells the user, in a bar and never in a dialog."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

KINDS = ("info", "warning", "error")


@dataclass(frozen=True, slots=True)
class Action:
    """The remedy as a button.

    Args:
        label: what the button says.
        run: what it does.
    """

    label: str
    run: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence for the user.

    Args:
        text: what happened.
        kind: one of `KINDS`; info goes by itself.
        remedy: what to do, "" where there is nothing.
        action: the remedy as a button.
        details: more, for who asks.
        log: a file with all of it.
    """

    text: str
    kind: str = "info"
    remedy: str = ""
    action: Action | None = None
    details: str = ""
    log: Path | None = None

"""Messages: what the window tells the user, in a bar and never in a dialog."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from imvar_studio.model.errors import UserError
from imvar_studio.store.logs import log_file
from imvar_studio.ui.sentences import sentence
from imvar_studio.ui.words import say

_log = logging.getLogger(__name__)


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
        kind: info, warning or error; info goes by itself.
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


def message_of(error: Exception) -> Message:
    """Return what the user reads of an error; what is no `UserError` is a fault, and is logged."""
    if isinstance(error, UserError):
        return Message(sentence(error.message), "error", sentence(error.remedy))
    _log.error("a fault in the window", exc_info=error)
    text = say("A fault of the program; nothing is lost.")
    return Message(text, "error", details=repr(error), log=log_file())

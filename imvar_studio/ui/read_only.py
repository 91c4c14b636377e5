"""What is said of a project that can be looked at, and not be changed."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from imvar_studio.ui.messages import Message
from imvar_studio.ui.sentences import sentence
from imvar_studio.ui.words import say

if TYPE_CHECKING:
    from imvar_studio.model.errors import StoreError
    from imvar_studio.store.lock_file import Holder

WRITER = "the window"  # what a window calls itself in the lock of a project


def read_only_message(refusal: StoreError, holder: Holder | None) -> Message:
    """Return what the user reads where a project's lock was refused.

    Args:
        refusal: of the lock; its words, with process and path, are the details.
        holder: who has the project; None where it cannot be written at all.
    """
    details = sentence(refusal.message)
    if holder is None:
        text = say("This project cannot be changed here.")
        return Message(text, "warning", sentence(refusal.remedy), details=details)
    text = say("{who} has this project open; it cannot be changed here.", who=_who(holder))
    remedy = say(
        "You can look at it, render and export. To change it, close it there and open it here "
        "again."
    )
    return Message(text, "warning", remedy, details=details)


def _who(holder: Holder) -> str:
    """Return who has a project, as a sentence begins with it."""
    if holder.host and holder.host != platform.node():
        return say("Another computer, {name},", name=holder.host)
    if not holder.host:  # nothing is known of it
        return say("Another program")
    if holder.what == WRITER:
        return say("Another window")
    return say("The program “{name}”", name=holder.what)

"""What the user reads about renders: that one is long, that one failed, that the queue waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.jobs.estimate import duration, size
from imvar_studio.ui.messages import Action, Message
from imvar_studio.ui.sentences import sentence
from imvar_studio.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.jobs.estimate import Estimate
    from imvar_studio.jobs.events import Failed


def long_render(found: Estimate, render: Callable[[], None]) -> Message:
    """Return what is said before a render that takes long, with the button that begins it."""
    text = say("Rendering takes about {time}.", time=duration(found.seconds))
    form = "{n} of {of} pictures, {memory} of memory, {disk} on disk."
    if not found.memory:
        form = "{n} of {of} pictures, {disk} on disk."
    memory, disk = size(found.memory), size(found.disk)
    takes = say(form, n=found.pictures, of=found.of, memory=memory, disk=disk)
    return Message(text, "warning", takes, Action(say("Render"), render))


def failed_render(failed: Failed, retry: Callable[[], None] | None) -> Message:
    """Return what is said of a render that failed, with the button that tries again, if any."""
    again = Action(say("Try again"), retry) if retry is not None else None
    return Message(sentence(failed.message), "error", sentence(failed.remedy), again)


def paused_queue(resume: Callable[[], None]) -> Message:
    """Return what is said where a render was asked for and the queue is paused."""
    return Message(say("The queue is paused."), "warning", action=Action(say("Resume"), resume))

"""How far rendering is, in the words of the status bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from imvar_studio.jobs.queued import State
from imvar_studio.ui.queue.words import phase_words, time_left
from imvar_studio.ui.sentences import sentence

if TYPE_CHECKING:
    from imvar_studio.ui.render_status import RenderStatus

_translate = QCoreApplication.translate
STOPPED = "stopped"
"""What a status says of a job that was cancelled."""


def line_words(status: RenderStatus) -> str:
    """Return what the status bar says, "" where there is nothing to say."""
    match status.phase:
        case "":
            return _ended_words(status)
        case "waiting":
            return sentence(status.text) or _translate("Queue", "Waiting")
        case "paused":
            words = {
                str(State.WAITING): _translate("Queue", "Waiting for its turn"),
                str(State.INTERRUPTED): _translate("Queue", "Interrupted"),
            }.get(status.text, _translate("Queue", "Paused"))
            return f"{words} · {_far(status)}" if status.of else words
    said = phase_words(status.phase, *_counted(status))
    return " · ".join(filter(None, (said, time_left(status.seconds_left))))


def share_of(status: RenderStatus) -> float | None:
    """Return how full the progress line is, in [0, 1]; None where nobody knows how far it is."""
    if not status.phase:
        return 0.0
    done, of = _counted(status)
    if not of or status.phase in ("starting", "estimating"):
        return None
    return done / of


def _counted(status: RenderStatus) -> tuple[int, int]:
    """Return how many are done, and of how many: pictures, or while encoding frames."""
    if status.phase == "encoding":
        return status.done, status.total
    return status.pictures, status.of


def _ended_words(status: RenderStatus) -> str:
    if status.failed:
        return ""  # it stands at the right
    if status.text != STOPPED:
        return sentence(status.text)
    if not status.of:
        return _translate("Queue", "Stopped.")
    form = _translate("Queue", "Stopped. {done} of {of} pictures are kept.")
    return form.format(done=status.pictures, of=status.of)


def _far(status: RenderStatus) -> str:
    return _translate("Queue", "{done} of {of}").format(done=status.pictures, of=status.of)

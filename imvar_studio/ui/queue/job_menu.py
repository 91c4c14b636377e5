"""The menu of a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from imvar_studio.ui.queue.verbs import Verb, allowed
from imvar_studio.ui.theme.icons import icon
from imvar_studio.ui.widgets.buttons import with_shortcut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imvar_studio.jobs.queued import Job

_translate = QCoreApplication.translate
_GROUPS = (
    (Verb.PAUSE, Verb.RESUME, Verb.RETRY, Verb.CANCEL),
    (Verb.FRONT, Verb.UP, Verb.DOWN),
    (Verb.FOLDER, Verb.LOG, Verb.COPY_ERROR),
    (Verb.REMOVE,),
)
_KEYS = {
    Verb.PAUSE: "Space",
    Verb.RESUME: "Space",
    Verb.RETRY: "R",
    Verb.CANCEL: "Shift+Esc",
    Verb.FRONT: "Ctrl+Home",
    Verb.UP: "Ctrl+Up",
    Verb.DOWN: "Ctrl+Down",
    Verb.COPY_ERROR: "Ctrl+C",
    Verb.REMOVE: "Del",
}
_ICONS = {
    Verb.PAUSE: "pause",
    Verb.RESUME: "play",
    Verb.RETRY: "rotate-ccw",
    Verb.CANCEL: "x",
    Verb.FOLDER: "folder-open",
    Verb.LOG: "file-text",
    Verb.COPY_ERROR: "copy",
    Verb.REMOVE: "trash-2",
}


class JobMenu(QMenu):
    """What may be done with a job.

    Attributes:
        chosen: a `Verb`.
    """

    chosen = Signal(object)

    def add(self, verb: Verb, *, enabled: bool) -> None:
        """Offer a verb."""
        action = QAction(verb_words(verb), self)
        if verb in _ICONS:
            action.setIcon(icon(_ICONS[verb], "text2"))
        if verb in _KEYS:
            action.setShortcut(QKeySequence(_KEYS[verb]))
        action.setEnabled(enabled)
        action.triggered.connect(lambda: self.chosen.emit(verb))
        self.addAction(action)


def verb_words(verb: Verb) -> str:
    """Return what a verb is called."""
    return {
        Verb.PAUSE: _translate("Queue", "Pause"),
        Verb.RESUME: _translate("Queue", "Resume"),
        Verb.RETRY: _translate("Queue", "Try again"),
        Verb.CANCEL: _translate("Queue", "Cancel"),
        Verb.REMOVE: _translate("Queue", "Remove"),
        Verb.FRONT: _translate("Queue", "To the front"),
        Verb.UP: _translate("Queue", "Move up"),
        Verb.DOWN: _translate("Queue", "Move down"),
        Verb.FOLDER: _translate("Queue", "Open folder"),
        Verb.LOG: _translate("Queue", "Show log"),
        Verb.COPY_ERROR: _translate("Queue", "Copy error"),
    }[verb]


def verb_tooltip(verb: Verb) -> str:
    """Return what a verb is called, with its key."""
    keys = QKeySequence(_KEYS.get(verb, ""))
    return with_shortcut(verb_words(verb), keys.toString(QKeySequence.SequenceFormat.NativeText))


def job_menu(
    jobs: Sequence[Job], row: int, *, has_log: bool, parent: QWidget | None = None
) -> JobMenu:
    """Return the menu of the job in a row; what does not suit its state is left out or off."""
    may, menu = allowed(jobs, row), JobMenu(parent)
    left_out = {Verb.PAUSE, Verb.RESUME, Verb.RETRY, Verb.COPY_ERROR} - may
    for group in _GROUPS:
        if not menu.isEmpty():
            menu.addSeparator()
        for verb in group:
            if verb not in left_out:
                menu.add(verb, enabled=verb in may and (verb is not Verb.LOG or has_log))
    return menu

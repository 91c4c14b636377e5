"""Keyframes on the system's clipboard."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from imvar_studio.model import clipboard
from imvar_studio.model.errors import FormatError
from imvar_studio.ui.mime import KEYFRAMES
from imvar_studio.ui.selection import Selection
from imvar_studio.ui.timeline.cards import card_of

if TYPE_CHECKING:
    from imvar_studio.model.project import Project
    from imvar_studio.ui.timeline.scene import Scene


def copy(scene: Scene) -> bool:
    """Put the selected keyframes on the clipboard, with their words as text beside them.

    Returns:
        Whether there were any.
    """
    session = scene.session
    ids = session.selection.value.keyframes
    if not ids:
        return False
    clip = clipboard.copy(session.project, session.film.id, ids)
    data = QMimeData()
    data.setData(KEYFRAMES, json.dumps(clipboard.clip_data(clip)).encode())
    words = [card_of(key).text for key in clip.keyframes]
    if any(words):
        data.setText("\n".join(text for text in words if text))
    QGuiApplication.clipboard().setMimeData(data)
    return True


def paste(scene: Scene, data: QMimeData, time: float) -> bool:
    """Put keyframes from the clipboard, or that were dragged here, at `time` seconds.

    They are selected then; what cannot be is a message.

    Returns:
        Whether `data` holds keyframes.
    """
    if not data.hasFormat(KEYFRAMES):
        return False
    session = scene.session
    try:
        clip = clipboard.read_clip(json.loads(bytes(data.data(KEYFRAMES).data())))
    except ValueError:  # no JSON, or not in UTF-8
        session.fail(FormatError("the keyframes on the clipboard are damaged", "copy them again"))
        return True
    except FormatError as error:
        session.fail(error)
        return True
    new: tuple[str, ...] = ()

    def change(project: Project) -> Project:
        nonlocal new
        pasted = clipboard.paste(project, session.film.id, clip, time)
        new = pasted.ids
        return pasted.project

    if session.edit_project(scene.step_name("Paste keyframes"), change):
        session.selection.set(Selection.of_keyframes(*new))
    return True

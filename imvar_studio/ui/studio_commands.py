"""The commands that are there whatever is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from imvar_studio.ui.memory import remember_scheme
from imvar_studio.ui.questions import show_keys
from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.workspace import Command

if TYPE_CHECKING:
    from imvar_studio.ui.studio import Studio
    from imvar_studio.ui.theme.theme import Scheme


def studio_commands(studio: Studio) -> tuple[Command, ...]:
    """Return the commands of the program itself."""
    file, edit, about = _tr("Project"), _tr("Edit"), _tr("Help")
    theme = _tr("Theme")
    return (
        Command("file.open.new", _tr("New…"), studio.new, "Ctrl+N", "file-plus", file),
        Command("file.open.open", _tr("Open…"), studio.open, "Ctrl+O", "folder-open", file),
        Command("file.open.package", _tr("Open a package…"), studio.open_package, menu=file),
        Command("file.open.sample", _tr("Open the sample film"), studio.open_sample, "", "", file),
        Command("file.save.save", _tr("Save"), studio.save, "Ctrl+S", "save", file),
        Command("file.close.close", _tr("Close project"), studio.close_project, "Ctrl+W", "", file),
        Command("file.close.quit", _tr("Quit"), studio.quit, "Ctrl+Q", "", file),
        Command("edit.history.undo", _tr("Undo"), studio.undo, "Ctrl+Z", "undo-2", edit),
        Command(
            "edit.history.redo", _tr("Redo"), studio.redo, "Ctrl+Shift+Z | Ctrl+Y", "redo-2", edit
        ),
        Command(
            "view.theme.dark", _tr("Dark theme"), lambda: use_scheme("dark"), "", "moon", theme
        ),
        Command(
            "view.theme.light", _tr("Light theme"), lambda: use_scheme("light"), "", "sun", theme
        ),
        Command(
            "view.theme.system",
            _tr("Theme of the desktop"),
            lambda: use_scheme("system"),
            "",
            "",
            theme,
        ),
        Command(
            "help.keys.show",
            _tr("Keys"),
            lambda: show_keys(studio.window, studio.window.actions_.commands),
            "F1 | ?",
            "keyboard",
            about,
        ),
    )


def use_scheme(scheme: Scheme) -> None:
    """Use other colours, and remember that."""
    current_theme().set_scheme(scheme)
    remember_scheme(scheme)


def _tr(text: str) -> str:
    return QCoreApplication.translate("StudioCommands", text)

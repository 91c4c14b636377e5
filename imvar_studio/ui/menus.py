"""The window's menu: the commands of the program and its workspace, and of the docks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from imvar_studio.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imvar_studio.model.document import Document
    from imvar_studio.ui.actions import Actions
    from imvar_studio.ui.layout import Layout
    from imvar_studio.ui.workspace import Command


def fill_menus(
    menu: QMenu, actions: Actions, shown: Sequence[Command], layout: Layout | None
) -> None:
    """Fill the window's menu anew.

    Args:
        menu: to fill.
        actions: all that there are.
        shown: the commands of the workspace.
        layout: its docks; None has none.
    """
    theirs = {command.id for command in shown}
    own = [each.menu for each in actions.commands if each.id not in theirs]
    actions.fill(menu, merged(own, [each.menu for each in shown]))
    if layout is not None:
        panels = QMenu(say("Panels"), menu)
        found = menu.actions()  # before the last, which is help
        menu.insertMenu(found[-1] if found else None, panels)  # type: ignore[arg-type]
        panels.addActions(layout.actions())
        panels.addSeparator()
        panels.addAction(say("Reset layout"), layout.reset)


def show_history(actions: Actions, document: Document) -> None:
    """Have undo and redo, where there are such actions, say what they would do."""
    if "edit.history.undo" not in actions:
        return
    undo, redo = actions["edit.history.undo"], actions["edit.history.redo"]
    undo.setEnabled(document.can_undo)
    redo.setEnabled(document.can_redo)
    name = document.undo_name
    undo.setText(say("Undo {name}", name=_low(name)) if name else say("Undo"))
    name = document.redo_name
    redo.setText(say("Redo {name}", name=_low(name)) if name else say("Redo"))


def merged(titles: Iterable[str], more: Iterable[str]) -> list[str]:
    """Return the titles of menus in order: `more` stand behind the one they follow in both."""
    found = [each for each in dict.fromkeys(titles) if each]
    at = 0
    for title in dict.fromkeys(more):
        if title and title not in found:
            found.insert(at, title)
        at = found.index(title) + 1 if title else at
    return found


def _low(name: str) -> str:
    return f"{name[:1].lower()}{name[1:]}"

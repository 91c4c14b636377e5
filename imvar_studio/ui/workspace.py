"""Workspaces: what the window shows for each kind of work; built-ins and plugins register alike."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from imvar_studio.ui.context import WindowContext


@dataclass(frozen=True, slots=True)
class Command:
    """Something a workspace does when asked, in menus and by key.

    Args:
        id: unique in the window: `film.render`.
        text: as menus show it, in sentence case.
        run: does it.
        shortcut: as `QKeySequence` reads it, "" for none.
        icon: its name, "" for none.
        menu: the menu it stands in; "" for none.
        tip: a longer sentence for the tooltip.
    """

    id: str
    text: str
    run: Callable[[], object]
    shortcut: str = ""
    icon: str = ""
    menu: str = ""
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Dock:
    """A panel beside the stage.

    Args:
        id: names it in remembered layouts.
        title: for people.
        area: `left`, `right` or `bottom`.
        widget: the panel.
        shown: whether it is there at first.
    """

    id: str
    title: str
    area: str
    widget: QWidget
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Workspace:
    """What a factory makes for an open project.

    Args:
        stage: the centre.
        docks: around it.
        commands: with their keys.
        release: watches the session no more.
    """

    stage: QWidget
    docks: tuple[Dock, ...]
    commands: tuple[Command, ...]
    release: Callable[[], None]


@dataclass(frozen=True, slots=True)
class WorkspaceSpec:
    """A kind of work and how the window shows it.

    Args:
        id: `film`.
        title: for people.
        work_kind: of the works it shows, the name of their class.
        factory: makes it for an open project; it yields between its panels, for the window's
            thread must not be held for longer than 50 ms.
        prepare: reads the modules that the factory needs; called beside the window's thread.
    """

    id: str
    title: str
    work_kind: type
    factory: Callable[[WindowContext], Generator[None, None, Workspace]]
    prepare: Callable[[], object] = lambda: None

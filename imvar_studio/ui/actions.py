"""Commands as Qt's actions, in menus and by key, and the list of keys that help shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QWidget

from imvar_studio.ui.key_claims import claims
from imvar_studio.ui.theme.icons import icon
from imvar_studio.ui.widgets.buttons import with_shortcut

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtWidgets import QMenu, QMenuBar

    from imvar_studio.ui.workspace import Command


class Actions(QObject):
    """The actions of a window: by their commands' ids, in menus by their order.

    Their keys hold in the whole window, but for those that the widget with the focus uses itself.

    Args:
        window: whose keys they are.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._actions: dict[str, QAction] = {}
        self._commands: dict[str, Command] = {}
        self._menus: tuple[str, ...] = ()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow_focus)
        self._follow_focus(None, QApplication.focusWidget())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the keys that the widget with the focus uses from becoming shortcuts."""
        if event.type() != QEvent.Type.ShortcutOverride:
            return False
        if not (isinstance(event, QKeyEvent) and isinstance(watched, QWidget)):
            return False
        own = claims(watched, event)
        if own is not None:
            event.setAccepted(own)
        return own is not None

    def add(self, commands: Iterable[Command]) -> None:
        """Make actions of commands; one whose id is there is replaced."""
        for command in commands:
            self.remove([command.id])
            action = QAction(command.text, self._window)
            if command.icon:
                action.setIcon(icon(command.icon))
            keys = [QKeySequence(each) for each in command.shortcut.split(" | ") if each]
            action.setShortcuts(keys)
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            tip = command.tip or command.text.rstrip("…")
            shown = keys[0].toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
            action.setToolTip(with_shortcut(tip, shown))
            # `triggered` tells whether it is checked, which is no argument of a command's
            action.triggered.connect(lambda _=False, run=command.run: run())
            self._window.addAction(action)
            self._actions[command.id], self._commands[command.id] = action, command

    def remove(self, ids: Iterable[str]) -> None:
        """Take actions away."""
        for name in ids:
            action = self._actions.pop(name, None)
            self._commands.pop(name, None)
            if action is not None:
                self._window.removeAction(action)
                action.deleteLater()

    def __getitem__(self, name: str) -> QAction:
        """Return the action of a command's id."""
        return self._actions[name]

    def __contains__(self, name: str) -> bool:
        return name in self._actions

    @property
    def commands(self) -> tuple[Command, ...]:
        """The commands that there are, in the order of their menus."""
        places = {title: at for at, title in enumerate(self._menus)}
        found = self._commands.values()
        return tuple(sorted(found, key=lambda each: places.get(each.menu, len(places))))

    def fill(self, bar: QMenuBar | QMenu, menus: Iterable[str]) -> None:
        """Fill a menu bar, or a menu with submenus, anew.

        Args:
            bar: what to fill.
            menus: titles, in order; in each a line parts commands of different groups, which
                their ids begin with.
        """
        bar.clear()
        self._menus = tuple(menus)
        for title in self._menus:
            found = [command for command in self._commands.values() if command.menu == title]
            if not found:
                continue
            menu = bar.addMenu(title)
            group = ""
            for command in found:
                own = command.id.rpartition(".")[0]
                if group and own != group:
                    menu.addSeparator()
                group = own
                menu.addAction(self._actions[command.id])

    def _follow_focus(self, old: QWidget | None, new: QWidget | None) -> None:
        # the one widget that keys go to: a filter on all would see every event
        if old is not None:
            old.removeEventFilter(self)
        if new is not None:
            new.installEventFilter(self)

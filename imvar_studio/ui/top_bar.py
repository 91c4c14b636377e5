"""The bar at the top: the project, undo and redo, the workspaces, live, render, export."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QPainter, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QWidget

from imvar_studio.ui.films_menu import FilmsMenu
from imvar_studio.ui.theme.fonts import hint_font, name_font
from imvar_studio.ui.theme.icons import icon
from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import TOP_BAR_HEIGHT
from imvar_studio.ui.widgets.buttons import IconButton, push_button, with_shortcut
from imvar_studio.ui.widgets.choice_field import Choice
from imvar_studio.ui.widgets.menu_button import MenuButton
from imvar_studio.ui.widgets.tab_row import TabRow

if TYPE_CHECKING:
    from PySide6.QtGui import QAction, QPaintEvent

_SIDE = 12  # px at both ends
_WIDEST = 180  # px of the project's name
_STATE = 78  # px that the longest state takes


class TopBar(QWidget):
    """The bar at the top of the window.

    Args:
        workspaces: (id, title) of what can be switched to; one alone is not shown.
        parent: the window.

    Attributes:
        chosen: the id of a workspace.
        live_toggled: whether the film is to be rendered by itself.
        render_wanted, export_wanted: as the buttons say.
    """

    chosen = Signal(str)
    live_toggled = Signal(bool)
    render_wanted = Signal()
    export_wanted = Signal()

    def __init__(self, workspaces: list[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(TOP_BAR_HEIGHT)
        self.menu_button = MenuButton(_WIDEST, name_font())
        self.menu_button.setAccessibleName(self.tr("Project"))
        self.menu_button.setMenu(QMenu(self.menu_button))
        self._state = QLabel()
        self._state.setFont(hint_font())
        self._state.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._state.setMinimumWidth(_STATE)
        self.undo = IconButton("undo-2", tooltip=self.tr("Undo"))
        self.redo = IconButton("redo-2", tooltip=self.tr("Redo"))
        self._bound: tuple[QAction, QAction] | None = None
        self.films = FilmsMenu()
        self.tabs = TabRow([Choice(name, title) for name, title in workspaces])
        self.tabs.setVisible(len(workspaces) > 1)
        self.tabs.chosen.connect(self.chosen)
        self.live = IconButton(
            "zap",
            self.tr("Live"),
            self.tr("Render by itself while you edit, the nearest to the playhead first"),
            checkable=True,
        )
        self.live.toggled.connect(self.live_toggled)
        self.render_button = push_button(self.tr("Render"), "secondary", "circle-play")
        self.render_button.clicked.connect(self.render_wanted)
        self.export_button = push_button(self.tr("Export"), "primary", "download")
        self.export_button.clicked.connect(self.export_wanted)
        self._lay_out()

    def set_project(self, name: str) -> None:
        """Show the name of the project."""
        self.menu_button.set_words(name)
        self.menu_button.setToolTip(self.tr("All commands, and how the project is saved"))

    def set_state(self, *, saved: bool, at: float | None, read_only: bool) -> None:
        """Show how far the project is saved."""
        if read_only:
            text = self.tr("read-only")
        elif not saved:
            text = self.tr("edited")
        elif at is not None:
            text = self.tr("saved {time}").format(time=time.strftime("%H:%M", time.localtime(at)))
        else:
            text = self.tr("saved")
        self._state.setText(text)

    def set_workspace(self, name: str) -> None:
        """Show which workspace is there."""
        self.tabs.set_current(name)

    def set_busy(self, *, busy: bool) -> None:
        """Have the render button cancel while something renders."""
        self.render_button.setText(self.tr("Cancel") if busy else self.tr("Render"))
        self.render_button.setIcon(icon("square" if busy else "circle-play"))
        self.render_button.setAccessibleName(self.render_button.text())

    def bind(self, undo: QAction, redo: QAction) -> None:
        """Have the two arrows do what the actions do, and say which step that is."""
        if self._bound == (undo, redo):
            return
        self._bound = (undo, redo)
        for button, action in zip((self.undo, self.redo), self._bound, strict=True):
            button.clicked.connect(action.trigger)
            action.changed.connect(partial(_follow, button, action))
            _follow(button, action)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bar, parted from what is below by a hairline."""
        theme, painter = current_theme(), QPainter(self)
        painter.fillRect(event.rect(), theme.color("panel"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("line"))

    def _lay_out(self) -> None:
        left, right = QHBoxLayout(), QHBoxLayout()
        left.setSpacing(4)
        right.setSpacing(8)
        left.addWidget(self.menu_button)
        left.addWidget(self._state)
        left.addWidget(self.undo)
        left.addWidget(self.redo)
        left.addSpacing(_SIDE)
        left.addWidget(self.films)
        left.addStretch(1)
        right.addStretch(1)
        right.addWidget(self.live)
        right.addWidget(self.render_button)
        right.addWidget(self.export_button)
        self.render_button.setMinimumWidth(88)
        row = QHBoxLayout(self)
        # the words, not the boxes that they have under the pointer, meet the edge
        row.setContentsMargins(_SIDE - 6, 0, _SIDE, 0)
        row.addLayout(left, 1)
        row.addWidget(self.tabs)
        row.addLayout(right, 1)


def _follow(button: IconButton, action: QAction) -> None:
    """Show an action's state; as a button's default action it would lose 150 bytes a change."""
    button.setEnabled(action.isEnabled())
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    button.set_tooltip(with_shortcut(action.text(), keys))

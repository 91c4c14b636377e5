"""The docks around the stage, and how they lay when the window was last closed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabWidget

from imvar_studio.ui.dock_handle import DockHandle
from imvar_studio.ui.memory import window_memory
from imvar_studio.ui.theme.tokens import LEFT_DOCK_WIDTH, RIGHT_DOCK_WIDTH

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from imvar_studio.ui.workspace import Dock

_VERSION = 1
_AREAS = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}
_SHARE = 0.34  # of the height is the timeline's at first


class Layout:
    """The docks of one workspace in the window.

    Args:
        window: to put them in.
        name: of the workspace; each remembers its own layout.
    """

    def __init__(self, window: QMainWindow, name: str) -> None:
        self._window, self._name = window, name
        self._docks: list[Dock] = []
        self._widgets: dict[str, QDockWidget] = {}
        self._handles: list[DockHandle] = []
        self._between = QAction(window)
        self._between.setSeparator(True)
        self._default = QByteArray()

    def adding(self, docks: Sequence[Dock]) -> Generator[None, None, None]:
        """Take in docks, yielding before and after each; `lay_out` follows when all are in."""
        for dock in docks:
            yield
            self._add(dock)
        yield

    def _add(self, dock: Dock) -> None:
        widget = QDockWidget(dock.title, self._window)
        widget.setObjectName(f"{self._name}.{dock.id}")
        widget.setWidget(dock.widget)
        dock.widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)  # a panel's ground
        widget.setAllowedAreas(Qt.DockWidgetArea.AllDockWidgetAreas)
        self._window.addDockWidget(_AREAS[dock.area], widget)
        self._docks.append(dock)
        self._widgets[dock.id] = widget
        self._handles.append(DockHandle(widget))
        # who asks for a panel wants to see it, not its tab behind another
        widget.toggleViewAction().triggered.connect(partial(_bring_forward, widget))

    def lay_out(self) -> None:
        """Lay the docks as they lay last."""
        window = self._window
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        for title, below in _stacks(self._docks):
            window.tabifyDockWidget(self._widgets[title], self._widgets[below])
            self._widgets[title].raise_()
        self._default = window.saveState(_VERSION)
        self.restore()

    def restore(self) -> None:
        """Lay the docks as they lay last; as they should be where nothing is remembered."""
        kept = window_memory().value(f"layout/{self._name}")
        if not isinstance(kept, QByteArray) or not self._window.restoreState(kept, _VERSION):
            self.reset()
        for widget in self._widgets.values():
            # Qt would show, a moment later, docks that nobody but `restoreState` hid
            widget.setVisible(not widget.isHidden())

    def reset(self) -> None:
        """Lay the docks as they are at first."""
        self._window.restoreState(self._default, _VERSION)
        for dock in self._docks:
            self._widgets[dock.id].setVisible(dock.shown)
        sides = {"left": LEFT_DOCK_WIDTH, "right": RIGHT_DOCK_WIDTH}
        wide = [dock for dock in self._docks if dock.area in sides and dock.shown]
        self._window.resizeDocks(
            [self._widgets[dock.id] for dock in wide],
            [sides[dock.area] for dock in wide],
            Qt.Orientation.Horizontal,
        )
        low = [self._widgets[dock.id] for dock in self._docks if dock.area == "bottom"]
        height = round(self._window.height() * _SHARE)
        self._window.resizeDocks(low, [height] * len(low), Qt.Orientation.Vertical)

    def save(self) -> None:
        """Remember how the docks lie."""
        window_memory().setValue(f"layout/{self._name}", self._window.saveState(_VERSION))

    def actions(self) -> list[QAction]:
        """Return the switches that show and hide the docks, and those that let them float."""
        shown = [widget.toggleViewAction() for widget in self._widgets.values()]
        return [*shown, self._between, *(each.float_action for each in self._handles)]

    def show(self, name: str) -> None:
        """Show a dock, in front of others."""
        self._widgets[name].show()
        self._widgets[name].raise_()

    def is_shown(self, name: str) -> bool:
        """Whether a dock can be seen."""
        return self._widgets[name].isVisible()

    def widget(self, name: str) -> QDockWidget:
        """Return a dock."""
        return self._widgets[name]

    def remove(self) -> None:
        """Take the docks out of the window."""
        self._between.deleteLater()
        for widget in self._widgets.values():
            self._window.removeDockWidget(widget)
            # it lives for a moment yet, and the next layout would lay it in place of its own
            widget.setObjectName("")
            widget.deleteLater()


def _bring_forward(dock: QDockWidget) -> None:
    """Show a dock in front of those that share its place, if it is shown at all."""
    if not dock.isHidden():
        dock.raise_()


def _stacks(docks: Sequence[Dock]) -> list[tuple[str, str]]:
    """Return pairs of docks that share a place: those of one side, behind the first."""
    pairs: list[tuple[str, str]] = []
    first: dict[str, str] = {}
    for dock in docks:
        if dock.area in first:
            pairs.append((first[dock.area], dock.id))
        else:
            first[dock.area] = dock.id
    return pairs

"""A row of tabs, one of which is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QKeyEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from imvar_studio.ui.theme import fonts
from imvar_studio.ui.theme.tokens import FIELD_HEIGHT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imvar_studio.ui.widgets.choice_field import Choice

_ROOM = 24  # px beside a tab's word
_WAYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)


class TabRow(QWidget):
    """Tabs such as "Pictures  Looks  Takes"; arrow keys go from one to the next.

    Args:
        options: in their order; the first is chosen.
        name: for screen readers.
        parent: the widget it lies in.

    Attributes:
        chosen: the value a person chose.
    """

    chosen = Signal(str)

    def __init__(
        self, options: Sequence[Choice], name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._options = tuple(options)
        self._current = ""
        self.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self._tabs = {option.value: self._tab(option) for option in self._options}
        for tab in self._tabs.values():
            row.addWidget(tab)
        if self._options:
            self.set_current(self._options[0].value)

    def current(self) -> str:
        """Return the value that is chosen; "" where there are no tabs."""
        return self._current

    def set_current(self, value: str) -> None:
        """Choose a tab; `chosen` is not told.

        Raises:
            KeyError: for a value that is no tab.
        """
        if value not in self._tabs:
            raise KeyError(value)
        self._current = value
        for name, tab in self._tabs.items():
            here = name == value
            tab.setChecked(here)
            # the row is one stop of the Tab key
            tab.setFocusPolicy(Qt.FocusPolicy.TabFocus if here else Qt.FocusPolicy.NoFocus)

    def tab(self, value: str) -> QToolButton:
        """Return the button of a tab, to hide or disable it.

        Raises:
            KeyError: for a value that is no tab.
        """
        return self._tabs[value]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the next tab by arrow keys, the first by Home, the last by End."""
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(event.key()))
        there = [
            option.value
            for option in self._options
            if self._tabs[option.value].isEnabled() and not self._tabs[option.value].isHidden()
        ]
        if not there or (step is None and event.key() not in (Qt.Key.Key_Home, Qt.Key.Key_End)):
            super().keyPressEvent(event)
            return
        if step is None:
            value = there[0] if event.key() == Qt.Key.Key_Home else there[-1]
        else:
            at = there.index(self._current) if self._current in there else 0
            value = there[(at + step) % len(there)]
        self._choose(value)
        self._tabs[value].setFocus(Qt.FocusReason.TabFocusReason)

    def _tab(self, option: Choice) -> QToolButton:
        tab = _Tab(option.label)
        tab.setToolTip(option.hint)
        tab.clicked.connect(lambda _checked, value=option.value: self._choose(value))
        return tab

    def _choose(self, value: str) -> None:
        if value == self._current:
            self._tabs[value].setChecked(True)
            return
        self.set_current(value)
        self.chosen.emit(value)


class _Tab(QToolButton):
    """One tab; as wide as its word is when semibold, so that choosing moves nothing."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self.setText(label)
        self.setAccessibleName(label)
        self.setProperty("kind", "tab")
        self.setCheckable(True)
        self.setFixedHeight(FIELD_HEIGHT)
        self.setFixedWidth(QFontMetrics(fonts.name_font()).horizontalAdvance(label) + _ROOM)

    def claims_key(self, key: Qt.Key, held: Qt.KeyboardModifier) -> bool:
        """Keep the keys that go from tab to tab from the window's shortcuts."""
        return key in _WAYS and held == Qt.KeyboardModifier.NoModifier

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _WAYS:
            event.ignore()  # the row moves on
        else:
            super().keyPressEvent(event)

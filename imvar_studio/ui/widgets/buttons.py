"""Buttons: icons without a box until hovered, and push buttons of three kinds."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from imvar_studio.ui.theme.icons import icon
from imvar_studio.ui.theme.tokens import FIELD_HEIGHT, ICON_SIZE

Kind = Literal["primary", "secondary", "plain"]


class IconButton(QToolButton):
    """An icon, or an icon and a word, without a box until it is hovered.

    Args:
        icon_name: Lucide's.
        text: the word beside the icon; "" for the icon alone.
        tooltip: what it does; the shortcut is added to it.
        shortcut: pressing it clicks the button.
        checkable: whether it stays down; it has the accent then.
        parent: the widget it lies in.
        token: the colour of the icon.
    """

    def __init__(  # noqa: PLR0913, PLR0917  (all but one have a default)
        self,
        icon_name: str,
        text: str = "",
        tooltip: str = "",
        shortcut: QKeySequence | str = "",
        checkable: bool = False,
        parent: QWidget | None = None,
        token: str = "text2",
    ) -> None:
        super().__init__(parent)
        self._token = token
        self.setIcon(icon(icon_name, token))
        self.setIconSize(_with_word() if text else QSize(ICON_SIZE, ICON_SIZE))
        self.setText(text)
        style = Qt.ToolButtonStyle
        self.setToolButtonStyle(
            style.ToolButtonTextBesideIcon if text else style.ToolButtonIconOnly
        )
        self.setCheckable(checkable)
        self.setAutoRaise(True)
        self.setFixedHeight(FIELD_HEIGHT)
        if not text:
            self.setFixedWidth(FIELD_HEIGHT)
        # the ring is for who walks by keyboard: a click leaves the focus where it was
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        keys = QKeySequence(shortcut)
        if not keys.isEmpty():
            self.setShortcut(keys)
        self.set_tooltip(tooltip or text)

    def set_icon_name(self, icon_name: str, token: str | None = None) -> None:
        """Show another icon; `token` None keeps the colour.

        Raises:
            KeyError: for a name that does not exist.
        """
        self._token = token or self._token
        self.setIcon(icon(icon_name, self._token))

    def set_tooltip(self, tooltip: str) -> None:
        """Say what it does, to the pointer and to screen readers."""
        keys = self.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        self.setToolTip(with_shortcut(tooltip, keys))
        self.setAccessibleName(self.text() or tooltip)
        if self.text() != tooltip:
            self.setAccessibleDescription(tooltip)


def with_shortcut(tooltip: str, keys: str) -> str:
    """Return the tooltip with the shortcut's keys, as the desktop writes them, behind it."""
    return f"{tooltip} ({keys})" if tooltip and keys else tooltip or keys


def push_button(
    text: str, kind: Kind = "secondary", icon_name: str = "", parent: QWidget | None = None
) -> QPushButton:
    """Return a button with a word.

    Args:
        text: what it does.
        kind: "primary" is filled with the accent, one at a place; "secondary" is raised; "plain"
            has no box until it is hovered.
        icon_name: Lucide's, before the word; "" for none.
        parent: the widget it lies in.
    """
    button = QPushButton(text, parent)
    button.setProperty("kind", kind)
    button.setFixedHeight(FIELD_HEIGHT)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAutoDefault(False)
    button.setAccessibleName(text)
    if icon_name:
        button.setIcon(icon(icon_name, "on_accent" if kind == "primary" else "text"))
        button.setIconSize(_with_word())
    return button


def _with_word() -> QSize:
    """Return the room of an icon beside a word: Qt's own gap is too narrow."""
    return QSize(ICON_SIZE + 4, ICON_SIZE)

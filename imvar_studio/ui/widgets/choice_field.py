"""A field for one of several named values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from imvar_studio.ui.theme.tokens import FIELD_HEIGHT
from imvar_studio.ui.widgets.numbers import MIXED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QIcon, QKeyEvent, QWheelEvent

_EDGE = 5  # px of the list to each side of its names


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values.

    Args:
        value: what the program calls it.
        label: what the window calls it.
        hint: its tooltip, such as the term of the field.
    """

    value: str
    label: str
    hint: str = ""


class ChoiceField(QComboBox):
    """One of several values, by name; a dash where the selected things differ.

    Args:
        options: in their order.
        name: for screen readers.
        parent: the widget it lies in.

    Attributes:
        edited: the value a person chose.
    """

    edited = Signal(str)

    def __init__(
        self, options: Sequence[Choice] = (), name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._options: tuple[Choice, ...] = ()
        self._value: str | None = None
        self.setFixedHeight(FIELD_HEIGHT)
        self.setPlaceholderText(MIXED)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.set_options(options)
        self.activated.connect(self._on_activated)

    def value(self) -> str | None:
        """Return the value; None where the selected things differ."""
        return self._value

    def set_value(self, value: str | None) -> None:
        """Show a value, or a dash for None; `edited` is not told.

        Raises:
            KeyError: for a value that is not among the options.
        """
        values = [option.value for option in self._options]
        if value is not None and value not in values:
            raise KeyError(value)
        self._value = value
        self.setCurrentIndex(-1 if value is None else values.index(value))
        self._tell()

    def set_options(self, options: Sequence[Choice]) -> None:
        """Offer other values; the present one stays if it is among them."""
        self._options = tuple(options)
        self.clear()
        for at, option in enumerate(self._options):
            self.addItem(option.label, option.value)
            self.setItemData(at, option.hint, Qt.ItemDataRole.ToolTipRole)
        there = any(option.value == self._value for option in self._options)
        self.set_value(self._value if there else None)

    def set_icon(self, value: str, picture: QIcon) -> None:
        """Show a picture before a value's name.

        Raises:
            KeyError: for a value that is not among the options.
        """
        index = self.findData(value)
        if index < 0:
            raise KeyError(value)
        self.setItemIcon(index, picture)

    def set_enabled(self, value: str, enabled: bool, hint: str = "") -> None:
        """Let a value be chosen or not; `hint` says why not.

        Raises:
            KeyError: for a value that is not among the options.
        """
        index = self.findData(value)
        if index < 0:
            raise KeyError(value)
        flag = Qt.ItemFlag.ItemIsEnabled
        flags = Qt.ItemFlag.ItemIsSelectable | flag if enabled else Qt.ItemFlag.NoItemFlags
        # the model's own way of setting flags
        self.setItemData(index, flags.value if not enabled else None, Qt.ItemDataRole.UserRole - 1)
        self.setItemData(index, hint or self._options[index].hint, Qt.ItemDataRole.ToolTipRole)

    def showPopup(self) -> None:
        """Open the list, as wide as its longest name."""
        view = self.view()
        wide = view.sizeHintForColumn(0) + 2 * _EDGE
        if self.count() > self.maxVisibleItems():
            wide += view.verticalScrollBar().sizeHint().width()
        view.setMinimumWidth(wide)
        super().showPopup()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys that move and open; a letter changes nothing unless the list is open.

        Some letters are commands of the window: one that is not must not choose a value instead.
        """
        text = event.text()
        if text.isprintable() and text.strip():
            event.ignore()
            return
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Go to the next value, while it has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()  # the panel scrolls

    def _on_activated(self, index: int) -> None:
        value = self._options[index].value
        if value != self._value:
            self._value = value
            self._tell()
            self.edited.emit(value)

    def _tell(self) -> None:
        hints = (option.hint for option in self._options if option.value == self._value)
        self.setToolTip(next(hints, "") or self.accessibleName())

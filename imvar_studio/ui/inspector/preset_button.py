"""A small button with a menu of presets, beside a field in which anything can be typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from imvar_studio.ui.widgets.buttons import IconButton

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")


class PresetButton(IconButton, Generic[T]):
    """Opens a menu of presets.

    Args:
        groups: of (label, value), parted by lines in the menu.
        chosen: called with the value of the one that a person chose.
        tooltip: what can be chosen.
        text: before the arrow; "" for none.
        parent: the widget it lies in.
    """

    def __init__(
        self,
        groups: Sequence[Sequence[tuple[str, T]]],
        chosen: Callable[[T], None],
        tooltip: str,
        text: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("chevron-down", text, tooltip=tooltip, parent=parent)
        if text:  # an arrow before a word would fold what lies below
            self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.presets = QMenu(self)
        for at, group in enumerate(groups):
            if at:
                self.presets.addSeparator()
            for label, value in group:
                action = self.presets.addAction(label)
                action.triggered.connect(lambda _checked=False, value=value: chosen(value))
        self.clicked.connect(self._open)

    def _open(self) -> None:
        self.presets.popup(self.mapToGlobal(QPoint(0, self.height())))

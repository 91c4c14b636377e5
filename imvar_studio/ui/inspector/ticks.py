"""Ticks that show values which differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from imvar_studio.ui.inspector.readings import MIXED, Mixed

if TYPE_CHECKING:
    from PySide6.QtWidgets import QCheckBox


def show_tick(box: QCheckBox, value: bool | Mixed) -> None:
    """Show a value, half a tick where the selected things differ; `clicked` is not told.

    A click on half a tick makes it a whole one.
    """
    box.setTristate(False)
    if value is MIXED:
        box.setCheckState(Qt.CheckState.PartiallyChecked)
    else:
        box.setChecked(value)

"""What lies over the stage's upper edge: zoom and compare at the left, the caption at the right."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from imvar_studio.ui.stage.plate import Plate
from imvar_studio.ui.stage.view import zoom_text
from imvar_studio.ui.theme.tokens import SPACING
from imvar_studio.ui.widgets.buttons import IconButton

if TYPE_CHECKING:
    from collections.abc import Callable

_ROOM = 54  # px beside the word: the icon, the chevron, the air around them
_ZOOMS = (0.5, 1.0, 2.0, 4.0, 8.0)


class StageBar(Plate):
    """Zoom and compare, with their menus.

    Args:
        compare_menu: of the button Compare.
        parent: the stage.

    Attributes:
        zoom: px a picture pixel was chosen; 0 is fit.
        step_zoom: 1 or -1 was chosen.
        full_screen: was chosen.
    """

    zoom = Signal(float)
    step_zoom = Signal(int)
    full_screen = Signal()

    def __init__(self, compare_menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fit = self.tr("Fit")
        self._zoom = IconButton("maximize", self._fit, self.tr("Zoom of the picture (Ctrl+0 fits)"))
        metrics = QFontMetrics(self._zoom.font())
        widest = max(map(metrics.horizontalAdvance, (self._fit, "000%")))
        self._zoom.setFixedWidth(widest + _ROOM)
        self._compare = IconButton(
            "columns-2",
            self.tr("Compare"),
            self.tr("Compare with another picture (C)"),
            checkable=True,
        )
        self._compare.setFixedWidth(metrics.horizontalAdvance(self._compare.text()) + _ROOM)
        self._comparing = False
        # a press opens the menu; what is chosen there decides, not the press
        self._compare.clicked.connect(lambda: self._compare.setChecked(self._comparing))
        self._actions: dict[float, QAction] = {}
        for button, menu in ((self._zoom, self._zoom_menu()), (self._compare, compare_menu)):
            button.setMenu(menu)
            button.setProperty("kind", "menu")
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(SPACING)
        row.addWidget(self._zoom)
        row.addWidget(self._compare)

    def show_zoom(self, zoom: float | None, scale: float) -> None:
        """Show the zoom: None is fit, whose scale stands in the tooltip."""
        self._zoom.setText(self._fit if zoom is None else zoom_text(zoom))
        self._zoom.set_tooltip(
            self.tr(
                "Zoom of the picture, now {percent} (Ctrl+0 fits)\n"
                "At 100% a picture pixel is one point of the window,\n"
                "which on dense screens is several of the screen's own"
            ).format(percent=zoom_text(scale))
        )
        for value, action in self._actions.items():
            action.setChecked(value == (zoom or 0.0))

    def show_comparing(self, on: bool) -> None:
        """Show whether the picture is compared with another."""
        self._comparing = on
        self._compare.setChecked(on)

    def _zoom_menu(self) -> QMenu:
        menu = QMenu(self)
        for value in (0.0, *_ZOOMS):
            text = zoom_text(value) if value else self._fit
            action = self._add(menu, text, partial(self.zoom.emit, value))
            action.setCheckable(True)
            self._actions[value] = action
        menu.addSeparator()
        self._add(menu, self.tr("Zoom in"), lambda: self.step_zoom.emit(1))
        self._add(menu, self.tr("Zoom out"), lambda: self.step_zoom.emit(-1))
        menu.addSeparator()
        self._add(menu, self.tr("Full screen"), self.full_screen.emit)
        return menu

    def _add(self, menu: QMenu, text: str, run: Callable[[], None]) -> QAction:
        action = menu.addAction(text)
        action.triggered.connect(lambda _=False: run())
        return action

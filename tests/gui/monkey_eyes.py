"""The monkey's eyes: what there is in a window, and what lies over it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QMenu, QWidget
from shiboken6 import isValid

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Sequence

    from tests.gui.window import Studio

_PATIENCE = 5  # Escapes until a popup must be gone


class Eyes:
    """Finds places in a window, and the way back to it."""

    studio: Studio
    faults: list[str]
    last: deque[str]

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._menus = random.Random(seed + 1)

    def _choose(self, options: Sequence[Any]) -> Any:
        return self._random.choice(options)

    def _place(self, widget: QWidget) -> QPoint:
        x, y = max(widget.width() - 1, 0), max(widget.height() - 1, 0)
        return QPoint(self._random.randint(0, x), self._random.randint(0, y))

    def _widget(self) -> QWidget:
        """Return anything that can be used, in any panel; the project's menu is left alone."""
        window, film = self.studio.window, self.studio.film
        panel = self._choose((film.inspector, film.inspector, film.library, film.timeline, window))
        found = [
            each
            for each in panel.findChildren(QWidget)
            if each.isVisible() and each.isEnabled() and each.window() is window
            and not isinstance(each, QMenu) and each is not window.top_bar.menu_button
            and each.width() > 0 and each.height() > 0
        ]  # fmt: skip
        usable = [each for each in found if each.focusPolicy() != Qt.FocusPolicy.NoFocus]
        return self._choose(usable if usable and self._random.random() < 0.8 else found or [panel])

    def _is_there(self, widget: QWidget) -> bool:
        return isValid(widget) and widget.isVisible()

    def _is_list(self, widget: QWidget) -> bool:
        return isinstance(widget, QAbstractItemView) or isinstance(
            widget.parent(), QAbstractItemView
        )

    def _leave_menu(self) -> None:
        """Close a menu that waits for an answer, now and then by taking one of its entries."""
        popup = QApplication.activePopupWidget()
        if popup is None:
            return
        if isinstance(popup, QMenu) and self._menus.random() < 0.5:
            for _ in range(self._menus.randint(1, 6)):
                QTest.keyClick(popup, Qt.Key.Key_Down)
            QTest.keyClick(popup, Qt.Key.Key_Return)
        else:
            QTest.keyClick(popup, Qt.Key.Key_Escape)

    def _tidy(self) -> None:
        """Leave what lies over the window: menus, dialogs, the whole screen."""
        for _ in range(_PATIENCE):
            over = QApplication.activePopupWidget() or QApplication.activeModalWidget()
            if over is None:
                break
            QTest.keyClick(over, Qt.Key.Key_Escape)
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        else:
            over.close()  # type: ignore[union-attr]
            self.faults.append(f"{over} stays, after {list(self.last)[-1]}")
        stage = self.studio.film.stage
        if stage._full is not None and self._random.random() < 0.5:
            stage.toggle_full_screen()
        active = QApplication.activeWindow()
        if active is not self.studio.window and stage._full is None:
            self.studio.window.activateWindow()

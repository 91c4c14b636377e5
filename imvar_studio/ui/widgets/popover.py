"""A small panel over the window, for what is needed for a moment."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from imvar_studio.ui.theme.tokens import PADDING
from imvar_studio.ui.widgets.popover_place import place_beside

_GAP = 4  # px between the popover and what it belongs to


class Popover(QFrame):
    """A panel that closes on Escape and on a click outside.

    Args:
        parent: what it belongs to; the focus returns there.

    Attributes:
        body: what it holds goes here.
        closed: however it was.
    """

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("popover")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(PADDING, PADDING, PADDING, PADDING)
        self.body.setSpacing(8)

    def open_at(self, anchor: QWidget) -> None:
        """Show it beneath `anchor`, or above where there is no room, within the screen."""
        self.open_over(QRect(anchor.mapToGlobal(QPoint(0, 0)), anchor.size()))

    def open_over(self, rect: QRect) -> None:
        """Show it beside a part of the screen, in global px."""
        self.adjustSize()
        screen = QGuiApplication.screenAt(rect.center()) or self.screen()
        room = screen.availableGeometry()
        left, top = place_beside(
            (rect.x(), rect.y(), rect.width(), rect.height()),
            (self.width(), self.height()),
            (room.x(), room.y(), room.width(), room.height()),
            _GAP,
        )
        self.move(left, top)
        self.show()
        first = self.nextInFocusChain()
        if first is not None and self.isAncestorOf(first):
            first.setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell that it closed."""
        super().hideEvent(event)
        self.closed.emit()

"""What a dock is taken by: a slim grip in the window, a title bar while it floats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAction, QPainter
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QMenu, QWidget

from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import PADDING
from imvar_studio.ui.widgets.buttons import IconButton

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QContextMenuEvent, QEnterEvent, QPaintEvent

SLIM = 6  # px, the height of the grip
TALL = 32  # px, that of the title bar
_GRIP = QSize(28, 2)  # px


class DockHandle(QWidget):
    """The title bar of a dock. Dragged it moves the dock, double clicked the dock floats.

    The dock sees to both: the handle lets the pointer's events through.

    Args:
        dock: whose it becomes.

    Attributes:
        float_action: a switch that has the dock float, for menus.
    """

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self._dock = dock
        name = dock.windowTitle()
        self.float_action = QAction(self.tr("Float {name}").format(name=name), self)
        self.float_action.setCheckable(True)
        self.float_action.triggered.connect(self._float)
        self._close = QAction(self.tr("Close {name}").format(name=name), self)
        self._close.triggered.connect(dock.close)
        self._title = QLabel(name)
        self._title.setProperty("kind", "name")
        self.back_button = IconButton("minimize", tooltip=self.tr("Put back into the window"))
        self.back_button.clicked.connect(self._put_back)
        self.close_button = IconButton("x", tooltip=self._close.text())
        self.close_button.clicked.connect(dock.close)
        row = QHBoxLayout(self)
        row.setContentsMargins(PADDING, 0, 6, 0)
        row.setSpacing(4)
        row.addWidget(self._title, 1)
        row.addWidget(self.back_button)
        row.addWidget(self.close_button)
        self.setCursor(Qt.CursorShape.SizeAllCursor)
        for button in (self.back_button, self.close_button):
            button.setCursor(Qt.CursorShape.ArrowCursor)
        self.setToolTip(self.tr("Drag to move. Double click to float, or to put back."))
        dock.topLevelChanged.connect(self._follow)
        dock.setTitleBarWidget(self)
        self._follow(dock.isFloating())

    def sizeHint(self) -> QSize:
        """Return the height it has: the dock is taken hold of in that of the hint."""
        return QSize(super().sizeHint().width(), self.minimumHeight())

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show the grip."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Hide the grip."""
        super().leaveEvent(event)
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the dock."""
        menu = QMenu(self)
        menu.addActions([self.float_action, self._close])
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground, and the grip where the pointer is."""
        painter, theme = QPainter(self), current_theme()
        painter.fillRect(self.rect(), theme.color("panel"))
        if self._dock.isFloating() or not self.underMouse():
            return
        grip = QRectF(0, 0, _GRIP.width(), _GRIP.height())
        grip.moveCenter(QRectF(self.rect()).center())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("text3"))
        painter.drawRoundedRect(grip, grip.height() / 2, grip.height() / 2)

    def _float(self, on: bool) -> None:
        self._dock.show()
        self._dock.setFloating(on)

    def _put_back(self) -> None:
        self._float(on=False)

    def _follow(self, floats: bool) -> None:
        """Be the bar of a window, or the slim grip."""
        for part in (self._title, self.back_button, self.close_button):
            part.setVisible(floats)
        self.setFixedHeight(TALL if floats else SLIM)
        self.float_action.setChecked(floats)
        own = self._own_title()
        if own is not None:  # a name is not shown twice
            policy = own.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            own.setSizePolicy(policy)
            own.setVisible(not floats)

    def _own_title(self) -> QLabel | None:
        """Return the label in the panel's own head that says the dock's name."""
        panel, name = self._dock.widget(), self._dock.windowTitle()
        found = panel.findChildren(QLabel) if panel is not None else []
        heads = (each for each in found if each.property("kind") == "name")
        return next((each for each in heads if each.text() == name), None)

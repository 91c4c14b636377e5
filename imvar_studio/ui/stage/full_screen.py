"""The canvas alone on the whole screen, with a transport that fades."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QObject,
    QPropertyAnimation,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtWidgets import QGraphicsOpacityEffect, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent

    from imvar_studio.ui.stage.canvas import Canvas
    from imvar_studio.ui.stage.transport import Transport

_REST = 2000  # ms without the pointer moving until the transport goes
_FADE = 200  # ms


class FullScreen(QWidget):
    """Holds the stage's canvas while it fills the screen.

    Args:
        canvas: is taken in; `give_back` lets it go.
        transport: one of its own.
        keys: what they do.
        parent: the stage; the window is its own.

    Attributes:
        left: Escape was pressed, or the window closed.
    """

    left = Signal()

    def __init__(
        self,
        canvas: Canvas,
        transport: Transport,
        keys: Mapping[Qt.Key, Callable[[], None]],
        parent: QWidget,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(self.tr("Stage"))
        self.setProperty("ground", "stage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._canvas, self._transport = canvas, transport
        self._keys = keys
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(canvas)
        transport.setParent(self)
        self._effect = QGraphicsOpacityEffect(transport)
        transport.setGraphicsEffect(self._effect)
        self._fade = QPropertyAnimation(self._effect, b"opacity", self)
        self._fade.setDuration(_FADE)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self._fade_out)
        self._fade.finished.connect(self._on_faded)
        canvas.installEventFilter(self)
        transport.raise_()
        transport.show()
        self.wake()

    def give_back(self) -> None:
        """Let the canvas go."""
        self._rest.stop()
        self._fade.stop()
        self._canvas.removeEventFilter(self)
        self._canvas.set_cursor_hidden(False)
        self._column.removeWidget(self._canvas)

    def wake(self) -> None:
        """Show the transport, and let it fade after a while."""
        self._canvas.set_cursor_hidden(False)
        self._transport.show()
        self._fade.stop()
        self._effect.setOpacity(1.0)
        self._rest.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show the transport when the pointer moves."""
        if event.type() in (QEvent.Type.MouseMove, QEvent.Type.MouseButtonPress):
            self.wake()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what the window's shortcuts do; Escape leaves."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Escape, Qt.Key.Key_F11, Qt.Key.Key_F):
            self.left.emit()
        elif key in self._keys:
            if not event.isAutoRepeat() or key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
                self._keys[key]()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place again what depends on the size."""
        height = self._transport.height()
        self._transport.setGeometry(0, self.height() - height, self.width(), height)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave the full screen; the window is ended by the stage."""
        event.ignore()
        self.left.emit()

    def sizeHint(self) -> QSize:
        """Return a size for screens that show no full screen."""
        return QSize(960, 640)

    def _fade_out(self) -> None:
        focus = self.focusWidget()
        walked = focus is not None and self._transport.isAncestorOf(focus)
        if self._transport.underMouse() or walked:
            self._rest.start()
            return
        self._fade.setStartValue(1.0)
        self._fade.setEndValue(0.0)
        self._fade.start()

    def _on_faded(self) -> None:
        self._transport.hide()
        self._canvas.set_cursor_hidden(True)

"""Whether K is held down, for stepping with J and L."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent


class HeldKey(QObject):
    """Watches for the release of a key whose press came by a shortcut.

    Shortcuts tell only presses. From `press` on all of the application's events are looked at,
    until the key is released, the pointer is pressed, or the window loses the keyboard.

    Args:
        key: which.
        parent: the owner.
    """

    def __init__(self, key: Qt.Key, parent: QObject) -> None:
        super().__init__(parent)
        self._key = key
        self.held = False

    def press(self) -> None:
        """Take the key as held from now on."""
        app = QCoreApplication.instance()
        if not self.held and app is not None:
            self.held = True
            app.installEventFilter(self)

    def release(self) -> None:
        """Take the key as released."""
        app = QCoreApplication.instance()
        if self.held and app is not None:
            self.held = False
            app.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look for what ends the hold."""
        kind = event.type()
        if kind == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            if event.key() == self._key and not event.isAutoRepeat():
                self.release()
        elif kind in (QEvent.Type.MouseButtonPress, QEvent.Type.ApplicationDeactivate):
            self.release()
        return False

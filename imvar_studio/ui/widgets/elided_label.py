"""A label that is cut with an ellipsis where there is no room."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QWidget


class ElidedLabel(QLabel):
    """One line of plain text; cut, it tells the whole of it as its tooltip.

    Args:
        text: the line.
        mode: where it is cut.
        parent: the widget it lies in.
    """

    def __init__(
        self,
        text: str = "",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._mode = mode
        self._own_tooltip = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Preferred, policy.Fixed)
        self.setText(text)

    @property
    def shown(self) -> str:
        """What there is room for, with the ellipsis."""
        return self.fontMetrics().elidedText(self.text(), self._mode, self.contentsRect().width())

    def set_tooltip(self, tooltip: str) -> None:
        """Set a tooltip of its own, which stands behind the whole text where that is cut."""
        self._own_tooltip = tooltip
        self._tell_whole()

    def setText(self, text: str) -> None:
        """Show another line."""
        super().setText(text)
        self._tell_whole()

    def minimumSizeHint(self) -> QSize:
        """Return the room of the ellipsis alone."""
        return QSize(self.fontMetrics().horizontalAdvance("…"), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell the whole line where it is cut now."""
        super().resizeEvent(event)
        self._tell_whole()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what there is room for."""
        painter = QPainter(self)
        self.style().drawItemText(
            painter,
            self.contentsRect(),
            QStyle.visualAlignment(self.layoutDirection(), self.alignment()).value,
            self.palette(),
            self.isEnabled(),
            self.shown,
            self.foregroundRole(),
        )

    def _tell_whole(self) -> None:
        cut = self.shown != self.text()
        told = (self.text() if cut else "", self._own_tooltip)
        self.setToolTip("\n".join(part for part in told if part))

"""The bar that tells messages over the top of a part of the window."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEasingCurve,
    QEvent,
    QObject,
    QPoint,
    QPropertyAnimation,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QAccessible, QAccessibleEvent, QEnterEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from imvar_studio.ui.theme.icons import tinted_pixmap
from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import FIELD_HEIGHT, ICON_SIZE
from imvar_studio.ui.widgets.buttons import IconButton, push_button

if TYPE_CHECKING:
    from imvar_studio.ui.messages import Message

LINGER = 6000  # ms that an info stays
_SLIDE = 160  # ms
_MARGIN = 8  # px to the sides of the parent
_WIDEST = 720  # px
_MARKS = {
    "info": ("info", "accent"),
    "warning": ("triangle-alert", "stale"),
    "error": ("circle-alert", "failed"),
}


class MessageBar(QFrame):
    """Tells one message at a time, over its parent; the next waits for it.

    An info goes by itself, unless the pointer or the focus is on it; a warning or an error stays
    until it is closed, by its button or by Escape.

    Args:
        parent: it slides over the top of this.

    Attributes:
        log_requested: the path of the log that a person wants to read.
        closed: the message that was told.
    """

    log_requested = Signal(object)
    closed = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._under = parent
        self._message: Message | None = None
        self._waiting: deque[Message] = deque()
        self._linger = QTimer(self)
        self._linger.setSingleShot(True)
        self._linger.timeout.connect(self._on_time)
        self._slide = QPropertyAnimation(self, b"pos", self)
        self._slide.setDuration(_SLIDE)
        self._slide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._build()
        self._lay_out()
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        parent.installEventFilter(self)
        current_theme().changed.connect(self._show_mark)
        self.hide()

    @property
    def message(self) -> Message | None:
        """What it tells; None while it is away."""
        return self._message

    @property
    def waiting(self) -> int:
        """How many messages are still to come."""
        return len(self._waiting)

    def tell(self, message: Message) -> None:
        """Show a message, now or after the one that is shown; one already there is not repeated."""
        if message == self._message or message in self._waiting:
            return
        if self._message is not None and self._message.kind == "info":
            self._waiting.appendleft(message)
            self.close_message()  # an info gives way
        elif self._message is not None:
            self._waiting.append(message)
        else:
            self._show(message)

    def clear(self) -> None:
        """Take all messages away: what they are about is gone."""
        self._waiting.clear()
        self.close_message()

    def close_message(self) -> None:
        """Take the message away; the next one comes."""
        told, self._message = self._message, None
        self._linger.stop()
        if told is None:
            return
        had_focus = self.isAncestorOf(self.focusWidget() or self)
        self.hide()
        if had_focus:
            self._under.setFocus(Qt.FocusReason.OtherFocusReason)
        self.closed.emit(told)
        if self._waiting and self._message is None:
            self._show(self._waiting.popleft())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the width of what it lies over."""
        if watched is self._under and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def enterEvent(self, event: QEnterEvent) -> None:
        """Stay while the pointer is on it."""
        self._linger.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Go by itself again, if it is an info."""
        if self._message is not None and self._message.kind == "info":
            self._linger.start(LINGER)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_message()
            return
        super().keyPressEvent(event)

    def _build(self) -> None:
        self._mark = QLabel()
        self._mark.setFixedSize(ICON_SIZE, FIELD_HEIGHT)
        self._text = _line("name")
        self._remedy = _line("label")
        self._details = _line("label")
        self._details.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.action_button = push_button("", "secondary")
        self.action_button.clicked.connect(self._run_action)
        self.details_button = push_button(self.tr("Details"), "plain")
        self.details_button.setCheckable(True)
        self.details_button.toggled.connect(self._show_details)
        self.log_button = push_button(self.tr("Log"), "plain")
        self.log_button.setToolTip(self.tr("Show the log of this"))
        self.log_button.clicked.connect(self._ask_for_log)
        self.close_button = IconButton("x", tooltip=self.tr("Close (Esc)"))
        self.close_button.clicked.connect(self.close_message)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        # a single line stands level with the buttons
        words.setContentsMargins(0, 5, 0, 5)
        words.addWidget(self._text)
        words.addWidget(self._remedy)
        whole = self._column = QVBoxLayout(self)
        whole.setContentsMargins(12, 6, 6, 6)
        whole.setSpacing(0)
        row = QHBoxLayout()
        row.setSpacing(8)
        whole.addLayout(row)
        whole.addWidget(self._details)
        self._details.setContentsMargins(ICON_SIZE + 8, 0, 6, 6)  # beneath the words
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(self._mark, 0, top)
        row.addLayout(words, 1)
        for button in self._buttons():
            row.addWidget(button, 0, top)
        row.addWidget(self.close_button, 0, top)

    def _buttons(self) -> tuple[QPushButton, ...]:
        return self.action_button, self.details_button, self.log_button

    def _show(self, message: Message) -> None:
        self._message = message
        self._text.setText(message.text)
        self._remedy.setText(message.remedy)
        self._remedy.setVisible(bool(message.remedy))
        self._details.setText(message.details)
        self.details_button.setChecked(False)
        self._details.hide()
        self.details_button.setVisible(bool(message.details))
        self.log_button.setVisible(message.log is not None)
        self.action_button.setVisible(message.action is not None)
        if message.action is not None:
            self.action_button.setText(message.action.label)
            self.action_button.setAccessibleName(message.action.label)
        self._show_mark()
        self.setAccessibleName(message.text)
        self.setAccessibleDescription(message.remedy)
        self._come()
        if message.kind == "info":
            self._linger.start(LINGER)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _show_mark(self) -> None:
        if self._message is not None:
            name, token = _MARKS[self._message.kind]
            colour, scale = current_theme().color(token), self.devicePixelRatioF()
            self._mark.setPixmap(tinted_pixmap(name, colour, ICON_SIZE, scale))

    def _show_details(self, shown: bool) -> None:
        self._details.setVisible(shown)
        self._place()

    def _come(self) -> None:
        self._place()
        end = self.pos()
        self._slide.stop()
        self._slide.setStartValue(QPoint(end.x(), -self.height()))
        self._slide.setEndValue(end)
        self.move(end.x(), -self.height())
        self.show()
        self.raise_()
        self._slide.start()

    def _place(self) -> None:
        """Lie over the top of the parent, in its middle."""
        parent, column = self._under, self._column
        self._slide.stop()
        width = max(min(parent.width() - 2 * _MARGIN, _WIDEST), 1)
        column.activate()
        height = column.totalHeightForWidth(width)
        if height < 0:
            height = self.sizeHint().height()
        self.setGeometry((parent.width() - width) // 2, _MARGIN, width, height)

    def _on_time(self) -> None:
        window = self.window()
        focus = window.focusWidget() if window.isActiveWindow() else None
        if self.underMouse() or (focus is not None and self.isAncestorOf(focus)):
            self._linger.start(LINGER)
        else:
            self.close_message()

    def _run_action(self) -> None:
        action = self._message.action if self._message is not None else None
        self.close_message()
        if action is not None:
            action.run()

    def _ask_for_log(self) -> None:
        if self._message is not None and self._message.log is not None:
            self.log_requested.emit(self._message.log)


def _line(kind: str) -> QLabel:
    label = QLabel()
    label.setProperty("kind", kind)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label

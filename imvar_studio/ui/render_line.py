"""The status bar's line about rendering: how far it is, what failed, what renders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedLayout, QToolButton, QWidget

from imvar_studio.jobs.render_events import number_of
from imvar_studio.ui.queue.status_words import line_words, share_of
from imvar_studio.ui.theme import fonts
from imvar_studio.ui.theme.icons import tinted_pixmap
from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import PADDING, SPACING, STATUS_BAR_HEIGHT
from imvar_studio.ui.widgets.buttons import IconButton
from imvar_studio.ui.widgets.elided_label import ElidedLabel
from imvar_studio.ui.widgets.progress_line import ProgressLine

if TYPE_CHECKING:
    from imvar_studio.ui.render_status import RenderStatus
    from imvar_studio.ui.state import State

_LINE = 148  # px, of the progress line
_BUTTON = 24  # px; the bar is 28 high


class LineDesk(Protocol):
    """What the line needs of the render desk."""

    status: State[RenderStatus]
    machine: State[str]

    def pause(self, number: int) -> None:
        """Hold a job of the queue."""

    def resume(self, number: int) -> None:
        """Let it go on."""

    def cancel(self, number: int) -> None:
        """End it."""

    def cancel_current(self) -> None:
        """Stop what runs."""

    def retry_failed(self) -> None:
        """Render again what failed."""


class RenderLine(QWidget):
    """Progress and its words at the left, failures and the machine at the right.

    Args:
        desk: renders.
        parent: the status bar.
    """

    def __init__(self, desk: LineDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._build()
        self._disconnects = [
            desk.status.changed.connect(self._show),
            desk.machine.changed.connect(self.machine.setText),
        ]
        self.pause.clicked.connect(self._pause_or_resume)
        self.cancel.clicked.connect(self._cancel)
        self.again.clicked.connect(self._again)
        current_theme().changed.connect(self._tint)
        self._tint()
        self.machine.setText(desk.machine.value)
        self._show(desk.status.value)

    def release(self) -> None:
        """Watch the desk no more."""
        for disconnect in self._disconnects:
            disconnect()

    def _build(self) -> None:
        self.progress = ProgressLine(self.tr("Rendering"))
        self.progress.setFixedWidth(_LINE)
        self.pause, self.cancel = IconButton("pause"), IconButton("x")
        self.cancel.set_tooltip(self.tr("Stop rendering; finished pictures are kept"))
        self.words, self.ended, self.failed = ElidedLabel(), ElidedLabel(), QLabel()
        self.sign, self.machine = QLabel(), QLabel()
        self.again = _link(self.tr("Try again"), self.tr("Render again what failed"))
        self.machine.setAccessibleName(self.tr("What renders"))
        for label in (self.words, self.ended, self.failed, self.machine):
            label.setFont(fonts.tabular(fonts.hint_font()))
            label.setProperty("kind", "label")
        for button in (self.pause, self.cancel):
            button.setFixedSize(_BUTTON, _BUTTON)
        self._reserve(self.pause)
        busy, done = QWidget(), QWidget()
        _row(busy, (self.progress, self.pause, self.cancel, self.words))
        _row(done, (self.ended,))
        self.pages = QStackedLayout()
        for page in (busy, done):
            self.pages.addWidget(page)
        row = QHBoxLayout(self)
        row.setContentsMargins(PADDING, 0, PADDING, 0)
        row.setSpacing(SPACING)
        row.addLayout(self.pages, 1)
        for widget in (self.sign, self.failed, self.again):
            row.addWidget(widget)
        row.addSpacing(SPACING)
        row.addWidget(self.machine)
        self.setFixedHeight(STATUS_BAR_HEIGHT)

    def _reserve(self, widget: QWidget) -> None:
        """Keep a widget's place while it is hidden: nothing jumps."""
        policy = widget.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        widget.setSizePolicy(policy)

    def _show(self, status: RenderStatus) -> None:
        said, failed = line_words(status), 0 if status.phase else status.failed
        self.pages.setCurrentIndex(0 if status.phase else 1)
        (self.words if status.phase else self.ended).setText(said)
        self.progress.set_share(share_of(status))
        paused = status.phase == "paused"
        self.pause.setVisible(number_of(status.key) is not None)
        self.pause.set_icon_name("play" if paused else "pause")
        self.pause.set_tooltip(self.tr("Go on") if paused else self.tr("Pause"))
        for widget in (self.sign, self.failed, self.again):
            widget.setVisible(failed > 0)
        form = self.tr("1 frame failed") if failed == 1 else self.tr("{n} frames failed")
        self.failed.setText(form.format(n=failed))

    def _pause_or_resume(self) -> None:
        status = self._desk.status.value
        number = number_of(status.key)
        if number is None:
            return
        if status.phase == "paused":
            self._desk.resume(number)
        else:
            self._desk.pause(number)

    def _cancel(self) -> None:
        status = self._desk.status.value
        number = number_of(status.key)
        if status.phase == "paused" and number is not None:
            self._desk.cancel(number)  # nobody runs it
        else:
            self._desk.cancel_current()

    def _again(self) -> None:
        self._desk.retry_failed()

    def _tint(self) -> None:
        scale = self.devicePixelRatioF()
        colour = current_theme().color("failed")
        self.sign.setPixmap(tinted_pixmap("triangle-alert", colour, scale=scale))


def _link(text: str, tooltip: str) -> QToolButton:
    """Return a word that is clicked."""
    button = QToolButton()
    font = fonts.hint_font()
    font.setUnderline(True)
    button.setFont(font)
    button.setText(text)
    button.setToolTip(tooltip)
    button.setAccessibleName(text)
    button.setAccessibleDescription(tooltip)
    button.setAutoRaise(True)
    button.setFixedHeight(_BUTTON)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button


def _row(page: QWidget, widgets: tuple[QWidget, ...]) -> None:
    row = QHBoxLayout(page)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(SPACING)
    for widget in widgets:  # the last one takes what is left
        row.addWidget(widget, int(widget is widgets[-1]))

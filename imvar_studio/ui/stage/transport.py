"""The transport: time, start, play, end, loop, and how playback keeps up."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from imvar_studio.ui.stage.captions import speed_words
from imvar_studio.ui.stage.timecode import timecode
from imvar_studio.ui.theme.fonts import body_font, name_font, tabular
from imvar_studio.ui.theme.tokens import SPACING
from imvar_studio.ui.widgets.buttons import IconButton

if TYPE_CHECKING:
    from PySide6.QtGui import QFont

HEIGHT = 52  # px
_PLAY_WIDTH = 40  # px
_GAP = 24  # px, between time, buttons and speed
_ZEROS = str.maketrans("123456789", "000000000")


class Transport(QWidget):
    """A row of playback's buttons. It computes nothing; the stage tells it what to show.

    Args:
        parent: the widget it lies in.

    Attributes:
        start, play, end: a button was pressed.
        loop: was switched.
    """

    start = Signal()
    play = Signal()
    end = Signal()
    loop = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("ground", "stage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Playback"))
        self._time = _label(tabular(name_font()), "", self.tr("Time of the playhead"))
        self._total = _label(tabular(body_font()), "label", self.tr("Length of the film"))
        self._speed = _label(tabular(body_font()), "label", self.tr("Speed of playback"))
        self._time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._start = self._button("skip-back", self.tr("To start (Home)"))
        self._play = self._button("play", self.tr("Play (Space)"))
        self._play.setProperty("kind", "raised")
        self._play.setFixedSize(QSize(_PLAY_WIDTH, self._play.height()))
        self._end = self._button("skip-forward", self.tr("To end (End)"))
        self._loop = self._button("repeat", self.tr("Loop (Ctrl+L)"), checkable=True)
        self._start.clicked.connect(self.start)
        self._play.clicked.connect(self.play)
        self._end.clicked.connect(self.end)
        self._loop.toggled.connect(self.loop)
        self._lay_out()
        self.set_times(0, 0, Fraction(12))
        self.set_speed(Fraction(12), 0, 0)

    def set_times(self, frame: int, count: int, fps: Fraction) -> None:
        """Show the playhead's frame and the number of frames."""
        total = timecode(count, fps)
        self._time.setText(timecode(frame, fps))
        self._total.setText(f"/ {total}")
        _widen(self._time, total)
        _widen(self._total, self._total.text())

    def set_speed(self, fps: Fraction, rate: int, dropped: int) -> None:
        """Show the film's rate, how many times as fast it plays, and the dropped frames."""
        self._speed.setText(speed_words(fps, rate, dropped))
        _widen(self._speed, speed_words(fps, -8, 1000))
        self._play.set_icon_name("pause" if rate else "play")
        self._play.set_tooltip(self.tr("Pause (Space)") if rate else self.tr("Play (Space)"))

    def set_loop(self, on: bool) -> None:
        """Show whether playback loops; tells nobody."""
        self._loop.blockSignals(True)
        self._loop.setChecked(on)
        self._loop.blockSignals(False)

    def set_enabled(self, on: bool) -> None:
        """Show whether there is a film to play."""
        for button in (self._start, self._play, self._end):
            button.setEnabled(on)

    def _button(self, icon_name: str, tooltip: str, *, checkable: bool = False) -> IconButton:
        return IconButton(icon_name, tooltip=tooltip, checkable=checkable, token="text")

    def _lay_out(self) -> None:
        # equal wings keep the buttons under the middle of the picture
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACING, 0, SPACING, 0)
        row.setSpacing(SPACING)
        left, right = QHBoxLayout(), QHBoxLayout()
        left.setSpacing(SPACING // 2)
        left.addStretch(1)
        left.addWidget(self._time)
        left.addWidget(self._total)
        left.addSpacing(_GAP - SPACING)
        right.addSpacing(_GAP - SPACING)
        right.addWidget(self._speed)
        right.addStretch(1)
        row.addLayout(left, 1)
        for button in (self._start, self._play, self._end, self._loop):
            row.addWidget(button)
        row.addLayout(right, 1)


def _label(font: QFont, kind: str, name: str) -> QLabel:
    label = QLabel()
    label.setFont(font)
    if kind:
        label.setProperty("kind", kind)
    label.setAccessibleName(name)
    label.setToolTip(name)
    return label


def _widen(label: QLabel, text: str) -> None:
    """Give a label the room of a text with any digits: it keeps its width while it counts."""
    width = QFontMetrics(label.font()).horizontalAdvance(text.translate(_ZEROS)) + 2
    if width > label.minimumWidth() or width < label.minimumWidth() - 2:
        label.setFixedWidth(width)

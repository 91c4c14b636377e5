"""The panel in which a transition's easing is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QToolButton, QWidget

from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import RADIUS
from imvar_studio.ui.timeline.easel import pen
from imvar_studio.ui.widgets.easing_choices import easing_choices, easing_of
from imvar_studio.ui.widgets.easing_editor import EasingEditor
from imvar_studio.ui.widgets.easing_painting import easing_icon
from imvar_studio.ui.widgets.popover import Popover

if TYPE_CHECKING:
    from imvar_studio.model.curve import Easing
    from imvar_studio.ui.widgets.choice_field import Choice

_COLUMNS = 5
_SIDE = QSize(44, 36)


class _EasingButton(QToolButton):
    """A small curve, with a ring where it is the present one."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the button, and the ring over it."""
        super().paintEvent(event)
        if self.isChecked():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(pen(current_theme().color("accent"), 2.0))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), RADIUS, RADIUS)


class EasingPopover(Popover):
    """All easings as small curves, and one to bend.

    Args:
        easing: the present one.
        parent: the canvas.

    Attributes:
        edited: the easing that was chosen or bent.
        gesture_ended: a bend, or a choice, is done.
    """

    edited = Signal(object)
    gesture_ended = Signal()

    def __init__(self, easing: Easing, parent: QWidget) -> None:
        super().__init__(parent)
        self._easing = easing
        self._buttons = QButtonGroup(self)
        self._buttons.setExclusive(True)
        grid = QGridLayout()
        grid.setSpacing(4)
        for n, choice in enumerate(easing_choices()):
            grid.addWidget(self._button(choice), n // _COLUMNS, n % _COLUMNS)
        self.body.addLayout(grid)
        self.editor = EasingEditor(self)
        self.editor.set_easing(easing)
        self.editor.edited.connect(self._on_bent)
        self.editor.gesture_ended.connect(self.gesture_ended)
        self.body.addWidget(self.editor)

    def button(self, shape: str) -> QToolButton:
        """Return the button of an easing.

        Raises:
            KeyError: for a shape that is none.
        """
        for each in self._buttons.buttons():
            if each.property("shape") == shape and isinstance(each, QToolButton):
                return each
        raise KeyError(shape)

    def _button(self, choice: Choice) -> QToolButton:
        button = _EasingButton(self)
        button.setIcon(easing_icon(easing_of(choice.value)))
        button.setIconSize(QSize(24, 24))
        button.setFixedSize(_SIDE)
        button.setCheckable(True)
        button.setChecked(choice.value == self._easing.shape)
        button.setAutoRaise(True)
        button.setToolTip(f"{choice.label}\n{choice.hint}")
        button.setAccessibleName(choice.label)
        button.setProperty("shape", choice.value)
        button.clicked.connect(lambda _=False, shape=choice.value: self._choose(shape))
        self._buttons.addButton(button)
        return button

    def _choose(self, shape: str) -> None:
        self._easing = easing_of(shape, self._easing)
        self.editor.set_easing(self._easing)
        self.edited.emit(self._easing)
        self.gesture_ended.emit()

    def _on_bent(self, easing: Easing) -> None:
        self._easing = easing
        self.button(easing.shape).setChecked(True)
        self.edited.emit(easing)

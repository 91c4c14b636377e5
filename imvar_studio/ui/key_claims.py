"""Which keys a control uses itself, so that no shortcut of the window takes them from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

_KEY, _MOD = Qt.Key, Qt.KeyboardModifier
ARROWS = frozenset({_KEY.Key_Left, _KEY.Key_Right, _KEY.Key_Up, _KEY.Key_Down})
_ALONG = frozenset({_KEY.Key_Left, _KEY.Key_Right, _KEY.Key_Home, _KEY.Key_End})
_WAYS = ARROWS | {_KEY.Key_Home, _KEY.Key_End, _KEY.Key_PageUp, _KEY.Key_PageDown}
_PRESSES = frozenset({_KEY.Key_Space, _KEY.Key_Return, _KEY.Key_Enter})
_IN_VIEWS = _WAYS | _PRESSES | {_KEY.Key_Delete, _KEY.Key_Backspace, _KEY.Key_F2}
_TEXTS = (QLineEdit, QPlainTextEdit, QTextEdit)
_EXPORT = (_KEY.Key_E, _MOD.ControlModifier)  # to the line's end in fields on X11, as End is
_CLAIMS: tuple[tuple[type[QWidget], frozenset[Qt.Key]], ...] = (
    (QAbstractButton, _PRESSES),
    (QAbstractSlider, _WAYS),
    (QAbstractSpinBox, _WAYS),
    (QComboBox, _WAYS | {_KEY.Key_Space}),
    (QAbstractItemView, _IN_VIEWS),
    (QTabBar, _ALONG),
    *((kind, _WAYS) for kind in _TEXTS),  # what they type, they claim themselves
)


@runtime_checkable
class Claimant(Protocol):
    """A widget that uses more keys than its kind does."""

    def claims_key(self, key: Qt.Key, held: Qt.KeyboardModifier) -> bool:
        """Whether the key is its own while it has the focus.

        Args:
            key: that is pressed.
            held: with it; whether it is of the keypad does not show.
        """


def claims(widget: QWidget, event: QKeyEvent) -> bool | None:
    """Tell whose a key is.

    Args:
        widget: has the focus.
        event: the key that is pressed.

    Returns:
        True where it is the widget's, False where it is the window's even if the widget would
        take it, None where the widget itself decides.
    """
    key, held = Qt.Key(event.key()), event.modifiers() & ~_MOD.KeypadModifier
    if isinstance(widget, _TEXTS):
        own = _has_step(widget, event)
        if own is not None:
            return own
    if isinstance(widget, Claimant) and widget.claims_key(key, held):
        return True
    if isinstance(widget, QAbstractItemView) and _is_of_view(widget, event):
        return True
    if held & (_MOD.AltModifier | _MOD.MetaModifier):
        return None
    if not held & _MOD.ControlModifier and widget.window().windowType() is Qt.WindowType.Popup:
        return True  # what lies beneath a popup is out of reach
    mine = any(isinstance(widget, kind) and key in keys for kind, keys in _CLAIMS)
    return True if mine else None


def _is_of_view(view: QAbstractItemView, event: QKeyEvent) -> bool:
    """Whether a key copies from a list, or selects all of it where much may be selected."""
    if event.matches(QKeySequence.StandardKey.SelectAll):
        return view.selectionMode() is not QAbstractItemView.SelectionMode.SingleSelection
    return event.matches(QKeySequence.StandardKey.Copy)


def _has_step(field: QLineEdit | QPlainTextEdit | QTextEdit, event: QKeyEvent) -> bool | None:
    """Whether a field has typing to undo or redo, None where the key means neither.

    The key of export is never a field's.
    """
    ctrl, shift = _MOD.ControlModifier, _MOD.ShiftModifier
    at = event.key(), event.modifiers() & ~_MOD.KeypadModifier
    text = field if isinstance(field, QLineEdit) else field.document()
    if at == _EXPORT:
        return False
    if at == (_KEY.Key_Z, ctrl):
        return text.isUndoAvailable()
    if at in {(_KEY.Key_Z, ctrl | shift), (_KEY.Key_Y, ctrl)}:
        return text.isRedoAvailable()
    return None

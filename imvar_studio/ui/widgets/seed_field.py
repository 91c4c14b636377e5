"""A field for a seed, with dice and a lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from imvar_studio.ui.theme import fonts
from imvar_studio.ui.theme.tokens import FIELD_HEIGHT
from imvar_studio.ui.widgets.buttons import IconButton
from imvar_studio.ui.widgets.seeds import MOST, new_seed, read_seed, seed_text

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent


class SeedText(QLineEdit):
    """The seed as text; Escape puts back what stood there.

    Attributes:
        edited: the seed (a Python int, wider than C's), when a person confirmed another.
    """

    edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seed: int | None = None
        self.setFont(fonts.tabular(fonts.body_font()))
        self.setFixedHeight(FIELD_HEIGHT)
        self.setMinimumWidth(80)
        self.setAccessibleName(self.tr("Seed"))
        told = self.tr("The number the noise grows from: 0 to {most}")
        self.setToolTip(told.format(most=MOST))
        self.editingFinished.connect(self._commit)
        self.set_seed(None)

    @property
    def seed(self) -> int | None:
        """The seed; None where the selected things differ."""
        return self._seed

    def set_seed(self, seed: int | None) -> None:
        """Show a seed, or a dash for None; `edited` is not told. Half-typed text stays."""
        self._seed = seed
        if not (self.hasFocus() and self.isModified()):
            self.setText(seed_text(seed))
            self.setCursorPosition(0)  # of a long one the beginning is seen

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Put back what stood here on Escape; all else is typed."""
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self.setText(seed_text(self._seed))
            self.selectAll()
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select the seed when the keyboard comes here."""
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason or self._seed is None:
            self.selectAll()

    def _commit(self) -> None:
        if not self.isModified():
            return
        seed = read_seed(self.text())
        self.setModified(False)
        if seed is None or seed == self._seed:
            self.setText(seed_text(self._seed))
            return
        self._seed = seed
        self.setText(seed_text(seed))
        self.edited.emit(seed)


class SeedField(QWidget):
    """A seed that is typed or thrown; locked, it stays when looks are varied.

    Attributes:
        edited: the seed (a Python int, wider than C's), typed or thrown.
        locked: whether it is, when a person changed that.
    """

    edited = Signal(object)
    locked = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = SeedText()
        self.dice = IconButton("dices", tooltip=self.tr("New random seed"))
        self.lock = IconButton("lock-open", tooltip=self.tr("Keep this seed"), checkable=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.text, 1)
        row.addWidget(self.dice)
        row.addWidget(self.lock)
        self.setFocusProxy(self.text)
        self.text.edited.connect(self.edited)
        self.dice.clicked.connect(self._throw)
        self.lock.toggled.connect(self._show_locked)
        self.lock.clicked.connect(self.locked)

    def value(self) -> int | None:
        """Return the seed; None where the selected things differ."""
        return self.text.seed

    def set_value(self, seed: int | None) -> None:
        """Show a seed, or a dash for None; `edited` is not told."""
        self.text.set_seed(seed)

    def is_locked(self) -> bool:
        """Tell whether the lock is on."""
        return self.lock.isChecked()

    def set_locked(self, locked: bool) -> None:
        """Turn the lock on or off; `locked` is not told."""
        self.lock.setChecked(locked)

    def _throw(self) -> None:
        self.text.setModified(False)  # what was half typed gives way
        seed = new_seed(self.text.seed)
        self.text.set_seed(seed)
        self.edited.emit(seed)

    def _show_locked(self, locked: bool) -> None:
        self.dice.setEnabled(not locked)
        self.lock.set_icon_name("lock" if locked else "lock-open")
        self.lock.set_tooltip(
            self.tr("Let this seed change") if locked else self.tr("Keep this seed")
        )

"""A section of a panel: a head, a body, and a hairline above."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from imvar_studio.ui.theme import fonts
from imvar_studio.ui.theme.icons import icon
from imvar_studio.ui.theme.tokens import FIELD_HEIGHT, FOCUS_WIDTH, ICON_SIZE, PADDING
from imvar_studio.ui.widgets.elided_label import ElidedLabel
from imvar_studio.ui.widgets.hairline import Hairline


class Section(QWidget):
    """A part of an inspector.

    Args:
        title: semibold.
        summary: grey, right behind the title; what the section holds, seen while it is shut.
        collapsible: whether the head opens and shuts it.
        collapsed: whether it is shut at first.
        parent: the widget it lies in.

    Attributes:
        body: what it holds goes here.
        toggled: whether it is open, when a person opened or shut it.
    """

    toggled = Signal(bool)

    def __init__(
        self,
        title: str,
        summary: str = "",
        collapsible: bool = False,
        collapsed: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._head_text = title
        self._content = QWidget()
        self.body = QVBoxLayout(self._content)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(4)
        self._summary = ElidedLabel()
        self._summary.setProperty("kind", "hint")
        self.head = self._collapsing_head() if collapsible else None
        self._label = QLabel(title)
        self._label.setProperty("kind", "head")
        self._lay_out()
        self.set_summary(summary)
        self.set_collapsed(collapsible and collapsed)

    @property
    def is_collapsed(self) -> bool:
        """Whether it is shut."""
        return self._content.isHidden()

    def set_title(self, title: str) -> None:
        """Change the head."""
        self._head_text = title
        self._label.setText(title)
        if self.head is not None:
            self._name_head(self.head, title)

    def set_summary(self, summary: str) -> None:
        """Change what stands behind the title."""
        self._summary.setText(summary)
        if self.head is not None:
            self.head.setAccessibleDescription(summary)

    def set_collapsed(self, collapsed: bool) -> None:
        """Shut or open it; `toggled` is not told."""
        self._content.setVisible(not collapsed)
        if self.head is not None:
            self.head.setIcon(icon("chevron-right" if collapsed else "chevron-down", "text2"))
            self.head.setToolTip(
                self.tr("Show {name}").format(name=self._head_text)
                if collapsed
                else self.tr("Hide {name}").format(name=self._head_text)
            )

    def _collapsing_head(self) -> QToolButton:
        head = QToolButton()
        head.setProperty("kind", "section")
        self._name_head(head, self._head_text)
        head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        head.setIconSize(QSize(ICON_SIZE, ICON_SIZE))
        head.setFixedHeight(FIELD_HEIGHT)
        head.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        head.clicked.connect(self._on_clicked)
        return head

    def _name_head(self, head: QToolButton, title: str) -> None:
        head.setText(title)
        head.setAccessibleName(title)
        # Qt's own hint is wider, and parts the summary from the title
        word = QFontMetrics(fonts.head_font()).horizontalAdvance(title)
        head.setFixedWidth(word + ICON_SIZE + 2 * FOCUS_WIDTH + 6)

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(Hairline())
        inside = QVBoxLayout()
        inside.setContentsMargins(PADDING, PADDING - 4, PADDING, PADDING)
        inside.setSpacing(4)
        whole.addLayout(inside)
        line = QHBoxLayout()
        line.setSpacing(6)
        if self.head is not None:
            # the chevron, not its box, meets the edge
            inside.setContentsMargins(PADDING - 8, 4, PADDING, PADDING - 8)
            self.body.setContentsMargins(8, 0, 0, 8)
            line.addWidget(self.head)
        else:
            line.addWidget(self._label)
        line.addWidget(self._summary, 1)
        inside.addLayout(line)
        inside.addWidget(self._content)

    def _on_clicked(self) -> None:
        self.set_collapsed(not self.is_collapsed)
        self.toggled.emit(not self.is_collapsed)

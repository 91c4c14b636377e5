"""The inspector's sections below each other, each made when it is first needed."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from imvar_studio.ui.widgets.hairline import Hairline

if TYPE_CHECKING:
    from collections.abc import Callable

S = TypeVar("S", bound=QWidget)


class Sections(QWidget):
    """A column of sections; making all of them at once would hold the window up.

    Those that nobody asked for yet are made by `make_rest`, each in a round of the event loop of
    its own, so that they are there when something is selected.

    Args:
        parent: the widget it lies in.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._makers: dict[str, Callable[[], QWidget]] = {}
        self._made: dict[str, QWidget] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(Hairline())
        self._column.addStretch(1)

    def make_rest(self) -> None:
        """Make the sections that are missing, one by one."""
        QTimer.singleShot(0, self, self._make_next)

    def add(self, name: str, make: Callable[[], S]) -> Callable[[], S]:
        """Take in a section, below those that were taken in before.

        Args:
            name: of it.
            make: makes it; it is hidden then.

        Returns:
            What returns the section, made if it is not there.
        """
        made: list[S] = []

        def section() -> S:
            if not made:
                made.append(make())
                self._lay_out(name, made[0])
            return made[0]

        self._makers[name] = section
        return section

    def __getitem__(self, name: str) -> QWidget:
        """Return a section, made if it is not there."""
        return self._makers[name]()

    def made(self, name: str) -> QWidget | None:
        """Return a section where it was made already."""
        return self._made.get(name)

    def _make_next(self) -> None:
        missing = [name for name in self._makers if name not in self._made]
        if missing:
            self[missing[0]]
            QTimer.singleShot(0, self, self._make_next)

    def _lay_out(self, name: str, section: QWidget) -> None:
        self._made[name] = section
        order = [each for each in self._makers if each in self._made]
        section.hide()
        self._column.insertWidget(order.index(name), section)
        self._lead_tab_through(order)

    def _lead_tab_through(self, order: list[str]) -> None:
        """Have Tab follow the eye: Qt goes in the order in which widgets were made."""
        fields = [field for name in order for field in _fields(self._made[name])]
        if fields:
            before = _before(fields, self)
            for first, second in itertools.pairwise([*before, *fields]):
                QWidget.setTabOrder(first, second)


def _fields(section: QWidget) -> list[QWidget]:
    own = section.window()  # popovers are windows of their own
    children = section.findChildren(QWidget)
    return [each for each in children if each.window() is own and _is_stop(each)]


def _is_stop(widget: QWidget) -> bool:
    tab = Qt.FocusPolicy.TabFocus
    return (widget.focusPolicy() & tab) == tab and widget.focusProxy() is None


def _before(fields: list[QWidget], sections: QWidget) -> list[QWidget]:
    """Return where Tab comes from before it reaches the sections; nothing where they are alone."""
    own, last = set(fields), fields[-1]
    each = last.previousInFocusChain()
    while each is not None and each is not last:
        if each not in own and not sections.isAncestorOf(each) and _is_stop(each):
            return [each]
        each = each.previousInFocusChain()
    return []

"""The library's second page: the texts that the films show, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QMimeData,
    QModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QFontMetrics, QPainter, QShowEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStackedWidget,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from imvar_studio.ui.library.card_list import INSIDE, CardDelegate, CardList
from imvar_studio.ui.library.entries import LookCard, look_cards, where
from imvar_studio.ui.library.pictures_page import select_uses
from imvar_studio.ui.library.row_model import ROW, Index, RowModel
from imvar_studio.ui.theme import fonts
from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import BODY_LINE
from imvar_studio.ui.widgets.empty_state import EmptyState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imvar_studio.model.document import Change
    from imvar_studio.ui.session import Session

_LINES = 2  # of text that a card shows
_HINT_LINE = 16  # px


class LookModel(RowModel["LookCard"]):
    """Look cards; a row is dragged as its text."""

    def title(self, row: LookCard) -> str:
        """Return the text."""
        return row.text

    def tip(self, row: LookCard) -> str:
        """Return the text, and where it is used."""
        return self.tr("{text}\nUsed {where}.").format(text=row.text, where=where(row.uses))

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return what can be done with a row."""
        flag = Qt.ItemFlag
        if not index.isValid():
            return flag.NoItemFlags
        return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        """Return the kinds of data that rows are dragged as."""
        return ["text/plain"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return rows as what is dragged."""
        data = QMimeData()
        data.setText("\n".join(self.rows[index.row()].text for index in indexes))
        return data

    def supportedDragActions(self) -> Qt.DropAction:
        """Copy: what is dragged out stays."""
        return Qt.DropAction.CopyAction


class LookDelegate(CardDelegate):
    """Paints a look: two lines of its text, and where it is used."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the room it wants."""
        return QSize(0, _LINES * BODY_LINE + _HINT_LINE + 2 * INSIDE + 2)

    def paint_card(self, painter: QPainter, place: QRect, index: Index) -> None:
        """Paint the content of a row inside `place`."""
        card: LookCard = index.data(ROW)
        theme = current_theme()
        painter.setPen(theme.color("text"))
        painter.setFont(fonts.body_font())
        lines = text_lines(card.text, place.width(), _LINES)
        for at, line in enumerate(lines):
            row = QRect(place.x(), place.y() + at * BODY_LINE, place.width(), BODY_LINE)
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, line)
        painter.setPen(theme.color("text2"))
        painter.setFont(fonts.hint_font())
        under = QRect(place.x(), place.y() + len(lines) * BODY_LINE, place.width(), _HINT_LINE)
        hint = used_in(card)
        hint = painter.fontMetrics().elidedText(hint, Qt.TextElideMode.ElideRight, under.width())
        painter.drawText(under, Qt.AlignmentFlag.AlignVCenter, hint)


def used_in(card: LookCard) -> str:
    """Return where a look is used, as a clause that begins a line."""
    clause = where(card.uses).removeprefix("in ")
    return clause[:1].upper() + clause[1:]


def text_lines(text: str, width: int, most: int) -> list[str]:
    """Return a text in lines of at most `width` px in the body font, the last one cut."""
    text = " ".join(text.split())
    layout = QTextLayout(text, fonts.body_font())
    layout.setTextOption(QTextOption(Qt.AlignmentFlag.AlignLeft))
    layout.beginLayout()
    starts: list[int] = []
    while len(starts) < most:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        starts.append(line.textStart())
    layout.endLayout()
    found = [text[a:b].strip() for a, b in zip(starts, [*starts[1:], None], strict=True)]
    metrics = QFontMetrics(fonts.body_font())
    return [metrics.elidedText(each, Qt.TextElideMode.ElideRight, width) for each in found]


class LooksPage(QWidget):
    """Cards of all looks; a click selects the keyframes that have one, a drag places its text.

    Args:
        session: whose project.
        parent: the widget it lies in.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._search = ""
        self._is_stale = False
        self.model = LookModel()
        self.list = CardList(self.tr("Looks"))
        self.list.setModel(self.model)
        self.list.setItemDelegate(LookDelegate(self.list))
        self.list.setDragEnabled(True)
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.list.chosen.connect(lambda index: select_uses(session, index.data(ROW).uses))
        self.empty = EmptyState("type", self.tr("The prompts of your films show up here."))
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stack)
        self._disconnect = session.document.changed.connect(self._follow)
        self._show()

    def release(self) -> None:
        """Watch the session no more."""
        self._disconnect()

    def set_search(self, text: str) -> None:
        """List only the looks whose texts hold every word."""
        self._search = text
        self._show()

    def _follow(self, change: Change) -> None:
        if change.before.works is not change.after.works:
            self._is_stale = True
            if self.isVisible():
                self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """List what changed while nobody looked."""
        if self._is_stale:
            self._show()
        super().showEvent(event)

    def _show(self) -> None:
        self._is_stale = False
        cards = look_cards(self._session.project, self._search)
        self.model.set_rows(cards)
        if not cards and self._search.strip():
            text = self.tr("No look holds “{text}”.").format(text=self._search.strip())
        else:
            text = self.tr("The prompts of your films show up here.")
        self.empty.set_text(text)
        self.stack.setCurrentWidget(self.list if cards else self.empty)

"""The library's third page: what was rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from imvar_studio.ui.library.card_list import CardList
from imvar_studio.ui.library.entries import matches
from imvar_studio.ui.library.row_model import ROW
from imvar_studio.ui.library.take_list_view import (
    TakeDelegate,
    TakeModel,
    film_name,
    size_text,
)
from imvar_studio.ui.library.take_video import play_film
from imvar_studio.ui.library.takes import TakeRow, remove_take, take_rows
from imvar_studio.ui.messages import Message
from imvar_studio.ui.outside import open_outside
from imvar_studio.ui.theme.tokens import PADDING
from imvar_studio.ui.widgets.buttons import IconButton, push_button
from imvar_studio.ui.widgets.empty_state import EmptyState
from imvar_studio.ui.widgets.hairline import Hairline

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from imvar_studio.store.take_clean import Cleaning
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session

_LANE = "takes"


class TakesPage(QWidget):
    """Takes with what to do about them; they are read anew when asked and when seen.

    Args:
        session: whose project.
        pictures: for the screen.
        parent: the widget it lies in.

    Attributes:
        compare_take: id of a take that is to be shown beside the film.
    """

    compare_take = Signal(str)

    def __init__(self, session: Session, pictures: Pictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._search = ""
        self._rows: tuple[TakeRow, ...] = ()
        self._reading = self._again = self._released = False
        self._to_delete = ""
        self.model = TakeModel()
        self.list = CardList(self.tr("Takes"))
        self._delegate = TakeDelegate(pictures, self.list)
        self.list.setModel(self.model)
        self.list.setItemDelegate(self._delegate)
        self.list.opened.connect(self.compare)
        self.list.delete_pressed.connect(self.ask_to_delete)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.list.selectionModel().selectionChanged.connect(self._offer)
        self.model.modelReset.connect(self._offer)
        pictures.ready.connect(self._picture_ready)
        self._build()
        self._offer()
        self.refresh()

    def release(self) -> None:
        """Watch the session no more."""
        self._released = True

    def set_search(self, text: str) -> None:
        """List only the takes whose films' names hold every word."""
        self._search = text
        self._show()

    def refresh(self) -> None:
        """Read the takes anew, in the background."""
        if self._reading:
            self._again = True
            return
        self._reading = True
        folder = self._session.folder
        self._session.lanes.run(_LANE, lambda: take_rows(folder), self._read, self._failed)

    def current(self) -> TakeRow | None:
        """Return the take that is selected."""
        indexes = self.list.selectedIndexes()
        row = indexes[0].data(ROW) if indexes else None
        return row if isinstance(row, TakeRow) else None

    def compare(self) -> None:
        """Ask for the selected take beside the film."""
        take = self.current()
        if take is not None and take.done:
            self.compare_take.emit(take.id)

    def open_folder(self) -> None:
        """Show the selected take's folder in the desktop's file manager."""
        take = self.current()
        if take is not None:
            open_outside(take.folder, self._session.tell)

    def open_video(self) -> None:
        """Play the selected take's video in the desktop's player."""
        take = self.current()
        if take is not None and take.video is not None:
            play_film(self._session, take.folder)

    def ask_to_delete(self) -> None:
        """Find out what deleting the selected take would free, and ask; it cannot be undone."""
        take = self.current()
        if take is not None and self._may_change():
            self._clean(take.id, really=False)

    def delete(self) -> None:
        """Delete the take that was asked about."""
        self.question.hide()
        if self._to_delete and self._may_change():
            self._clean(self._to_delete, really=True)
        self._to_delete = ""

    def keep(self) -> None:
        """Delete nothing after all."""
        self.question.hide()
        self._to_delete = ""
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape answers the question with no."""
        if event.key() == Qt.Key.Key_Escape and self.question.isVisible():
            self.keep()
        else:
            super().keyPressEvent(event)

    def _build(self) -> None:
        self.empty = EmptyState("film", self.tr("What you render shows up here."))
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)
        self.compare_button = IconButton("columns-2", tooltip=self.tr("Compare on the stage"))
        self.compare_button.clicked.connect(self.compare)
        self.video_button = IconButton("circle-play", tooltip=self.tr("Open the video"))
        self.video_button.clicked.connect(self.open_video)
        self.folder_button = IconButton("folder-open", tooltip=self.tr("Open the folder"))
        self.folder_button.clicked.connect(self.open_folder)
        self.delete_button = IconButton("trash-2", tooltip=self.tr("Delete…"))
        self.delete_button.clicked.connect(self.ask_to_delete)
        self.bar = QWidget()
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(4)
        for button in (self.compare_button, self.video_button, self.folder_button):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.delete_button)
        self._build_question()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.stack, 1)
        column.addWidget(self.question)
        column.addWidget(Hairline())
        column.addWidget(self.bar)

    def _build_question(self) -> None:
        self._question_text = QLabel()
        self._question_text.setWordWrap(True)
        self.yes_button = push_button(self.tr("Delete"))
        self.yes_button.clicked.connect(self.delete)
        self.no_button = push_button(self.tr("Keep"), "plain")
        self.question = QWidget()
        self.question.setProperty("ground", "panel")
        self.no_button.clicked.connect(self.keep)
        column = QVBoxLayout(self.question)
        column.setContentsMargins(PADDING, 8, PADDING, 8)
        column.addWidget(Hairline())
        column.addWidget(self._question_text)
        row = QHBoxLayout()
        row.addWidget(self.yes_button)
        row.addWidget(self.no_button)
        row.addStretch(1)
        column.addLayout(row)
        self.question.hide()

    def _may_change(self) -> bool:
        if self._session.read_only:
            self._session.tell(Message(self._session.read_only, "warning"))
        return not self._session.read_only

    def _clean(self, take: str, *, really: bool) -> None:
        session = self._session
        values, count = tuple(session.document.values()), session.frames.count
        frames = [name for frame in range(count) if (name := session.frames.digest(frame))]

        def work() -> Cleaning:
            return remove_take(session.folder, take, values, frames, really=really)

        session.lanes.run(_LANE, work, self._cleaned if really else self._asked, session.fail)

    def _asked(self, plan: Cleaning) -> None:
        """Ask, now that it is known what goes."""
        if self._released or self._say_spared(plan):
            return
        row = next((row for row in self._rows if row.id in plan.takes), None)
        if row is None:
            return
        self._to_delete = row.id
        text = self.tr("Delete this take of {film}? It frees {size} and cannot be undone.")
        self._question_text.setText(text.format(film=film_name(row), size=size_text(plan.size)))
        self.question.show()
        self.no_button.setFocus(Qt.FocusReason.TabFocusReason)

    def _cleaned(self, done: Cleaning) -> None:
        if self._released:
            return
        if not self._say_spared(done):
            text = self.tr("The take was deleted; {size} are free again.")
            self._session.tell(Message(text.format(size=size_text(done.size))))
        self.refresh()

    def _say_spared(self, plan: Cleaning) -> bool:
        if plan.takes:
            return False
        why = plan.spared[0][1] if plan.spared else self.tr("it is gone already")
        self._session.tell(Message(self.tr("The take stays: {why}.").format(why=why), "warning"))
        return True

    def _read(self, rows: tuple[TakeRow, ...]) -> None:
        self._reading = False
        if self._released:
            return
        self._rows = rows
        self._show()
        if self._again:
            self._again = False
            self.refresh()

    def _failed(self, error: Exception) -> None:
        self._reading = False
        if not self._released:
            self._session.fail(error)

    def _show(self) -> None:
        chosen = self.current()
        rows = tuple(row for row in self._rows if matches(row.film, self._search))
        self.model.set_rows(rows)
        if chosen is not None and self.current() is None:
            at = next((i for i, row in enumerate(rows) if row.id == chosen.id), -1)
            self.list.setCurrentIndex(self.model.index(at))
        if self._rows and not rows:
            text = self.tr("No take is of “{text}”.").format(text=self._search.strip())
        else:
            text = self.tr("What you render shows up here.")
        self.empty.set_text(text)
        self.stack.setCurrentWidget(self.list if rows else self.empty)
        self._offer()

    def _offer(self) -> None:
        """Enable what can be done with the selected take."""
        take = self.current()
        self.compare_button.setEnabled(take is not None and take.done > 0)
        self.video_button.setEnabled(take is not None and take.video is not None)
        self.folder_button.setEnabled(take is not None)
        self.delete_button.setEnabled(take is not None and not take.busy)
        if take is None or take.id != self._to_delete:
            self.question.hide()

    def _show_menu(self, place: QPoint) -> None:
        if not self.list.indexAt(place).isValid():
            return
        menu = QMenu(self)
        for button in (
            self.compare_button,
            self.video_button,
            self.folder_button,
            self.delete_button,
        ):
            action = menu.addAction(button.accessibleName(), button.click)
            action.setEnabled(button.isEnabled())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.list.viewport().mapToGlobal(place))

    def _picture_ready(self, path: str, side: int) -> None:
        if side == self._delegate.pixels(self.devicePixelRatioF()):
            self.list.viewport().update()

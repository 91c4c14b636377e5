"""The few questions that need an answer before anything else, and the list of keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from imvar_studio.jobs.render_events import number_of
from imvar_studio.ui.changes import differences
from imvar_studio.ui.theme.fonts import name_font
from imvar_studio.ui.widgets.buttons import push_button

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imvar_studio.model.project import Project
    from imvar_studio.store.recovery import Recovered
    from imvar_studio.ui.render_status import RenderStatus
    from imvar_studio.ui.workspace import Command

_WIDE = 440  # px of a question's text
_KEYS_WIDE = 760  # px of the list of keys


class Question(QDialog):
    """A question with two answers; Escape is the second.

    Args:
        parent: the window.
        title: what it is about, in a few words.
        lines: the text, a paragraph each.
        yes, no: what the answers are called.
    """

    def __init__(
        self, parent: QWidget, title: str, lines: Sequence[str], yes: str, no: str
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(8)
        head = QLabel(title)
        head.setFont(name_font())
        column.addWidget(head)
        for line in lines:
            label = QLabel(line)
            label.setWordWrap(True)
            label.setFixedWidth(_WIDE)
            label.setTextFormat(Qt.TextFormat.PlainText)
            column.addWidget(label)
        column.addSpacing(12)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        stay, go = push_button(no, "secondary"), push_button(yes, "primary")
        stay.clicked.connect(self.reject)
        go.clicked.connect(self.accept)
        go.setDefault(True)
        row.addWidget(stay)
        row.addWidget(go)
        column.addLayout(row)
        go.setFocus()


def ask_closing(parent: QWidget, status: RenderStatus) -> bool:
    """Ask whether to close while something renders; tells the answer."""
    kept = _tr("{n} of {of} pictures are finished and kept.").format(
        n=status.pictures, of=status.of
    )
    queued = number_of(status.key) is not None
    goes_on = _tr("The rest waits in the queue and goes on when Imvar Studio is started again.")
    lines = [
        kept if status.of else _tr("What is finished is kept."),
        goes_on if queued else _tr("The rest is rendered when the film is open again."),
    ]
    title = _tr("A film is being rendered")
    question = Question(parent, title, lines, _tr("Close"), _tr("Stay"))
    return question.exec() == QDialog.DialogCode.Accepted


def ask_recovery(parent: QWidget, saved: Project, recovered: Recovered) -> bool:
    """Ask whether to restore what a crash left unsaved; shows what would change."""
    when = recovered.time.astimezone().strftime("%Y-%m-%d %H:%M")
    lines = [
        _tr("The program ended before the changes of {when} were saved.").format(when=when),
        *(f"•  {each}" for each in differences(saved, recovered.project)),
    ]
    if not recovered.continues:
        lines.append(_tr("The project was saved since, by another program or an earlier start."))
    lines.append(_tr("Restoring can be undone; what is not restored stays among the versions."))
    title = _tr("Restore unsaved changes?")
    question = Question(parent, title, lines, _tr("Restore"), _tr("Leave them"))
    return question.exec() == QDialog.DialogCode.Accepted


def show_keys(parent: QWidget, commands: Sequence[Command]) -> None:
    """Show what the keys do, in two columns."""
    dialog = QDialog(parent)
    dialog.setWindowTitle(_tr("Keys"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    with_keys = [each for each in commands if each.menu and each.shortcut]
    menus = list(dict.fromkeys(each.menu for each in with_keys))
    groups = [(menu, [each for each in with_keys if each.menu == menu]) for menu in menus]
    inside = QWidget()
    columns = QHBoxLayout(inside)
    columns.setContentsMargins(24, 20, 24, 20)
    columns.setSpacing(48)
    for part in _halves(groups):
        column = QVBoxLayout()
        column.setSpacing(20)
        for menu, found in part:
            column.addLayout(_keys_of(menu, found))
        column.addStretch(1)
        columns.addLayout(column, 1)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(inside)
    close = push_button(_tr("Close"), "secondary")
    close.clicked.connect(dialog.reject)
    close.setDefault(False)
    foot = QHBoxLayout()
    foot.setContentsMargins(24, 0, 24, 20)
    foot.addStretch(1)
    foot.addWidget(close)
    whole = QVBoxLayout(dialog)
    whole.setContentsMargins(0, 0, 0, 0)
    whole.addWidget(area)
    whole.addLayout(foot)
    room = parent.window().size()
    wanted = inside.sizeHint().height() + foot.sizeHint().height() + 12
    dialog.resize(min(_KEYS_WIDE, room.width()), min(wanted, room.height() - 80))
    dialog.open()


def _halves(groups: list[tuple[str, list[Command]]]) -> tuple[list[tuple[str, list[Command]]], ...]:
    """Return the groups in two parts of about equal length."""
    lengths = [len(found) + 2 for _, found in groups]
    cuts = range(len(groups) + 1)
    cut = min(cuts, key=lambda at: abs(sum(lengths[:at]) - sum(lengths[at:])))
    return groups[:cut], groups[cut:]


def _keys_of(menu: str, commands: Sequence[Command]) -> QGridLayout:
    """Return a menu's name over its commands and their keys."""
    grid = QGridLayout()
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(0, 1)
    head = QLabel(menu)
    head.setProperty("kind", "head")
    grid.addWidget(head, 0, 0)
    for row, command in enumerate(commands, 1):
        keys = [
            QKeySequence(each).toString(QKeySequence.SequenceFormat.NativeText)
            for each in command.shortcut.split(" | ")
        ]
        grid.addWidget(QLabel(command.text.rstrip("…")), row, 0)
        shown = QLabel(_tr(" or ").join(keys))
        shown.setProperty("kind", "label")
        grid.addWidget(shown, row, 1, Qt.AlignmentFlag.AlignRight)
    return grid


def _tr(text: str) -> str:
    return QCoreApplication.translate("Questions", text)

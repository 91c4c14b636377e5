"""The export dialog: what of the film becomes which file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from imvar_studio.media.film_formats import FORMATS
from imvar_studio.model.errors import UserError
from imvar_studio.ui.export import words
from imvar_studio.ui.export.choice import (
    ExportChoice,
    FilmFacts,
    Found,
    first_choice,
    look,
    with_file,
    with_kind,
    with_name,
)
from imvar_studio.ui.export.form import ExportForm
from imvar_studio.ui.sentences import sentence
from imvar_studio.ui.widgets.buttons import push_button

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.jobs.estimate import Estimate
    from imvar_studio.ui.export.desk import ExportDesk
    from imvar_studio.ui.session import Session

_WIDTH = 520  # px
_PAUSE = 250  # ms without a change, until an estimate is asked for
_LANE = "export"


class ExportDialog(QDialog):
    """Asks what is exported, and has it done. Renders go on meanwhile.

    Args:
        session: whose film.
        desk: exports it.
        parent: the window.
        last_folder: where the last film went; beside the project by default.

    Attributes:
        exported: the file that will be made (a `Path`), once it was asked for.
    """

    exported = Signal(object)

    def __init__(
        self,
        session: Session,
        desk: ExportDesk,
        parent: QWidget | None = None,
        last_folder: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._desk = desk
        self._facts = FilmFacts.of(session)
        self._choice = first_choice(self._facts, last_folder or session.folder.path.parent)
        self._found = Found()
        self._looks = self._asks = 0  # so that old answers are told from new ones
        self._estimate: Estimate | None = None
        self._failure = ""
        self._disconnects: list[Callable[[], None]] = []
        self._later = QTimer(self, interval=_PAUSE, singleShot=True)
        self._later.timeout.connect(self._follow)
        self._pause = QTimer(self, interval=_PAUSE, singleShot=True)
        self._pause.timeout.connect(self._ask)
        self._build()
        self._connect()
        self._show()
        self._look()
        self._pause.start()

    @property
    def choice(self) -> ExportChoice:
        """What is chosen."""
        return self._choice

    def release(self) -> None:
        """Watch the session no more."""
        while self._disconnects:
            self._disconnects.pop()()

    def _end(self) -> None:
        """Be gone: what is answered late is not listened to."""
        self.release()
        self._looks += 1
        self._asks += 1
        self.deleteLater()

    def _build(self) -> None:
        self.setWindowTitle(self.tr("Export"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.form = ExportForm()
        self.cancel = push_button(self.tr("Cancel"))
        self.export = push_button(self.tr("Export"), "primary", "download")
        self.export.setDefault(True)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.export)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addWidget(self.form)
        column.addLayout(foot)
        self.setFixedWidth(_WIDTH)
        self.form.name.setFocus()
        for field in (self.form.first, self.form.last, self.form.scale, self.form.crf):
            field.installEventFilter(self)  # they keep Return for themselves

    def _connect(self) -> None:
        form, session = self.form, self._session
        self._disconnects = [
            session.frames.changed.connect(lambda *_: self._later.start()),
            session.frames.replaced.connect(self._follow_plan),
        ]
        form.name.textEdited.connect(lambda text: self._change(with_name(self._choice, text)))
        form.name.editingFinished.connect(self._complete_name)
        form.browse.clicked.connect(self._browse)
        form.overwrite.toggled.connect(lambda on: self._set(overwrite=on))
        form.kind.edited.connect(lambda kind: self._change(with_kind(self._choice, kind)))
        form.extent.edited.connect(self._set_extent)
        form.first.edited.connect(lambda frame: self._set(first=int(frame)))
        form.last.edited.connect(lambda frame: self._set(last=int(frame)))
        form.scale.edited.connect(lambda scale: self._set(scale=int(scale)))
        form.crf.edited.connect(lambda crf: self._set(crf=int(crf)))
        form.crf_slider.edited.connect(lambda crf: self._set(crf=int(crf)))
        form.preset.edited.connect(lambda preset: self._set(preset=preset))
        form.there.toggled.connect(lambda on: self._set(there_only=on))
        form.keep_prompts.toggled.connect(lambda on: self._set(keep_prompts=on))
        self.cancel.clicked.connect(self.reject)
        self.export.clicked.connect(self._export)
        self.finished.connect(self._end)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Return in a number, once that is taken, export."""
        handled = super().eventFilter(watched, event)
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            done = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if done and not getattr(watched, "isModified", bool)():
                self.export.click()
                return True
        return handled

    def _set(self, **changes: Any) -> None:
        self._change(replace(self._choice, **changes))

    def _set_extent(self, extent: str) -> None:
        first, last = self._choice.frames(self._facts)
        self._set(extent=extent, first=max(first, 0), last=max(last, 0))

    def _change(self, choice: ExportChoice) -> None:
        if choice == self._choice:
            return
        self.export.setEnabled(True)
        before, self._choice = self._choice, choice
        if choice.target != before.target:
            self._look()
        if choice.export_key != before.export_key:
            self._estimate, self._failure = None, ""
            self._pause.start()
        self._show()

    def _follow_plan(self) -> None:
        """Ask anew: before the film was planned nobody answered."""
        self._estimate = None
        self._later.start()
        self._pause.start()

    def _follow(self) -> None:
        """Take in that the film, or what is rendered of it, became another."""
        facts = FilmFacts.of(self._session)
        if facts != self._facts:
            self._facts = facts
            self._show()

    def _show(self) -> None:
        form, choice = self.form, self._choice
        form.show_choice(choice, self._facts)
        wrong = words.problems(choice, self._facts)
        on_disk = words.disk_problem(choice, self._found)
        if on_disk and words.NAME not in wrong:
            form.say(words.NAME, "", on_disk)
        elif self._found.file:
            form.say(words.NAME, words.replaced_words(choice))
        form.overwrite.setVisible(self._found.file)
        said = words.estimate_words(choice, self._facts, self._estimate)
        form.takes.setText("" if wrong else self._failure or said)

    def _complete_name(self) -> None:
        if self._choice.name.strip():
            self._set(name=str(Path(self._choice.name.strip()).with_name(self._choice.target.name)))

    def _browse(self) -> None:
        kinds = ";;".join(f"{words.format_title(each)} (*{each.ending})" for each in FORMATS)
        dialog = QFileDialog(self, self.tr("Export to"), str(self._choice.target.parent), kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        # a file that is there is asked about in this dialog, not in another one
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.selectFile(self._choice.target.name)
        dialog.fileSelected.connect(self.pick)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def pick(self, file: str) -> None:
        """Export to a file that was chosen."""
        self._change(with_file(self._choice, Path(file)))

    # what the disk and the worker say

    def _look(self) -> None:
        self._looks += 1
        number, target = self._looks, self._choice.target
        self._session.lanes.run(_LANE, lambda: look(target), lambda found: self._see(number, found))

    def _see(self, number: int, found: Found) -> None:
        if number == self._looks:
            self._found = found
            self._show()

    def _ask(self) -> None:
        """Ask what rendering takes, where something is to be rendered."""
        self._asks += 1
        number, choice = self._asks, self._choice
        done, count = choice.rendered(self._facts)
        if words.problems(choice, self._facts) or choice.there_only or done == count:
            return
        self._desk.estimate(
            choice.export(self._facts),
            lambda found: self._hear(number, found),
            lambda failed: self._hear(number, None, sentence(failed.message)),
        )

    def _hear(self, number: int, found: Estimate | None, failure: str = "") -> None:
        if number == self._asks:
            self._estimate, self._failure = found, failure
            self._show()

    def _export(self) -> None:
        """Export if nothing keeps it from being done, after another look at the disk."""
        wrong = words.problems(self._choice, self._facts)
        if wrong:
            self._go_to(next(iter(wrong)))
            return
        choice, target = self._choice, self._choice.target
        self._looks += 1
        number = self._looks
        self.export.setEnabled(False)

        def seen(found: Found) -> None:
            if number != self._looks:
                return
            self.export.setEnabled(True)
            self._see(number, found)
            self._export_to(choice, found)

        self._session.lanes.run(_LANE, lambda: look(target), seen)

    def _export_to(self, choice: ExportChoice, found: Found) -> None:
        if words.disk_problem(choice, found):
            self._go_to(words.NAME)
            return
        try:
            export = choice.export(self._facts)
        except UserError as error:
            self._session.fail(error)
            return
        self._desk.export(
            choice.target, export, overwrite=choice.overwrite, keep_prompts=choice.keep_prompts
        )
        self.exported.emit(choice.target)
        self.accept()

    def _go_to(self, field: str) -> None:
        """Give the field that an error stands by the focus."""
        form = self.form
        name = form.overwrite if self._found.file and form.overwrite.isVisible() else form.name
        places = {words.NAME: name, words.FORMAT: form.kind, words.EXTENT: form.extent}
        places.get(field, form.extent).setFocus(Qt.FocusReason.OtherFocusReason)

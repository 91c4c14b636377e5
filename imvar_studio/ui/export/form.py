"""The export dialog's fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QRadioButton,
    QWidget,
)

from imvar_studio.media.film_formats import FORMATS
from imvar_studio.ui.export import words
from imvar_studio.ui.export.choice import FILM, FRAMES, MARKS, kind_name
from imvar_studio.ui.theme import fonts
from imvar_studio.ui.theme.tokens import FIELD_HEIGHT, LABEL_COLUMN, SPACING
from imvar_studio.ui.widgets.buttons import push_button
from imvar_studio.ui.widgets.choice_field import Choice, ChoiceField
from imvar_studio.ui.widgets.elided_label import ElidedLabel
from imvar_studio.ui.widgets.hairline import Hairline
from imvar_studio.ui.widgets.number_field import NumberField
from imvar_studio.ui.widgets.value_slider import ValueSlider

if TYPE_CHECKING:
    from imvar_studio.ui.export.choice import ExportChoice, FilmFacts

_NUMBER = 76  # px
_HINT_LINE = 15  # px
_AIR = 6  # px, below hints


class ExportForm(QWidget):
    """The fields; they show a choice and know nothing of what it comes to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._build_fields()
        self._build_parts()
        self._lay_out()

    def _build_fields(self) -> None:
        self.name = QLineEdit()
        self.name.setAccessibleName(self.tr("File name"))
        self.name.setFixedHeight(FIELD_HEIGHT)
        self.browse = push_button(self.tr("Browse"))
        self.browse.setToolTip(self.tr("Choose the folder and the name"))
        self.place = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.overwrite = QCheckBox(self.tr("Replace it"))
        kinds = [
            Choice(kind_name(k), f"{words.format_title(k)} ({k.ending})", k.hint) for k in FORMATS
        ]
        self.kind = ChoiceField(kinds, self.tr("Format"))
        extents = [
            Choice(FILM, self.tr("Whole film")),
            Choice(MARKS, self.tr("In to out"), self.tr("From the in mark to the out mark")),
            Choice(FRAMES, self.tr("Frames")),
        ]
        self.extent = ChoiceField(extents, self.tr("Range"))
        self.first = NumberField(0, 1_000_000, name=self.tr("First frame"))
        self.last = NumberField(0, 1_000_000, name=self.tr("Last frame"))
        self.scale = NumberField(10, 400, unit="%", name=self.tr("Size"))
        self.crf = NumberField(0, 51, name=self.tr("Constant rate factor"))
        for field in (self.first, self.last, self.scale, self.crf):
            field.setFixedWidth(_NUMBER)
        self.crf_slider = ValueSlider(self.crf.numbers, self.tr("Quality"))
        self.preset = ChoiceField(_presets(self), self.tr("Encoding"))

    def _build_parts(self) -> None:
        self.format_hint, self.size_hint, self.quality_hint = QLabel(), QLabel(), QLabel()
        self.extent_hint, self.rendered, self.metadata = QLabel(), QLabel(), QLabel()
        self.takes = ElidedLabel()
        self.takes.setProperty("kind", "label")
        self.to = QLabel(self.tr("to"))
        self.rest = QRadioButton(self.tr("Render the rest, then export"))
        self.there = QRadioButton(self.tr("Export what is there"))
        self.there.setToolTip(self.tr("Frames that are missing between others hold the one before"))
        self._ways = QButtonGroup(self)
        for way in (self.rest, self.there):
            self._ways.addButton(way)
        self.keep_prompts = QCheckBox(self.tr("Keep prompts in the file"))
        self.to.setProperty("kind", "label")
        policy = self.overwrite.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.overwrite.setSizePolicy(policy)
        below = (self.place, self.format_hint, self.extent_hint, self.quality_hint)
        for hint in (*below, self.size_hint, self.metadata):
            hint.setProperty("kind", "hint")
            hint.setFont(fonts.hint_font())  # also where an error stands in its place
        for hint in below:
            hint.setContentsMargins(0, 0, 0, _AIR)
        for wrapped, lines in ((self.format_hint, 2), (self.metadata, 4)):
            wrapped.setWordWrap(True)
            wrapped.setFixedHeight(lines * _HINT_LINE + _AIR)
            wrapped.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)

    def _lay_out(self) -> None:
        grid = self._grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACING)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, LABEL_COLUMN)
        grid.setColumnStretch(1, 1)
        self._add(self.tr("File"), self.name, _row((self.name, self.browse), 0))
        self._add("", None, _row((self.place, self.overwrite), 0))
        self._add(self.tr("Format"), self.kind, self.kind)
        self._add("", None, self.format_hint)
        self._add(
            self.tr("Range"), self.extent, _row((self.extent, self.first, self.to, self.last), 0)
        )
        self._add("", None, self.extent_hint)
        self._add(self.tr("Size"), self.scale, _row((self.scale, self.size_hint), 1))
        self._grid.setRowMinimumHeight(self._grid.rowCount() - 1, FIELD_HEIGHT + _AIR)
        self._add(self.tr("Quality"), self.crf, _row((self.crf_slider, self.crf), 0))
        self._add("", None, self.quality_hint)
        self._add(self.tr("Encoding"), self.preset, self.preset)
        self._line()
        self._add(self.tr("Frames"), self.rest, self.rendered)
        self._add("", None, self.rest)
        self._add("", None, self.there)
        self._add("", None, self.takes)
        self._line()
        self._add(self.tr("Contents"), self.keep_prompts, self.keep_prompts)
        self._add("", None, self.metadata)

    def _add(self, label: str, buddy: QWidget | None, what: QWidget | QLayout) -> None:
        row = self._grid.rowCount()
        if label:
            head = QLabel(label)
            head.setProperty("kind", "label")
            if buddy is not None:
                head.setBuddy(buddy)
            self._grid.addWidget(head, row, 0)
        if isinstance(what, QLayout):
            self._grid.addLayout(what, row, 1)
        else:
            self._grid.addWidget(what, row, 1)

    def _line(self) -> None:
        row = self._grid.rowCount()
        self._grid.setRowMinimumHeight(row, 17)
        self._grid.addWidget(Hairline(), row, 0, 1, 2)

    def show_choice(self, choice: ExportChoice, facts: FilmFacts) -> None:
        """Show what is chosen."""
        if self.name.text() != choice.name:
            self.name.setText(choice.name)
        self.overwrite.setChecked(choice.overwrite)
        self.kind.set_value(choice.kind)
        self.extent.set_value(choice.extent)
        self.extent.set_enabled(MARKS, facts.marks is not None, self.tr("There are no marks"))
        first, last = choice.frames(facts)
        given = choice.extent == FRAMES
        for field, frame in ((self.first, first), (self.last, last)):
            field.set_value(max(frame, 0))
            field.setEnabled(given)
        self.scale.set_value(choice.scale)
        options = choice.format.options
        self.crf.set_value(choice.crf)
        self.crf_slider.set_number(choice.crf)
        self.preset.set_value(choice.preset)
        for widget, option in (
            (self.crf, "crf"),
            (self.crf_slider, "crf"),
            (self.preset, "preset"),
        ):
            widget.setEnabled(option in options)
        done, count = choice.rendered(facts)
        (self.there if choice.there_only else self.rest).setChecked(True)
        self.rest.setEnabled(done < count)
        self.there.setEnabled(0 < done < count)
        self.keep_prompts.setChecked(choice.keep_prompts)
        self._show_words(choice, facts)

    def _show_words(self, choice: ExportChoice, facts: FilmFacts) -> None:
        found = words.problems(choice, facts)
        folder = self.tr("In {folder}").format(folder=choice.target.parent)
        for field, hint in (
            (words.NAME, folder),
            (words.FORMAT, words.format_words(choice, facts)),
            (words.EXTENT, words.length_words(choice, facts)),
            (words.FILM, words.rendered_words(choice, facts)),
        ):
            self.say(field, hint, found.get(field, ""))
        self.size_hint.setText(words.size_words(choice, facts))
        self.quality_hint.setText(words.quality_words(choice))
        self.metadata.setText(words.metadata_words(choice, facts))

    def say(self, field: str, hint: str, problem: str = "") -> None:
        """Show what is wrong by a field, or else its hint; screen readers hear it with the field.

        Args:
            field: one of those that `words` names.
            hint: what else stands there.
            problem: a sentence, "" for none.
        """
        label, widget = {
            words.NAME: (self.place, self.name),
            words.FORMAT: (self.format_hint, self.kind),
            words.EXTENT: (self.extent_hint, self.extent),
            words.FILM: (self.rendered, self.rest),
        }[field]
        usual = "" if field == words.FILM else "hint"
        kind = "failed" if problem else usual
        label.setText(problem or hint)
        widget.setAccessibleDescription(problem or hint)
        if label.property("kind") != kind:
            label.setProperty("kind", kind)
            label.style().polish(label)


def _row(widgets: tuple[QWidget, ...], stretched: int) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(SPACING)
    for at, widget in enumerate(widgets):
        row.addWidget(widget, int(at == stretched))
    return row


def _presets(form: ExportForm) -> list[Choice]:
    """Return the presets worth choosing among, from the quickest."""
    return [
        Choice("ultrafast", form.tr("Quickest, largest file"), "ultrafast"),
        Choice("veryfast", form.tr("Quick"), "veryfast"),
        Choice("fast", form.tr("Rather quick"), "fast"),
        Choice("medium", form.tr("Balanced"), "medium"),
        Choice("slow", form.tr("Thorough, smaller file"), "slow"),
        Choice("veryslow", form.tr("Slowest, smallest file"), "veryslow"),
    ]

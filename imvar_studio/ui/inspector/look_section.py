"""What keyframes show: a picture, a prompt or an ensemble, with its strength and guidance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QHBoxLayout, QWidget

from imvar_studio.model.keyframe_edits import selected, set_guidance
from imvar_studio.model.look_edits import (
    plain_picture,
    set_negative_prompt,
    set_picture,
    set_prompt,
    set_strength,
)
from imvar_studio.ui.inspector.ensemble_rows import EnsembleRows
from imvar_studio.ui.inspector.picture_box import PictureBox
from imvar_studio.ui.inspector.prompt_room import PromptRoom
from imvar_studio.ui.inspector.readings import MIXED, KeyframeReading, or_none
from imvar_studio.ui.inspector.rows import quiet_line, show_line
from imvar_studio.ui.inspector.words import look_words
from imvar_studio.ui.mime import assets_in, take_copy
from imvar_studio.ui.theme.theme import current_theme
from imvar_studio.ui.theme.tokens import FOCUS_WIDTH
from imvar_studio.ui.widgets.buttons import IconButton
from imvar_studio.ui.widgets.number_field import NumberField
from imvar_studio.ui.widgets.numbers import MIXED as DASH
from imvar_studio.ui.widgets.prompt_edit import PromptEdit
from imvar_studio.ui.widgets.section import Section
from imvar_studio.ui.widgets.value_row import ValueRow

if TYPE_CHECKING:
    from imvar_studio.ui.asset_files import AssetFiles
    from imvar_studio.ui.inspector.edits import Edits
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session


class LookSection(Section):
    """The look of the selected keyframes.

    Args:
        session: of the film.
        edits: take what is changed.
        pictures: show pictures.
        assets: find them.

    Attributes:
        picture_wanted: a picture is asked for.
    """

    picture_wanted = Signal()

    def __init__(
        self, session: Session, edits: Edits, pictures: Pictures, assets: AssetFiles
    ) -> None:
        super().__init__("")
        self.set_title(self.tr("Look"))
        self._session, self._edits = session, edits
        self._ids: frozenset[str] = frozenset()
        self.prompt = PromptEdit(self.tr("What it shows"), self.tr("Prompt"))
        self.picture = PictureBox(session, edits, pictures, assets)
        self.ensemble = EnsembleRows(edits, self._asset_name)
        self.words = quiet_line()
        self._switchable = self._over = False
        self.setAcceptDrops(True)
        self.as_picture = self._switch("image", self.tr("Picture"))
        self.as_prompt = self._switch("type", self.tr("Prompt"))
        self.as_picture.set_tooltip(self.tr("Show a picture"))
        self.as_prompt.set_tooltip(self.tr("Show what a prompt says"))
        self.switches = QWidget()
        self.strength = ValueRow(self.tr("Strength"), NumberField(0, 4, 0.01, 2))
        self.negative = PromptEdit(self.tr("What it must not show"), self.tr("Negative prompt"))
        self.negative_words = quiet_line()
        self.guidance = ValueRow(self.tr("Guidance"), NumberField(0, 50, 0.1, 1))
        self._room = PromptRoom(session, edits, (self.prompt, self.negative), self)
        self._fill()
        self._wire()

    def show_reading(self, ids: frozenset[str], reading: KeyframeReading) -> None:
        """Show what keyframes share."""
        self._ids = ids
        kind = reading.kind
        self.prompt.setVisible(kind == "prompt")
        if kind == "prompt":
            self._show_text(self.prompt, reading.prompt, self.tr("What it shows"))
        self.picture.setVisible(kind == "picture")
        if kind == "picture":
            self.picture.show_reading(ids, reading)
        several = kind == "ensemble" and bool(reading.looks)
        self.ensemble.setVisible(several)
        self.ensemble.show_looks(ids, reading.looks if several else ())
        show_line(self.words, self._words(reading))
        self._switchable = reading.switchable
        self.switches.setVisible(reading.switchable)
        self.as_picture.setChecked(kind == "picture")
        self.as_prompt.setChecked(kind == "prompt")
        self.strength.set_value(or_none(reading.strength))
        self._show_negative(reading)
        self.guidance.set_default(self._session.film.settings.guidance)
        self.guidance.set_value(or_none(reading.guidance))
        # its own may be equal to the film's
        self.guidance.reset_button.setVisible(reading.own_guidance is not False)
        self._say_ignored()
        self._room.look()  # the film may have another model

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light up where a picture of the library can be dropped."""
        if self._switchable and assets_in(event.mimeData()):
            take_copy(event)
            self._light(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Light up no more."""
        del event
        self._light(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Show the picture that was dropped."""
        self._light(False)
        shas, ids = assets_in(event.mimeData()), self._ids
        if shas and self._switchable:
            take_copy(event)
            self._edits.timeline(
                self.tr("Show a picture"), lambda timeline: set_picture(timeline, ids, shas[0])
            )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a ring while a picture is over it."""
        super().paintEvent(event)
        if self._over:
            painter = QPainter(self)
            painter.setPen(QPen(current_theme().color("accent"), 2 * FOCUS_WIDTH))
            painter.drawRect(self.rect())

    def _light(self, over: bool) -> None:
        self._over = over
        self.update()

    def _fill(self) -> None:
        row = QHBoxLayout(self.switches)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.as_picture)
        row.addWidget(self.as_prompt)
        row.addStretch(1)
        for widget in (
            self.words,
            self.prompt,
            self.picture,
            self.ensemble,
            self.switches,
            self.strength,
            self.negative,
            self.negative_words,
            self.guidance,
        ):
            self.body.addWidget(widget)
        self.strength.set_default(1.0)
        self.strength.label.set_tooltip(self.tr("Embedding strength: how strongly the look acts"))

    def _wire(self) -> None:
        self.prompt.edited.connect(self._set_prompt)
        self.negative.edited.connect(self._set_negative)
        self.picture.wanted.connect(self.picture_wanted)
        self.as_picture.clicked.connect(self._to_picture)
        self.as_prompt.clicked.connect(self._to_prompt)
        self.strength.edited.connect(self._set_strength)
        self.strength.reset.connect(lambda: self._set_strength(1.0))
        self.guidance.edited.connect(self._set_guidance)
        self.guidance.reset.connect(lambda: self._set_guidance(None))
        for field in (self.prompt, self.negative, self.strength, self.guidance):
            field.gesture_ended.connect(self._edits.end)

    def _switch(self, icon_name: str, text: str) -> IconButton:
        return IconButton(icon_name, text, checkable=True)

    def _show_text(self, field: PromptEdit, text: str | object, hint: str) -> None:
        field.setPlaceholderText(DASH if text is MIXED else hint)
        field.set_text(text if isinstance(text, str) else "")

    def _show_negative(self, reading: KeyframeReading) -> None:
        text = reading.negative
        self.negative.setVisible(text is not None)
        look = reading.negative_look
        words = ""
        if text is not None:
            self._show_text(self.negative, text, self.tr("What it must not show"))
        elif look is MIXED:
            words = self.tr("Different negative looks")
        else:
            words = self.tr("Not: {look}").format(look=look_words(look, self._asset_name))
        show_line(self.negative_words, words)

    def _words(self, reading: KeyframeReading) -> str:
        if reading.kind in ("prompt", "picture"):
            return ""
        if reading.kind is MIXED:
            return self.tr("Different kinds of looks")
        if not reading.looks:
            return self.tr("Different looks")
        if reading.kind == "ensemble":
            return self.tr("Looks and their weights")
        return look_words(reading.looks[0].look, self._asset_name)

    def _say_ignored(self) -> None:
        """Say where a track of the film takes a field's place."""
        timeline = self._session.timeline
        ruled = timeline.track("guidance") is not None
        self.guidance.setEnabled(not ruled)
        self.guidance.setToolTip(
            self.tr("The guidance track decides.")
            if ruled
            else self.tr("How closely the look is followed: 0 to 50. The film's unless set here.")
        )

    def _asset_name(self, sha: str) -> str:
        entry = self._session.project.asset(sha)
        return entry.name if entry is not None else self.tr("a missing picture")

    def _set_prompt(self, text: str) -> None:
        ids = self._ids
        self._edits.timeline(
            self.tr("Prompt"), lambda timeline: set_prompt(timeline, ids, text), "prompt"
        )

    def _set_negative(self, text: str) -> None:
        ids = self._ids
        self._edits.timeline(
            self.tr("Negative prompt"),
            lambda timeline: set_negative_prompt(timeline, ids, text),
            "negative",
        )

    def _set_strength(self, value: float) -> None:
        ids = self._ids
        self._edits.timeline(
            self.tr("Strength"), lambda timeline: set_strength(timeline, ids, value), "strength"
        )

    def _set_guidance(self, value: float | None) -> None:
        ids = self._ids
        self._edits.timeline(
            self.tr("Guidance"), lambda timeline: set_guidance(timeline, ids, value), "guidance"
        )

    def _to_picture(self) -> None:
        self.as_picture.setChecked(not self.picture.isHidden())
        self.picture_wanted.emit()

    def _to_prompt(self) -> None:
        keys = selected(self._session.timeline, self._ids)
        pictures = frozenset(key.id for key in keys if plain_picture(key) is not None)
        self._edits.timeline(
            self.tr("Show a prompt"), lambda timeline: set_prompt(timeline, pictures, "")
        )
        self.as_prompt.setChecked(not self.prompt.isHidden())
        self.prompt.setFocus(Qt.FocusReason.OtherFocusReason)

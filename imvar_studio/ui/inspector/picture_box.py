"""The picture of a keyframe: which one, and how it fills the frame."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from imvar_studio.model.look_edits import set_framing
from imvar_studio.model.source import Framing
from imvar_studio.ui.inspector.focus_pad import FocusPad
from imvar_studio.ui.inspector.readings import MIXED, KeyframeReading
from imvar_studio.ui.inspector.rows import ResetRow
from imvar_studio.ui.inspector.words import framing_choices
from imvar_studio.ui.widgets.buttons import push_button
from imvar_studio.ui.widgets.choice_field import ChoiceField
from imvar_studio.ui.widgets.elided_label import ElidedLabel
from imvar_studio.ui.widgets.number_field import NumberField
from imvar_studio.ui.widgets.value_row import ValueRow

if TYPE_CHECKING:
    from imvar_studio.ui.asset_files import AssetFiles
    from imvar_studio.ui.inspector.edits import Edits
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.session import Session


class PictureBox(QWidget):
    """A picture of the project with its framing.

    Args:
        session: of the film.
        edits: take what is changed.
        pictures: show the picture.
        assets: find it.

    Attributes:
        wanted: another picture is asked for.
    """

    wanted = Signal()

    def __init__(
        self, session: Session, edits: Edits, pictures: Pictures, assets: AssetFiles
    ) -> None:
        super().__init__()
        self._session, self._edits, self._assets = session, edits, assets
        self._ids: frozenset[str] = frozenset()
        self._sha = ""
        self.pad = FocusPad(pictures)
        self.name = ElidedLabel()
        self.replace_button = push_button(self.tr("Replace…"))
        self.replace_button.setToolTip(self.tr("Choose another picture"))
        self.mode = ChoiceField(framing_choices(), self.tr("Framing"))
        self.mode_row = ResetRow(self.tr("Framing"), self.mode, resettable=True)
        self.zoom = ValueRow(self.tr("Zoom"), NumberField(1, 16, 0.1, 2, "\N{MULTIPLICATION SIGN}"))
        self.border = QLineEdit()
        self.border.setToolTip(self.tr("Colour of the border, such as #ffffff"))
        self.border.setMaxLength(7)
        self.border_row = ResetRow(self.tr("Border"), self.border, resettable=True)
        self._lay_out()
        self._connect()

    def show_reading(self, ids: frozenset[str], reading: KeyframeReading) -> None:
        """Show what keyframes' pictures share; all are pictures of the project."""
        self._ids = ids
        sha = reading.picture
        self._sha = "" if sha is MIXED else sha
        entry = self._session.project.asset(self._sha) if self._sha else None
        several = self.tr("{n} pictures").format(n=len(ids))
        self.name.setText(entry.name if entry is not None else several)
        self.show_file()
        framing = reading.framing
        default = Framing()
        if framing is MIXED or framing is None:
            self.mode.set_value(None)
            self.mode_row.set_resettable(framing is MIXED)
            for widget in (self.zoom, self.pad, self.border_row):
                widget.hide()
            return
        self.mode.set_value(framing.mode)
        self.mode_row.set_resettable(framing != default)
        self.border_row.setVisible(framing.mode == "fit")
        if not (self.border.hasFocus() and self.border.isModified()):
            self.border.setText(framing.background)
        self.border_row.set_resettable(framing.background != default.background)
        self.zoom.setVisible(framing.mode == "crop")
        self.zoom.set_value(framing.zoom)
        size = self._session.film.settings.size
        focus = None if framing.mode == "fit" else (framing.focus_x, framing.focus_y)
        zoom = framing.zoom if framing.mode == "crop" else 1.0
        self.pad.show_framing(focus, zoom, (size.width, size.height))
        self.pad.setVisible(bool(self._sha))

    def show_file(self) -> None:
        """Look again where the picture lies."""
        self.pad.show_picture(self._assets.path(self._sha) if self._sha else None)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.pad)
        line = QHBoxLayout()
        line.addWidget(self.name, 1)
        line.addWidget(self.replace_button)
        column.addLayout(line)
        column.addWidget(self.mode_row)
        column.addWidget(self.zoom)
        column.addWidget(self.border_row)
        self.zoom.set_default(1.0)

    def _connect(self) -> None:
        self.replace_button.clicked.connect(self.wanted)
        self.mode.edited.connect(self._set_mode)
        self.mode_row.reset.connect(self._reset)
        self.zoom.edited.connect(self._set_zoom)
        self.zoom.gesture_ended.connect(self._edits.end)
        self.zoom.reset.connect(lambda: self._set_zoom(1.0))
        self.border.editingFinished.connect(self._type_border)
        self.border_row.reset.connect(lambda: self._set_border(Framing().background))
        self.pad.edited.connect(self._set_focus)
        self.pad.gesture_ended.connect(self._edits.end)

    def _set_mode(self, mode: str) -> None:
        ids = self._ids
        self._edits.timeline(
            self.tr("Framing"),
            lambda timeline: set_framing(timeline, ids, lambda old: replace(old, mode=mode)),
        )

    def _reset(self) -> None:
        ids = self._ids
        self._edits.timeline(
            self.tr("Framing"), lambda timeline: set_framing(timeline, ids, lambda _: Framing())
        )

    def _set_zoom(self, zoom: float) -> None:
        ids = self._ids
        self._edits.timeline(
            self.tr("Framing zoom"),
            lambda timeline: set_framing(timeline, ids, lambda old: replace(old, zoom=zoom)),
            "zoom",
        )

    def _type_border(self) -> None:
        if self.border.isModified():
            self.border.setModified(False)
            self._set_border(self.border.text().strip())

    def _set_border(self, colour: str) -> None:
        ids = self._ids
        self._edits.timeline(
            self.tr("Border"),
            lambda timeline: set_framing(
                timeline, ids, lambda old: replace(old, background=colour)
            ),
        )

    def _set_focus(self, x: float, y: float) -> None:
        ids = self._ids
        self._edits.timeline(
            self.tr("Focus point"),
            lambda timeline: set_framing(
                timeline, ids, lambda old: replace(old, focus_x=x, focus_y=y)
            ),
            "focus",
        )

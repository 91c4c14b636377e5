"""Where sampling starts at keyframes: a seed's noise, or a picture that the film passes through."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox

from imvar_studio.model.keyframe_edits import set_seed
from imvar_studio.model.look_edits import clear_seed, set_inversion, set_passing
from imvar_studio.plan.dip import guidance_around
from imvar_studio.ui.inspector.dip_view import DipView
from imvar_studio.ui.inspector.inversion_rows import InversionRows
from imvar_studio.ui.inspector.readings import (
    StartReading,
    neighbours_differ,
    or_none,
)
from imvar_studio.ui.inspector.rows import ResetRow, quiet_line, show_line
from imvar_studio.ui.inspector.subjects import number_of
from imvar_studio.ui.inspector.ticks import show_tick
from imvar_studio.ui.widgets.buttons import push_button
from imvar_studio.ui.widgets.section import Section
from imvar_studio.ui.widgets.seed_field import SeedField

if TYPE_CHECKING:
    from imvar_studio.model.start import InversionSpec
    from imvar_studio.ui.inspector.edits import Edits
    from imvar_studio.ui.session import Session


class StartSection(Section):
    """The start of the selected keyframes.

    Args:
        session: of the film.
        edits: take what is changed.
    """

    def __init__(self, session: Session, edits: Edits) -> None:
        super().__init__("")
        self.set_title(self.tr("Start"))
        self._session, self._edits = session, edits
        self._ids: frozenset[str] = frozenset()
        self._spec: InversionSpec | None = None
        self._locked: set[str] = set()  # keyframes whose seeds stay
        self.seed = SeedField()
        self.seed_row = ResetRow(self.tr("Seed"), self.seed, resettable=True)
        self.passing = QCheckBox(self.tr("Passes through this picture"))
        self.inversion = InversionRows(edits)
        self.dip = DipView()
        self.words = quiet_line()
        self.same_button = push_button(self.tr("Use these steps for all pictures"))
        self._fill()
        self._wire()

    @property
    def locked(self) -> frozenset[str]:
        """The keyframes whose seeds are to stay when looks are varied."""
        return frozenset(self._locked)

    def show_reading(self, ids: frozenset[str], reading: StartReading) -> None:
        """Show what keyframes share."""
        self._ids = ids
        inverts = bool(reading.inversions)
        self.passing.setVisible(reading.pictures)
        show_tick(self.passing, reading.passing)
        self.passing.setText(
            self.tr("Passes through this picture")
            if len(ids) == 1
            else self.tr("Passes through these pictures")
        )
        shown = not inverts and not reading.other and reading.seed is not None
        self.seed_row.setVisible(shown)
        if shown:
            self.seed.set_value(or_none(reading.seed))
            self.seed.set_locked(ids <= self._locked)
            self.seed_row.set_resettable(reading.own_seed is not False)
            self.seed_row.label.setText(
                self.tr("Film's seed") if reading.own_seed is False else self.tr("Seed")
            )
        self.inversion.setVisible(inverts)
        if inverts:
            self.inversion.show_specs(ids, reading.inversions)
        self._show_dip(ids, reading)
        differ = inverts and neighbours_differ(self._session.timeline, ids)
        self._spec = reading.inversions[0] if len(reading.inversions) == 1 else None
        self.same_button.setVisible(differ and self._spec is not None)
        show_line(self.words, " ".join(self._sentences(reading, differ)))

    def _fill(self) -> None:
        self.passing.setToolTip(
            self.tr("Starts from the picture's own noise (DDIM inversion), so the film shows it")
        )
        for widget in (
            self.passing,
            self.seed_row,
            self.dip,
            self.words,
            self.same_button,
            self.inversion,
        ):
            self.body.addWidget(widget)
        self.same_button.setToolTip(
            self.tr("Gives every picture of the film the same steps and spacing")
        )

    def _wire(self) -> None:
        self.seed.edited.connect(self._set_seed)
        self.seed.locked.connect(self._lock)
        self.seed_row.reset.connect(self._clear_seed)
        self.passing.clicked.connect(self._set_passing)
        self.same_button.clicked.connect(self._use_for_all)

    def _show_dip(self, ids: frozenset[str], reading: StartReading) -> None:
        single = reading.passing is True and len(ids) == 1
        course: tuple[tuple[float, float], ...] = ()
        if single:
            timeline = self._session.timeline
            index = number_of(timeline, next(iter(ids))) - 1
            course = guidance_around(timeline, self._session.film.settings, index)
        self.dip.show_course(course)
        self.dip.setVisible(bool(course))

    def _sentences(self, reading: StartReading, differ: bool) -> list[str]:
        said = []
        if reading.other:
            said.append(self.tr("Starts from something that is not edited here."))
        elif not reading.inversions and reading.seed is None:
            said.append(self.tr("Some start from noise, some from pictures."))
        if reading.encoded is not None:
            said.append(self.tr("Starts from a picture under noise (img2img)."))
        if reading.passing is True:
            said.append(
                self.tr("Guidance falls to 1 at your picture, so that the film shows it exactly.")
            )
        if reading.blocked:
            said.append(self.tr("Set the strength to 1 for the film to pass through the picture."))
        if len(reading.inversions) == 1:
            said.append(
                self.tr("Steps are the inversion's there ({n} of DDIM).").format(
                    n=reading.inversions[0].steps
                )
            )
        if differ:
            said.append(
                self.tr("The picture beside it needs the same steps and spacing to be rendered.")
            )
        return said

    def _set_seed(self, seed: int) -> None:
        ids = self._ids
        self._edits.timeline(self.tr("Seed"), lambda timeline: set_seed(timeline, ids, seed))

    def _clear_seed(self) -> None:
        ids = self._ids
        self._edits.timeline(self.tr("Film's seed"), lambda timeline: clear_seed(timeline, ids))

    def _lock(self, locked: bool) -> None:
        if locked:
            self._locked |= self._ids
        else:
            self._locked -= self._ids

    def _use_for_all(self) -> None:
        spec = self._spec
        if spec is not None:
            ids = frozenset(key.id for key in self._session.timeline.keyframes)
            self._edits.timeline(
                self.tr("Same steps for all pictures"),
                lambda timeline: set_inversion(
                    timeline,
                    ids,
                    lambda old: replace(old, steps=spec.steps, spacing=spec.spacing),
                ),
            )

    def _set_passing(self) -> None:
        ids, passing = self._ids, self.passing.isChecked()
        seed = self._session.film.settings.seed
        self._edits.timeline(
            self.tr("Pass through the picture") if passing else self.tr("Start from noise"),
            lambda timeline: set_passing(timeline, ids, passing, seed),
        )

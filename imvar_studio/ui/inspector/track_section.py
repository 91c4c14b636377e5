"""A track: its course, and the exact time, value and easing of the points that are selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from imvar_studio.model.curve import LONGEST, Easing
from imvar_studio.model.timeline import TRACK_RANGES, Timeline, Track
from imvar_studio.model.track_edits import (
    PRESETS,
    put_track,
    remove_track,
    set_easing,
    set_point,
)
from imvar_studio.ui.inspector.preset_button import PresetButton
from imvar_studio.ui.inspector.readings import MIXED, or_none
from imvar_studio.ui.inspector.rows import quiet_line, show_line
from imvar_studio.ui.inspector.track_reading import PointsReading, read_points, with_preset
from imvar_studio.ui.inspector.words import preset_choices, track_name
from imvar_studio.ui.widgets.buttons import push_button
from imvar_studio.ui.widgets.easing_choices import easing_field, easing_of
from imvar_studio.ui.widgets.easing_editor import EasingEditor
from imvar_studio.ui.widgets.number_field import NumberField
from imvar_studio.ui.widgets.section import Section
from imvar_studio.ui.widgets.value_row import ValueRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.ui.inspector.edits import Edits
    from imvar_studio.ui.session import Session


class TrackSection(Section):
    """One track of the film.

    Args:
        session: of the film.
        edits: take what is changed.
    """

    def __init__(self, session: Session, edits: Edits) -> None:
        super().__init__("")
        self.set_title(self.tr("Track"))
        self._session, self._edits = session, edits
        self._parameter = ""
        self._points: frozenset[int] = frozenset()
        self.words = quiet_line()
        names = {choice.value: choice.label for choice in preset_choices()}
        groups = [[(names[name], name) for name in PRESETS]]
        self.presets = PresetButton(
            groups,
            self._take_preset,
            self.tr("Give the track a ready-made curve"),
            self.tr("Curve"),
        )
        self.remove_button = push_button(self.tr("Remove track"))
        self.remove_button.setToolTip(self.tr("The film's own setting holds again"))
        self.time = ValueRow(
            self.tr("Time"), NumberField(0, LONGEST, 0.01, 3, self.tr("s")), slider=False
        )
        self.value = ValueRow(self.tr("Value"), NumberField(0, 1, 0.01, 2))
        self.graph = EasingEditor()
        self.easing = easing_field(self.tr("Easing to the next point"))
        self._easings = QWidget()
        self._fill()
        self._wire()

    def show_track(self, track: Track, points: frozenset[int]) -> None:
        """Show a track and what its selected points share."""
        low, high = TRACK_RANGES[track.parameter]
        if track.parameter != self._parameter:
            self.value.set_range(low, high)
        self._parameter, self._points = track.parameter, points
        reading = read_points(track, points)
        self.set_title(self._words(reading))
        told = self.tr("{name} from {low} to {high}, {n} points")
        if len(track.curve.points) == 1:
            told = self.tr("{name} from {low} to {high}, 1 point")
        words = told.format(
            name=track_name(track.parameter),
            low=f"{low:g}",
            high=f"{high:g}",
            n=len(track.curve.points),
        )
        if reading is None:
            words += "\n" + self.tr("Select a point to set it exactly.")
        show_line(self.words, words)
        for row in (self.time, self.value, self._easings):
            row.setVisible(reading is not None)
        if reading is not None:
            self._show_points(reading)

    def _words(self, reading: PointsReading | None) -> str:
        if reading is None:
            return self.tr("Track")
        if reading.count == 1:
            return self.tr("Point {n}").format(n=min(self._points) + 1)
        return self.tr("{n} points").format(n=reading.count)

    def _show_points(self, reading: PointsReading) -> None:
        self.time.setVisible(reading.time is not MIXED)
        self.time.set_value(or_none(reading.time))
        self.value.set_value(or_none(reading.value))
        easing = reading.easing
        self._easings.setVisible(easing is not None)
        if easing is MIXED or easing is None:
            self.graph.set_easing(None)
            self.easing.set_value(None)
        else:
            self.graph.set_easing(easing)
            self.easing.set_value(easing.shape)

    def _fill(self) -> None:
        self.graph.setFixedSize(112, 92)
        self.graph.setAccessibleName(self.tr("Easing curve"))
        beside = QVBoxLayout()
        beside.addWidget(self.easing)
        beside.addStretch(1)
        row = QHBoxLayout(self._easings)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.graph, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(beside, 1)
        self.body.addWidget(self.words)
        self.body.addWidget(self.time)
        self.body.addWidget(self.value)
        self.body.addWidget(self._easings)
        self.body.addWidget(self._course())

    def _course(self) -> QWidget:
        whole = QWidget()
        line = QHBoxLayout(whole)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(self.presets)
        line.addStretch(1)
        line.addWidget(self.remove_button)
        return whole

    def _wire(self) -> None:
        self.remove_button.clicked.connect(self._remove)
        self.time.edited.connect(self._set_time)
        self.value.edited.connect(self._set_value)
        self.graph.edited.connect(lambda easing: self._set_easing(easing, "point easing"))
        self.easing.edited.connect(self._choose_easing)
        for field in (self.time, self.value, self.graph):
            field.gesture_ended.connect(self._edits.end)

    def _set_time(self, time: float) -> None:
        points = self._points
        self._edit(
            self.tr("Move point"),
            lambda track: set_point(track, min(points), time=time),
            "point time",
        )

    def _set_value(self, value: float) -> None:
        points = self._points

        def edit(track: Track) -> Track:
            for index in points:
                track = set_point(track, index, value=value)
            return track

        self._edit(self.tr("Value"), edit, "point value")

    def _choose_easing(self, shape: str) -> None:
        self._set_easing(easing_of(shape, self.graph.easing()), "")

    def _set_easing(self, easing: Easing, field: str) -> None:
        points = self._points
        self._edit(self.tr("Easing"), lambda track: set_easing(track, points, easing), field)

    def _edit(self, name: str, change: Callable[[Track], Track], field: str) -> None:
        parameter = self._parameter

        def edit(timeline: Timeline) -> Timeline:
            track = timeline.track(parameter)
            return timeline if track is None else put_track(timeline, change(track))

        self._edits.timeline(name, edit, field)

    def _take_preset(self, name: str) -> None:
        film = self._session.film
        edit = with_preset(self._parameter, name, self._session.duration, film.settings)
        self._edits.timeline(self.tr("Curve of the track"), edit)

    def _remove(self) -> None:
        parameter = self._parameter
        self._edits.timeline(
            self.tr("Remove track"), lambda timeline: remove_track(timeline, parameter)
        )

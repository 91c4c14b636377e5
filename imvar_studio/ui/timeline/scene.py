"""What the timeline shows beside the film: the part that is seen, what the pointer does to it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imvar_studio.model.signal import Signal
from imvar_studio.model.snapping import snap, snap_to_frame
from imvar_studio.ui.state import State
from imvar_studio.ui.timeline.geometry import (
    LANES_TOP,
    SNAP,
    Lane,
    View,
    lay_lanes,
    scale_bounds,
)
from imvar_studio.ui.timeline.hits import Ground, Hit, find
from imvar_studio.ui.timeline.ticks import written

if TYPE_CHECKING:
    from collections.abc import Callable, Set
    from fractions import Fraction

    from imvar_studio.model.timeline import Timeline
    from imvar_studio.ui.session import Session


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the pointer is.

    Args:
        x, y: px on the canvas.
        add: Ctrl is held: more, or not, beside what is selected.
        extend: Shift is held: a range, or all that follows, or one direction only.
        copy: Alt is held: copies.
    """

    x: float
    y: float
    add: bool = False
    extend: bool = False
    copy: bool = False


@dataclass(frozen=True, slots=True)
class Guide:
    """What is said about a drag as it goes.

    Args:
        text: beside the pointer.
        x, y: the pointer, px.
        time: of the snapping line in seconds, None where nothing snapped.
    """

    text: str
    x: float
    y: float
    time: float | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """A box that is drawn out: px, with x0 <= x1 and y0 <= y1."""

    x0: float
    y0: float
    x1: float
    y1: float


class Scene:
    """The timeline's own state, without Qt; it is no part of the project.

    Args:
        session: whose film is shown.
        step_name: a step's name in the person's language.

    Attributes:
        view: the part of the film that is seen.
        hover: what is under the pointer.
        guide: about the drag that goes on, None without.
        box: the box that is drawn out, None without.
        seconds: whether the ruler writes seconds instead of timecode.
        ripple: whether drags of keyframes move all that follows.
        rows_changed: heights or scrolling of the tracks' rows.
        tracks_wanted: the person wants to see which tracks can be added.
        heights: px of the tracks' rows by parameter.
        scroll: px that the tracks' rows are scrolled up.
    """

    def __init__(self, session: Session, step_name: Callable[[str], str] = str) -> None:
        self.session = session
        self.step_name = step_name
        self.view: State[View] = State(View())
        self.hover: State[Hit] = State(Hit())
        self.guide: State[Guide | None] = State(None)
        self.box: State[Box | None] = State(None)
        self.seconds: State[bool] = State(False)
        self.ripple: State[bool] = State(False)
        self.rows_changed: Signal[()] = Signal()
        self.tracks_wanted: Signal[()] = Signal()
        self.heights: dict[str, int] = {}
        self.scroll = 0.0
        self._ranges: dict[str, tuple[float, float]] = {}
        self._laid: tuple[object, object, tuple[Lane, ...]] = (None, None, ())

    @property
    def timeline(self) -> Timeline:
        """The film's timeline."""
        return self.session.timeline

    @property
    def fps(self) -> Fraction:
        """Frames a second."""
        return self.session.film.settings.fps

    @property
    def frame(self) -> float:
        """Seconds of a frame."""
        return float(1 / self.fps)

    def edit(
        self, name: str, change: Callable[[Timeline], Timeline], merge_key: object = None
    ) -> bool:
        """Change the film's timeline; as `Session.edit`, the name one of `words.step_name`."""
        return self.session.edit(self.step_name(name), change, merge_key)

    def lanes(self) -> tuple[Lane, ...]:
        """Return the rows of the tracks."""
        tracks = self.timeline.tracks
        key = (self.scroll, tuple(self.heights.items()), tuple(self._ranges.items()))
        if tracks is not self._laid[0] or key != self._laid[1]:
            lanes = lay_lanes(self.timeline, self.heights, self.scroll, self._ranges)
            self._laid = (tracks, key, lanes)
        return self._laid[2]

    def lane(self, parameter: str) -> Lane | None:
        """Return the row of a track, None where there is none."""
        return next((lane for lane in self.lanes() if lane.parameter == parameter), None)

    def lanes_height(self) -> float:
        """Return the px that all rows of tracks take."""
        return sum(lane.height for lane in self.lanes())

    def set_height(self, parameter: str, height: int) -> None:
        """Give a track's row a height in px."""
        self.heights[parameter] = height
        self.rows_changed.emit()

    def scroll_to(self, scroll: float, height: float) -> None:
        """Scroll the tracks' rows, as far as there is something to see.

        Args:
            scroll: px.
            height: px of the canvas.
        """
        most = max(self.lanes_height() - (height - LANES_TOP), 0)
        scroll = min(max(scroll, 0.0), most)
        if scroll != self.scroll:
            self.scroll = scroll
            self.rows_changed.emit()

    def hold_ranges(self) -> None:
        """Keep what the rows of tracks show while a value is dragged."""
        self._ranges = {lane.parameter: (lane.low, lane.high) for lane in self.lanes()}

    def free_ranges(self) -> None:
        """Let rows of tracks show what their values need again."""
        self._ranges = {}

    def clear_drag(self) -> None:
        """Show nothing of a drag any more."""
        self.guide.set(None)
        self.box.set(None)
        self.free_ranges()

    def marks(self) -> tuple[float, float] | None:
        """Return the seconds where the marked frames begin and end, None without marks."""
        marks = self.session.marks.value
        if marks is None:
            return None
        return self.session.time_of(marks[0]), self.session.time_of(marks[1] + 1)

    def ground(self) -> Ground:
        """Return what is looked at to find what is under the pointer."""
        session = self.session
        return Ground(
            session.timeline,
            self.view.value,
            self.lanes(),
            session.selection.value,
            self.marks(),
            session.playhead.value,
            session.duration,
        )

    def find(self, x: float, y: float) -> Hit:
        """Return what lies at a place in px."""
        return find(self.ground(), x, y)

    def zoom(self, x: float, factor: float) -> None:
        """Zoom, what is at `x` px staying there; a factor above 1 comes closer."""
        least, most = scale_bounds(self.view.value.width, self.session.duration, float(self.fps))
        self.view.set(self.view.value.zoomed(x, factor, least, most))

    def pan(self, pixels: float) -> None:
        """Show what lies `pixels` further on."""
        self.view.set(self.view.value.moved(pixels, self.session.duration))

    def write(self, time: float) -> str:
        """Return a time as the ruler writes it."""
        return written(time, self.fps, seconds=self.seconds.value)

    def targets(self, leave_out: Set[str] = frozenset(), *, playhead: bool = True) -> list[float]:
        """Return the times that drags snap to, in order; none while snapping is off.

        Args:
            leave_out: keyframes that are moved themselves.
            playhead: whether the playhead is one.
        """
        if not self.session.snapping.value:
            return []
        times = [key.time for key in self.timeline.keyframes if key.id not in leave_out]
        times += [marker.time for marker in self.timeline.markers]
        times += self.marks() or ()
        if playhead:
            times.append(self.session.playhead.value)
        return sorted(times)

    def snapped(self, time: float, targets: list[float]) -> tuple[float, bool]:
        """Return a time as a drag takes it: on a frame, that of a target if one is near enough.

        Args:
            time: seconds.
            targets: as `targets` returned them.

        Returns:
            Seconds, at least 0, and whether it is a target's.
        """
        found = snap(time, targets, SNAP / self.view.value.scale)
        at = bisect_left(targets, found)
        if at < len(targets) and targets[at] == found:
            return snap_to_frame(found, self.fps), True
        return snap_to_frame(time, self.fps), False

"""Where things lie on the timeline: time to pixels and back, and the rows from top to bottom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from imvar_studio.model.timeline import TRACK_RANGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imvar_studio.model.timeline import Timeline, Track

LEFT = 36  # px before the film's beginning, so that the first thumbnail is seen whole
HEAD_WIDTH = 176
RULER = 32
KEY_ROW = 72
STRIP_ROW = 30
KEYS_TOP = RULER
STRIP_TOP = RULER + KEY_ROW
LANES_TOP = STRIP_TOP + STRIP_ROW
THUMB = 56  # px, the side of a keyframe's thumbnail
FILM = 46  # px, the height of a film strip
STRIP = 10  # px, the height of the bar of rendered frames
FAILED_STRIP = 16
LANE_HEIGHTS = (62, 98, 150)
HINT = 44  # px, the height of the hint where tracks would be
HINT_WIDTH = 260  # px of it that can be clicked
LANE_PADDING = 9  # px above the highest and below the lowest value
POINT_HIT = 14  # px, the square in which a point is grabbed
SNAP = 8  # px within which a drag snaps
CLOSEST = 48.0  # px that one frame takes at most
MOST_SCALE = 20_000.0  # px a second

_SHOWN: dict[str, tuple[float, ...]] = {  # tops of ranges, of which the least that fits is shown
    "guidance": (8.0, 16.0, 50.0),
    "embedding-strength": (2.0, 4.0),
    "jitter": (1.0, 4.0),
}


@dataclass(frozen=True, slots=True)
class View:
    """What part of the film is seen.

    Args:
        begin: seconds at `LEFT` px, at least 0.
        scale: px a second, above 0.
        width: px of the canvas.
    """

    begin: float = 0.0
    scale: float = 80.0
    width: int = 800

    def x(self, time: float) -> float:
        """Return where a time in seconds lies, in px from the canvas's left edge."""
        return LEFT + (time - self.begin) * self.scale

    def time(self, x: float) -> float:
        """Return the time in seconds at a px; before the film's beginning it is negative."""
        return self.begin + (x - LEFT) / self.scale

    def span(self, first: float, last: float) -> tuple[float, float]:
        """Return the times in seconds between two px."""
        return self.time(first), self.time(last)

    def zoomed(self, x: float, factor: float, least: float, most: float) -> View:
        """Return the view at another scale, the time at `x` px staying there.

        Args:
            x: px.
            factor: above 1 comes closer.
            least, most: px a second.
        """
        scale = min(max(self.scale * factor, least), most)
        begin = self.time(x) - (x - LEFT) / scale
        return replace(self, begin=max(begin, 0.0), scale=scale)

    def moved(self, pixels: float, duration: float) -> View:
        """Return the view `pixels` further on, no farther than `last_begin`."""
        begin = min(self.begin + pixels / self.scale, max(self.last_begin(duration), self.begin))
        return replace(self, begin=max(begin, 0.0))

    def last_begin(self, duration: float) -> float:
        """Return the latest `begin` in seconds: the film's end in the middle of the canvas."""
        return max(duration - (self.width / 2 - LEFT) / self.scale, 0.0)

    def fitted(self, duration: float) -> View:
        """Return the view of a whole film of `duration` seconds."""
        room = max(self.width - 2 * LEFT, 1)
        return replace(self, begin=0.0, scale=min(room / max(duration, 1e-3), MOST_SCALE))

    def shows(self, time: float) -> bool:
        """Whether a time lies on the canvas."""
        return 0 <= self.x(time) <= self.width


def scale_bounds(width: int, duration: float, fps: float) -> tuple[float, float]:
    """Return the least and the greatest px a second.

    Args:
        width: px of the canvas.
        duration: seconds of the film; it fills at least a quarter of the canvas.
        fps: frames a second; a frame takes at most `CLOSEST` px.
    """
    most = min(max(CLOSEST * fps, 1.0), MOST_SCALE)
    least = width / 4 / max(duration, 1.0)
    return min(least, most), most


@dataclass(frozen=True, slots=True)
class Lane:
    """A track's row.

    Args:
        parameter: the track's.
        top, height: px.
        low, high: the values at its lower and upper edge.
    """

    parameter: str
    top: float
    height: float
    low: float
    high: float

    @property
    def bottom(self) -> float:
        """Where the next row begins, px."""
        return self.top + self.height

    @property
    def floor(self) -> float:
        """Where its lowest value lies, px."""
        return self.y(self.low)

    def y(self, value: float) -> float:
        """Return where a value lies, px from the canvas's top; outside its range also."""
        room = self.height - 2 * LANE_PADDING
        return self.bottom - LANE_PADDING - room * (value - self.low) / (self.high - self.low)

    def value(self, y: float) -> float:
        """Return the value at a px, kept in the parameter's range."""
        room = self.height - 2 * LANE_PADDING
        value = self.low + (self.bottom - LANE_PADDING - y) / room * (self.high - self.low)
        low, high = TRACK_RANGES[self.parameter]
        return min(max(value, low), high)


def shown_range(track: Track) -> tuple[float, float]:
    """Return the range of values that a track's row shows: the least of its kind that holds it."""
    low, high = TRACK_RANGES[track.parameter]
    highest = max(point.value for point in track.curve.points)
    tops = _SHOWN.get(track.parameter, (high,))
    return min(low, 0.0) if low <= 0.01 else low, next(
        (top for top in tops if highest <= top), high
    )


def lay_lanes(
    timeline: Timeline,
    heights: Mapping[str, int],
    scroll: float = 0,
    ranges: Mapping[str, tuple[float, float]] | None = None,
) -> tuple[Lane, ...]:
    """Return the rows of a timeline's tracks, in order.

    Args:
        timeline: whose tracks.
        heights: px by parameter; the least of `LANE_HEIGHTS` where it says nothing.
        scroll: px that the rows are scrolled up.
        ranges: what rows show in place of `shown_range`, while a drag keeps them still.
    """
    lanes, top = [], LANES_TOP - scroll
    for track in timeline.tracks:
        height = heights.get(track.parameter, LANE_HEIGHTS[0])
        low, high = (ranges or {}).get(track.parameter) or shown_range(track)
        lanes.append(Lane(track.parameter, top, height, low, high))
        top += height
    return tuple(lanes)


def nearest_height(height: float) -> int:
    """Return the row height of `LANE_HEIGHTS` nearest to `height` px."""
    return min(LANE_HEIGHTS, key=lambda each: abs(each - height))

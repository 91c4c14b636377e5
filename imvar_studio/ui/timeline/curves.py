"""Curves as lines of points on the canvas, and the handles that bend them."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from imvar_studio.model.snapping import span
from imvar_studio.model.timeline import TRACK_RANGES
from imvar_studio.model.track_edits import as_bezier
from imvar_studio.ui.timeline.same import Same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imvar_studio.model.curve import CurvePoint, Easing
    from imvar_studio.model.timeline import Track
    from imvar_studio.ui.timeline.geometry import Lane, View

STEP = 2  # px from one sample of a curve to the next
_MOST_SEGMENTS = 160  # more visible ones are sampled by columns, whatever lies between
_SMOOTH = 48  # samples of an easing, with which its error stays below a fiftieth of a pixel
_KINKED = 160  # samples of one that bounces

Xy = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Handle:
    """A handle of an easing.

    Args:
        index: of the curve point whose easing it bends.
        which: 1 or 2, as in `track_edits.set_handle`.
        x, y: where it lies, px.
        from_x, from_y: the curve point it hangs on, px.
    """

    index: int
    which: int
    x: float
    y: float
    from_x: float
    from_y: float


def easing_line(easing: Easing, columns: int) -> list[Xy]:
    """Return (u, eased u) along an easing, with at most `columns` + 1 samples."""
    if easing.shape == "linear" or columns < 2:
        return [(0.0, 0.0), (1.0, 1.0)]
    if easing.shape == "hold":
        return [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]
    columns = min(columns, _KINKED if easing.shape.startswith("bounce") else _SMOOTH)
    if easing.shape == "bezier":  # by its own parameter: nothing to solve
        return [_on_bezier(easing, n / columns) for n in range(columns + 1)]
    return [(n / columns, easing(n / columns)) for n in range(columns + 1)]


def curve_line(track: Track, lane: Lane, view: View, x0: float, x1: float) -> list[Xy]:
    """Return the line of a track from `x0` to `x1` px: about one sample every `STEP` px."""
    begin, end = view.span(x0, x1)
    points = track.curve.points
    seen = span(points, begin, end)
    low, high = TRACK_RANGES[track.parameter]

    def at(value: float) -> float:
        return lane.y(min(max(value, low), high))

    if is_crowded(track, view, x0, x1):
        return _crowded_line(track, lane, view, (x0, x1))
    line: list[Xy] = []
    first, last = max(seen.start - 1, 0), min(seen.stop, len(points) - 1)
    if begin < points[0].time:
        line.append((x0, at(points[0].value)))
    for index in range(first, last):
        a, b = points[index], points[index + 1]
        left, wide = view.x(a.time), (b.time - a.time) * view.scale
        if wide > 4 * (x1 - x0):  # far longer than what is seen: sampled where it is seen only
            inside = range(int(max(x0, left)), int(min(x1, left + wide)) + 1, 4 * STEP)
            line += [(float(x), at(track.curve.at(view.time(x)))) for x in inside]
            continue
        columns = max(int(wide / STEP), 1)
        rise = b.value - a.value
        line += [
            (left + u * wide, at(a.value + rise * v)) for u, v in easing_line(a.easing, columns)
        ]
    if not line or line[-1][0] < x1:
        line.append(
            (max(view.x(points[last].time), x0), at(track.curve.at(max(begin, points[last].time))))
        )
        line.append((x1, line[-1][1]))
    return line


def _crowded_line(track: Track, lane: Lane, view: View, bounds: Xy) -> list[Xy]:
    """Return a line through points so close that what lies between them is not seen.

    Where they are closer than pixels it goes, in each column of `STEP` px, over all its values:
    it has at most two samples a column.
    """
    times, values = _columns(Same(track.curve.points))
    x0, x1 = bounds
    first = max(bisect_left(times, view.time(x0)) - 1, 0)
    last = min(bisect_left(times, view.time(x1)) + 1, len(times))
    floor, rise = lane.y(0.0), lane.y(1.0) - lane.y(0.0)
    if last - first <= x1 - x0:
        seen = zip(times[first:last], values[first:last], strict=True)
        line = [(view.x(time), floor + rise * value) for time, value in seen]
    else:
        line = []
        for column in range(int(x0) // STEP, int(x1) // STEP + 1):
            x = column * STEP
            behind = bisect_left(times, view.time(x + STEP), lo=first, hi=last)
            if behind > first:
                here = values[first:behind]
                ends = floor + rise * min(here), floor + rise * max(here)
                # to and fro, so that from column to column the way is short
                odd = column % 2
                line += [(x + 0.5, ends[odd]), (x + 0.5, ends[1 - odd])]
            first = behind
    return [(min(x0, line[0][0]), line[0][1]), *line, (max(x1, line[-1][0]), line[-1][1])]


@lru_cache(maxsize=16)
def _columns(points: Same[tuple[CurvePoint, ...]]) -> tuple[list[float], list[float]]:
    """Return the times and the values of points: quicker to look through, again and again."""
    return [point.time for point in points.value], [point.value for point in points.value]


def line_columns(line: Sequence[Xy], x0: int, x1: int) -> list[Xy]:
    """Return where a line is highest and lowest, px, in each column of `STEP` px.

    Args:
        line: (x, y) in rising order of x, from `x0` or before to `x1` or behind.
        x0, x1: px, of all columns.
    """
    columns: list[Xy] = []
    at, last = 0, len(line) - 1
    for x in range(x0, x1, STEP):
        while at < last and line[at + 1][0] < x:
            at += 1
        (left, y), (right, to) = line[at], line[min(at + 1, last)]
        top = low = y + (to - y) * (x - left) / (right - left) if right > left else y
        while at < last and line[at + 1][0] < x + STEP:
            at += 1
            top, low = min(top, line[at][1]), max(low, line[at][1])
        columns.append((top, low))
    return columns


def is_dense(track: Track, view: View, x0: float, x1: float) -> bool:
    """Whether there are more points than px from `x0` to `x1`: a band of values is seen."""
    return len(span(track.curve.points, *view.span(x0, x1))) > x1 - x0


def is_crowded(track: Track, view: View, x0: float, x1: float) -> bool:
    """Whether so many points lie from `x0` to `x1` px that their easings are not seen."""
    return len(span(track.curve.points, *view.span(x0, x1))) > _MOST_SEGMENTS


def handles(track: Track, index: int, lane: Lane, view: View) -> tuple[Handle, ...]:
    """Return the handles of a curve point: the one before it and the one after it."""
    points = track.curve.points
    found = []
    if 0 < index < len(points):
        found.append(_handle(points, (index - 1, 2), lane, view))
    if 0 <= index < len(points) - 1:
        found.append(_handle(points, (index, 1), lane, view))
    return tuple(found)


def handle_place(track: Track, index: int, time: float, value: float) -> Xy:
    """Return the shares (x, y) of the way from a point to its next, at a time and a value.

    Where both points have one value there is no way to go: y is then x, a straight line.
    """
    a, b = track.curve.points[index], track.curve.points[index + 1]
    x = (time - a.time) / (b.time - a.time)
    rise = b.value - a.value
    return x, (value - a.value) / rise if rise else min(max(x, 0.0), 1.0)


def _handle(
    points: tuple[CurvePoint, ...], which: tuple[int, int], lane: Lane, view: View
) -> Handle:
    index, end = which
    a, b = points[index], points[index + 1]
    easing = as_bezier(a.easing)
    u, v = (easing.x1, easing.y1) if end == 1 else (easing.x2, easing.y2)
    base = a if end == 1 else b
    return Handle(
        index,
        end,
        view.x(a.time + (b.time - a.time) * u),
        lane.y(a.value + (b.value - a.value) * v),
        view.x(base.time),
        lane.y(base.value),
    )


def _on_bezier(easing: Easing, s: float) -> Xy:
    a, b, c = 3 * (1 - s) ** 2 * s, 3 * (1 - s) * s**2, s**3
    return a * easing.x1 + b * easing.x2 + c, a * easing.y1 + b * easing.y2 + c

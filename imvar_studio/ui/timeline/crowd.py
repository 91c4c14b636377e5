"""Which keyframes are drawn where many lie close together, and how film strips are parted."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imvar_studio.model.snapping import nearest, span
from imvar_studio.ui.timeline.geometry import FILM, THUMB

if TYPE_CHECKING:
    from collections.abc import Sequence, Set
    from fractions import Fraction

    from imvar_studio.model.timeline import Keyframe
    from imvar_studio.ui.timeline.geometry import View

APART = 14  # px that drawn thumbnails lie apart at least
NARROW = 24  # px; a film strip's cell is at least so wide


@dataclass(frozen=True, slots=True)
class Cell:
    """A picture of a film strip: where it lies, px, and the frame it shows."""

    x: float
    width: float
    frame: int


def drawn(
    keys: Sequence[Keyframe],
    view: View,
    bounds: tuple[float, float],
    selected: Set[str] = frozenset(),
    hovered: str = "",
) -> list[int]:
    """Return the indices of the keyframes to draw, in the order of painting.

    Crowded ones are thinned; the selected and the one under the pointer come last, on top.

    Args:
        keys: in order of time.
        view: what is seen.
        bounds: the px to be painted.
        selected: ids.
        hovered: an id, "" for none.
    """
    begin, end = view.span(bounds[0] - THUMB / 2 - 3, bounds[1] + THUMB / 2 + 3)
    seen = span(keys, begin, end)
    if not seen:
        return []
    gap = APART / view.scale
    found, index = [], _first_in_grid(keys, seen.start, gap)
    while index < seen.stop:
        if index >= seen.start:
            found.append(index)
        # on a grid of time, so that the same ones are drawn wherever the view begins
        cell = keys[index].time // gap + 1
        index = max(bisect_left(keys, cell * gap, lo=index + 1, key=_time), index + 1)
    on_top = _on_top(keys, seen, view, selected, hovered)
    above = set(on_top)
    return [index for index in found if index not in above] + on_top


def under(keys: Sequence[Keyframe], view: View, x: float) -> int | None:
    """Return the index of the keyframe whose thumbnail is at `x` px; the nearest of several."""
    found = nearest(keys, view.time(x))
    if found is None or abs(view.x(keys[found].time) - x) > THUMB / 2:
        return None
    return found


def cells(
    ends: tuple[float, float],
    times: tuple[float, float],
    fps: Fraction,
    aspect: float,
    bounds: tuple[float, float],
) -> list[Cell]:
    """Return the pictures of the film strip between two keyframes, as far as they are seen.

    Their frames lie on a grid of powers of two, so that most stay the same while zooming.

    Args:
        ends: px, where the strip begins and ends.
        times: seconds there.
        fps: frames a second.
        aspect: width by height of the frames.
        bounds: the px to be painted.
    """
    left, right = ends
    wide = right - left
    if wide < NARROW:
        return []
    count = max(round(wide / max(FILM * min(max(aspect, 0.6), 2.4) * 1.3, NARROW)), 1)
    width = wide / count
    first, last = (time * fps.numerator / fps.denominator for time in times)
    each = (last - first) / count
    grid = 1 << max(int(each).bit_length() - 1, 0)
    found = []
    seen = range(
        max(int((bounds[0] - left) / width), 0), min(int((bounds[1] - left) / width) + 1, count)
    )
    for n in seen:
        middle = first + each * (n + 0.5)
        frame = min(max(round(middle / grid) * grid, int(first)), int(last))
        found.append(Cell(left + n * width, width, frame))
    return found


def _on_top(
    keys: Sequence[Keyframe], seen: range, view: View, selected: Set[str], hovered: str
) -> list[int]:
    """Return the selected keyframes, thinned to one every other px, and the hovered one."""
    if not selected and not hovered:
        return []
    chosen: list[int] = []
    over: list[int] = []
    last = float("-inf")
    for index in seen:
        key = keys[index]
        if key.id == hovered:
            over.append(index)
        elif key.id in selected:
            x = view.x(key.time)
            if x - last >= APART / 2:
                chosen.append(index)
                last = x
    return chosen + over


def _first_in_grid(keys: Sequence[Keyframe], start: int, gap: float) -> int:
    """Return the first keyframe of the grid cell that the keyframe `start` lies in."""
    return bisect_left(keys, keys[start].time // gap * gap, hi=start + 1, key=_time)


def _time(key: Keyframe) -> float:
    return key.time

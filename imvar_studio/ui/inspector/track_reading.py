"""What the inspector shows of a track and of its selected points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imvar_studio.model.curve import Easing
from imvar_studio.model.timeline import TRACK_RANGES
from imvar_studio.model.track_edits import preset, put_track
from imvar_studio.ui.inspector.readings import MIXED, Mixed, common

if TYPE_CHECKING:
    from collections.abc import Callable, Set

    from imvar_studio.model.project import FilmSettings
    from imvar_studio.model.timeline import Timeline, Track


@dataclass(frozen=True, slots=True)
class PointsReading:
    """What points of a track have in common.

    Args:
        count: of points.
        time: seconds; of one point only.
        value: in the parameter's range.
        easing: to the next points; None where there is no next one.
    """

    count: int
    time: float | Mixed
    value: float | Mixed
    easing: Easing | Mixed | None


def read_points(track: Track, indices: Set[int]) -> PointsReading | None:
    """Return what the points share; None where none of them is there."""
    points = track.curve.points
    there = sorted(index for index in indices if 0 <= index < len(points))
    if not there:
        return None
    eased = [points[index].easing for index in there if index + 1 < len(points)]
    return PointsReading(
        count=len(there),
        time=points[there[0]].time if len(there) == 1 else MIXED,
        value=common(points[index].value for index in there),
        easing=common(eased) if eased else None,
    )


def neutral(parameter: str, settings: FilmSettings) -> float:
    """Return the value of a parameter that leaves the film as it is without the track."""
    known = {"guidance": settings.guidance, "eta": settings.eta, "embedding-strength": 1.0}
    low, high = TRACK_RANGES[parameter]
    return min(max(known.get(parameter, 0.0), low), high)


def preset_values(track: Track, settings: FilmSettings) -> tuple[float, float]:
    """Return the two values that a preset of a track goes between.

    They are the track's own lowest and highest; where it has one value only, that and the
    film's own, or the range's middle where those are the same.
    """
    values = [point.value for point in track.curve.points]
    first, second = min(values), max(values)
    if first == second:
        second = neutral(track.parameter, settings)
    if first == second:
        low, high = TRACK_RANGES[track.parameter]
        second = low + (high - low) / 2 if first != low + (high - low) / 2 else high
    return first, second


def with_preset(
    parameter: str, name: str, duration: float, settings: FilmSettings
) -> Callable[[Timeline], Timeline]:
    """Return the edit that gives a track one of the well-known courses over a film.

    Args:
        parameter: of the track; where the timeline has none, nothing changes.
        name: one of `track_edits.PRESETS`.
        duration: of the film, in seconds.
        settings: of the film.
    """

    def edit(timeline: Timeline) -> Timeline:
        track = timeline.track(parameter)
        if track is None:
            return timeline
        values = preset_values(track, settings)
        return put_track(timeline, preset(name, parameter, duration, values, Easing("sine-in-out")))

    return edit

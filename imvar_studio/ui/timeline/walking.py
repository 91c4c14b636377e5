"""From one thing on the timeline to the next, for who walks by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.model.snapping import nearest
from imvar_studio.ui.selection import Selection
from imvar_studio.ui.timeline.geometry import KEY_ROW, KEYS_TOP, THUMB

if TYPE_CHECKING:
    from imvar_studio.ui.timeline.scene import Scene


def next_item(scene: Scene, *, forward: bool) -> Selection | None:
    """Return the thing behind the selected one in its row (or before it), None at the end.

    Rows are the keyframes, the markers and each track's points.
    """
    chosen, timeline = scene.session.selection.value, scene.timeline
    track = timeline.track(chosen.track) if chosen.track else None
    if track is not None:
        at = _beside(sorted(chosen.points), len(track.curve.points), forward=forward)
        return None if at is None else Selection(track=chosen.track, points=frozenset({at}))
    if chosen.marker is not None:
        times = [marker.time for marker in timeline.markers]
        at = _beside([times.index(chosen.marker)], len(times), forward=forward)
        return None if at is None else Selection(marker=times[at])
    named = chosen.keyframes or {chosen.transition}
    inside = [n for n, key in enumerate(timeline.keyframes) if key.id in named]
    at = _beside(inside, len(timeline.keyframes), forward=forward)
    return None if at is None else Selection.of_keyframes(timeline.keyframes[at].id)


def next_row(scene: Scene, *, forward: bool) -> Selection:
    """Return the nearest thing of the row beneath the selected one (or above it)."""
    timeline, chosen = scene.timeline, scene.session.selection.value
    rows = [""] + [track.parameter for track in timeline.tracks]
    at = rows.index(chosen.track) if chosen.track in rows else 0
    row = rows[min(max(at + (1 if forward else -1), 0), len(rows) - 1)]
    if row:
        return Selection(track=row)
    near = nearest(timeline.keyframes, scene.session.playhead.value)
    return Selection() if near is None else Selection.of_keyframes(timeline.keyframes[near].id)


def next_stop(scene: Scene, *, forward: bool) -> float:
    """Return the seconds of the keyframe behind the playhead (or before it), or the film's end."""
    now, half = scene.session.playhead.value, scene.frame / 2
    times = [key.time for key in scene.timeline.keyframes]
    if forward:
        return next((time for time in times if time > now + half), scene.session.duration)
    return next((time for time in reversed(times) if time < now - half), 0.0)


def selected_time(scene: Scene) -> float | None:
    """Return the seconds of the first thing that is selected, None where none has a time."""
    chosen, timeline = scene.session.selection.value, scene.timeline
    if chosen.marker is not None:
        return chosen.marker
    track = timeline.track(chosen.track) if chosen.track else None
    if track is not None and chosen.points:
        return track.curve.points[min(chosen.points)].time
    named = chosen.keyframes or {chosen.transition}
    return next((key.time for key in timeline.keyframes if key.id in named), None)


def place_of_selected(scene: Scene) -> tuple[int, int]:
    """Return where the first selected thing lies, px; the playhead in the ruler without any."""
    chosen, view, time = scene.session.selection.value, scene.view.value, selected_time(scene)
    lane = scene.lane(chosen.track) if chosen.track else None
    track = scene.timeline.track(chosen.track) if chosen.track else None
    if lane is not None and track is not None:
        if time is None:
            return round(view.x(view.begin)), round(lane.top + 3)
        return round(view.x(time)), round(lane.y(track.at(time)))
    if chosen.marker is not None:
        return round(view.x(chosen.marker)) + 4, KEYS_TOP - 8
    if time is None:
        return round(view.x(scene.session.playhead.value)), KEYS_TOP // 4
    between = THUMB // 2 + 4 if chosen.transition else 0
    return round(view.x(time)) + between, KEYS_TOP + KEY_ROW // 2


def _beside(chosen: list[int], count: int, *, forward: bool) -> int | None:
    """Return the index beside the chosen ones; without any, the first or the last."""
    if not count:
        return None
    if not chosen:
        return 0 if forward else count - 1
    at = chosen[-1] + 1 if forward else chosen[0] - 1
    return at if 0 <= at < count else None

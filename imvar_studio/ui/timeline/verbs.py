"""What can be done with what is selected, by keys and menus alike; without Qt."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imvar_studio.model import keyframe_edits, look_edits, track_edits
from imvar_studio.model.curve import Curve
from imvar_studio.model.look import Picture, Weighted
from imvar_studio.model.source import Asset
from imvar_studio.model.timeline import TRACK_RANGES, Keyframe, Marker, Track
from imvar_studio.model.timeline_edits import put_marker, remove_marker, trim
from imvar_studio.ui.selection import Selection
from imvar_studio.ui.timeline.hits import Hit, Part
from imvar_studio.ui.timeline.lane_tools import on_track
from imvar_studio.ui.timeline.placing import copy_delta, place_new, step_delta

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imvar_studio.model.curve import Easing
    from imvar_studio.model.timeline import Timeline
    from imvar_studio.ui.timeline.scene import Scene

APART = 2.0  # seconds from one dropped picture to the next


def delete_selection(scene: Scene) -> None:
    """Delete the keyframes, points, track or marker that are selected."""
    session, chosen = scene.session, scene.session.selection.value
    if chosen.keyframes:
        ids = chosen.keyframes
        name = "Delete keyframe" if len(ids) == 1 else "Delete keyframes"
        scene.edit(name, lambda timeline: keyframe_edits.remove(timeline, ids))
    elif chosen.marker is not None:
        time = chosen.marker
        scene.edit("Delete marker", lambda timeline: remove_marker(timeline, time))
    elif chosen.track and chosen.points:
        points = chosen.points
        if scene.edit(
            "Delete points",
            on_track(chosen.track, lambda track: _without(track, points)),
        ):
            session.selection.set(Selection(track=chosen.track))
    elif chosen.track:
        remove_track(scene, chosen.track)


def select_all(scene: Scene) -> None:
    """Select all points of the track whose points are selected, else all keyframes."""
    chosen, timeline = scene.session.selection.value, scene.timeline
    track = timeline.track(chosen.track) if chosen.track else None
    if track is not None:
        everything = frozenset(range(len(track.curve.points)))
        scene.session.selection.set(Selection(track=track.parameter, points=everything))
    else:
        ids = (key.id for key in timeline.keyframes)
        scene.session.selection.set(Selection.of_keyframes(*ids))


def nudge(scene: Scene, frames: int) -> None:
    """Move what is selected by frames; one after the other they are one step."""
    chosen = scene.session.selection.value
    if chosen.keyframes:
        delta = step_delta(scene.timeline, chosen.keyframes, frames, scene.fps)
        if delta:
            scene.edit(
                "Move keyframes",
                lambda timeline: keyframe_edits.move(timeline, chosen.keyframes, delta),
                ("nudge", chosen.keyframes),
            )
    elif chosen.points:
        _nudge_points(scene, chosen, frames * scene.frame, 0.0)


def nudge_value(scene: Scene, steps: int) -> None:
    """Raise the selected points by hundredths of their range."""
    chosen = scene.session.selection.value
    if chosen.points:
        low, high = TRACK_RANGES[chosen.track]
        _nudge_points(scene, chosen, 0.0, steps * (high - low) / 100)


def duplicate(scene: Scene) -> None:
    """Copy the selected keyframes to behind them, and select the copies."""
    ids = scene.session.selection.value.keyframes
    delta = copy_delta(scene.timeline, ids, scene.fps)
    new: tuple[str, ...] = ()

    def change(timeline: Timeline) -> Timeline:
        nonlocal new
        timeline, new = keyframe_edits.duplicate(timeline, ids, delta)
        return timeline

    if ids and scene.edit("Duplicate keyframes", change):
        scene.session.selection.set(Selection.of_keyframes(*new))


def add_pictures(scene: Scene, shas: Sequence[str], time: float) -> None:
    """Put pictures of the project on the timeline, `APART` seconds from one to the next.

    Args:
        scene: of the timeline.
        shas: SHA-256 of assets, in order.
        time: seconds, of the first; where a keyframe is already, the nearest free frame.
    """
    keys = [
        Keyframe("new", time + n * APART, (Weighted(Picture(Asset(sha))),))
        for n, sha in enumerate(shas)
    ]
    new: tuple[str, ...] = ()

    def change(timeline: Timeline) -> Timeline:
        nonlocal new
        timeline, new = place_new(timeline, keys, scene.fps)
        return timeline

    if keys and scene.edit("Add pictures", change):
        scene.session.selection.set(Selection.of_keyframes(*new))


def replaceable(scene: Scene, hit: Hit) -> str:
    """Return the id of the keyframe that was hit if it can show another picture, else ""."""
    keys = (key for key in scene.timeline.keyframes if key.id == hit.name)
    key = next(keys, None) if hit.part is Part.KEY else None
    plain = key is not None and (look_edits.plain_picture(key) or look_edits.plain_prompt(key))
    return hit.name if plain else ""


def replace_picture(scene: Scene, name: str, sha: str) -> None:
    """Have keyframe `name` show a picture of the project, and select it."""
    if scene.edit(
        "Replace picture", lambda timeline: look_edits.set_picture(timeline, {name}, sha)
    ):
        scene.session.selection.set(Selection.of_keyframes(name))


def add_marker(scene: Scene, time: float | None = None) -> None:
    """Put a marker at a time in seconds, or at the playhead, and select it."""
    at = scene.session.playhead.value if time is None else time
    if all(marker.time != at for marker in scene.timeline.markers):
        scene.edit("Add a marker", lambda timeline: put_marker(timeline, Marker(at)))
    if any(marker.time == at for marker in scene.timeline.markers):
        scene.session.selection.set(Selection(marker=at))


def rename_marker(scene: Scene, time: float, name: str) -> None:
    """Give the marker at a time in seconds a name."""
    scene.edit("Rename marker", lambda timeline: put_marker(timeline, Marker(time, name.strip())))


def trim_to_marks(scene: Scene) -> None:
    """Keep what lies between the in and out marks, moved to the film's beginning."""
    marks = scene.marks()
    if marks is None:
        return
    begin, end = marks

    def change(timeline: Timeline) -> Timeline:
        # the frame behind the out mark is not kept, and no keyframe on it either
        behind = {key.id for key in timeline.keyframes if key.time > end - scene.frame / 2}
        return trim(keyframe_edits.remove(timeline, behind), begin, end)

    if scene.edit("Trim to in and out", change):
        scene.session.marks.set(None)


def set_easing(scene: Scene, name: str, easing: Easing, merge_key: object = None) -> None:
    """Give the transition that leaves keyframe `name` an easing."""
    scene.edit(
        "Change easing",
        lambda timeline: keyframe_edits.set_easing(timeline, {name}, easing),
        merge_key,
    )


def add_track(scene: Scene, parameter: str) -> None:
    """Add a track that keeps the value the film has, and select it."""
    track = track_edits.preset("constant", parameter, 1.0, (start_value(scene, parameter),) * 2)
    one = replace(track, curve=Curve(track.curve.points[:1]))
    if scene.edit("Add a track", lambda timeline: track_edits.put_track(timeline, one)):
        scene.session.selection.set(Selection(track=parameter))


def start_value(scene: Scene, parameter: str) -> float:
    """Return the value that a new track of a parameter begins with: the film's own."""
    settings = scene.session.film.settings
    values = {"guidance": settings.guidance, "eta": settings.eta}
    return values.get(parameter, {"embedding-strength": 1.0, "strength": 0.6}.get(parameter, 0.0))


def remove_track(scene: Scene, parameter: str) -> None:
    """Take a track away."""
    scene.edit("Remove track", lambda timeline: track_edits.remove_track(timeline, parameter))


def apply_preset(scene: Scene, parameter: str, name: str, easing: Easing) -> None:
    """Give a track a well-known course over the film, between its own values.

    Args:
        scene: of the timeline.
        parameter: the track's.
        name: one of `track_edits.PRESETS`.
        easing: from each point to the next.
    """
    track = scene.timeline.track(parameter)
    if track is None:
        return
    values = _two_values(track, scene.session.playhead.value)
    last = scene.session.time_of(max(scene.session.frame_count - 1, 1))
    made = track_edits.preset(name, parameter, last, values, easing)
    scene.edit("Change the curve", lambda timeline: track_edits.put_track(timeline, made))


def set_value(scene: Scene, parameter: str, index: int, value: float) -> None:
    """Give a point of a track its exact value; index -1 is the value at the playhead."""
    time = scene.session.playhead.value

    def change(track: Track) -> Track:
        if index >= 0:
            return track_edits.set_point(track, index, value=value)
        if len(track.curve.points) == 1:
            return track_edits.set_point(track, 0, value=value)
        return track_edits.add_point(track, time, value)[0]

    scene.edit("Change a value", on_track(parameter, change))


def _without(track: Track, points: frozenset[int]) -> Track:
    """Return a track without points; without any it is constant at the first one's value."""
    old = track.curve.points
    if len(points) < len(old):
        return track_edits.remove_points(track, points)
    return replace(track, curve=Curve(old[:1]))


def _nudge_points(scene: Scene, chosen: Selection, seconds: float, amount: float) -> None:
    scene.edit(
        "Move points",
        on_track(
            chosen.track,
            lambda track: track_edits.move_points(track, chosen.points, seconds, amount),
        ),
        ("nudge", chosen.track, chosen.points),
    )


def _two_values(track: Track, time: float) -> tuple[float, float]:
    """Return the values a preset goes between: the curve's extremes, or a way into its range."""
    values = [point.value for point in track.curve.points]
    first = values[0]
    other = max(values, key=lambda value: abs(value - first))
    if other != first:
        return first, other
    low, high = TRACK_RANGES[track.parameter]
    top = min(
        high, {"guidance": 8.0, "embedding-strength": 2.0, "jitter": 1.0}.get(track.parameter, high)
    )
    return first, top if top - first >= first - low else low


def set_point_easing(scene: Scene, easing: Easing) -> None:
    """Give the selected points the easing that leads to their next ones."""
    chosen = scene.session.selection.value
    scene.edit(
        "Change easing",
        on_track(chosen.track, lambda track: track_edits.set_easing(track, chosen.points, easing)),
    )

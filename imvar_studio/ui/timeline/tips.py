"""What the timeline says of what is under the pointer, and of what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from imvar_studio.plan.timing import nearest_frame
from imvar_studio.ui.timeline.cards import card_of
from imvar_studio.ui.timeline.hits import Hit, Part
from imvar_studio.ui.timeline.numbers import value_text
from imvar_studio.ui.timeline.words import state_name, track_hint, track_name
from imvar_studio.ui.widgets.easing_choices import easing_choices

if TYPE_CHECKING:
    from imvar_studio.model.timeline import Keyframe
    from imvar_studio.ui.selection import Selection
    from imvar_studio.ui.timeline.scene import Scene


def tip(scene: Scene, hit: Hit, x: float) -> str:
    """Return the tooltip of what was hit at `x` px, "" where there is nothing to say."""
    tr = QCoreApplication.translate
    if hit.part is Part.KEY:
        return key_words(scene, hit.name)
    if hit.part is Part.TRANSITION:
        return _transition_words(scene, hit.name)
    if hit.part is Part.STRIP:
        return frame_words(scene, x)
    if hit.part is Part.MARKER:
        return marker_words(scene, hit.time)
    if hit.part in {Part.POINT, Part.LINE}:
        return point_words(scene, hit.name, hit.index)
    return {
        Part.END: tr("Timeline", "The film's end. Drag to change how long it lasts."),
        Part.MARK_IN: tr("Timeline", "In mark: drag to move it"),
        Part.MARK_OUT: tr("Timeline", "Out mark: drag to move it"),
        Part.HANDLE: tr("Timeline", "Drag to bend the curve"),
        Part.LANE: track_hint(hit.name) if hit.part is Part.LANE else "",
    }.get(hit.part, "")


def selection_words(scene: Scene) -> str:
    """Return what is selected, in words, for screen readers."""
    tr = QCoreApplication.translate
    chosen = scene.session.selection.value
    if len(chosen.keyframes) == 1:
        return key_words(scene, next(iter(chosen.keyframes)))
    if chosen.keyframes:
        return tr("Timeline", "{n} keyframes selected").format(n=len(chosen.keyframes))
    if chosen.transition:
        return _transition_words(scene, chosen.transition)
    if chosen.marker is not None:
        return marker_words(scene, chosen.marker)
    return _track_words(scene, chosen) or tr("Timeline", "Playhead at {time}").format(
        time=scene.write(scene.session.playhead.value)
    )


def _track_words(scene: Scene, chosen: Selection) -> str:
    tr = QCoreApplication.translate
    if not chosen.track:
        return ""
    if len(chosen.points) == 1:
        return point_words(scene, chosen.track, next(iter(chosen.points)))
    name = track_name(chosen.track)
    if chosen.points:
        text = tr("Timeline", "{track}: {n} points selected")
        return text.format(track=name, n=len(chosen.points))
    return tr("Timeline", "Track {track}").format(track=name)


def key_words(scene: Scene, name: str) -> str:
    """Return a keyframe in words."""
    tr = QCoreApplication.translate
    keys = scene.timeline.keyframes
    found = next(((n, key) for n, key in enumerate(keys, 1) if key.id == name), None)
    if found is None:
        return ""
    number, key = found
    text = tr("Timeline", "Keyframe {n} of {count}, {what}, {time}")
    return text.format(
        n=number, count=len(keys), what=_shows(scene, key), time=scene.write(key.time)
    )


def frame_words(scene: Scene, x: float) -> str:
    """Return the state of the frame at `x` px in words, "" outside of the film."""
    frame = nearest_frame(scene.view.value.time(x) - scene.frame / 2, scene.fps)
    if not 0 <= frame < scene.session.frame_count:
        return ""
    text = QCoreApplication.translate("Timeline", "Frame {n}, {time}: {state}")
    state = state_name(scene.session.frames.state(frame))
    return text.format(n=frame, time=scene.write(scene.session.time_of(frame)), state=state)


def marker_words(scene: Scene, time: float) -> str:
    """Return a marker in words."""
    name = next((m.name for m in scene.timeline.markers if m.time == time), "")
    text = QCoreApplication.translate("Timeline", "Marker {name} at {time}")
    return text.format(name=name, time=scene.write(time)).replace("  ", " ")


def point_words(scene: Scene, parameter: str, index: int) -> str:
    """Return a point of a track in words."""
    track = scene.timeline.track(parameter)
    if track is None or not 0 <= index < len(track.curve.points):
        return ""
    point = track.curve.points[index]
    name, value = track_name(parameter), value_text(point.value)
    if len(track.curve.points) == 1:
        text = QCoreApplication.translate("Timeline", "{track} {value} throughout")
        return text.format(track=name, value=value)
    text = QCoreApplication.translate("Timeline", "{track} {value} at {time}")
    return text.format(track=name, value=value, time=scene.write(point.time))


def _transition_words(scene: Scene, name: str) -> str:
    tr = QCoreApplication.translate
    keys = scene.timeline.keyframes
    index = next((n for n, key in enumerate(keys) if key.id == name), None)
    if index is None:
        return ""
    shape = keys[index].transition.easing.shape
    names = {choice.value: choice.label for choice in easing_choices()}
    to = index + 2 if index + 1 < len(keys) else 1
    text = tr("Timeline", "From keyframe {a} to {b}: {easing}. Double click for other easings.")
    return text.format(a=index + 1, b=to, easing=names[shape])


def _shows(scene: Scene, key: Keyframe) -> str:
    tr = QCoreApplication.translate
    card = card_of(key)
    if card.asset:
        entry = scene.session.project.asset(card.asset)
        return entry.name if entry else tr("Timeline", "a picture that is missing")
    return card.text or tr("Timeline", "no look")

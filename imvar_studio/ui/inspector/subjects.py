"""What the inspector is about, by the selection: its number, its place, its transitions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from imvar_studio.model.curve import Easing
from imvar_studio.model.keyframe_edits import selected
from imvar_studio.ui.inspector.readings import Mixed, common

if TYPE_CHECKING:
    from collections.abc import Set
    from fractions import Fraction

    from imvar_studio.model.timeline import Timeline
    from imvar_studio.ui.selection import Selection

Kind = Literal["film", "keyframes", "transition", "track", "marker"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is inspected.

    Args:
        kind: of thing.
        ids: of keyframes; of a transition, the keyframe it leaves.
        track: the parameter.
        points: indices in its curve; none means the whole track.
        marker: its time in seconds.
    """

    kind: Kind = "film"
    ids: frozenset[str] = frozenset()
    track: str = ""
    points: frozenset[int] = frozenset()
    marker: float | None = None


@dataclass(frozen=True, slots=True)
class TransitionReading:
    """What the transitions that leave selected keyframes have in common.

    Args:
        first, second: numbers of the keyframes it goes between, from 1; 0 where it is several.
        easing, condition, latent, circle_seed: as in `Transition`.
    """

    first: int
    second: int
    easing: Easing | Mixed
    condition: str | Mixed
    latent: str | Mixed
    circle_seed: int | Mixed | None


def subject_of(selection: Selection, timeline: Timeline) -> Subject:
    """Return what a selection has the inspector show; the film for nothing."""
    if selection.keyframes:
        return Subject("keyframes", selection.keyframes)
    if selection.transition and _next(timeline, selection.transition):
        return Subject("transition", frozenset({selection.transition}))
    if selection.track:
        return Subject("track", track=selection.track, points=selection.points)
    if selection.marker is not None:
        return Subject("marker", marker=selection.marker)
    return Subject()


def number_of(timeline: Timeline, key_id: str) -> int:
    """Return a keyframe's number in order of time, from 1; 0 where it is not there."""
    found = (n for n, key in enumerate(timeline.keyframes, 1) if key.id == key_id)
    return next(found, 0)


def read_transitions(timeline: Timeline, ids: Set[str]) -> TransitionReading | None:
    """Return what transitions share; None where none leaves any of these keyframes."""
    keys = list(selected(timeline, ids))
    if keys and not _next(timeline, keys[-1].id):  # only the film's last one can lead nowhere
        keys.pop()
    if not keys:
        return None
    single = len(keys) == 1
    return TransitionReading(
        first=number_of(timeline, keys[0].id) if single else 0,
        second=_next(timeline, keys[0].id) if single else 0,
        easing=common(key.transition.easing for key in keys),
        condition=common(key.transition.condition for key in keys),
        latent=common(key.transition.latent for key in keys),
        circle_seed=common(key.transition.circle_seed for key in keys),
    )


def clock(frame: int, fps: Fraction) -> str:
    """Return a frame's time as minutes, seconds and frames: 00:04:00.

    Where the rate is no whole number the frames count from each second's first one.
    """
    second = math.floor(frame / fps)
    first = math.ceil(second * fps)
    return f"{second // 60:02d}:{second % 60:02d}:{frame - first:02d}"


def _next(timeline: Timeline, key_id: str) -> int:
    """Return the number of the keyframe that a transition from `key_id` leads to, 0 for none."""
    number, count = number_of(timeline, key_id), len(timeline.keyframes)
    if not number:
        return 0
    if number < count:
        return number + 1
    return 1 if timeline.loop and count > 1 else 0

"""What the inspector's head says of what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.plan.timing import nearest_frame
from imvar_studio.ui.inspector.subjects import clock, number_of
from imvar_studio.ui.inspector.words import track_name
from imvar_studio.ui.words import say

if TYPE_CHECKING:
    from imvar_studio.model.timeline import Keyframe
    from imvar_studio.ui.inspector.subjects import Subject
    from imvar_studio.ui.session import Session


def title(session: Session, subject: Subject, keys: tuple[Keyframe, ...]) -> str:
    """Return what is selected in a few words; `keys` are its keyframes."""
    if subject.kind == "track":
        return track_name(subject.track)
    if subject.kind == "marker":
        found = (m.name for m in session.timeline.markers if m.time == subject.marker)
        return next(found, "") or say("Marker")
    if not keys:
        return session.film.name
    if len(keys) > 1:
        return say("{n} keyframes", n=len(keys))
    number = number_of(session.timeline, keys[0].id)
    if subject.kind == "transition":
        count = len(session.timeline.keyframes)
        following = number + 1 if number < count else 1
        return say("Keyframe {first} to {second}", first=number, second=following)
    return say("Keyframe {n}", n=number)


def place(session: Session, subject: Subject, keys: tuple[Keyframe, ...]) -> str:
    """Return where it is: its time and frame, or from where to where."""
    fps = session.film.settings.fps
    if subject.kind == "marker" and subject.marker is not None:
        return clock(nearest_frame(subject.marker, fps), fps)
    frames = [nearest_frame(key.time, fps) for key in keys]
    if len(frames) == 1:
        return say("{time} · frame {n}", time=clock(frames[0], fps), n=frames[0])
    if frames:
        return f"{clock(frames[0], fps)} \N{EN DASH} {clock(frames[-1], fps)}"
    if subject.kind == "track":
        return say("Track")
    length = clock(session.frame_count, fps)
    return say("{time} · {n} frames", time=length, n=session.frame_count)

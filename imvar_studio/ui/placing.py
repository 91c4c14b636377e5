"""Putting pictures and prompts on a timeline: at the first free times from where it was asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imvar_studio.model.edits import film_of, put_work
from imvar_studio.model.keyframe_edits import insert
from imvar_studio.model.look import Picture, Weighted
from imvar_studio.model.source import Asset
from imvar_studio.model.timeline import Keyframe
from imvar_studio.plan.timing import nearest_frame
from imvar_studio.ui.selection import Selection
from imvar_studio.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from imvar_studio.model.project import Project
    from imvar_studio.model.timeline import Timeline
    from imvar_studio.ui.session import Session

GAP = 2.0  # seconds between pictures that are placed together


def free_times(timeline: Timeline, fps: Fraction, at: float, count: int) -> list[float]:
    """Return `count` times on frames, `GAP` apart from `at` on, where no keyframe's frame is.

    Args:
        timeline: with the keyframes that are there.
        fps: frames a second.
        at: seconds; below 0 counts as 0.
        count: how many.
    """
    taken = {nearest_frame(key.time, fps) for key in timeline.keyframes}
    step = max(nearest_frame(GAP, fps), 1)
    frame = nearest_frame(max(at, 0.0), fps)
    found: list[float] = []
    while len(found) < count:
        if frame not in taken:
            found.append(float(frame / fps))
        frame += step
    return found


def with_keyframes(
    timeline: Timeline, fps: Fraction, keys: Sequence[Keyframe], at: float
) -> tuple[Timeline, tuple[str, ...]]:
    """Put new keyframes at free times from `at` on; a film that would end before them grows.

    Returns:
        The timeline, and the new keyframes' ids in the order of `keys`.

    Raises:
        SpecError: if they would come to lie behind the longest film.
    """
    times = free_times(timeline, fps, at, len(keys))
    last = max(times, default=0.0) + (float(1 / fps) if timeline.loop else 0.0)
    if timeline.duration is not None and timeline.duration < last:
        timeline = replace(timeline, duration=last)
    return insert(timeline, [replace(k, time=t) for k, t in zip(keys, times, strict=True)])


def placed(
    project: Project, film_id: str, shas: Sequence[str], at: float
) -> tuple[Project, tuple[str, ...]]:
    """Put assets on a film as keyframes that show them; as `with_keyframes`.

    Raises:
        SpecError: if there is no such film, too.
    """
    film = film_of(project, film_id)
    keys = [_showing(sha) for sha in shas]
    timeline, ids = with_keyframes(film.timeline, film.settings.fps, keys, at)
    return put_work(project, replace(film, timeline=timeline)), ids


def place_keyframes(
    session: Session, name: str, keys: Sequence[Keyframe], at: float
) -> tuple[str, ...]:
    """Put keyframes on the film that is shown, as one step, and select them; as `with_keyframes`.

    Args:
        session: whose film.
        name: of the step.
        keys: in order; their ids and times are given to them here.
        at: seconds.

    Returns:
        Their ids; none where the edit was refused, which the user is told.
    """
    ids: tuple[str, ...] = ()
    fps = session.film.settings.fps

    def change(timeline: Timeline) -> Timeline:
        nonlocal ids
        timeline, ids = with_keyframes(timeline, fps, keys, at)
        return timeline

    if not session.edit(name, change):
        return ()
    session.selection.set(Selection.of_keyframes(*ids))
    return ids


def place_pictures(session: Session, shas: Sequence[str], at: float | None = None) -> None:
    """Put assets of the project on the film that is shown, as one step, and select them.

    Args:
        session: whose film.
        shas: SHA-256 of the assets, in order.
        at: seconds; None is the playhead.
    """
    name = say("Add keyframe") if len(shas) == 1 else say("Add {n} keyframes", n=len(shas))
    if shas:
        time = session.playhead.value if at is None else at
        place_keyframes(session, name, [_showing(sha) for sha in shas], time)


def _showing(sha: str) -> Keyframe:
    return Keyframe("new", 0.0, (Weighted(Picture(Asset(sha))),))

"""A drag's beginning brought up to date with what else became of the timeline meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from imvar_studio.model.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from imvar_studio.model.timeline import Timeline

T = TypeVar("T")


def rebased(base: Timeline, made: Timeline, now: Timeline) -> Timeline | None:
    """Return `base` with the changes that led from `made` to `now`.

    Args:
        base: as it was when the drag began.
        made: what the drag had made of it.
        now: what others made of that.

    Returns:
        The timeline that the drag would have begun with; None where there is no such one, as
        two keyframes would then share a time.
    """
    if now is made:
        return base
    keys = _merged(base.keyframes, made.keyframes, now.keyframes, lambda key: key.id)
    markers = _merged(base.markers, made.markers, now.markers, lambda marker: marker.time)
    tracks = _merged(base.tracks, made.tracks, now.tracks, lambda track: track.parameter)
    try:
        return replace(
            base,
            keyframes=tuple(sorted(keys, key=lambda key: key.time)),
            tracks=tuple(tracks),
            duration=base.duration if now.duration == made.duration else now.duration,
            loop=base.loop if now.loop == made.loop else now.loop,
            markers=tuple(sorted(markers, key=lambda marker: marker.time)),
        )
    except SpecError:
        return None


def _merged(
    base: Iterable[T], made: Iterable[T], now: Iterable[T], name: Callable[[T], Hashable]
) -> list[T]:
    """Return what `now` has, in its order; what is there as it was made is as in `base`."""
    old, before = ({name(each): each for each in group} for group in (base, made))
    found = []
    names = set()
    for each in now:
        key = name(each)
        names.add(key)
        if key in before and before[key] == each:
            if key in old:  # else the drag itself made it
                found.append(old[key])
        else:
            found.append(each)
    # what the drag took away, and nobody but it
    found += [each for key, each in old.items() if key not in names and key not in before]
    return found

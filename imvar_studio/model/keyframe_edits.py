"""Edits of keyframes: pure functions on the timeline; keyframes that stay are shared.

Keyframes are named by their ids, in any order; an id that is not there is passed over, as a
selection may outlive what it selects. A timeline that would come out equal comes back itself.
Whatever a keyframe or a timeline cannot be is a `SpecError` with one sentence.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

from imvar_studio.model.errors import SpecError
from imvar_studio.model.start import Encode, Noise, shifted_like, unshifted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Set

    from imvar_studio.model.curve import Easing
    from imvar_studio.model.look import Look, Weighted
    from imvar_studio.model.start import Start
    from imvar_studio.model.timeline import Keyframe, Timeline, Transition


def place(timeline: Timeline, key: Keyframe) -> Timeline:
    """Put a keyframe at its time; one with the same id is replaced, wherever it was.

    Raises:
        SpecError: if another keyframe is at that time, or the film ends before it.
    """
    return _with(timeline, [other for other in timeline.keyframes if other.id != key.id], [key])


def remove(timeline: Timeline, ids: Set[str]) -> Timeline:
    """Take keyframes away."""
    keys = tuple(key for key in timeline.keyframes if key.id not in ids)
    return timeline if len(keys) == len(timeline.keyframes) else replace(timeline, keyframes=keys)


def move(timeline: Timeline, ids: Set[str], delta: float) -> Timeline:
    """Move keyframes by a time; they may pass others, and keep their distances.

    Args:
        timeline: to edit.
        ids: the keyframes.
        delta: seconds; towards the beginning they go no farther than their first one to 0 s.

    Raises:
        SpecError: if one comes to where another keyframe is, or behind the film's end.
    """
    moved = selected(timeline, ids)
    if not moved:
        return timeline
    delta = max(delta, -moved[0].time)
    if delta == 0:
        return timeline
    others = [key for key in timeline.keyframes if key.id not in ids]
    return _with(timeline, others, [replace(key, time=key.time + delta) for key in moved])


def duplicate(timeline: Timeline, ids: Set[str], delta: float) -> tuple[Timeline, tuple[str, ...]]:
    """Copy keyframes to `delta` seconds later (or earlier, where negative).

    Returns:
        The timeline, and the new keyframes' ids in order of time.

    Raises:
        SpecError: if a copy comes before 0 s, to another keyframe or behind the film's end.
    """
    return insert(
        timeline, [replace(key, time=key.time + delta) for key in selected(timeline, ids)]
    )


def insert(timeline: Timeline, keys: Iterable[Keyframe]) -> tuple[Timeline, tuple[str, ...]]:
    """Put keyframes at their times, as new ones: they are given ids of their own.

    Returns:
        The timeline, and the new ids in the order of `keys`.

    Raises:
        SpecError: if one is where another keyframe is, or behind the film's end.
    """
    keys = tuple(keys)
    if not keys:
        return timeline, ()
    ids = free_ids(timeline, len(keys))
    new = [replace(key, id=name) for key, name in zip(keys, ids, strict=True)]
    return _with(timeline, timeline.keyframes, new), ids


def free_ids(timeline: Timeline, count: int) -> tuple[str, ...]:
    """Return the first `count` of `key-1`, `key-2`, ... that no keyframe has."""
    taken = {key.id for key in timeline.keyframes}
    names = (f"key-{n}" for n in itertools.count(1))
    return tuple(itertools.islice((name for name in names if name not in taken), count))


def selected(timeline: Timeline, ids: Set[str]) -> tuple[Keyframe, ...]:
    """Return the keyframes of these ids, in order of time."""
    return tuple(key for key in timeline.keyframes if key.id in ids)


def set_transition(timeline: Timeline, ids: Set[str], transition: Transition) -> Timeline:
    """Give keyframes the transition to their next ones."""
    return each_keyframe(timeline, ids, lambda key: replace(key, transition=transition))


def set_easing(timeline: Timeline, ids: Set[str], easing: Easing) -> Timeline:
    """Give keyframes' transitions an easing; their paths stay."""
    return each_keyframe(
        timeline,
        ids,
        lambda key: replace(key, transition=replace(key.transition, easing=easing)),
    )


def set_looks(timeline: Timeline, ids: Set[str], looks: tuple[Weighted, ...]) -> Timeline:
    """Give keyframes an ensemble, or one look."""
    return each_keyframe(timeline, ids, lambda key: replace(key, looks=looks))


def set_weight(timeline: Timeline, ids: Set[str], index: int, weight: float) -> Timeline:
    """Give the look at `index` of keyframes' ensembles a weight in [0, 100].

    Keyframes with fewer looks are left alone.

    Raises:
        SpecError: for a weight out of range, or where all weights would be 0.
    """

    def edit(key: Keyframe) -> Keyframe:
        if not 0 <= index < len(key.looks):
            return key
        part = replace(key.looks[index], weight=weight)
        return replace(key, looks=(*key.looks[:index], part, *key.looks[index + 1 :]))

    return each_keyframe(timeline, ids, edit)


def set_negative(timeline: Timeline, ids: Set[str], negative: Look) -> Timeline:
    """Give keyframes the look of the unconditional side."""
    return each_keyframe(timeline, ids, lambda key: replace(key, negative=negative))


def set_guidance(timeline: Timeline, ids: Set[str], guidance: float | None) -> Timeline:
    """Give keyframes guidance of their own, in [0, 50], or the film's with None."""
    return each_keyframe(timeline, ids, lambda key: replace(key, guidance=guidance))


def set_start(timeline: Timeline, ids: Set[str], start: Start | None) -> Timeline:
    """Give keyframes a start; None is their picture's inversion or the film's noise."""
    return each_keyframe(timeline, ids, lambda key: replace(key, start=start))


def set_seed(timeline: Timeline, ids: Set[str], seed: int) -> Timeline:
    """Give keyframes a seed in [0, 2**63): img2img keeps its picture, all else becomes noise.

    Shifts of noise and of img2img stay.
    """

    def edit(key: Keyframe) -> Keyframe:
        inner = None if key.start is None else unshifted(key.start)
        if isinstance(inner, (Encode, Noise)):
            return replace(key, start=shifted_like(replace(inner, seed=seed), key.start))
        return replace(key, start=Noise(seed))

    return each_keyframe(timeline, ids, edit)


def each_keyframe(
    timeline: Timeline, ids: Set[str], edit: Callable[[Keyframe], Keyframe]
) -> Timeline:
    """Return the timeline with `edit` of the named keyframes; equal ones stay the same objects."""

    def edited(key: Keyframe) -> Keyframe:
        new = edit(key) if key.id in ids else key
        return key if new == key else new

    keys = tuple(map(edited, timeline.keyframes))
    same = all(new is old for new, old in zip(keys, timeline.keyframes, strict=True))
    return timeline if same else replace(timeline, keyframes=keys)


def _with(timeline: Timeline, stay: Collection[Keyframe], come: Iterable[Keyframe]) -> Timeline:
    """Return the timeline of these keyframes; one that comes to another's time is refused."""
    taken = {key.time for key in stay}
    come = tuple(come)
    for key in come:
        if key.time in taken:
            raise SpecError(
                f"there is a keyframe at {key.time:g} s already",
                "keyframe time",
                "choose another time",
            )
    keys = sorted((*stay, *come), key=lambda each: each.time)
    return replace(timeline, keyframes=tuple(keys))

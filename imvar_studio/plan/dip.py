"""Where a film passes through pictures: what each frame starts from, and how guidance dips.

Sampling a picture's inverted latents with its own look gives the picture back at guidance 1
only. So guidance falls to 1 there, along half a sine wave; less so where a track of eta leaves the
picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from imvar_studio.model.contents import mapped
from imvar_studio.model.start import (
    Encode,
    InversionSpec,
    Inverted,
    Noise,
    Start,
    inversions,
    shifted_like,
    unshifted,
)
from imvar_studio.model.timeline import Keyframe
from imvar_studio.plan.timing import frame_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imvar_studio.model.project import FilmSettings
    from imvar_studio.model.timeline import Timeline, Transition

_SEEDS = 2**63
_STAYS = ("hold", "circle")  # latent paths that end where they began


def own_start(key: Keyframe, seed: int) -> Start:
    """Return where a keyframe starts: its own start, its picture's inversion, or the seed's.

    No steps are left out: at the level of a start step there is no noise to go to or from.
    """
    if key.start is not None:
        return mapped(key.start, _from_noisiest)
    look = key.looks[0].look
    source = getattr(look, "source", None) if len(key.looks) == 1 else None
    if source is not None and Inverted(source).look == look:
        return Inverted(source)
    return Noise(seed)


def _from_noisiest(part: object) -> object:
    if isinstance(part, InversionSpec) and part.start_step:
        return replace(part, start_step=0)
    return part


def passes_through(key: Keyframe, start: Start) -> bool:
    """Tell whether sampling `key`'s look from `start` at guidance 1 gives back a picture.

    From shifted latents it gives the picture as the shift leaves it.
    """
    inner = unshifted(start)
    return isinstance(inner, Inverted) and len(key.looks) == 1 and key.looks[0].look == inner.look


def start_at(timeline: Timeline, index: int, seed: int) -> Start:
    """Return a keyframe's start; after `hold` and `circle` one without its own inherits."""
    start = own_start(timeline.keyframes[index], seed)
    while index and _inherits(timeline, index, start):
        index -= 1
        start = own_start(timeline.keyframes[index], seed)
    return start


def effective_starts(timeline: Timeline, seed: int) -> tuple[Start, ...]:
    """Return `start_at` of all keyframes."""
    starts: list[Start] = []
    for index, key in enumerate(timeline.keyframes):
        start = own_start(key, seed)
        starts.append(starts[-1] if index and _inherits(timeline, index, start) else start)
    return tuple(starts)


def _inherits(timeline: Timeline, index: int, start: Start) -> bool:
    key, before = timeline.keyframes[index], timeline.keyframes[index - 1]
    stays = before.transition.latent in _STAYS
    return stays and key.start is None and not isinstance(start, Inverted)


@dataclass(frozen=True, slots=True)
class Ends:
    """The two keyframes around a frame with the latents it leaves and reaches.

    Args:
        first, second: the keyframes.
        leaves, reaches: their starts, as far as the transition's path goes.
        through: the second axis of a circle.
    """

    first: Keyframe
    second: Keyframe
    leaves: Start
    reaches: Start
    through: Start | None = None

    def dip(self, u: float) -> float:
        """Return the share of guidance at u in [0, 1]: 0 where the film passes a picture."""
        from_picture = passes_through(self.first, self.leaves)
        to_picture = passes_through(self.second, self.reaches)
        if from_picture and to_picture:
            # two equal ends are one held picture, not a way to another; a circle leaves it
            same = self.first.looks == self.second.looks and self.leaves == self.reaches
            return 0.0 if same and self.through is None else _half_wave(u)
        if from_picture:
            return _half_wave(u / 2)
        return _half_wave((1 + u) / 2) if to_picture else 1.0

    def touched(self) -> tuple[Inverted, ...]:
        """Return the inverted pictures that the transition starts from anywhere."""
        axis = () if self.through is None else inversions(self.through)
        return inversions(self.leaves) + inversions(self.reaches) + axis


def ends_between(
    first: Keyframe, second: Keyframe, starts: tuple[Start, Start], progress: float, seed: int
) -> tuple[Ends, float]:
    """Return the ends of a frame and how far along it is, eased, in [-1, 2].

    Args:
        first, second: the keyframes it lies between.
        starts: theirs.
        progress: linear, in [0, 1].
        seed: the film's.
    """
    transition = first.transition
    u = min(max(transition.easing(progress), -1.0), 2.0)
    stays = transition.latent in _STAYS
    leaves, own = starts
    if progress == 1 and stays and own != leaves:
        first, leaves = second, own  # the last keyframe is shown, not what leads to it
    circles = first.transition.latent == "circle"
    through = _through(first.transition, leaves, own, seed) if circles else None
    return Ends(first, second, leaves, leaves if stays else own, through), u


def guidance_at(
    timeline: Timeline, settings: FilmSettings, ends: Ends, u: float, time: float
) -> float:
    """Return the guidance of a frame: of the track or the keyframes, less what pictures ask."""
    track = timeline.track("guidance")
    if track is not None:
        wanted = track.at(time)
    else:
        base = settings.guidance
        a = base if ends.first.guidance is None else ends.first.guidance
        b = base if ends.second.guidance is None else ends.second.guidance
        wanted = a + (b - a) * min(max(u, 0.0), 1.0)
    return 1 + (wanted - 1) * share_at(timeline, ends, u, time)


def share_at(timeline: Timeline, ends: Ends, u: float, time: float) -> float:
    """Return the share of guidance in [0, 1]: 0 where the film shows a picture itself.

    A track of eta leaves a picture as it rises, and gives guidance back: what the dip takes away
    is multiplied by 1 - eta.
    """
    dip = ends.dip(min(max(u, 0.0), 1.0))
    track = timeline.track("eta")
    eta = 0.0 if track is None else track.at(time)
    return dip if eta == 0 else 1 - (1 - dip) * (1 - eta)


def guidance_around(
    timeline: Timeline, settings: FilmSettings, index: int, samples: int = 24
) -> tuple[tuple[float, float], ...]:
    """Return the guidance that frames have on the ways to and from a keyframe.

    Args:
        timeline: of the film; its frames may not be plannable.
        settings: of the film.
        index: of the keyframe.
        samples: on each of the two ways, at least 1.

    Returns:
        (seconds from the keyframe, guidance) in rising order of time; () where no way leads to
        the keyframe or from it.
    """
    course: list[tuple[float, float]] = []
    for first, second, span in _ways(timeline, settings, index):
        keys = timeline.keyframes[first], timeline.keyframes[second]
        starts = (
            start_at(timeline, first, settings.seed),
            start_at(timeline, second, settings.seed),
        )
        leads_here = second == index and not course
        for step in range(samples + 1):
            along = step / samples
            ends, u = ends_between(*keys, starts, along, settings.seed)
            time = keys[0].time + span * along
            value = guidance_at(timeline, settings, ends, u, time)
            offset = span * (along - 1) if leads_here else span * along
            if not course or offset > course[-1][0]:
                course.append((offset, value))
    return tuple(course)


def _ways(
    timeline: Timeline, settings: FilmSettings, index: int
) -> Iterator[tuple[int, int, float]]:
    """Yield (first, second, seconds) of the transition to a keyframe and of that from it."""
    keys, last = timeline.keyframes, len(timeline.keyframes) - 1
    if not last:
        return
    back = 0.0
    if timeline.loop:
        end = timeline.duration or frame_count(timeline, settings.fps) / float(settings.fps)
        back = max(end, keys[-1].time) + keys[0].time - keys[-1].time
    if index > 0:
        yield index - 1, index, keys[index].time - keys[index - 1].time
    elif back > 0:
        yield last, 0, back
    if index < last:
        yield index, index + 1, keys[index + 1].time - keys[index].time
    elif back > 0:
        yield last, 0, back


def _half_wave(x: float) -> float:
    """Return sin(pi x) for x in [0, 1], exactly 0 at both ends."""
    return 0.0 if x in (0.0, 1.0) else math.sin(math.pi * x)


def _through(transition: Transition, leaves: Start, other: Start, seed: int) -> Start:
    """Return the second axis of a circle; `other` is the next keyframe's start."""
    if transition.circle_seed is not None:
        return Noise(transition.circle_seed)
    # a noised picture stays where it is: what goes round is its noise
    mine, theirs = _noise_of(leaves), _noise_of(other)
    alike = unshifted(theirs) == unshifted(mine)  # along which no circle leads
    return Noise((seed + 1) % _SEEDS) if alike else theirs


def _noise_of(start: Start) -> Start:
    inner = unshifted(start)
    return shifted_like(Noise(inner.seed), start) if isinstance(inner, Encode) else start

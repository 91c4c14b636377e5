"""The timeline of a film: keyframes, the transitions between them, tracks over time."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import ClassVar

from imvar_studio.model import checks
from imvar_studio.model.curve import LONGEST, Curve, Easing
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import CONDITION_PATHS, Look, Nothing, Weighted, check_weights
from imvar_studio.model.recipe import MOST_GUIDANCE
from imvar_studio.model.start import Start

LATENT_PATHS = ("slerp", "lerp", "hold", "circle")

# parameter: (lowest, highest) value its track may take
TRACK_RANGES: dict[str, tuple[float, float]] = {
    "guidance": (0.0, MOST_GUIDANCE),
    "eta": (0.0, 1.0),
    "embedding-strength": (0.0, 4.0),
    "edit-amount": (-2.0, 2.0),
    "jitter": (0.0, 4.0),
    "strength": (0.01, 1.0),
}


@dataclass(frozen=True, slots=True)
class Transition:
    """How one keyframe becomes the next.

    Args:
        easing: progress over time.
        condition: `lerp`, `slerp` per token, `slerp-whole` over the whole tensor.
        latent: `slerp`, `lerp`, `hold` (stays at the first keyframe's start) or `circle`
            (leaves the first keyframe's start and returns to it).
        circle_seed: the noise a circle goes through; None takes the next keyframe's start, or
            the seed after the film's where both are the same.
    """

    easing: Easing = Easing()
    condition: str = "lerp"
    latent: str = "slerp"
    circle_seed: int | None = None

    def __post_init__(self) -> None:
        checks.choice(self.condition, "condition path", CONDITION_PATHS)
        checks.choice(self.latent, "latent path", LATENT_PATHS)
        if self.circle_seed is not None:
            checks.seed(self.circle_seed, "circle seed")


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A time on the timeline with what is seen there.

    Args:
        id: names the keyframe in edits; of no meaning for the pictures.
        time: seconds from the film's beginning, in [0, 86400].
        looks: one look, or an ensemble with weights.
        start: where sampling starts; None is the picture's inversion where the look is a
            picture, else the film's noise.
        negative: the look of the unconditional side.
        guidance: this keyframe's own, reached along the transitions; None is the film's.
        transition: to the next keyframe (in a loop, the last one's leads to the first).
    """

    id: str
    time: float
    looks: tuple[Weighted, ...]
    start: Start | None = None
    negative: Look = Nothing()
    guidance: float | None = None
    transition: Transition = Transition()

    def __post_init__(self) -> None:
        checks.slug(self.id, "keyframe id")
        checks.put(self, time=checks.number(self.time, "keyframe time", 0, LONGEST))
        check_weights(self.looks, "keyframe looks")
        if self.guidance is not None:
            guidance = checks.number(self.guidance, "keyframe guidance", 0, MOST_GUIDANCE)
            checks.put(self, guidance=guidance)


@dataclass(frozen=True, slots=True)
class Track:
    """A parameter over time; its curve's values must lie in the parameter's range."""

    parameter: str
    curve: Curve

    def __post_init__(self) -> None:
        checks.choice(self.parameter, "track", tuple(TRACK_RANGES))
        for point in self.curve.points:
            checks.number(point.value, f"track {self.parameter}", *TRACK_RANGES[self.parameter])

    def at(self, time: float) -> float:
        """Return the value at `time` in seconds; what an easing overshoots is clamped."""
        low, high = TRACK_RANGES[self.parameter]
        return min(max(self.curve.at(time), low), high)


@dataclass(frozen=True, slots=True)
class Marker:
    """A time in seconds, in [0, 86400], that the artist wants to find again; not in pictures."""

    time: float
    name: str = ""

    def __post_init__(self) -> None:
        checks.put(self, time=checks.number(self.time, "marker time", 0, LONGEST))
        checks.put(self, name=checks.text(self.name, "marker name", 200))


@dataclass(frozen=True, slots=True)
class Timeline:
    """Keyframes in rising order of time, tracks, and how the film ends.

    Args:
        keyframes: at most 10,000, each with its own id; a film needs at least one.
        tracks: at most one a parameter.
        duration: seconds; None ends on the last keyframe (in a loop: the way back takes as
            long as the last transition).
        loop: the last keyframe leads back to the first; the film ends on the step before it.
        markers: in rising order of time, at most 10,000.
    """

    keyframes: tuple[Keyframe, ...] = ()
    tracks: tuple[Track, ...] = ()
    duration: float | None = None
    loop: bool = False
    markers: tuple[Marker, ...] = ()

    MOST: ClassVar[int] = 10_000

    def __post_init__(self) -> None:
        if len(self.keyframes) > self.MOST:
            raise SpecError(f"keyframes must number at most {self.MOST}", "keyframes")
        if len(self.markers) > self.MOST:
            raise SpecError(f"markers must number at most {self.MOST}", "markers")
        checks.flag(self.loop, "loop")
        _check_rising([key.time for key in self.keyframes], "keyframe")
        _check_rising([marker.time for marker in self.markers], "marker")
        checks.unique([key.id for key in self.keyframes], "keyframe id")
        checks.unique([track.parameter for track in self.tracks], "track")
        if self.duration is not None:
            duration = checks.number(self.duration, "duration", 0, LONGEST, open_low=True)
            checks.put(self, duration=duration)
            self._check_duration(duration)

    def _check_duration(self, duration: float) -> None:
        last = self.keyframes[-1].time if self.keyframes else 0.0
        if duration < last or (self.loop and duration == last):
            raise SpecError(
                f"duration must be after the last keyframe at {last:g} s, got {duration:g} s",
                "duration",
            )

    def track(self, parameter: str) -> Track | None:
        """Return the track of `parameter`, or None."""
        return next((track for track in self.tracks if track.parameter == parameter), None)


def _check_rising(times: list[float], what: str) -> None:
    for before, after in itertools.pairwise(times):
        if after <= before:
            raise SpecError(
                f"{what} times must rise, got {after:g} s after {before:g} s", f"{what} time"
            )

"""What the model's work costs on this machine: seconds for each call, as they were timed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from imvar_studio.engine.evaluations import Call, Schedule, chunk_calls
from imvar_studio.model import checks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from imvar_studio.model.recipe import Recipe

# What a call of one sample takes against its share of a chunk's, where nothing was timed
# (measured on 2 cores).
_SINGLE = 2.5
_SCHEDULE = Schedule()


@dataclass(frozen=True, slots=True)
class Timed:
    """A UNet call and the seconds it takes, above 0."""

    call: Call
    seconds: float

    def __post_init__(self) -> None:
        checks.put(self, seconds=checks.number(self.seconds, "seconds", 0, 1e6, open_low=True))


@dataclass(frozen=True, slots=True)
class Costs:
    """A calibration, and the peak of memory that it took; without one costs are relative.

    Args:
        unet: calls that were timed, each once; none of them: a call costs as many as it has
            samples, and decoding nothing.
        decode: seconds for a whole chunk.
        memory: bytes.
        schedule: of the model.
    """

    unet: tuple[Timed, ...] = ()
    decode: float = 0.0
    memory: int = 0
    schedule: Schedule = _SCHEDULE

    def __post_init__(self) -> None:
        checks.unique([str(each.call) for each in self.unet], "unet")
        checks.put(self, decode=checks.number(self.decode, "decode", 0, 1e6))
        checks.integer(self.memory, "memory", 0, 2**60)

    def unknown(self, calls: Iterable[Call]) -> set[Call]:
        """Return the calls that neither were timed nor lie between two that were."""
        known = {precise: [n for n, _ in self._points(precise)] for precise in (False, True)}
        return {
            call
            for call in calls
            if not known[call.precise]
            or not known[call.precise][0] <= call.samples <= known[call.precise][-1]
        }

    def seconds(self, call: Call) -> float:
        """Return what a call takes: on the line between those that were timed, or in proportion."""
        points = self._points(call.precise) or self._points(not call.precise)
        if not points:
            return _SINGLE if call.samples == 1 else call.samples
        for (low, begin), (high, end) in pairwise(points):
            if low <= call.samples <= high:
                return begin + (end - begin) * (call.samples - low) / (high - low)
        samples, seconds = points[0] if call.samples < points[0][0] else points[-1]
        return seconds * call.samples / samples

    def work(self, calls: Mapping[Call, int], chunks: int) -> float:
        """Return what calls take, each as often as it is made, with the decoding of chunks."""
        each = (count * self.seconds(call) for call, count in calls.items())
        return sum(each) + chunks * self.decode

    def chunk(self, recipe: Recipe, batch: int) -> float:
        """Return what the chunk takes that `recipe` is rendered in."""
        return self.work(chunk_calls(recipe, batch, self.schedule), 1)

    def joined(self, other: Costs) -> Costs:
        """Return all that is known of a model, of this calibration and a newer one."""
        if not self.unet:
            return other
        timed = {each.call: each for each in (*self.unet, *other.unet)}
        memory = max(self.memory, other.memory)
        decode = min(self.decode, other.decode)
        return Costs(tuple(timed.values()), decode, memory, other.schedule)

    def _points(self, precise: bool) -> list[tuple[int, float]]:
        """Return what was timed, as samples and seconds, by rising samples."""
        of = [each for each in self.unet if each.call.precise is precise]
        return sorted((each.call.samples, each.seconds) for each in of)

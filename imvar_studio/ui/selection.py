"""What is selected on the timeline; it is no part of the project and no undo step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imvar_studio.model.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Selection:
    """One kind of thing at a time: keyframes, a transition, points of one track, or a marker.

    Args:
        keyframes: ids.
        transition: the id of the keyframe it leaves, "" for none.
        track: the parameter whose points are meant, "" for none.
        points: indices in that track's curve; none means the whole track.
        marker: its time in seconds.
    """

    keyframes: frozenset[str] = frozenset()
    transition: str = ""
    track: str = ""
    points: frozenset[int] = frozenset()
    marker: float | None = None

    @classmethod
    def of_keyframes(cls, *ids: str) -> Selection:
        """Return a selection of keyframes."""
        return cls(keyframes=frozenset(ids))

    def within(self, timeline: Timeline) -> Selection:
        """Return what of it is still there."""
        ids = {key.id for key in timeline.keyframes}
        track = timeline.track(self.track) if self.track else None
        count = len(track.curve.points) if track else 0
        there = self.marker is not None and any(m.time == self.marker for m in timeline.markers)
        return replace(
            self,
            keyframes=self.keyframes & ids,
            transition=self.transition if self.transition in ids else "",
            track=self.track if track else "",
            points=frozenset(index for index in self.points if index < count),
            marker=self.marker if there else None,
        )

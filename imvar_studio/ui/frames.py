"""Which frames of a film are rendered: for each its state and the picture that shows it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from enum import IntEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from imvar_studio.model.signal import Signal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from imvar_studio.store.frames import FrameStore


class FrameState(IntEnum):
    """How a frame stands; where several share a pixel, the highest is shown."""

    RENDERED = 0
    MISSING = 1
    STALE = 2  # of an earlier state of the film; its old picture is shown
    RENDERING = 3
    FAILED = 4


@dataclass(frozen=True, slots=True)
class Pictured:
    """The pictures of a film as planned, and which of them are there.

    Args:
        frames: for each frame the digest of its picture.
        there: digests whose files are there.
        fps: frames a second.
        count: frames of the film, which may have a `problem` that keeps it from being planned;
            then `frames` is empty.
        problem: one sentence, "" where there is none.
    """

    frames: tuple[str, ...] = ()
    there: frozenset[str] = frozenset()
    fps: Fraction = Fraction(12)
    count: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What frames showed before a film was planned anew.

    Args:
        shown: for each frame the digest of the picture shown, "" for none.
        fps: frames a second.
    """

    shown: tuple[str, ...] = ()
    fps: Fraction = Fraction(12)


@dataclass(slots=True)
class Arranged:
    """A planned film laid out frame by frame, ready to be shown.

    Args:
        pictured: the film.
        shown: for each frame the digest of the picture shown, "" for none.
        states: of each frame.
        places: the frames of each picture.
    """

    pictured: Pictured = Pictured()
    shown: list[str] = field(default_factory=list)
    states: bytearray = field(default_factory=bytearray)
    places: dict[str, list[int]] = field(default_factory=dict)


def arrange(pictured: Pictured, earlier: Earlier) -> Arranged:
    """Lay a planned film out; frames that lost their picture show the old one of their time.

    It takes about 0.1 s for 100,000 frames, and belongs in a lane.
    """
    found = Arranged(pictured)
    rates_differ = earlier.fps != pictured.fps
    for frame, digest in enumerate(pictured.frames or ("",) * pictured.count):
        found.places.setdefault(digest, []).append(frame)
        if digest in pictured.there:
            found.shown.append(digest)
            found.states.append(FrameState.RENDERED)
            continue
        at = int(frame * earlier.fps / pictured.fps) if rates_differ else frame
        old = earlier.shown[at] if at < len(earlier.shown) else ""
        found.shown.append(old)
        found.states.append(FrameState.STALE if old else FrameState.MISSING)
    return found


class Frames:
    """The frames of the film that is shown. It belongs to the window's thread.

    Attributes:
        changed: (first, last) frames whose state may have become another.
        replaced: the film was planned anew; everything may be another.
    """

    def __init__(self) -> None:
        self.changed: Signal[int, int] = Signal()
        self.replaced: Signal[()] = Signal()
        self._film = Arranged()
        self._making: tuple[str, ...] = ()
        self._failed: set[str] = set()
        self._made: set[str] = set()  # since what was there was last asked for
        self._store: FrameStore | None = None

    @property
    def count(self) -> int:
        """How many frames the film has."""
        return self._film.pictured.count

    @property
    def fps(self) -> Fraction:
        """Frames a second."""
        return self._film.pictured.fps

    @property
    def problem(self) -> str:
        """Why the film cannot be rendered as it stands, "" where it can."""
        return self._film.pictured.problem

    @property
    def rendered(self) -> int:
        """How many frames are rendered."""
        return self._film.states.count(FrameState.RENDERED)

    @property
    def is_complete(self) -> bool:
        """Whether there are frames and all are rendered."""
        return self.count > 0 and self.rendered == self.count

    def state(self, frame: int) -> FrameState:
        """Return the state of a frame; outside of the film it is missing."""
        if 0 <= frame < len(self._film.states):
            return FrameState(self._film.states[frame])
        return FrameState.MISSING

    def digest(self, frame: int) -> str:
        """Return the digest of the picture a frame is to show, "" where not known."""
        names = self._film.pictured.frames
        return names[frame] if 0 <= frame < len(names) else ""

    def first_of(self, digest: str) -> int | None:
        """Return the first frame that is to show a picture, None where none is."""
        places = self._film.places.get(digest)
        return places[0] if places else None

    def path(self, frame: int) -> Path | None:
        """Return the file that shows a frame, the right one or a stale one; None for none."""
        shown = self._film.shown
        if self._store is None or not 0 <= frame < len(shown) or not shown[frame]:
            return None
        return self._store.path(shown[frame])

    def summary(self, first: int, last: int, buckets: int) -> bytes:
        """Return the highest state in each of `buckets` equal parts of the frames [first, last].

        Args:
            first, last: frames, 0 <= first <= last < count.
            buckets: at least 1; where they are more than frames, frames are repeated.
        """
        states, span = self._film.states, last - first + 1
        edges = [first + span * n // buckets for n in range(buckets + 1)]
        return bytes(
            max(states[a : max(b, a + 1)], default=FrameState.MISSING)
            for a, b in itertools.pairwise(edges)
        )

    def nearest_missing(self, frame: int) -> int | None:
        """Return the frame nearest to `frame` that is to be rendered, None where none is."""
        states = self._film.states
        waits = (FrameState.MISSING, FrameState.STALE)
        near = [states.find(bytes([state]), max(frame, 0)) for state in waits]
        near += [states.rfind(bytes([state]), 0, max(frame, 0) + 1) for state in waits]
        return min((at for at in near if at >= 0), key=lambda at: abs(at - frame), default=None)

    def earlier(self) -> Earlier:
        """Return what is shown now; from now on what is made is noted, until `take`."""
        self._made.clear()
        return Earlier(tuple(self._film.shown), self.fps)

    def plan(self, store: FrameStore | None, pictured: Pictured) -> None:
        """Show a film as it is planned now; `earlier`, `arrange` and `take` in one."""
        self.take(store, arrange(pictured, self.earlier()))

    def take(self, store: FrameStore | None, film: Arranged) -> None:
        """Show a film as it was arranged; what was made meanwhile is there."""
        self._store, self._film = store, film
        for digest in self._made:
            self._show(digest)
        self._set(self._failed, FrameState.FAILED)
        self._set(self._making, FrameState.RENDERING)
        self.replaced.emit()

    def forget(self) -> None:
        """Show nothing: another film comes, whose frames are not planned yet."""
        self._film = Arranged()
        self._making, self._failed = (), set()
        self.replaced.emit()

    def making(self, digests: Iterable[str]) -> None:
        """Note that these pictures, and no others, are being rendered now."""
        old, self._making = self._making, tuple(digests)
        self._tell([*self._set(old, None), *self._set(self._making, FrameState.RENDERING)])

    def made(self, digest: str) -> None:
        """Note that a picture is there now."""
        self._made.add(digest)
        self._failed.discard(digest)
        self._making = tuple(name for name in self._making if name != digest)
        self._tell(self._show(digest))

    def stopped(self, *, failed: bool) -> None:
        """Note that the render ended; what it was at failed, or is to be rendered again."""
        old, self._making = self._making, ()
        if failed:
            self._failed.update(old)
        self._tell(self._set(old, FrameState.FAILED if failed else None))

    def forgive(self) -> None:
        """Take failed frames as missing again: they are tried anew."""
        old, self._failed = self._failed, set()
        self._tell(self._set(old, None))

    def _show(self, digest: str) -> list[int]:
        """Show a picture that is there; returns its frames."""
        places = self._film.places.get(digest, [])
        for frame in places:
            self._film.shown[frame] = digest
            self._film.states[frame] = FrameState.RENDERED
        return places

    def _set(self, digests: Iterable[str], state: FrameState | None) -> list[int]:
        """Give the frames of pictures that are not there a state; returns these frames.

        None is stale or missing, by what is shown.
        """
        film, touched = self._film, []
        for digest in digests:
            for frame in film.places.get(digest, ()):
                if film.states[frame] != FrameState.RENDERED:
                    waits = FrameState.STALE if film.shown[frame] else FrameState.MISSING
                    film.states[frame] = waits if state is None else state
                    touched.append(frame)
        return touched

    def _tell(self, frames: Sequence[int]) -> None:
        if frames:
            self.changed.emit(min(frames), max(frames))

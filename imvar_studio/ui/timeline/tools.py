"""Gestures: a press, moves and a release, or Escape; what all of them share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from imvar_studio.ui.timeline.rebasing import rebased

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.timeline import Timeline
    from imvar_studio.ui.timeline.scene import Scene, Spot

THRESHOLD = 4  # px that the pointer moves before a press becomes a drag


class Tool(Protocol):
    """What a press began.

    Attributes:
        cursor: the name of the pointer's shape while it goes on.
    """

    cursor: str

    def move(self, spot: Spot) -> None:
        """Follow the pointer."""

    def release(self, spot: Spot) -> None:
        """End where the pointer is."""

    def cancel(self) -> None:
        """Leave everything as it was before the press."""


class Steps:
    """The edits of one drag: one step of the history, made anew from the first value each time.

    What others make of the timeline meanwhile stays; where another film is shown, or what they
    made does not go with the drag, the drag is over.

    Args:
        scene: of the timeline.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene, self._session = scene, scene.session
        self._base = self._made = scene.timeline
        self._film = scene.session.film.id
        self._key = object()
        self._name = ""
        self._over = False

    @property
    def base(self) -> Timeline:
        """The timeline at the press, with what others made of it since."""
        self._goes_on()
        return self._base

    def make(self, name: str, change: Callable[[Timeline], Timeline]) -> bool:
        """Make the step, or make it another: `change` of the timeline at the press.

        Args:
            name: of the step, of `words.step_name`.
            change: a pure function.

        Returns:
            Whether it was done; where nothing can be changed, that is said once.
        """
        if (self._session.read_only and self._name) or not self._goes_on():
            return False
        self._name = name
        done = self._scene.edit(name, lambda _: change(self._base), self._key)
        self._made = self._session.timeline
        return done

    def end(self) -> None:
        """Let the step be as it is."""
        self._session.document.end_merge()

    def cancel(self) -> None:
        """Take the step back."""
        if self._name and not self._session.read_only and self._goes_on():
            self._scene.edit(self._name, lambda _: self._base, self._key)
        self.end()

    def _goes_on(self) -> bool:
        """Take up what others made of the timeline; return whether the drag can go on."""
        if self._over or self._session.film.id != self._film:
            self._over = True
            return False
        now = self._session.timeline
        base = rebased(self._base, self._made, now)
        if base is None:
            self._over = True
            return False
        self._base, self._made = base, now
        return True


class Drag:
    """Whether a press has become a drag.

    Args:
        spot: of the press.
    """

    def __init__(self, spot: Spot) -> None:
        self.start = spot
        self.begun = False

    def begins(self, spot: Spot) -> bool:
        """Whether the drag goes on; True from the first spot far enough from the press."""
        if not self.begun:
            away = max(abs(spot.x - self.start.x), abs(spot.y - self.start.y))
            self.begun = away >= THRESHOLD
        return self.begun

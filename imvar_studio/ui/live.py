"""Live rendering: the film renders by itself while it is edited, nearest to the playhead first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imvar_studio.ui.frames import FrameState
from imvar_studio.ui.state import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.jobs.tasks import Task
    from imvar_studio.model.project import FilmWork
    from imvar_studio.ui.planning import Planner
    from imvar_studio.ui.session import Session

_REST = 600  # ms the playhead lies still before its frames come first
_WAITING = (FrameState.MISSING, FrameState.STALE)


class Live:
    """Has the film's missing frames rendered whenever nothing else is.

    A film whose render fails, or gets nowhere, is not tried again until it changes.

    Args:
        submit: gives the render thread a task; returns its key.
        cancel: stops the task of a key.
        is_free: whether nothing else waits for the worker.
        later: calls a function after some ms.

    Attributes:
        wanted: whether the user wants it.
        key: of the task that runs, "" where none does.
    """

    def __init__(
        self,
        submit: Callable[[Task], str],
        cancel: Callable[[str], None],
        is_free: Callable[[], bool],
        later: Callable[[int, Callable[[], None]], None],
    ) -> None:
        self.wanted: State[bool] = State(False)
        self.key = ""
        self._submit, self._cancel, self._is_free, self._later = submit, cancel, is_free, later
        self._session: Session | None = None
        self._planner: Planner | None = None
        self._releases: list[Callable[[], None]] = []
        self._hopeless: FilmWork | None = None
        self._rendered = 0  # frames that were there when the task began
        self._stopped: set[str] = set()
        self._moves = 0
        self.wanted.changed.connect(self._turn)

    def attach(self, session: Session, planner: Planner) -> None:
        """Render this session's film."""
        self._session, self._planner = session, planner
        self._releases = [
            planner.planned.connect(self.go),
            session.playhead.changed.connect(lambda _: self._moved()),
        ]

    def detach(self) -> None:
        """Render none."""
        self.stop()
        for release in self._releases:
            release()
        self._releases = []
        self._session = self._planner = self._hopeless = None

    def go(self) -> None:
        """Begin with what is missing nearest to the playhead, if it is wanted and can be."""
        self.stop()
        session, planner = self._session, self._planner
        if session is None or planner is None or not self.wanted.value or not self._is_free():
            return
        if planner.task is None or not planner.is_current or session.film is self._hopeless:
            return
        near = session.frames.nearest_missing(session.frame)
        if near is not None:
            self._rendered = session.frames.rendered
            self.key = self._submit(replace(planner.task, begin=near))

    def stop(self) -> None:
        """Stop within a step; what is finished is kept."""
        if self.key:
            self._stopped.add(self.key)
            self._cancel(self.key)
            self.key = ""

    def is_own(self, key: str) -> bool:
        """Whether a task is of live rendering, running or being stopped."""
        return bool(key) and (key == self.key or key in self._stopped)

    def ended(self, key: str, *, failed: bool) -> None:
        """Note that a task is over."""
        self._stopped.discard(key)
        session = self._session
        if key != self.key or session is None:
            return
        self.key = ""
        if failed or session.frames.rendered == self._rendered:
            self._hopeless = session.film

    def _turn(self, wanted: bool) -> None:
        del wanted
        self._hopeless = None
        self.go()

    def _moved(self) -> None:
        self._moves += 1
        moves = self._moves
        if self.key:
            self._later(_REST, lambda: self._rest(moves))

    def _rest(self, moves: int) -> None:
        """Begin anew where the playhead came to rest on a frame that is not there."""
        session = self._session
        if session is None or moves != self._moves or not self.key:
            return
        if session.frames.state(session.frame) in _WAITING:
            self.go()

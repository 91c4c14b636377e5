"""What is to be done with a film's render as soon as the film is planned as it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imvar_studio.ui.messages import Message
from imvar_studio.ui.sentences import sentence
from imvar_studio.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.jobs.tasks import FilmTask
    from imvar_studio.ui.planning import Planner
    from imvar_studio.ui.session import Session


class PlannedTask:
    """Waits for a session's plan, where it must.

    Args:
        session: whose film.
        planner: plans it.
        is_known: whether it was found out in this run of the program what the machine has; the
            film is planned anew then.
        hopeless: told where the film cannot be rendered; the user hears why.
    """

    def __init__(
        self,
        session: Session,
        planner: Planner,
        is_known: Callable[[], bool],
        hopeless: Callable[[], None],
    ) -> None:
        self._session, self._planner = session, planner
        self._is_known, self._hopeless = is_known, hopeless
        self._do: Callable[[FilmTask], None] | None = None
        self._disconnect = planner.planned.connect(self._go_on)

    def when_planned(self, do: Callable[[FilmTask], None]) -> None:
        """Do something with the task that renders the film, now or when it is planned."""
        self._do = do
        self._go_on()

    def forget(self) -> None:
        """Do it no more."""
        self._do = None

    def release(self) -> None:
        """Watch no more."""
        self._disconnect()
        self.forget()

    def _go_on(self) -> None:
        session, planner, do = self._session, self._planner, self._do
        if do is None or not planner.is_current or not self._is_known():
            return
        task, why = planner.task, session.frames.problem
        if task is None and not why and session.timeline.keyframes:
            return  # the plan that tells is still to come
        self._do = None
        if task is None:
            self._hopeless()
            empty = Message(say("The film is empty."), "warning", say("Add a picture or a prompt."))
            session.tell(Message(sentence(why), "warning") if why else empty)
        else:
            do(replace(task, begin=min(session.frame, max(session.frame_count - 1, 0))))

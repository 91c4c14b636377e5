"""Planning the film that is shown, beside the window, so that its frames are known by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imvar_studio.jobs.natural import remembered
from imvar_studio.jobs.tasks import FilmTask
from imvar_studio.model.errors import UserError
from imvar_studio.model.project import FilmWork
from imvar_studio.model.signal import Signal
from imvar_studio.model.specs import FilmSpec
from imvar_studio.plan.film import film as plan_film
from imvar_studio.plan.timing import frame_count
from imvar_studio.store.models import portable, resolve
from imvar_studio.store.prior_looks import with_priors
from imvar_studio.store.take_frames import newest_frames
from imvar_studio.ui.frames import Arranged, Earlier, Pictured, arrange

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.store.project_folder import ProjectFolder
    from imvar_studio.ui.session import Session

_REST = 200  # ms without an edit until the film is planned
_FEW = 2000  # pictures up to which each file is asked for by itself


@dataclass(frozen=True, slots=True)
class _Planned:
    """What planning gave.

    Args:
        film: that was planned.
        frames: laid out, with what they showed before.
        task: that would render it, None where it cannot be rendered.
    """

    film: FilmWork
    frames: Arranged
    task: FilmTask | None


class Planner:
    """Keeps a session's frames in step with its film.

    At most one film is planned at a time, and after it the newest; edits in between are passed
    over. While edits follow each other, as in a drag, it waits: planning beside them would slow
    them down.

    Args:
        session: whose film.
        later: calls a function after some ms.

    Attributes:
        planned: the frames are of the film as it stands now.
        task: renders the film as it was planned last; None where it cannot be rendered.
    """

    def __init__(self, session: Session, later: Callable[[int, Callable[[], None]], None]) -> None:
        self.planned: Signal[()] = Signal()
        self.task: FilmTask | None = None
        self._session, self._later = session, later
        self._edits = 0
        self._waits = self._busy = False
        self._again = False
        self._released = False
        self._looked = ""  # the id of the film whose earlier takes were looked for last
        self._disconnect = session.film_changed.connect(self._changed)

    @property
    def is_current(self) -> bool:
        """Whether the frames are of the film as it stands now."""
        return not (self._waits or self._busy or self._again)

    def plan(self) -> None:
        """Plan the film anew: it, the machine or the model has changed."""
        if self._busy or self._released:
            self._again = True
            return
        self._busy, self._again = True, False
        session = self._session
        film, folder = session.film, session.folder
        known, self._looked = film.id == self._looked, film.id
        shown = session.frames.earlier()

        def work() -> _Planned:
            pictured, task = _plan(film, folder)
            take = None if known else newest_frames(folder, film.name)
            earlier = shown if take is None else Earlier(take.digests, take.fps)
            return _Planned(film, arrange(pictured, earlier), task)

        session.lanes.run("plan", work, self._done, self._failed)

    def release(self) -> None:
        """Watch no more."""
        self._released = True
        self._disconnect()

    def _changed(self, film: FilmWork) -> None:
        del film
        self._edits += 1
        self._waits, edits = True, self._edits
        self._later(_REST, lambda: self._rest(edits))

    def _rest(self, edits: int) -> None:
        """Plan, if no edit followed."""
        if edits == self._edits:
            self._waits = False
            self.plan()

    def _done(self, planned: _Planned) -> None:
        self._busy = False
        if self._released:
            return
        if planned.film.id != self._session.film.id:  # another film came while this one was planned
            self._looked = ""
            self.plan()
            return
        self._session.frames.take(self._session.folder.frames, planned.frames)
        self.task = planned.task
        if self._again:
            self.plan()
        elif self.is_current:
            self.planned.emit()

    def _failed(self, error: Exception) -> None:
        self._busy = self._again = False
        if not self._released:
            self.task = None
            self._session.fail(error)


def _plan(film: FilmWork, folder: ProjectFolder) -> tuple[Pictured, FilmTask | None]:
    fps = film.settings.fps
    count = frame_count(film.timeline, fps)
    if not film.timeline.keyframes:
        return Pictured(fps=fps), None
    natural = remembered("", "")
    if natural is None:  # the worker still finds out what the machine has
        return Pictured(fps=fps, count=count), None
    try:
        card = resolve(film.model)
        spec = FilmSpec(with_priors(film), card.ref, natural.precision, natural.batch)
        plan = plan_film(spec)
        place = portable(film.model, card)
    except UserError as error:
        problem = f"{error.message}: {error.remedy}" if error.remedy else error.message
        return Pictured(fps=fps, count=count, problem=problem), None
    names = [picture.digest for picture in plan.pictures]
    if len(names) > _FEW:
        there = frozenset(folder.frames.sizes()) & frozenset(names)
    else:
        there = frozenset(name for name in names if folder.frames.path(name).is_file())
    frames = tuple(names[index] for index in plan.frames)
    task = FilmTask(str(folder.path), spec, place, frames_only=True)
    return Pictured(frames, there, fps, len(frames)), task

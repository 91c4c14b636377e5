"""The render desk: gives the render thread what is to be rendered, and tells what happens."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Failed, Finished, Note, Preview, Stopped
from imvar_studio.jobs.queued import State as JobState
from imvar_studio.jobs.render_events import Idle, Started, number_of
from imvar_studio.model.signal import Signal
from imvar_studio.ui.estimates import Estimates
from imvar_studio.ui.frame_follower import FrameFollower
from imvar_studio.ui.live import Live
from imvar_studio.ui.machine import MachineWatch
from imvar_studio.ui.messages import Message
from imvar_studio.ui.new_job import NewJob
from imvar_studio.ui.planned_task import PlannedTask
from imvar_studio.ui.planning import Planner
from imvar_studio.ui.probe import Probe
from imvar_studio.ui.queue_lane import QueueLane
from imvar_studio.ui.render_messages import failed_render, long_render, paused_queue
from imvar_studio.ui.render_status import RenderStatus, RunningJobs
from imvar_studio.ui.state import State
from imvar_studio.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imvar_studio.jobs.estimate import Estimate
    from imvar_studio.jobs.queue import Queue
    from imvar_studio.jobs.queued import Job
    from imvar_studio.jobs.render_events import Happening, Listener
    from imvar_studio.jobs.render_thread import RenderThread
    from imvar_studio.jobs.tasks import FilmTask
    from imvar_studio.model.film_export import FilmExport
    from imvar_studio.ui.background import Lanes
    from imvar_studio.ui.session import Session

LONG = 60.0  # seconds of a render from which on it is asked for twice


class RenderDesk(QueueLane):
    """What the window asks of the render thread, and what it hears from it.

    It belongs to the window's thread, and outlives sessions: the worker keeps its model.

    Args:
        lanes: where the queue is changed.
        open_queue: opens the queue for a lane's thread.
        make_thread: makes the render thread, given its listener.
        post: calls a function in the window's thread.
        later: calls a function there after some ms.

    Attributes:
        status: of the render that is shown.
        events: all that the render thread tells: a job's key, and what happens.
        previews: pictures that are being made.
        live: whether the film is rendered by itself while it is edited.
        machine: what renders, in a few words: "Starter · CPU bf16 · 1.9 GB".
    """

    def __init__(
        self,
        lanes: Lanes,
        open_queue: Callable[[], Queue],
        make_thread: Callable[[Listener], RenderThread],
        post: Callable[[Callable[[], None]], None],
        later: Callable[[int, Callable[[], None]], None],
    ) -> None:
        super().__init__(lanes, open_queue)
        self.status: State[RenderStatus] = State(RenderStatus())
        self.events: Signal[str, Happening] = Signal()
        self.previews: Signal[Preview] = Signal()
        self._watch = MachineWatch(lanes)
        self.machine = self._watch.words
        self.planner: Planner | None = None
        self._session: Session | None = None
        self._jobs = RunningJobs()
        self._later = later
        self._follower = FrameFollower()
        self._idle = False
        self._planned: PlannedTask | None = None
        self._new = NewJob(self)
        self._thread = thread = make_thread(lambda key, what: post(lambda: self._hear(key, what)))
        self._probe = Probe(thread.submit, self._probed)
        self._estimates = Estimates(thread.submit, thread.cancel)
        self._live = Live(thread.submit, thread.cancel, self._is_free, later)
        self.live = self._live.wanted

    @property
    def has_job(self) -> bool:
        """Whether a job of the queue runs here."""
        status = self.status.value
        return status.is_busy and number_of(status.key) is not None

    @property
    def is_busy(self) -> bool:
        """Whether something runs that was asked for; live rendering is not."""
        status = self.status.value
        return status.is_busy and not self._live.is_own(status.key)

    def start(self) -> None:
        """Start the render thread with its worker, and find out what the machine has."""
        self._thread.start()
        self._probe.start()

    def close(self) -> bool:
        """End the render thread; tells whether its worker is gone."""
        return self._thread.close()

    def attach(self, session: Session) -> None:
        """Render for this session from now on."""
        self._session = session
        self.planner = Planner(session, self._later)
        self._planned = PlannedTask(session, self.planner, lambda: self._probe.is_known, self._rest)
        self._live.attach(session, self.planner)
        self.planner.plan()

    def detach(self) -> None:
        """Render for no session; what the queue has goes on."""
        self._live.detach()
        self._estimates.stop("render", "export")
        if self.planner is not None and self._planned is not None:
            self._planned.release()
            self.planner.release()
        self._session = self.planner = self._planned = None

    def render(self) -> None:
        """Render the film: at once where it takes less than a minute, else when said so again."""
        session = self._session
        if session is None or self.is_busy:
            return
        if session.frames.is_complete:
            session.tell(Message(say("All {n} frames are rendered.", n=session.frames.count)))
            return
        self._when_planned(self._ask_and_render)

    def export(
        self, target: Path, export: FilmExport, *, overwrite: bool, keep_prompts: bool
    ) -> None:
        """Export the film, and render first what of it is missing."""

        def export_it(task: FilmTask) -> None:
            task = replace(task, target=str(target.absolute()), export=export, frames_only=False)
            self._begin(replace(task, overwrite=overwrite, keep_prompts=keep_prompts))

        self._when_planned(export_it)

    def estimate(
        self,
        export: FilmExport | None,
        done: Callable[[Estimate], None],
        failed: Callable[[Failed], None],
    ) -> None:
        """Find out what rendering the film, or exporting a part of it, takes."""
        planner = self.planner
        if planner is None or planner.task is None or not planner.is_current:
            failed(Failed("user", say("the film is still being planned")))
            return
        task = planner.task
        if export is not None:
            task = replace(task, export=replace(export, there_only=False))
        self._live.stop()
        self._estimates.ask("export", task, done, failed)

    def cancel_current(self) -> None:
        """Stop what runs within a step; what is finished is kept."""
        self.live.set(False)
        status = self.status.value
        self._estimates.stop("render")
        if self._planned is not None:
            self._planned.forget()
        if status.key in self._jobs:
            self._thread.cancel(status.key)
        else:
            self._new.cancel()
            self.status.set(RenderStatus())

    def retry_failed(self) -> None:
        """Render again what failed last."""
        self._retry(self.status.value.key)

    def look_at_machine(self) -> None:
        """Find out what renders, and the memory it has."""
        self._watch.look(self._session.film.model if self._session is not None else "")

    def _changed_queue(self) -> None:
        self._thread.look()

    def _found(self, found: tuple[tuple[Job, ...], bool] | None) -> None:
        super()._found(found)
        waiting = any(job.state is JobState.WAITING for job in self.jobs.value)
        if waiting and not self.all_paused.value:
            self._live.stop()  # the queue goes first

    def _when_planned(self, do: Callable[[FilmTask], None]) -> None:
        """Do something with the film's task, as soon as the film is planned as it stands."""
        if self._planned is not None:
            if not self.status.value.is_busy:
                self.status.set(RenderStatus("starting"))
            self._planned.when_planned(do)

    def _rest(self) -> None:
        """Show no more that something begins."""
        if self.status.value.phase in ("starting", "estimating"):
            self.status.set(RenderStatus())

    def _ask_and_render(self, task: FilmTask) -> None:
        def done(found: Estimate) -> None:
            if found.seconds <= LONG:
                self._begin(task)
                return
            self._rest()
            self._say(long_render(found, lambda: self._begin(task)))

        def failed(why: Failed) -> None:
            self._rest()
            self._say(failed_render(why, self.render))

        self._live.stop()
        self.status.set(RenderStatus("estimating", task.spec.film.name))
        self._estimates.ask("render", task, done, failed)

    def _begin(self, task: FilmTask) -> None:
        """Put the render into the queue, before what waits in the background."""
        self._estimates.stop("render")  # asked for once more meanwhile
        self._live.stop()
        if self._session is not None:
            self._session.frames.forgive()
        if self.all_paused.value:
            self._say(paused_queue(self.resume_all))
        if self.status.value.key not in self._jobs:
            self.status.set(RenderStatus("starting"))
        self._new.add(task, self._not_begun)

    def _not_begun(self, error: Exception) -> None:
        self._rest()
        self.queue_failed.emit(error)

    def _hear(self, key: str, what: Happening) -> None:
        """Take in what the render thread told; in the window's thread."""
        self.events.emit(key, what)
        if self._probe.hear(key, what):
            return
        if self._estimates.hear(key, what):
            if not self._estimates.is_asking:
                self._live.go()
        elif isinstance(what, Idle):
            self._idle = True
            self._live.go()
        else:
            self._hear_render(key, what)

    def _is_free(self) -> bool:
        """Whether the worker has nothing to do, and nothing was asked for."""
        waits = self._new.is_awaited or self._estimates.is_asking
        return self._idle and self._probe.is_known and not waits

    def _probed(self, failed: Failed | None) -> None:
        self._watch.forget()
        self.look_at_machine()
        if failed is not None:
            self._rest()
            self._say(failed_render(failed, None))
        if self.planner is not None:
            self.planner.plan()

    def _hear_render(self, key: str, what: Happening) -> None:
        if isinstance(what, Started) and what.number is not None:
            self._idle = False
            self._new.started(what.number)
        status = self._jobs.hear(key, what)
        if status is not None:
            self.status.set(status)
        if isinstance(what, Preview):
            self.previews.emit(what)
        if self._session is not None:
            self._follower.follow(self._session.frames, key, what)
        live = self._live.is_own(key)
        if isinstance(what, (Finished, Stopped, Failed)):
            self._live.ended(key, failed=isinstance(what, Failed))
        if isinstance(what, Failed):
            self._say(failed_render(what, None if live else lambda: self._retry(key)))
        if isinstance(what, Note) and not live:
            self._say(Message(what.text))

    def _retry(self, key: str) -> None:
        if self._session is not None:
            self._session.frames.forgive()
        if (number := number_of(key)) is not None:
            self.retry(number)
        else:
            self.render()

    def _say(self, message: Message) -> None:
        """Show a message, where a project is open."""
        if self._session is not None:
            self._session.tell(message)

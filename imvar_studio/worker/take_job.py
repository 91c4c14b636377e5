"""What a take's render has to do: the pictures that are there, those that are left, making them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Made
from imvar_studio.plan.plan import Plan
from imvar_studio.store.journal import JournalRecord
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.takes import Take
from imvar_studio.worker.chunks import Rendered, Run, render_run, samples
from imvar_studio.worker.disk import written
from imvar_studio.worker.pictures import frame_file

if TYPE_CHECKING:
    from imvar_studio.engine.renderer import Renderer
    from imvar_studio.worker.memory import Fallback
    from imvar_studio.worker.meter import Meter


@dataclass(frozen=True, slots=True)
class TakeJob:
    """A take that is rendered: what there is of it, and what is left.

    Args:
        project: where it belongs.
        plan: all pictures.
        take: its folder.
        finished: pictures that are there, verified.
        left: runs of pictures to render, each with the slots in its chunk, in order.
        names: the digest of the picture that each frame or cell shows, of those asked for.
        makes_film: whether they become a film.
    """

    project: ProjectFolder
    plan: Plan
    take: Take
    finished: dict[str, JournalRecord]
    left: tuple[Run, ...]
    names: tuple[str, ...]
    makes_film: bool = False

    @property
    def pictures(self) -> int:
        """Return how many pictures are asked for."""
        return len(set(self.names))

    @property
    def pictures_kept(self) -> int:
        """Return how many of them are finished by now."""
        return len(set(self.names) & self.finished.keys())

    @property
    def pictures_left(self) -> int:
        """Return how many pictures are left to render."""
        return sum(len(run) for run in self.left)

    def samples_left(self) -> int:
        """Return the UNet samples that chunks still take (inversions not counted)."""
        return sum(samples(run[0][1], self.plan.batch) for run in self.left)


def render_left(job: TakeJob, renderer: Renderer, fallback: Fallback, meter: Meter) -> None:
    """Render what is left of a take, chunk by chunk; what is finished is on disk at once.

    Args:
        job: whose pictures.
        renderer: with their model.
        fallback: as far down as it is by now.
        meter: of the whole job.

    Raises:
        OutOfMemoryError: if not even one picture in tiles can be rendered.
        StoreError: if a frame cannot be written.
    """
    for run in job.left:
        meter.begin(samples(run[0][1], job.plan.batch))
        # a job that ran inside of this one just now may have made some of them
        missing = tuple(each for each in run if each[1].digest not in job.finished)
        meter.found(len(run) - len(missing))
        if missing:
            # just before they are needed: what is looked at is not to wait for the whole take
            starts = [picture.recipe for _, picture in missing]
            fallback.attempt(partial(renderer.prepare, starts, meter.inverting), batched=False)
            render_run(missing, renderer, fallback, meter, lambda made: _keep(job, made, meter))
        meter.end(worked=bool(missing))


def _keep(job: TakeJob, made: Rendered, meter: Meter) -> None:
    """Put a picture on the disk and into the journal, and wait where the disk is full."""
    digest, frames = made.picture.digest, job.project.frames
    data = frame_file(made.picture, made.pixels, made.fingerprint, made.batch)

    def put() -> JournalRecord:
        file_hash = frames.put(digest, data)
        return job.take.record(digest, file_hash, made.fingerprint, made.seconds)

    ctx, still = meter.ctx, meter.standing_still
    job.finished[digest] = written(job.take.path, put, ctx, len(data), still)
    ctx.step(Made(digest, str(frames.path(digest))))

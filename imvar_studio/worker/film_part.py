"""What of a film a task wants: a range of its frames, in the order of their nearness to one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imvar_studio.model.errors import StoreError
from imvar_studio.plan.plan import Plan, chunks

if TYPE_CHECKING:
    from imvar_studio.jobs.tasks import FilmTask
    from imvar_studio.worker.chunks import Run
    from imvar_studio.worker.film import FilmJob


def wanted_part(job: FilmJob, task: FilmTask) -> FilmJob:
    """Return a job with the frames and the order that its task asks for.

    Args:
        job: from `open_film`, of the whole film.
        task: it was opened for.

    Raises:
        SpecError: for frames that the film does not have.
    """
    frames = task.export.frames(len(job.names))
    names = job.names[frames.start : frames.stop]
    wanted = frozenset(names)
    parts = (tuple(each for each in run if each[1].digest in wanted) for run in job.left)
    left = tuple(run for run in parts if run)
    return replace(
        job,
        left=nearest_first(job.plan, left, task.begin),
        frames=frames,
        names=names,
        makes_film=not task.frames_only,
    )


def nearest_first(plan: Plan, runs: tuple[Run, ...], begin: int) -> tuple[Run, ...]:
    """Return runs in the order of how far their chunks' frames are from frame `begin`."""
    if not begin:
        return runs  # the plan's own order
    far: dict[int, int] = {}  # of each picture, by its index
    for frame, index in enumerate(plan.frames):
        far[index] = min(far.get(index, abs(frame - begin)), abs(frame - begin))
    of_chunk: dict[str, int] = {}
    index = 0
    for chunk in chunks(plan):
        nearest = min(far[index + place] for place in range(len(chunk)))
        of_chunk.update({picture.digest: nearest for picture in chunk})
        index += len(chunk)
    return tuple(sorted(runs, key=lambda run: of_chunk[run[0][1].digest]))


def part_that_is_there(job: FilmJob) -> tuple[FilmJob, str]:
    """Return a job cut to the frames that are there, with holes filled, and a sentence about it.

    Args:
        job: from `wanted_part`.

    Returns:
        The job: from the first frame that is there to the last; where one is missing between
        them, its name is that of the frame before.

    Raises:
        StoreError: if none is there.
    """
    there = [place for place, name in enumerate(job.names) if name in job.finished]
    if not there:
        raise StoreError("none of these frames is rendered yet", "render some first")
    names: list[str] = []
    for name in job.names[there[0] : there[-1] + 1]:
        names.append(name if name in job.finished else names[-1])
    first, last = job.frames[there[0]], job.frames[there[-1]]
    text = f"{len(there)} of {len(job.names)} frames are there"
    if len(there) < len(job.names):
        text += f": the film goes from frame {first} to {last}"
    if len(there) < len(names):
        text += ", and where one is missing the frame before it stays"
    cut = replace(job, left=(), frames=range(first, last + 1), names=tuple(names))
    return cut, f"{text}."

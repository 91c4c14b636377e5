"""What `imvar queue add` puts into the queue: a task whose file no other job is going to make."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.cli.queue_words import targets
from imvar_studio.cli.render import film_task
from imvar_studio.model.errors import StoreError

if TYPE_CHECKING:
    import argparse

    from imvar_studio.jobs.queue import Queue
    from imvar_studio.jobs.tasks import FilmTask


def free_task(args: argparse.Namespace, queue: Queue) -> FilmTask:
    """Return the task the options ask for.

    Args:
        args: with the options of `add_film_options`.
        queue: whose jobs' files are not to be written twice.

    Raises:
        UserError: for options that cannot be, or a file that another job is going to make.
    """
    task = film_task(args)
    taken = {target: job.id for job in queue.jobs() if not job.has_ended for target in targets(job)}
    if args.out is None:  # named by the second, in which several films may be added
        return replace(task, target=_another_name(task.target, taken))
    if task.target in taken and not args.overwrite:
        message = f"job {taken[task.target]} is going to write {task.target}"
        raise StoreError(message, "give another name, or --overwrite")
    return task


def _another_name(target: str, taken: dict[str, int]) -> str:
    path = Path(target)
    others = (path.with_stem(f"{path.stem}-{number}") for number in itertools.count(2))
    names = map(str, itertools.chain([path], others))
    return next(name for name in names if name not in taken and not Path(name).exists())

"""`imvar queue`: what is to be rendered, in order, one job after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.cli.arguments import whole
from imvar_studio.cli.command import Output, add_command, add_group
from imvar_studio.cli.queue_words import job_fields, job_lines
from imvar_studio.cli.render import add_film_options
from imvar_studio.jobs.queue import Queue
from imvar_studio.jobs.queued import Request, Urgency
from imvar_studio.store.queue_db import queue_path

if TYPE_CHECKING:
    import argparse

    from imvar_studio.cli.command import Subparsers
    from imvar_studio.jobs.queued import Job

_EXAMPLES = """\
  imvar queue add mine.imvar --out film.mp4
  imvar queue add other.imvar --size 512 --urgency foreground
  imvar queue list
  imvar queue run --until-empty
"""
_URGENCIES = {"foreground": Urgency.FOREGROUND, "background": Urgency.BACKGROUND}


def register(commands: Subparsers) -> None:
    """Add the command and what it is made of."""
    about = "render one film after the other, in an order that can be changed"
    group = add_group(commands, "queue", about=about, examples=_EXAMPLES)
    _register_add(group)
    add_command(
        group, "list", _list, about="list the jobs in their order", examples="  imvar queue list"
    )
    _register_order(group)
    _register_states(group)
    _register_run(group)


def _register_add(group: Subparsers) -> None:
    about = "add a project's film as it is now; later changes of the project do not reach it"
    examples = """\
  imvar queue add mine.imvar --out film.mp4
  imvar queue add mine.imvar --size 512 --urgency foreground --front
"""
    parser = add_command(group, "add", _add, about=about, examples=examples)
    add_film_options(parser)
    _add_urgency(
        parser, "--urgency", default="background", help="what goes first (default: %(default)s)"
    )
    parser.add_argument("--front", action="store_true", help="before the others of its urgency")


def _register_order(group: Subparsers) -> None:
    move = add_command(
        group,
        "move",
        _move,
        about="change the order of the jobs of one urgency",
        examples="  imvar queue move 5 --before 2\n  imvar queue move 5 --front",
    )
    _add_job(move)
    place = move.add_mutually_exclusive_group(required=True)
    place.add_argument("--before", metavar="OTHER", type=whole("--before"), help="another job's id")
    place.add_argument("--front", action="store_true", help="before all others")
    place.add_argument("--back", action="store_true", help="behind all others")
    urgency = add_command(
        group,
        "urgency",
        _urgency,
        about="say whether a job goes before the others",
        examples="  imvar queue urgency 5 foreground",
    )
    _add_job(urgency)
    _add_urgency(urgency, "urgency", help="a running job gives way to a more urgent one")


def _register_states(group: Subparsers) -> None:
    for name, run, about in (
        ("pause", _pause, "hold a job; without ID all of them, and start none"),
        ("resume", _resume, "go on with a paused or interrupted job; without ID with all paused"),
    ):
        examples = f"  imvar queue {name}\n  imvar queue {name} 5"
        parser = add_command(group, name, run, about=about, examples=examples)
        _add_job(parser, nargs="?")
    for name, run, about in (
        ("cancel", _cancel, "end a job; the pictures it finished are kept"),
        ("retry", _retry, "let a failed or cancelled job wait for its turn again"),
        ("remove", _remove, "take a job out of the list"),
    ):
        parser = add_command(group, name, run, about=about, examples=f"  imvar queue {name} 5")
        _add_job(parser)
    for name, run, about in (
        ("clear", _clear, "take the finished and cancelled jobs out of the list"),
        ("rescue", _rescue, "save what can be read of a damaged queue; its files are kept"),
    ):
        add_command(group, name, run, about=about, examples=f"  imvar queue {name}")


def _register_run(group: Subparsers) -> None:
    about = "run the jobs until it is stopped by Ctrl+C"
    examples = "  imvar queue run\n  imvar queue run --auto --until-empty"
    parser = add_command(group, "run", _run, about=about, examples=examples)
    parser.add_argument("--auto", action="store_true", help="resume interrupted jobs unasked")
    parser.add_argument("--until-empty", action="store_true", help="end when no job waits")
    parser.add_argument(
        "--niceness",
        metavar="N",
        type=whole("niceness"),
        help="how far to stand back behind other programs, 0 to 19 (default: the setting "
        "worker-niceness)",
    )


def _add_job(parser: argparse.ArgumentParser, **options: str) -> None:
    parser.add_argument("job", metavar="ID", type=whole("ID"), help="as listed", **options)  # type: ignore[arg-type]


def _add_urgency(parser: argparse.ArgumentParser, name: str, **options: str) -> None:
    parser.add_argument(name, choices=list(_URGENCIES), **options)  # type: ignore[arg-type]


def _add(args: argparse.Namespace, out: Output) -> None:
    from imvar_studio.cli.queue_add import free_task

    with Queue() as queue:
        task = free_task(args, queue)
        number = queue.add(task, _URGENCIES[args.urgency], at_front=args.front)
        job = queue.job(number)
        paused = queue.all_paused()
    out.say(f"Added {job.title} as job {number}; it will be {task.target}.")
    if paused:
        out.say("The queue is paused, go on with: imvar queue resume")
    else:
        out.say("Run the queue with: imvar queue run")
    out.tell("added", **job_fields(job))


def _list(args: argparse.Namespace, out: Output) -> None:
    del args
    with _swept() as queue:
        jobs, paused = queue.jobs(), queue.all_paused()
    for job in jobs:
        for line in job_lines(job):
            out.say(line)
    if not jobs:
        out.say("The queue is empty. Add a film with: imvar queue add DIR")
    if paused:
        out.say("The queue is paused, go on with: imvar queue resume")
    out.tell("queue", paused=paused, jobs=[job_fields(job) for job in jobs])


def _move(args: argparse.Namespace, out: Output) -> None:
    with _swept() as queue:
        if args.front:
            queue.move_to_front(args.job)
        else:
            queue.move(args.job, args.before)
        _say(out, queue.job(args.job), "was moved")


def _urgency(args: argparse.Namespace, out: Output) -> None:
    with _swept() as queue:
        queue.set_urgency(args.job, _URGENCIES[args.urgency])
        _say(out, queue.job(args.job), f"is {args.urgency} now")


def _pause(args: argparse.Namespace, out: Output) -> None:
    with _swept() as queue:
        if args.job is None:
            queue.pause_all()
            _say_all(out, queue, "The queue is paused; what runs stops within a step.")
        else:
            queue.pause(args.job)
            _say(out, queue.job(args.job))


def _resume(args: argparse.Namespace, out: Output) -> None:
    with _swept() as queue:
        if args.job is None:
            queue.resume_all()
            _say_all(out, queue, "The queue goes on.")
            return
        queue.resume(args.job)
        _say(out, queue.job(args.job))
        if queue.all_paused():
            out.say("The queue itself is paused, go on with: imvar queue resume")


def _cancel(args: argparse.Namespace, out: Output) -> None:
    with _swept() as queue:
        queue.cancel(args.job)
        _say(out, queue.job(args.job))


def _retry(args: argparse.Namespace, out: Output) -> None:
    with _swept() as queue:
        queue.retry(args.job)
        _say(out, queue.job(args.job))


def _remove(args: argparse.Namespace, out: Output) -> None:
    with _swept() as queue:
        job = queue.job(args.job)
        queue.remove(args.job)
    out.say(f"Removed job {job.id} ({job.title}).")
    out.tell("removed", id=job.id)


def _clear(args: argparse.Namespace, out: Output) -> None:
    del args
    with _swept() as queue:
        count = queue.clear_finished()
    out.say(f"Removed {count} job{'s' * (count != 1)}.")
    out.tell("cleared", removed=count)


def _rescue(args: argparse.Namespace, out: Output) -> None:
    from imvar_studio.store.queue_rescue import rescue

    del args
    found = rescue(queue_path())
    if not found.moved:
        out.say(f"The queue is whole ({found.kept} jobs), nothing was changed.")
    else:
        out.say(
            f"{found.kept} jobs were whole, {found.mended} were mended and are interrupted, "
            f"{found.lost} are lost."
        )
        out.say(f"The damaged files are kept beside it, {found.moved[0]}.")
    moved = [str(path) for path in found.moved]
    out.tell("rescued", kept=found.kept, mended=found.mended, lost=found.lost, moved=moved)


def _run(args: argparse.Namespace, out: Output) -> None:
    from imvar_studio.cli.queue_run import run

    run(args, out)


def _swept() -> Queue:
    """Open the queue; jobs of programs that died are shown as interrupted, not as running."""
    queue = Queue()
    queue.sweep()
    return queue


def _say(out: Output, job: Job, what: str = "") -> None:
    if job.request is not Request.NONE:
        what = what or f"will {job.request} within a step"
    out.say(f"Job {job.id} ({job.title}) {what or f'is {job.state}'}.")
    out.tell("job", **job_fields(job))


def _say_all(out: Output, queue: Queue, sentence: str) -> None:
    out.say(sentence)
    jobs = [job_fields(job) for job in queue.jobs()]
    out.tell("queue", paused=queue.all_paused(), jobs=jobs)

"""Running a task on the command line, to its end or until Ctrl+C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.cli.command import Interruption
from imvar_studio.cli.progress import Terminal
from imvar_studio.jobs.events import Stopped
from imvar_studio.model.errors import Cancelled

if TYPE_CHECKING:
    from imvar_studio.cli.command import Output
    from imvar_studio.jobs.events import Finished
    from imvar_studio.jobs.tasks import Task


def run_to_end(task: Task, out: Output) -> None:
    """Run a task and say how it ended; the same command goes on from where it stopped.

    Raises:
        Cancelled: if the user stopped it.
        UserError: for what the user can put right.
    """
    with Interruption() as interruption, Terminal(out, interruption) as terminal:
        end = run_whole(task, out, terminal, "are kept; go on with the same line")
    out.say(end.text)
    out.tell("finished", files=list(end.outputs))


def run_whole(task: Task, out: Output, terminal: Terminal, kept: str) -> Finished:
    """Run a task and return how it ended; where the user stops it, say what of it there is.

    Args:
        task: to be run.
        out: where that is said.
        terminal: shows the progress, and is asked whether to go on.
        kept: what becomes of the pictures made before a stop, to be read after their number.

    Raises:
        Cancelled: if the user stopped it.
        UserError: for what the user can put right.
    """
    from imvar_studio.worker.run import run_task
    from imvar_studio.worker.workshop import Workshop

    end = run_task(task, Workshop(), terminal)
    if isinstance(end, Stopped):
        terminal.close()
        out.say(f"Stopped. {end.kept} of {end.of} pictures {kept}.")
        out.tell("stopped", kept=end.kept, of=end.of)
        raise Cancelled
    return end

"""Running a task of sheets on the command line, to its end or until Ctrl+C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.cli.command import Interruption
from imvar_studio.cli.progress import Terminal
from imvar_studio.jobs.events import Stopped
from imvar_studio.model.errors import Cancelled

if TYPE_CHECKING:
    from imvar_studio.cli.command import Output
    from imvar_studio.jobs.tasks import Task


def run_to_end(task: Task, out: Output) -> None:
    """Run a task and say how it ended; the same command goes on from where it stopped.

    Raises:
        Cancelled: if the user stopped it.
        UserError: for what the user can put right.
    """
    from imvar_studio.worker.run import run_task
    from imvar_studio.worker.workshop import Workshop

    with Interruption() as interruption, Terminal(out, interruption) as terminal:
        end = run_task(task, Workshop(), terminal)
        if isinstance(end, Stopped):
            terminal.close()
            out.say(f"Stopped. {end.kept} of {end.of} pictures are kept; go on with the same line.")
            out.tell("stopped", kept=end.kept, of=end.of)
            raise Cancelled
    out.say(end.text)
    out.tell("finished", files=list(end.outputs))

"""`imvar pack`: a project as one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.cli.arguments import shown, timed_name
from imvar_studio.cli.command import Interruption, Output, add_command
from imvar_studio.jobs.estimate import size
from imvar_studio.model.errors import Cancelled
from imvar_studio.store.package import pack
from imvar_studio.store.package_members import SUFFIX
from imvar_studio.store.project_folder import ProjectFolder

if TYPE_CHECKING:
    import argparse

    from imvar_studio.cli.command import Subparsers

_EXAMPLES = """\
  imvar pack mine.imvar
  imvar pack mine.imvar --out mine.imvarz
  imvar pack mine.imvar --with-frames
"""


class Copying:
    """Tells machines how far the copying is, and stops it when asked.

    Args:
        out: for people or machines.
        interruption: asked at every step.
        phase: `packing` or `unpacking`.
    """

    def __init__(self, out: Output, interruption: Interruption, phase: str) -> None:
        self._out = out
        self._interruption = interruption
        self._phase = phase
        self._told = 0

    def __call__(self, done: int, total: int) -> None:
        """Take a step; raises Cancelled if the user asked for a stop."""
        percent = 100 * done // max(total, 1)
        if percent > self._told:
            self._told = percent
            self._out.tell("progress", phase=self._phase, done=done, total=total)
        if self._interruption.asked:
            raise Cancelled


def register(commands: Subparsers) -> None:
    """Add the command."""
    about = "make one file of a project, to keep or to give away"
    parser = add_command(commands, "pack", run, about=about, examples=_EXAMPLES)
    parser.add_argument("project", metavar="DIR", type=Path, help="the project's folder")
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        help="the file to make (default: by the project's name and the time)",
    )
    parser.add_argument(
        "--with-frames",
        action="store_true",
        help="with its finished pictures and takes, so that a render goes on from there",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace FILE if it is there")


def run(args: argparse.Namespace, out: Output) -> None:
    """Pack it and say where it is."""
    folder = ProjectFolder.open(args.project)
    target = args.out if args.out is not None else timed_name(args.project, SUFFIX)
    with Interruption() as interruption:
        step = Copying(out, interruption, "packing")
        count = pack(folder, target, frames=args.with_frames, overwrite=args.overwrite, step=step)
    out.say(f"The package is {target} ({size(count)}).")
    out.say(f"Unpack it with: imvar unpack {shown(target)}")
    out.tell("packed", package=str(target), bytes=count)

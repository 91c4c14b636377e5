"""`imvar unpack`: a project folder out of a package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.cli.arguments import shown
from imvar_studio.cli.command import Interruption, Output, add_command
from imvar_studio.cli.pack import Copying
from imvar_studio.store.package_reader import unpack

if TYPE_CHECKING:
    import argparse

    from imvar_studio.cli.command import Subparsers

_EXAMPLES = """\
  imvar unpack mine.imvarz
  imvar unpack mine.imvarz --out copy.imvar
"""


def register(commands: Subparsers) -> None:
    """Add the command."""
    about = "make a project's folder out of a package"
    parser = add_command(commands, "unpack", run, about=about, examples=_EXAMPLES)
    parser.add_argument("package", metavar="FILE", type=Path, help="a file that imvar pack made")
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        help="the folder to make (default: by the package's name, in this folder)",
    )


def run(args: argparse.Namespace, out: Output) -> None:
    """Unpack it and say how to go on."""
    target = args.out if args.out is not None else Path(f"{args.package.stem}.imvar")
    with Interruption() as interruption:
        folder = unpack(args.package, target, step=Copying(out, interruption, "unpacking"))
    out.say(f"The project is {target}.")
    out.say(f"Go on with: imvar render {shown(target)}")
    out.tell("unpacked", project=str(folder.path))

"""The command line: `imvar COMMAND ...`."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import imvar_studio
from imvar_studio.cli import add, new, render
from imvar_studio.cli.command import Output, Parser
from imvar_studio.model.errors import Cancelled, UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

_log = logging.getLogger(__name__)
OK, FAULT, USER_ERROR, INTERRUPTED = 0, 1, 2, 130


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0, 1 for a fault of ours, 2 for a user's.

    Args:
        arguments: without the program's name.
    """
    out = Output("--json" in arguments)
    try:
        args = _parser().parse_args(arguments)
        args.run(args, out)
    except UserError as error:
        print(f"imvar: {error}.", file=sys.stderr)
        out.tell("error", message=error.message, remedy=error.remedy)
        return USER_ERROR
    except Cancelled:
        return INTERRUPTED
    except BrokenPipeError:  # `imvar ... | head`: no one reads on
        sys.stderr.close()
        return INTERRUPTED
    return OK


def _parser() -> Parser:
    parser = Parser(
        prog="imvar",
        description="Films from pictures and prompts, with image-variation diffusion.",
        epilog="'imvar COMMAND --help' shows a command's options and examples.",
    )
    parser.add_argument("--version", action="version", version=imvar_studio.__version__)
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=Parser
    )
    for command in (new, add, render):
        command.register(commands)
    return parser

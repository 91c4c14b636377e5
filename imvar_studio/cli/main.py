"""The command line: `imvar COMMAND ...`."""

from __future__ import annotations

import logging
import sys
import unicodedata
from typing import TYPE_CHECKING

import imvar_studio
from imvar_studio.cli import (
    add,
    doctor,
    gallery,
    info,
    models,
    new,
    pack,
    picture,
    queue,
    render,
    settings,
    sheet,
    takes,
    unpack,
    versions,
)
from imvar_studio.cli.command import JSON, Formatter, Output, Parser
from imvar_studio.model.errors import Cancelled, UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

_log = logging.getLogger(__name__)
OK, FAULT, USER_ERROR, INTERRUPTED = 0, 1, 2, 130
_EPILOG = """\
'imvar COMMAND --help' shows a command's options and examples.

exit codes:
  0    done
  1    a fault of the program; the log has the details
  2    something to put right, said in one sentence
  130  stopped by Ctrl+C or SIGTERM; what is finished is kept
"""


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0, 2 for something to put right, 130 stopped.

    Args:
        arguments: without the program's name.
    """
    out = Output(JSON in arguments)
    try:
        args = _parser().parse_args(arguments)
        args.run(args, out)
    except UserError as error:
        _log.debug("refused", exc_info=True)
        _report(str(error))
        out.tell("error", message=error.message, remedy=error.remedy)
        return USER_ERROR
    except (Cancelled, BrokenPipeError):  # broken pipe: `imvar ... | head`, no one reads on
        return INTERRUPTED
    return OK


def report_fault(arguments: Sequence[str], message: str) -> int:
    """Say that the program itself failed, and return the exit code for it."""
    _report(message)
    Output(JSON in arguments).tell("fault", message=message)
    return FAULT


def _report(message: str) -> None:
    """Print one sentence; what would break its line or move the cursor becomes a blank."""
    line = "".join(" " if unicodedata.category(char) == "Cc" else char for char in message)
    print(f"imvar: {line}.", file=sys.stderr)


def _parser() -> Parser:
    parser = Parser(
        prog="imvar",
        description="Make films and pictures, with image-variation diffusion.",
        epilog=_EPILOG,
        formatter_class=Formatter,
    )
    parser.add_argument("--version", action="version", version=f"imvar {imvar_studio.__version__}")
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=Parser
    )
    for command in (
        new,
        add,
        render,
        picture,
        sheet,
        gallery,
        queue,
        info,
        versions,
        takes,
        pack,
        unpack,
        models,
        settings,
        doctor,
    ):
        command.register(commands)
    return parser

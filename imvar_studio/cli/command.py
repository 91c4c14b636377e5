"""What every command has: its parser, its output, its way to be stopped."""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, Self

from imvar_studio.model.errors import SpecError

if TYPE_CHECKING:
    from types import FrameType

    Subparsers = argparse._SubParsersAction["Parser"]

Run = Callable[[argparse.Namespace, "Output"], None]
Formatter = argparse.RawDescriptionHelpFormatter
JSON = "--json"
# argparse's complaints, and how we say them
_COMPLAINTS = (
    (r"the following arguments are required: (.+)", r"\1 is missing"),
    (r"argument COMMAND: invalid choice: (.+) \((.+)\)", r"there is no command \1, \2"),
    (r"argument (\S+): invalid choice: (.*) \(choose from (.+)\)", r"\1 must be one of \3, got \2"),
    (r"argument (\S+): expected one argument", r"\1 needs a value"),
    (r"argument (\S+): not allowed with argument (\S+)", r"\1 and \2 exclude each other"),
    (r"argument (\S+): ignored explicit argument (.+)", r"\1 takes no value"),
    (r"unrecognized arguments: (-\S+).*", r"there is no option \1"),
    (r"unrecognized arguments: (.+)", r"it is not clear what \1 is for"),
)


class Parser(argparse.ArgumentParser):
    """argparse, with whole options only and its complaints as sentences of ours."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, allow_abbrev=False)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Refuse what is not known here, where the command is known, and not at the top."""
        found, rest = super().parse_known_args(args, namespace)
        if rest:
            self.error(f"unrecognized arguments: {' '.join(rest)}")
        return found, rest

    def error(self, message: str) -> NoReturn:
        """Raise the message as a `SpecError` that says where help is."""
        message = re.sub(r"'([\w-]*)'", r"\1", message)  # quotes around plain words
        for pattern, ours in _COMPLAINTS:
            found = re.fullmatch(pattern, message, re.DOTALL)
            if found is not None:
                message = found.expand(ours)
                break
        raise SpecError(message, "arguments", f"see '{self.prog} --help'")


@dataclass(frozen=True, slots=True)
class Output:
    """Where a command says things: lines for people, or JSON lines for machines.

    Args:
        machine: `--json` was given.
    """

    machine: bool

    def say(self, text: str) -> None:
        """Say something to a person; machines are spared."""
        if not self.machine:
            _print(text)

    def tell(self, event: str, /, **fields: Any) -> None:
        """Tell a machine something; people are spared."""
        if self.machine:
            _print(json.dumps({"event": event, **fields}))  # ASCII, whatever the encoding


def _print(line: str) -> None:
    """Print a line now; where it cannot be written the work goes on, unless a reader has left."""
    try:
        print(line, flush=True)
    except OSError as error:
        # what is left in the buffer would fail again when the program ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise


def add_command(
    commands: Subparsers, name: str, run: Run, *, about: str, examples: str
) -> argparse.ArgumentParser:
    """Add a command's parser, with examples in its help."""
    parser = _parser(commands, name, about, examples)
    parser.add_argument(JSON, action="store_true", help="print JSON lines, for other programs")
    parser.set_defaults(run=run)
    return parser


def add_group(commands: Subparsers, name: str, *, about: str, examples: str) -> Subparsers:
    """Add a command that is made of commands, with examples in its help; returns their place."""
    return _parser(commands, name, about, examples).add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=Parser
    )


def _parser(commands: Subparsers, name: str, about: str, examples: str) -> Parser:
    return commands.add_parser(
        name,
        help=about,
        description=about[0].upper() + about[1:] + ".",
        epilog="examples:\n" + examples,
        formatter_class=Formatter,
    )


class Interruption:
    """Ctrl+C and SIGTERM as a request that work honours within a step; a second one insists.

    While its context is open; a signal that was ignored, as in a script's background, stays so.
    """

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Take over the signals."""
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, *exc: object) -> None:
        """Give the signals back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self._asked.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self._asked.set()
        with suppress(OSError):  # not print: the signal may have come in the middle of one
            os.write(2, b"\nStopping after this step; once more stops at once.\n")

    @property
    def asked(self) -> bool:
        """Whether a stop was asked for."""
        return self._asked.is_set()

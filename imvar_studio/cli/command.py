"""What every command has: its parser, its output, its way to be stopped."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from imvar_studio.model.errors import SpecError

if TYPE_CHECKING:
    from types import FrameType

    Subparsers = argparse._SubParsersAction["Parser"]

Run = Callable[[argparse.Namespace, "Output"], None]


class Parser(argparse.ArgumentParser):
    """argparse, with its complaints as sentences of ours."""

    def error(self, message: str) -> NoReturn:
        """Raise the message as a `SpecError` that says where help is."""
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
            print(text, flush=True)

    def tell(self, event: str, **fields: Any) -> None:
        """Tell a machine something; people are spared."""
        if self.machine:
            print(json.dumps({"event": event, **fields}, ensure_ascii=False), flush=True)


def add_command(
    commands: Subparsers, name: str, run: Run, *, about: str, examples: str
) -> argparse.ArgumentParser:
    """Add a command's parser, with examples in its help."""
    parser = commands.add_parser(
        name,
        help=about,
        description=about[0].upper() + about[1:] + ".",
        epilog="examples:\n" + examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print JSON lines, for programs")
    parser.set_defaults(run=run)
    return parser


class Interruption:
    """Ctrl+C and SIGTERM as a request that work honours within a step; a second one insists."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def listen(self) -> None:
        """Take over the signals."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self._asked.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self._asked.set()
        print("\nStopping after this step ...", file=sys.stderr, flush=True)

    @property
    def asked(self) -> bool:
        """Whether a stop was asked for."""
        return self._asked.is_set()

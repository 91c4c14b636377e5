"""The program as a process forked from one that has imported torch, which may kill itself."""

from __future__ import annotations

import itertools
import os
import re
import signal
import sys
from dataclasses import dataclass

IMPORTED = ["imvar_studio.cli.main", "imvar_studio.engine.renderer", "imvar_studio.worker.run"]


@dataclass(frozen=True)
class Death:
    """kill -9 at a file: as one gets its name for the so manieth time, or once it has it."""

    path: str  # a regular expression, searched in the file's path
    count: int = 1
    named: bool = False

    def await_(self) -> None:
        """Let this process die there."""
        counter, real = itertools.count(1), os.replace

        def replace(source: str, target: os.PathLike[str]) -> None:
            now = re.search(self.path, os.fspath(target)) and next(counter) == self.count
            if now and not self.named:
                os.kill(os.getpid(), signal.SIGKILL)
            real(source, target)
            if now:
                os.kill(os.getpid(), signal.SIGKILL)

        os.replace = replace  # type: ignore[assignment]


def program(words: list[str], pipe: str, death: Death | None = None) -> None:
    """Be the program, in a process of its own; what it says goes into the pipe."""
    from imvar_studio import app

    said = os.open(pipe, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(said, stream)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.argv = ["imvar", *words]
    if death is not None:
        death.await_()
    app.main()

"""The program: joins everything, and catches what nobody expected."""

from __future__ import annotations

import io
import logging
import os
import signal
import sys

_log = logging.getLogger(__name__)


def main() -> None:
    """Run the command line with the process's arguments, and exit."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl+C, tidily
    try:
        code = _run(sys.argv[1:])
    except KeyboardInterrupt:
        print("imvar: stopped.", file=sys.stderr)  # noqa: T201
        code = 130
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    # spinning threads starve beside any other busy program (performance: ten times slower)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # third parties print bars and hints of their own where ours belong
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("DIFFUSERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    if isinstance(sys.stdout, io.TextIOWrapper):  # any prompt can be shown on any terminal
        sys.stdout.reconfigure(errors="backslashreplace")
    # late: Ctrl+C is heard while the rest is imported
    from imvar_studio.cli import main as cli
    from imvar_studio.store.logs import start_log

    log = start_log()
    try:
        return cli.run(arguments)
    except Exception:  # noqa: BLE001  (the one place where a fault ends)
        _log.exception("a fault of the program")
        where = f"the details are in {log}" if log else "there was no place for a log"
        return cli.report_fault(arguments, f"a fault of the program stopped it, {where}")

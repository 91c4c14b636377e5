"""The program: joins everything, and catches what nobody expected."""

from __future__ import annotations

import gc
import io
import logging
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


def studio() -> None:
    """Show the window, with the project that the process's argument names, and exit."""
    from imvar_studio.store.libraries import prepare_libraries

    gc.disable()  # until the window is there: what is imported is no garbage
    prepare_libraries()
    from imvar_studio.store.logs import start_log
    from imvar_studio.ui import application
    from imvar_studio.worker.process import main as worker

    start_log()
    sys.exit(application.run(sys.argv[1:], worker))


def _run(arguments: list[str]) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):  # any prompt can be shown on any terminal
        sys.stdout.reconfigure(errors="backslashreplace")
    # late: Ctrl+C is heard while the rest is imported
    from imvar_studio.store.libraries import prepare_libraries

    prepare_libraries()
    from imvar_studio.cli import main as cli
    from imvar_studio.store.logs import start_log

    log = start_log()
    try:
        return cli.run(arguments)
    except Exception:  # noqa: BLE001  (the one place where a fault ends)
        _log.exception("a fault of the program")
        where = f"the details are in {log}" if log else "there was no place for a log"
        return cli.report_fault(arguments, f"a fault of the program stopped it, {where}")

"""The program: joins everything, and catches what nobody expected."""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
from typing import TYPE_CHECKING

from imvar_studio.cli import main as cli
from imvar_studio.store.places import user_data_folder

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger(__name__)


def main() -> None:
    """Run the command line with the process's arguments, and exit."""
    log = _start_log()
    # spinning threads starve beside any other busy program (performance: ten times slower)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # third parties print bars and hints of their own where ours belong
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("DIFFUSERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    try:
        code = cli.run(sys.argv[1:])
    except Exception:  # noqa: BLE001  (the one place where a fault ends)
        _log.exception("a fault of the program")
        where = f", the details are in {log}" if log else ""
        print(f"imvar: a fault of the program stopped it{where}.", file=sys.stderr)  # noqa: T201
        code = cli.FAULT
    sys.exit(code)


def _start_log() -> Path | None:
    """Write warnings and faults to a rotating file; None where there is no place for it."""
    path = user_data_folder() / "logs" / "imvar.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            path, maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True
        )
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.captureWarnings(capture=True)
    return path

"""C4, C5 and memory of the window: the whole of it, as the program puts it together.

    python -m tests.benchmarks.window loop [--seconds 90] [--cancels 20] [--idle] [--blame]
    python -m tests.benchmarks.window start [--runs 10] [--live 3]
    python -m tests.benchmarks.window memory [--edits 1000]

Without QT_QPA_PLATFORM it runs without a screen; for X, `QT_QPA_PLATFORM=xcb` and a server, such
as `xvfb-run -a -s "-screen 0 1920x1200x24"`. The worker imports this file anew, so it is light.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    loop = commands.add_parser("loop")
    loop.add_argument("--seconds", type=float, default=90.0)
    loop.add_argument("--cancels", type=int, default=20)
    loop.add_argument("--idle", action="store_true", help="nothing renders: to compare with")
    loop.add_argument("--blame", action="store_true", help="say what the long gaps are made of")
    start = commands.add_parser("start")
    start.add_argument("--runs", type=int, default=10)
    start.add_argument("--live", type=int, default=3, help="runs to the first rendered frame")
    memory = commands.add_parser("memory")
    memory.add_argument("--edits", type=int, default=1000)
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as name:
        os.environ["IMVAR_HOME"] = f"{name}/home"
        place = Path(name)
        if options.command == "loop":
            from tests.benchmarks import window_loop

            window_loop.measure(place, options)
        elif options.command == "start":
            from tests.benchmarks import window_start

            window_start.measure(place, options.runs, options.live)
        else:
            from tests.benchmarks import window_memory

            window_memory.measure(place, options.edits)


if __name__ == "__main__":
    main()

"""How the worker process settles in, before it says that it is ready."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

from imvar_studio.store.libraries import prepare_libraries
from imvar_studio.store.logs import debugging, start_log
from imvar_studio.store.places import user_data_folder

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.jobs.wire import WorkerOptions

_PR_SET_PDEATHSIG = 1
_MOST_BYTES = 1_000_000  # of the files that are no logs of ours; above that they begin anew


def set_up(options: WorkerOptions) -> str:
    """Settle in; returns the log's file, "" where there is no place for one.

    Ends the process if the program that started it is gone already.
    """
    _stay_with(options.parent)
    # Ctrl+C and SIGTERM reach all processes of a terminal or a service: the program hears
    # them, and ends the worker in order
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    if sys.platform != "win32":
        # held back by who started us, until they could be ignored
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    _stand_back(options.niceness)
    prepare_libraries()
    log = start_log("worker.log")
    _redirect()
    return str(log or "")


def _stay_with(parent: int) -> None:
    """Have the system end this process when the one that started it ends, however it ends.

    The pipe's end says so, too, but not to a process whose threads all wait for something else.
    On Linux it is the parent's thread that counts, which lives as long as its client does.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library: the pipe has to do
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # it may have ended before
    if parent and sys.platform != "win32" and os.getppid() != parent:
        os._exit(1)


def _stand_back(niceness: int) -> None:
    with suppress(OSError, psutil.Error):
        if sys.platform == "win32":
            if niceness:
                psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            os.nice(niceness)


def _redirect() -> None:
    """Keep what libraries print out of the program's output, and where a crash was in a file.

    What they print may quote the user, so it is kept only while debugging.
    """
    try:
        folder = user_data_folder() / "logs"
        crash = _appended(folder / "worker-crash.log")
        faulthandler.enable(crash)
        file = _appended(folder / "worker.out") if debugging() else os.open(os.devnull, os.O_RDWR)
    except (OSError, RuntimeError):  # RuntimeError: no home to expand ~ to
        return
    for stream in (1, 2):
        os.dup2(file, stream)
    os.close(file)


def _appended(path: Path) -> int:
    large = path.exists() and path.stat().st_size > _MOST_BYTES
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if large else os.O_APPEND)
    return os.open(path, flags, 0o666)

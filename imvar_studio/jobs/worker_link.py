"""One worker process and the pipe to it; threads of its own read and write, so nobody waits."""

from __future__ import annotations

import atexit
import multiprocessing
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any

from imvar_studio.jobs.events import SMALLER, Failed
from imvar_studio.jobs.wire import (
    CANNOT_LOAD,
    MOST_BYTES,
    Command,
    Report,
    command_bytes,
    report_of,
)
from imvar_studio.model.codec import encode
from imvar_studio.model.errors import UserError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from imvar_studio.jobs.wire import WorkerOptions

Entry = Callable[["Connection", dict[str, Any]], None]
_LAST_MOMENTS = 5.0  # seconds for a process that has closed its pipe to end by itself


@dataclass(frozen=True, slots=True)
class Gone:
    """The process has ended and was collected.

    Args:
        code: its exit code, or minus the signal that ended it; None where that is not known.
        broken: what was wrong with its last message; "" where that was in order.
    """

    code: int | None
    broken: str = ""


class Link:
    """A worker process from its start to its end.

    On Linux the system ends it with the thread that made the link; everywhere it ends with this
    process, however that ends.

    Args:
        entry: what the process runs; importable by its name.
        options: for it.
        arrived: called from another thread when there is something to `take`.

    Raises:
        OSError: if the system starts no process.
        RuntimeError: if it starts no thread.
    """

    def __init__(self, entry: Entry, options: WorkerOptions, arrived: Callable[[], None]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._arrived = arrived
        self._reports: queue.SimpleQueue[Report | Gone] = queue.SimpleQueue()
        self._commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._process = context.Process(
            target=entry, args=(theirs, encode(options)), name="imvar worker"
        )
        try:
            with _signals_held_back():
                self._process.start()
        except BaseException:
            self._pipe.close()
            raise
        finally:
            theirs.close()  # else its end would not be seen here
        self.pid = self._process.pid or 0
        # before multiprocessing's own, which would wait for the process
        atexit.register(self.kill)
        speaker = threading.Thread(target=self._speak, daemon=True)
        try:
            speaker.start()
            threading.Thread(target=self._listen, daemon=True).start()
        except BaseException:
            self.kill()
            self._collect()
            if not speaker.is_alive():
                self._pipe.close()
            raise

    def send(self, command: Command) -> None:
        """Send a command; returns at once, also where the process hears nothing any more."""
        self._commands.put(command)

    def take(self) -> list[Report | Gone]:
        """Return what has come in; a `Gone` is the last."""
        found: list[Report | Gone] = []
        with suppress(queue.Empty):
            while True:
                found.append(self._reports.get_nowait())
        return found

    def kill(self) -> None:
        """End the process at once."""
        if self._ended.is_set():
            return
        with suppress(OSError, ValueError):  # it has ended, and was collected
            self._process.kill()

    def join(self, seconds: float) -> bool:
        """Wait until the process has ended and was collected; tells whether it has."""
        return self._ended.wait(seconds)

    def _listen(self) -> None:
        broken = ""
        try:
            while True:
                self._tell(report_of(self._pipe.recv_bytes(MOST_BYTES)))
        except EOFError:
            pass
        except OSError as error:  # a message that is too large; or a reset, which is an end
            broken = "" if isinstance(error, ConnectionError) else str(error)
        except UserError as error:
            broken = error.message
        if broken:
            self.kill()
        self._process.join(_LAST_MOMENTS)
        if self._process.exitcode is None:
            self.kill()
        self._tell(Gone(self._collect(), broken))

    def _collect(self) -> int | None:
        """Wait for the end of the process and give back what it took; returns its exit code."""
        self._process.join()
        code = self._process.exitcode
        # not known where who started the program ignores SIGCHLD: the system collects it then
        with suppress(ValueError):
            self._process.close()
        atexit.unregister(self.kill)
        self._commands.put(None)
        self._ended.set()
        return code

    def _tell(self, report: Report | Gone) -> None:
        self._reports.put(report)
        self._arrived()

    def _speak(self) -> None:
        while (command := self._commands.get()) is not None:
            try:
                self._pipe.send_bytes(command_bytes(command))
            except OSError:
                continue  # it is ending, which `_listen` sees
        self._pipe.close()


def died(gone: Gone) -> Failed:
    """Return what a job is told whose worker ended without having been asked to."""
    if gone.broken:
        return crashed(f"could not be understood, {gone.broken}")
    code = gone.code
    if code == CANNOT_LOAD:
        message = "a fault of the program keeps the render process from starting"
        remedy = "close other programs and try again; the details are in worker.log"
        return Failed("fault", message, remedy)
    if code is None or code >= 0:
        return crashed("ended" if code is None else f"ended with exit code {code}")
    if -code == getattr(signal, "SIGKILL", None):
        # nobody but the system does that, and only for want of memory
        message = "the system ended the render process, probably for want of memory"
        return Failed("memory", message, SMALLER)
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return crashed(f"crashed ({name})")


def crashed(how: str) -> Failed:
    """Return what a job is told whose worker ended so."""
    return Failed("crash", f"the render process {how}", "try again")


@contextmanager
def _signals_held_back() -> Iterator[None]:
    """Start processes that Ctrl+C and SIGTERM do not reach before they can ignore them."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # else starting a process would start it, and let them in
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

"""Workers without torch: what a task does stands in its device, as words. Imported by name."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from imvar_studio.jobs.events import Finished, Made, Note, Preview, Progress, Stopped
from imvar_studio.jobs.tasks import FilmTask
from imvar_studio.jobs.wire import Beat, Began, Ready, WorkerOptions, report_bytes
from imvar_studio.model.codec import decode
from imvar_studio.model.errors import Cancelled, OutOfMemoryError, SpecError
from imvar_studio.model.project import FilmWork
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.specs import FilmSpec
from imvar_studio.worker.process import serve
from imvar_studio.worker.process_setup import set_up


def task(words: str, place: object = "/nowhere") -> FilmTask:
    """A task that does what `words` say; `place` is a folder to leave marks in."""
    spec = FilmSpec(FilmWork("film"), ModelRef("fake", "0" * 64))
    return FilmTask(str(place), spec, "fake", device=words)


def main(connection: Any, options: dict[str, Any]) -> None:
    found = decode(options, WorkerOptions, "options")
    set_up(found)
    serve(connection, found, lambda: run, "the-log")
    os._exit(0)


def slow_to_load(connection: Any, options: dict[str, Any]) -> None:
    def load() -> Any:
        wait_for_ever()

    serve(connection, decode(options, WorkerOptions, "options"), load)


def wait_for_ever() -> None:
    while True:
        time.sleep(60)


def cannot_load(connection: Any, options: dict[str, Any]) -> None:
    def load() -> Any:
        wait_at_the_gate()
        raise ImportError("no torch here")

    serve(connection, decode(options, WorkerOptions, "options"), load)


def loads_the_second_time(connection: Any, options: dict[str, Any]) -> None:
    def load() -> Any:
        mark = Path(os.environ["IMVAR_HOME"]) / "loaded"
        if mark.exists():
            return run
        mark.touch()
        wait_at_the_gate()
        raise MemoryError

    serve(connection, decode(options, WorkerOptions, "options"), load, "the-log")


def wait_at_the_gate() -> None:
    """Wait until the test opens the pipe `gate` in the user's folder, where it made one."""
    gate = Path(os.environ["IMVAR_HOME"]) / "gate"
    if gate.exists():
        gate.open().close()


def ends_at_once(connection: Any, options: dict[str, Any]) -> None:
    os._exit(3)


def says_garbage(connection: Any, options: dict[str, Any]) -> None:
    connection.send_bytes(b'{"kind":"ready","pid":"seven"}\n')
    connection.recv_bytes()
    signal.pause()


def says_too_much(connection: Any, options: dict[str, Any]) -> None:
    connection.recv_bytes()
    os.write(connection.fileno(), (2**31 - 1).to_bytes(4, "big") + bytes(100))
    signal.pause()


def writes_raw_bytes(connection: Any, options: dict[str, Any]) -> None:
    connection.recv_bytes()
    os.write(connection.fileno(), bytes(4) + b"a library that prints to the wrong place")
    signal.pause()


def speaks_of_others(connection: Any, options: dict[str, Any]) -> None:
    connection.recv_bytes()
    connection.send_bytes(report_bytes(Began("another")))
    signal.pause()


def hangs_in_a_message(connection: Any, options: dict[str, Any]) -> None:
    connection.send_bytes(report_bytes(Ready(os.getpid())))
    connection.recv_bytes()
    os.write(connection.fileno(), (1000).to_bytes(4, "big") + bytes(100))
    signal.pause()


def hangs_while_it_imports(connection: Any, options: dict[str, Any]) -> None:
    connection.send_bytes(report_bytes(Ready(os.getpid())))
    connection.recv_bytes()
    for report in (Began("7"), Beat(0.1, "starting", 0.1)):
        connection.send_bytes(report_bytes(report))
    signal.pause()


def hangs_after_it(connection: Any, options: dict[str, Any]) -> None:
    connection.recv_bytes()
    for report in (Ready(os.getpid()), Began("7"), Beat(0.1, "loading", 0.1)):
        connection.send_bytes(report_bytes(report))
    signal.pause()


def never_ready(connection: Any, options: dict[str, Any]) -> None:
    signal.pause()


def run(task: Any, ctx: Any) -> Any:
    """Do what the words say: `film N`, `pictures N`, `die S`, ..."""
    verb, *rest = task.device.split()
    return VERBS[verb](task, ctx, *rest)


def film(task: Any, ctx: Any, chunks: str, forever: str = "") -> Any:
    """So many chunks of two steps; without an end where `forever`."""
    of, made = int(chunks), 0
    try:
        for number in range(of):
            ctx.between_chunks()
            ctx.step(Progress("denoising", number, of, made, of))
            made += 1
            ctx.step(Made(f"{number:064}", str(number)))
        while forever:
            ctx.between_chunks()
            ctx.step(Progress("denoising", of, of, made, of))
            time.sleep(0.001)
    except Cancelled:
        return Stopped(made, of)
    return Finished((task.device,), "done")


def die(task: Any, ctx: Any, number: str, times: str = "1000") -> Any:
    """Be ended by a signal, so many times in this place; then finish."""
    marks = list(Path(task.project).glob("died-*"))
    ctx.step(Progress("denoising", 1, 2, 1, 2))
    if len(marks) < int(times):
        (Path(task.project) / f"died-{len(marks)}").touch()
        os.kill(os.getpid(), int(number))
        signal.pause()
    return Finished((), "survived")


def stops_the_program(task: Any, ctx: Any) -> Any:
    """Ask the program to end, as a service's manager does, and go on without an end."""
    ctx.step(Progress("denoising", 1, 4, 1, 4))
    os.kill(os.getppid(), signal.SIGTERM)
    return film(task, ctx, "1", "forever")


def sleeps(task: Any, ctx: Any, seconds: str) -> Any:
    """One step that takes long."""
    time.sleep(float(seconds))
    return Finished(())


def waits_for(task: Any, ctx: Any, chunks: str, jobs: str) -> Any:
    """Chunks, the first of which is long enough for three other jobs to come in meanwhile."""
    for number in range(int(chunks)):
        ctx.between_chunks()
        if not number:
            ctx.step(Note("now"))
            _wait_for_three(ctx._desk)
        ctx.step(Made(f"{number:064}", str(number)))
    return Finished((), "waited")


def _wait_for_three(desk: Any) -> None:
    with desk._changed:
        desk._changed.wait_for(lambda: len(desk._waiting) == 3)


def leave(task: Any, ctx: Any, code: str) -> Any:
    os._exit(int(code))


def deaf(task: Any, ctx: Any, phase: str = "denoising") -> Any:
    """Never heed a request to stop."""
    with suppress(Cancelled):
        ctx.step(Progress(phase, 1, 4, 1, 4))
    wait_for_ever()


def raises(task: Any, ctx: Any, what: str) -> Any:
    raise {
        "user": SpecError("the size is odd", "size", "make it even"),
        "memory": OutOfMemoryError("the memory is too small", "buy more"),
        "torch": RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"),
        "fault": KeyError("teapot"),
        "cancelled": Cancelled(),
    }[what]


def burst(task: Any, ctx: Any, count: str) -> Any:
    """Report more than anyone can look at."""
    for number in range(int(count) + 1):
        ctx.step(Progress("denoising", number, int(count), 0, 1))
        ctx.step(Preview(2, 1, bytes([number % 256] * 6), number, int(count)))
    for number in range(int(count) + 1):
        ctx.step(Progress("encoding", number, int(count), 1, 1))
    ctx.step(Note("after it"))
    return Finished(())


def prints(task: Any, ctx: Any) -> Any:
    print("what libraries print", flush=True)
    return Finished(())


def nice(task: Any, ctx: Any) -> Any:
    words = [os.nice(0), os.environ["OMP_WAIT_POLICY"], signal.getsignal(signal.SIGINT).name]
    return Finished(tuple(map(str, words)))


def eats(task: Any, ctx: Any) -> Any:
    """Have a program at a pipe, as ffmpeg is; says its process."""
    child = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"],
        stdin=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    with suppress(Cancelled):
        ctx.step(Note(str(child.pid)))
    wait_for_ever()


VERBS = {
    "film": film, "die": die, "leave": leave, "deaf": deaf, "raises": raises, "burst": burst,
    "prints": prints, "stops-the-program": stops_the_program, "sleeps": sleeps,
    "waits-for": waits_for, "nice": nice, "eats": eats,
}  # fmt: skip

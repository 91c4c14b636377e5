"""The ffmpeg program: found, fed with frames, ended, and its last words kept."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import subprocess
import sys
import threading
from collections import deque
from typing import IO, TYPE_CHECKING

import imageio_ffmpeg

from imvar_studio.model.errors import DiskFullError, VideoError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

_LAST_WORDS = 5
_LOOK = 0.05  # seconds between two looks whether to go on waiting
# as ffmpeg passes on ENOSPC and EDQUOT, in the system's words and in English
_FULL = tuple({os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT), "No space left", "quota"})
_ADDRESS = re.compile(r" @ 0x[0-9a-f]+")


def ffmpeg_program() -> str:
    """Path of the ffmpeg program that imageio-ffmpeg brings or IMAGEIO_FFMPEG_EXE names.

    Raises:
        VideoError: there is none.
    """
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise VideoError(
            "the ffmpeg program is missing",
            "install the package imageio-ffmpeg again, or set IMAGEIO_FFMPEG_EXE to an ffmpeg",
        ) from error


def start_ffmpeg(
    arguments: Sequence[str], *, stdin: int, stderr: int | IO[bytes], folder: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start ffmpeg apart from the terminal: Ctrl+C reaches us, who then end it in order.

    Args:
        arguments: without the program itself.
        stdin, stderr: as for `subprocess.Popen`; stdout is a pipe.
        folder: working folder, so that file names inside it need no escaping.

    Raises:
        VideoError: it does not start.
    """
    program, flags = ffmpeg_program(), 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    try:
        return subprocess.Popen(  # noqa: S603  (a list, no shell)
            [program, "-hide_banner", "-nostdin", "-nostats", *arguments],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            cwd=folder,
            env={**os.environ, "SVT_LOG": "1"},  # else that encoder tells its life, no error seen
            creationflags=flags,
            start_new_session=sys.platform != "win32",
        )
    except OSError as error:
        raise VideoError(
            f"the ffmpeg program {program} does not start ({error.strerror})",
            "install the package imageio-ffmpeg again, or mend IMAGEIO_FFMPEG_EXE",
        ) from error


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process however it stands, and close its pipes; ended ones are left alone."""
    if process.poll() is None:
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            close_quietly(pipe)


def close_quietly(pipe: IO[bytes]) -> None:
    """Close a pipe whose other end may be gone."""
    with contextlib.suppress(OSError):
        pipe.close()


class Encoder:
    """One run of ffmpeg that eats raw RGB frames. Leaving the context ends it in any case.

    Args:
        arguments: inputs and outputs after the raw frames, file names relative to `folder`.
        size: (width, height) of every frame in pixels.
        fps: frames per second as ffmpeg reads it, such as "24000/1001".
        folder: working folder.
    """

    def __init__(
        self, arguments: Sequence[str], *, size: tuple[int, int], fps: str, folder: Path
    ) -> None:
        raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}"]
        self._process = start_ffmpeg(
            ["-loglevel", "error", "-y", *raw, "-framerate", fps, "-i", "pipe:0", *arguments],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            folder=folder,
        )
        self._folder = folder
        self._words: deque[str] = deque(maxlen=40)
        # A full stderr pipe would stop ffmpeg, and with it us.
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def __enter__(self) -> Encoder:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._listener.join()
        end(self._process)

    def write(self, frame: NDArray[np.uint8]) -> None:
        """Hand over one frame, waiting until ffmpeg takes it.

        Args:
            frame: (h, w, 3) uint8, contiguous.

        Raises:
            VideoError: ffmpeg has stopped.
            DiskFullError: for want of space.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(frame.data)
        except OSError as error:
            raise self._failure() from error

    def finish(self, check: Callable[[], None]) -> None:
        """Say that no frame follows and wait until the file is complete.

        Args:
            check: called while waiting; what it raises ends the wait.

        Raises:
            VideoError: ffmpeg failed.
            DiskFullError: for want of space.
        """
        assert self._process.stdin is not None
        close_quietly(self._process.stdin)
        while self._process.poll() is None:
            check()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_LOOK)
        if self._process.returncode != 0:
            raise self._failure()

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._words.append(line.decode(errors="replace").strip())

    def _failure(self) -> VideoError | DiskFullError:
        self._process.wait()
        self._listener.join()
        if any(words in line for line in self._words for words in _FULL):
            return disk_full(self._folder.parent)
        return refused("encode the film", list(self._words))


def disk_full(folder: Path) -> DiskFullError:
    """The error for a disk that ran full while a film was written into `folder`."""
    return DiskFullError(f"the disk of '{folder}' is full", "free some space and export again")


def refused(what: str, lines: Sequence[str]) -> VideoError:
    """The error for a run of ffmpeg that failed, with the last lines it printed."""
    words = " / ".join([_ADDRESS.sub("", line) for line in lines if line][-_LAST_WORDS:])
    return VideoError(f"ffmpeg could not {what} ({words or 'it gave no reason'})")


def run_ffmpeg(arguments: Sequence[str], what: str) -> tuple[bytes, str]:
    """Run ffmpeg to its end without input.

    Args:
        arguments: without the program and the flags that keep it quiet.
        what: what it is for, as in "could not ...".

    Returns:
        What it wrote to stdout, and to stderr.

    Raises:
        VideoError: it failed.
    """
    process = start_ffmpeg(arguments, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        out, messages = process.communicate()
    finally:
        end(process)
    printed = messages.decode(errors="replace")
    if process.returncode != 0:
        raise refused(what, [line.strip() for line in printed.splitlines()])
    return out, printed


def source(path: Path) -> str:
    """A file's name as ffmpeg's input: never an option, a protocol or a pattern."""
    return f"file:{path.absolute()}"

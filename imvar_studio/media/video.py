"""Films: frames streamed through ffmpeg into a file that appears only when it is complete."""

from __future__ import annotations

import errno
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from imvar_studio.media.ffmpeg import Encoder, disk_full, end, refused, source, start_ffmpeg
from imvar_studio.media.film_formats import (
    METADATA_FILE,
    FilmFormat,
    VideoOptions,
    film_format,
    scaled_size,
)
from imvar_studio.media.film_metadata import checked_metadata, ffmetadata, read_video_metadata
from imvar_studio.model.errors import DiskFullError, SpecError, VideoError

__all__ = [
    "Frames",
    "VideoOptions",
    "WrittenVideo",
    "read_frames",
    "read_video_metadata",
    "write_video",
]

Frame = NDArray[np.uint8]
"""(h, w, 3) uint8, sRGB."""

Frames = Callable[[], Iterable[Frame]] | Iterable[Frame]
"""The frames of a film: a function that starts them anew for each pass, or the frames."""

DEFAULT_OPTIONS = VideoOptions()


@dataclass(frozen=True, slots=True)
class WrittenVideo:
    """What was written.

    Attributes:
        path: the film.
        width, height: in pixels; where the format needs even sides, one more than the frames.
        frames: how many.
        fps: frames per second.
        left_out: metadata entries this format cannot hold.
    """

    path: Path
    width: int
    height: int
    frames: int
    fps: Fraction
    left_out: tuple[str, ...]


def write_video(  # noqa: PLR0913  (everything past the path goes by name)
    frames: Frames,
    path: Path,
    *,
    fps: Fraction,
    metadata: Mapping[str, str],
    options: VideoOptions = DEFAULT_OPTIONS,
    xmp: str = "",
    overwrite: bool = False,
    check: Callable[[], None] = lambda: None,
) -> WrittenVideo:
    """Encode a film; none of its frames is held.

    All but GIF have BT.709's matrix, limited range and tags, code values otherwise unchanged;
    `.mp4` gives H.264 in 4:2:0, and `film_formats.FORMATS` says what else there is. Odd sides
    grow by a copy of the last row or column where the format needs even ones. `.gif` gives a GIF
    that loops for ever, with one palette; it goes over the frames twice and of the metadata
    holds `comment` alone. The film is made in a folder beside `path` and moved into place when
    it is complete; whatever is raised, `frames`' own `Cancelled` and KeyboardInterrupt included,
    ends ffmpeg, removes that folder and leaves an older film as it was. On one machine equal
    input gives equal bytes.

    Args:
        frames: (h, w, 3) uint8 sRGB, all of one size. A function for formats with two passes.
        path: where to; its ending chooses the format.
        fps: frames per second, above 0 and up to 240 (GIF: 50).
        metadata: text by the names in `film_metadata.KEYS`, of any length.
        options: codec, quality, speed and size.
        xmp: a packet to be put into the film, if it has a place for one.
        overwrite: whether an existing film may be replaced.
        check: called while ffmpeg finishes; may raise, as `frames` may.

    Raises:
        SpecError: `fps` out of range.
        TypeError: an iterator where two passes are needed.
        VideoError: an existing film, a folder that cannot be written, no frames, frames of
            different sizes, or what ffmpeg itself says.
        DiskFullError: a full disk.
    """
    kind = film_format(path, options.codec)
    entries = checked_metadata(metadata)
    _check_fps(fps, kind)
    if kind.goes > 1 and isinstance(frames, Iterator):
        raise TypeError(f"{kind.name} goes over the frames twice: give a function, not an iterator")
    _check_target(path, overwrite=overwrite)
    carried = {kind.carries[key]: value for key, value in entries.items() if key in kind.carries}
    with _working_folder(path) as name:
        run = _Run(kind, options, fps, Path(name), check)
        run.note(ffmetadata(carried))
        written = {run.encode(frames, go) for go in range(kind.goes)}
        if len(written) > 1:
            raise VideoError("the frames differed between the two passes over them")
        run.move_into_place(path, entries, xmp)
    width, height, count = written.pop()
    left_out = tuple(key for key in entries if key not in kind.carries)
    return WrittenVideo(path, width, height, count, fps, left_out)


def read_frames(path: Path) -> Iterator[Frame]:
    """Decode a film frame by frame, by the matrix and range its own tags name.

    Args:
        path: any film ffmpeg reads; without tags it is taken as BT.601, as ffmpeg does.

    Yields:
        (h, w, 3) uint8.

    Raises:
        VideoError: missing, no film, or damaged; before a damaged part its frames are given.
    """
    if not path.is_file():
        raise VideoError(f"there is no film '{path}'", "check its name and folder")
    exact = "scale=flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp,format=rgb24"
    decode = ["-vf", exact, "-fps_mode", "passthrough", "-f", "image2pipe", "-c:v", "ppm", "pipe:1"]
    with tempfile.TemporaryFile() as messages:
        process = start_ffmpeg(
            ["-loglevel", "error", "-i", source(path), *decode],
            stdin=subprocess.DEVNULL,
            stderr=messages,
        )
        try:
            assert process.stdout is not None
            yield from _ppm_frames(process.stdout)
            if process.wait() != 0:
                messages.seek(0)
                raise refused(
                    f"read '{path}'", messages.read().decode(errors="replace").split("\n")
                )
        finally:
            end(process)


def _ppm_frames(pipe: IO[bytes]) -> Iterator[Frame]:
    while pipe.readline() == b"P6\n":
        width, height = map(int, pipe.readline().split())
        pipe.readline()
        data = pipe.read(width * height * 3)
        if len(data) < width * height * 3:
            return
        yield np.frombuffer(data, np.uint8).reshape(height, width, 3)


def _check_fps(fps: Fraction, kind: FilmFormat) -> None:
    if not 0 < fps <= kind.most_fps:
        raise SpecError(
            f"fps must be above 0 and at most {kind.most_fps} for {kind.name}, got {fps}",
            field="fps",
        )


def _check_target(path: Path, *, overwrite: bool) -> None:
    if path.is_dir():
        raise VideoError(f"'{path}' is a folder", "give the film another name")
    if path.exists() and not overwrite:
        raise VideoError(f"'{path}' exists already", "choose another name or allow overwriting")
    if not path.parent.is_dir():
        raise VideoError(f"there is no folder '{path.parent}'", "create it or choose another")


def _working_folder(path: Path) -> tempfile.TemporaryDirectory[str]:
    """A hidden folder beside the film, on the same disk, so that moving it is one step."""
    try:
        return tempfile.TemporaryDirectory(prefix=".imvar-film-", dir=path.parent.absolute())
    except OSError as error:
        raise _write_error(path.parent, error) from error


def _write_error(folder: Path, error: OSError) -> VideoError | DiskFullError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(folder)
    return VideoError(
        f"'{folder}' cannot be written to ({error.strerror})", "choose another folder"
    )


def _prepared(frame: Frame, index: int, shape: tuple[int, ...], *, even: bool) -> Frame:
    """A frame as ffmpeg takes it: checked, contiguous, its odd sides grown by their last line."""
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3 or not frame.size:
        raise VideoError(f"frame {index} must be (h, w, 3) uint8, got {frame.shape} {frame.dtype}")
    if frame.shape != shape:
        raise VideoError(
            f"frame {index} is {frame.shape[1]} x {frame.shape[0]} pixels,"
            f" but the film is {shape[1]} x {shape[0]}",
            "render all frames at one size",
        )
    height, width = shape[:2]
    if even and (height % 2 or width % 2):
        # black would be seen, and would ring into the picture
        frame = np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return np.ascontiguousarray(frame)


@dataclass(frozen=True, slots=True)
class _Run:
    """One film being made in its working folder."""

    kind: FilmFormat
    options: VideoOptions
    fps: Fraction
    folder: Path
    check: Callable[[], None]

    def note(self, metadata: bytes) -> None:
        """Leave the metadata where ffmpeg finds it."""
        try:
            (self.folder / METADATA_FILE).write_bytes(metadata)
        except OSError as error:
            raise _write_error(self.folder.parent, error) from error

    def encode(self, frames: Frames, go: int) -> tuple[int, int, int]:
        """Go over all frames for the `go`-th time: width and height as written, and how many."""
        stream = iter(frames() if callable(frames) else frames)
        first = next(stream, None)
        if first is None:
            raise VideoError("the film has no frames", "give it a duration above 0")
        grows = self.kind.even and self.options.scale == 100  # else scaling makes sides even
        ready = _prepared(first, 0, first.shape, even=grows)
        height, width = ready.shape[:2]
        size = scaled_size(width, height, self.options.scale, even=self.kind.even)
        if min(size) < self.kind.least_side:
            raise VideoError(
                f"a film as {self.kind.name} must be at least {self.kind.least_side} pixels wide "
                f"and high, this one is {size[0]} x {size[1]}",
                "make it larger, or choose another kind of film",
            )
        arguments = self.kind.passes(self.options, size)[go]
        rate = f"{self.fps.numerator}/{self.fps.denominator}"
        count = 1
        with Encoder(arguments, size=(width, height), fps=rate, folder=self.folder) as encoder:
            encoder.write(ready)
            for frame in stream:
                encoder.write(_prepared(frame, count, first.shape, even=grows))
                count += 1
            encoder.finish(self.check)
        return *size, count

    def move_into_place(self, path: Path, entries: Mapping[str, str], xmp: str) -> None:
        """Finish the complete film and let it appear under its name."""
        film = self.folder / self.kind.file
        try:
            if self.kind.finish is not None:
                self.kind.finish(film, entries)
            if xmp and self.kind.mark is not None:
                self.kind.mark(film, xmp)
            with film.open("rb+") as complete:
                os.fsync(complete.fileno())
            film.replace(path)
        except OSError as error:
            raise _write_error(path.parent, error) from error

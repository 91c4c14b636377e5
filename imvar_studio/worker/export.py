"""Exporting a finished film: encoded once into its take, copied where the user wants it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from imvar_studio.jobs.events import Note, Progress
from imvar_studio.media.film_formats import VideoOptions, film_format
from imvar_studio.media.image_io import read_picture
from imvar_studio.media.video import WrittenVideo, write_video
from imvar_studio.media.xmp import GENERATED, append_xmp_box, xmp_packet
from imvar_studio.model.codec import encode
from imvar_studio.model.errors import DiskFullError, SpecError, StoreError
from imvar_studio.store.atomic import staged, store_error
from imvar_studio.store.hashing import blake2b_of_file
from imvar_studio.store.take_videos import recorded_videos
from imvar_studio.store.takes import Take, video_key
from imvar_studio.worker.disk import written
from imvar_studio.worker.film import FilmJob, frame_hashes, frame_paths
from imvar_studio.worker.provenance import SOFTWARE, film_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction
    from pathlib import Path

    from numpy.typing import NDArray

    from imvar_studio.jobs.context import JobContext


# of a film with much movement, to know whether the disk has room for it
_BYTES_A_PIXEL = 0.3


def check_target(target: Path, fps: Fraction, *, overwrite: bool) -> None:
    """Refuse a target that could not be written, before anything is rendered.

    Raises:
        VideoError: an ending that is no film format.
        SpecError: a rate that the format does not have.
        StoreError: an existing file, or a folder that is missing or cannot be written.
    """
    kind = film_format(target)
    if fps > kind.most_fps:
        raise SpecError(
            f"a {kind.name} has at most {kind.most_fps} frames a second, the film has {fps}",
            "fps",
            f"lower the frame rate, or choose another ending than {target.suffix}",
        )
    try:
        there, folder = target.exists(), target.is_dir()
    except OSError as error:
        raise store_error(error, "write", target) from error
    if folder:
        raise StoreError(f"{target} is a folder", "give the film another name")
    if there and not overwrite:
        raise StoreError(f"{target} exists", "give another name, or --overwrite")
    with suppress(DiskFullError), staged(target.parent, target):
        pass  # a full disk is waited for when it is written to


def export_film(
    job: FilmJob,
    target: Path,
    ctx: JobContext,
    *,
    overwrite: bool = False,
    keep_prompts: bool = True,
) -> bool:
    """Write a finished film to `target`; tells whether it had to be encoded.

    Args:
        job: all of whose pictures are finished.
        target: its ending names the format.
        ctx: reports frames; may raise `Cancelled`, then nothing is left behind.
        overwrite: whether an existing file may be replaced.
        keep_prompts: whether the film carries the texts it was made from.
    """
    options, metadata = VideoOptions(), _metadata(job, keep_prompts=keep_prompts)
    key = video_key(
        frame_hashes(job),
        {
            "format": target.suffix.lower(),
            "fps": str(job.plan.fps),
            "crf": options.crf,
            "preset": options.preset,
            "metadata": metadata,
        },
    )
    video = job.take.video_of(key)
    encoded = video is None
    there = video is not None and _is_same(video, target)
    if not there:
        check_target(target, job.plan.fps, overwrite=overwrite or target.parent == job.take.path)
    if video is None:
        video = new = job.take.video_path(target.suffix.lower())
        _encode(job, new, metadata, options, ctx)
        written(job.take.path, lambda: job.take.record_video(key, new), ctx)
    if not there and video != target:
        whole = video
        written(target.parent, lambda: _copy(whole, target, ctx), ctx, video.stat().st_size)
    return encoded


def is_exported(take: Take, target: Path) -> bool:
    """Whether the file at `target` is a film that the take has: a render ended just after it."""
    return any(
        record.is_whole(take.path) and _is_same(take.path / record.path, target)
        for record in recorded_videos(take.path)
        if record.ending == target.suffix.lower()
    )


def _is_same(video: Path, target: Path) -> bool:
    try:
        return video.samefile(target) or (
            video.stat().st_size == target.stat().st_size
            and blake2b_of_file(video) == blake2b_of_file(target)
        )
    except OSError:  # no such file yet
        return False


def _encode(
    job: FilmJob, video: Path, metadata: dict[str, str], options: VideoOptions, ctx: JobContext
) -> None:
    size = job.spec.film.settings.size

    def write() -> WrittenVideo:
        film = write_video(
            lambda: _frames(job, ctx),
            video,
            fps=job.plan.fps,
            metadata=metadata,
            options=options,
            overwrite=True,
            check=ctx.check,
        )
        if video.suffix == ".mp4":
            try:
                append_xmp_box(video, xmp_packet(GENERATED, SOFTWARE))
            except OSError as error:
                raise store_error(error, "write", video) from error
        return film

    needed = int(len(job.plan.frames) * size.width * size.height * _BYTES_A_PIXEL)
    made = written(job.take.path, write, ctx, needed)
    if (made.width, made.height) != (size.width, size.height):
        sides = f"{made.width}x{made.height}"
        ctx.step(Note(f"This kind of film takes even sides only: it is {sides}."))


def _metadata(job: FilmJob, *, keep_prompts: bool) -> dict[str, str]:
    spec = encode(job.spec, rounded=True)
    return {
        "title": job.spec.film.name,
        "comment": film_record(job.plan.digest, spec, keep_prompts=keep_prompts),
        "software": SOFTWARE,
    }


def _frames(job: FilmJob, ctx: JobContext) -> Iterator[NDArray[Any]]:
    paths, count = frame_paths(job), len(job.plan.pictures)
    for number, path in enumerate(paths, 1):
        yield read_picture(path)
        ctx.step(Progress("encoding", number, len(paths), count, count))


def _copy(video: Path, target: Path, ctx: JobContext) -> None:
    """Copy into place: a temporary beside the target, then one rename."""
    with video.open("rb") as source, staged(target.parent, target) as part:
        while block := source.read(1 << 20):
            part.write(block)
            ctx.check()
        part.publish(target)

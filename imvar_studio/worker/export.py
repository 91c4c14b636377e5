"""Exporting a finished film: encoded once into its take, copied where the user wants it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from imvar_studio.jobs.events import Note, Progress
from imvar_studio.media.film_formats import VideoOptions, film_format, scaled_size
from imvar_studio.media.image_io import read_picture
from imvar_studio.media.video import WrittenVideo, write_video
from imvar_studio.media.xmp import GENERATED, xmp_packet
from imvar_studio.model.codec import encode
from imvar_studio.model.errors import DiskFullError, SpecError, StoreError
from imvar_studio.model.film_export import SEQUENCE
from imvar_studio.store.atomic import staged, store_error
from imvar_studio.store.hashing import blake2b_of_file
from imvar_studio.store.take_videos import recorded_videos
from imvar_studio.store.takes import Take, video_key
from imvar_studio.worker.disk import written
from imvar_studio.worker.provenance import SOFTWARE, film_record
from imvar_studio.worker.sequence import check_folder, export_sequence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction
    from pathlib import Path

    from numpy.typing import NDArray

    from imvar_studio.jobs.context import JobContext
    from imvar_studio.jobs.tasks import FilmTask
    from imvar_studio.worker.film import FilmJob


# of a film with much movement, to know whether the disk has room for it
_BYTES_A_PIXEL = 0.3


def check_target(target: Path, fps: Fraction, *, overwrite: bool, codec: str = "") -> None:
    """Refuse a target that could not be written, before anything is rendered.

    Args:
        target: its ending names the format.
        fps: frames a second.
        overwrite: whether an existing file may be replaced.
        codec: one that the format has; "" is its usual one.

    Raises:
        VideoError: an ending that is no film format, a codec that it does not have.
        SpecError: a rate that the format does not have.
        StoreError: an existing file, or a folder that is missing or cannot be written.
    """
    if codec == SEQUENCE:
        check_folder(target, overwrite=overwrite)
        return
    kind = film_format(target, codec)
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


def export_film(job: FilmJob, target: Path, task: FilmTask, ctx: JobContext) -> bool:
    """Write a finished film, or a part of one, to `target`; tells whether it had to be encoded.

    A whole film is encoded into its take and copied from there. A part is encoded beside the
    target, so that the take keeps its film.

    Args:
        job: whose named pictures are finished.
        target: its ending names the format; a folder where the task wants a sequence.
        task: how it is encoded, whether an existing file may be replaced, and whether the film
            carries the texts it was made from.
        ctx: reports frames; may raise `Cancelled`, then nothing is left behind.
    """
    if task.export.codec == SEQUENCE:
        export_sequence(job, target, task, ctx)
        return True
    whole = not task.export.there_only and len(job.names) == len(job.plan.frames)
    metadata = _metadata(job, keep_prompts=task.keep_prompts)
    key = _video_key(job, target, task, metadata)
    video = job.take.video_of(key)
    encoded = video is None
    there = video is not None and _is_same(video, target)
    if not there:
        free = task.overwrite or target.parent == job.take.path
        check_target(target, job.plan.fps, codec=task.export.codec, overwrite=free)
    if video is None:
        video = new = job.take.video_path(target.suffix.lower()) if whole else target
        _encode(job, new, metadata, _options(task), ctx)
        if not task.export.there_only:  # the take may be another's now
            written(job.take.path, lambda: job.take.record_video(key, new), ctx)
    if not there and video != target:
        made = video
        written(target.parent, lambda: _copy(made, target, ctx), ctx, video.stat().st_size)
    return encoded


def _video_key(job: FilmJob, target: Path, task: FilmTask, metadata: dict[str, str]) -> str:
    """Return the name of the video that an export is; frames and texts are part of it."""
    export = task.export
    asked = {
        "format": target.suffix.lower(),
        "fps": str(job.plan.fps),
        "crf": export.crf,
        "preset": export.preset,
        "metadata": metadata,
    }
    if export.scale != 100:
        asked["scale"] = export.scale
    if export.codec:
        asked["codec"] = export.codec
    return video_key([job.finished[name].file for name in job.names], asked)


def _options(task: FilmTask) -> VideoOptions:
    export = task.export
    return VideoOptions(export.crf, export.preset, export.codec, export.scale)


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
    width, height = scaled_size(size.width, size.height, options.scale, even=False)

    def write() -> WrittenVideo:
        return write_video(
            lambda: _frames(job, ctx),
            video,
            fps=job.plan.fps,
            metadata=metadata,
            options=options,
            xmp=xmp_packet(GENERATED, SOFTWARE),
            overwrite=True,
            check=ctx.check,
        )

    needed = int(len(job.names) * width * height * _BYTES_A_PIXEL)
    made = written(video.parent, write, ctx, needed)
    if (made.width, made.height) != (width, height):
        sides = f"{made.width}x{made.height}"
        ctx.step(Note(f"This kind of film takes even sides only: it is {sides}."))


def _metadata(job: FilmJob, *, keep_prompts: bool) -> dict[str, str]:
    spec = encode(job.spec, rounded=True)
    whole = len(job.frames) == len(job.plan.frames)
    part = None if whole else (job.frames.start, job.frames.stop - 1)
    return {
        "title": job.spec.film.name,
        "comment": film_record(job.plan.digest, spec, part, keep_prompts=keep_prompts),
        "software": SOFTWARE,
    }


def _frames(job: FilmJob, ctx: JobContext) -> Iterator[NDArray[Any]]:
    kept, of = job.pictures_kept, job.pictures
    for number, name in enumerate(job.names, 1):
        yield read_picture(job.project.frames.path(name))
        ctx.step(Progress("encoding", number, len(job.names), kept, of))


def _copy(video: Path, target: Path, ctx: JobContext) -> None:
    """Copy into place: a temporary beside the target, then one rename."""
    with video.open("rb") as source, staged(target.parent, target) as part:
        while block := source.read(1 << 20):
            part.write(block)
            ctx.check()
        part.publish(target)

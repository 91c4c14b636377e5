"""Exporting a film as a folder of numbered PNG files, each with its recipe."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Progress
from imvar_studio.jobs.provenance import RECIPE_KEYWORD
from imvar_studio.media.film_formats import scaled_size
from imvar_studio.media.image_io import read_picture
from imvar_studio.media.png import read_png_text, write_png
from imvar_studio.media.resize import resized
from imvar_studio.model.canonical import canonical_json
from imvar_studio.model.errors import StoreError
from imvar_studio.store.atomic import store_error, write_atomic
from imvar_studio.store.leftovers import FILM_FOLDER
from imvar_studio.worker.disk import written
from imvar_studio.worker.provenance import without_prompts

if TYPE_CHECKING:
    from imvar_studio.jobs.context import JobContext
    from imvar_studio.jobs.tasks import FilmTask
    from imvar_studio.worker.film import FilmJob

_DIGITS = 6  # a film has at most a million frames
_NAME = re.compile(rf".+-\d{{{_DIGITS}}}\.png")
_BEFORE = "before"


def check_folder(folder: Path, *, overwrite: bool) -> None:
    """Refuse a folder that frames could not be exported to.

    Args:
        folder: that is made, empty, or with `overwrite` one that holds frames and nothing else.
        overwrite: whether exported frames that are there may be replaced.

    Raises:
        StoreError: a file, a folder with something in it, no folder to make it in.
    """
    try:
        if not folder.parent.is_dir():
            raise StoreError(f"there is no folder {folder.parent}", "make it, or choose another")
        if not folder.exists():
            return
        if not folder.is_dir():
            raise StoreError(f"{folder} is a file", "give the folder of the frames another name")
        found = list(folder.iterdir())
    except OSError as error:
        raise store_error(error, "read", folder) from error
    if found and not (overwrite and all(_NAME.fullmatch(path.name) for path in found)):
        raise StoreError(f"{folder} is not empty", "give another name, or an empty folder")


def export_sequence(job: FilmJob, folder: Path, task: FilmTask, ctx: JobContext) -> None:
    """Write the frames of a job into a folder, which appears when they are complete.

    Args:
        job: whose named pictures are finished.
        folder: where to; the files are called after it and numbered as the film's frames.
        task: its size in per cent, and whether the frames carry the texts they were made from.
        ctx: reports frames; may raise `Cancelled`, then nothing is left behind.
    """
    check_folder(folder, overwrite=task.overwrite)
    kept, of = job.pictures_kept, job.pictures
    try:
        with tempfile.TemporaryDirectory(prefix=FILM_FOLDER, dir=folder.parent) as name:
            new = Path(name) / "frames"
            new.mkdir()
            for number, (frame, digest) in enumerate(zip(job.frames, job.names, strict=True), 1):
                data = _frame_data(job.project.frames.path(digest), task)
                _write(new / f"{folder.name}-{frame:0{_DIGITS}}.png", data, folder, ctx)
                ctx.step(Progress("encoding", number, len(job.names), kept, of))
            if folder.exists():
                folder.rename(Path(name) / _BEFORE)
            new.rename(folder)
    except OSError as error:
        raise store_error(error, "write", folder) from error


def _write(path: Path, data: bytes, folder: Path, ctx: JobContext) -> None:
    written(folder.parent, lambda: write_atomic(path, data, durable=False), ctx, len(data))


def _frame_data(path: Path, task: FilmTask) -> bytes:
    """Return a frame's file as it is exported."""
    scale = task.export.scale
    try:
        data = path.read_bytes()
    except OSError as error:
        raise store_error(error, "read", path) from error
    if scale == 100 and task.keep_prompts:
        return data
    text, pixels = read_png_text(data), read_picture(path)
    if not task.keep_prompts:
        record = json.loads(text[RECIPE_KEYWORD])
        text[RECIPE_KEYWORD] = canonical_json(without_prompts(record))
    if scale != 100:
        height, width = pixels.shape[:2]
        pixels = resized(pixels, scaled_size(width, height, scale, even=False))
    return write_png(pixels, text=text)

"""A finished sheet's files: the contact sheet, and each picture with its own recipe."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.jobs.provenance import read_record
from imvar_studio.media.contact_sheet import SheetCell, SheetRow, contact_sheet
from imvar_studio.media.image_io import read_picture
from imvar_studio.media.png import write_png
from imvar_studio.model.codec import encode
from imvar_studio.model.errors import StoreError, UserError
from imvar_studio.model.sheet import LookAxis
from imvar_studio.model.slugs import slug
from imvar_studio.store.atomic import make_folder, write_atomic
from imvar_studio.store.places import bundled_folder
from imvar_studio.worker.disk import written
from imvar_studio.worker.provenance import picture_text, sheet_text

if TYPE_CHECKING:
    from imvar_studio.jobs.context import JobContext
    from imvar_studio.jobs.tasks import SheetTask
    from imvar_studio.model.sheet import AnyAxis
    from imvar_studio.plan.plan import Plan
    from imvar_studio.worker.sheet_findings import Findings
    from imvar_studio.worker.take_job import TakeJob

NEAR_COPY = "near copy"


def write_sheet(
    task: SheetTask, job: TakeJob, findings: Findings, ctx: JobContext
) -> tuple[str, ...]:
    """Write a sheet's files and return their paths, the contact sheet first.

    Raises:
        StoreError: if one cannot be written.
    """
    target = Path(task.target)
    make_folder(target.parent)
    made: list[str] = []
    if task.separate:
        folder = picture_folder(target)
        make_folder(folder)
        for place, name in enumerate(picture_names(task)):
            content = _picture_file(task, job, place)
            write = partial(write_atomic, folder / name, content)
            written(folder, write, ctx, len(content))
            made.append(str(folder / name))
            ctx.check()
    data = _sheet_file(task, job, findings)  # last: where it is there, all is
    written(target.parent, lambda: write_atomic(target, data), ctx, len(data))
    return (str(target), *made)


def check_sheet_files(task: SheetTask, plan: Plan) -> None:
    """Refuse files that are there and may not be replaced, before anything is rendered.

    Those that the same sheet wrote may be: it was stopped while it wrote them.

    Raises:
        StoreError: then, or where the ending is no PNG's.
    """
    target = Path(task.target)
    if target.suffix.lower() != ".png":
        raise StoreError(f"a sheet is written as PNG, not as {target.name}", "end it with .png")
    folder = picture_folder(target)
    if task.separate and folder.exists() and not folder.is_dir():
        raise StoreError(f"{folder} exists", "give another name")
    if task.overwrite:
        return
    files = {target: plan.digest}
    if task.separate:
        names = [plan.pictures[index].digest for index in plan.frames]
        files |= {folder / each: d for each, d in zip(picture_names(task), names, strict=True)}
    for path, digest in files.items():
        if path.exists() and digest not in _digests(path):
            raise StoreError(f"{path} exists", "give another name, or --overwrite")


def _digests(path: Path) -> set[object]:
    """Return what a file says it is: a picture's digest, or a plan's; nothing for others' files."""
    try:
        record = read_record(path)
    except UserError:
        return set()
    return {record.get("digest"), record.get("plan")}


def picture_folder(target: Path) -> Path:
    """Return where a sheet's single pictures go."""
    return target.with_suffix("")


def picture_names(task: SheetTask) -> tuple[str, ...]:
    """Return a file name for each cell, in their order: its place, its labels, its seed."""
    sheet = task.spec.sheet
    digits = len(str(max(sheet.height, sheet.width)))
    found = []
    for place, shot in enumerate(sheet.cells()):
        row, column = divmod(place, sheet.width)
        words = [_label(task, sheet.rows, row), _label(task, sheet.columns, column)]
        seed = f"seed {shot.seed}"
        name = slug(
            " ".join([*filter(None, words), *([seed] if seed not in words else [])]), 80, "."
        )
        found.append(f"{row + 1:0{digits}}-{column + 1:0{digits}}-{name}.png")
    return tuple(found)


def _sheet_file(task: SheetTask, job: TakeJob, findings: Findings) -> bytes:
    sheet = task.spec.sheet
    pixels = contact_sheet(
        sheet.name if task.keep_prompts else "",
        sheet.caption if task.keep_prompts else "",
        [_label(task, sheet.columns, column) for column in range(sheet.width)],
        [_row(task, job, findings, row) for row in range(sheet.height)],
        _fonts(),
    )
    text = sheet_text(
        job.plan.digest, encode(task.spec, rounded=True), keep_prompts=task.keep_prompts
    )
    return write_png(pixels, text=text, compress_level=6)


def _row(task: SheetTask, job: TakeJob, findings: Findings, row: int) -> SheetRow:
    sheet = task.spec.sheet
    first = row * sheet.width
    cells = tuple(
        SheetCell(
            read_picture(job.project.frames.path(job.names[place])),
            NEAR_COPY if place in findings.copies else "",
        )
        for place in range(first, first + sheet.width)
    )
    label = _label(task, sheet.rows, row)
    return SheetRow(cells, label, findings.given[row], findings.notes[row])


def _label(task: SheetTask, axis: AnyAxis | None, index: int) -> str:
    if axis is None:
        return ""
    if task.keep_prompts:
        return axis.shown[index]
    # labels may be prompts or paths, and so may the names of looks, pictures and models
    if isinstance(axis, LookAxis) or axis.parameter in ("picture", "model"):
        what = "look" if isinstance(axis, LookAxis) else axis.parameter
        return f"{what} {index + 1}"
    return f"{axis.parameter} {axis.values[index]}"


def _picture_file(task: SheetTask, job: TakeJob, place: int) -> bytes:
    picture = job.plan.pictures[job.plan.frames[place]]
    path = job.project.frames.path(picture.digest)
    if task.keep_prompts:
        return path.read_bytes()
    record = job.finished[picture.digest]
    text = picture_text(picture, record.fingerprint, job.plan.batch, keep_prompts=False)
    return write_png(read_picture(path), text=text, compress_level=6)


def _fonts() -> tuple[Path, Path]:
    folder = bundled_folder("resources") / "fonts"
    return folder / "Inter-Regular.ttf", folder / "Inter-SemiBold.ttf"

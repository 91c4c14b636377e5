"""Running a gallery's task: the pictures of all its sheets as one take, then sheets and page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Finished, Progress, Stopped
from imvar_studio.jobs.tasks import PAGE, SHEETS, GalleryTask, SheetTask
from imvar_studio.media.gallery_page import Figure, gallery_page
from imvar_studio.model.codec import encode
from imvar_studio.model.sheet_text import sheet_id
from imvar_studio.plan.sheet import sheet, sheets
from imvar_studio.store.atomic import make_folder, write_atomic
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.worker.disk import written
from imvar_studio.worker.sheet_files import write_sheet
from imvar_studio.worker.sheet_take import SheetTake, open_take, render_take

if TYPE_CHECKING:
    from imvar_studio.jobs.context import JobContext
    from imvar_studio.model.specs import SheetSpec
    from imvar_studio.worker.sheet_findings import Comparer
    from imvar_studio.worker.take_job import TakeJob
    from imvar_studio.worker.workshop import Workshop


def run_gallery(task: GalleryTask, workshop: Workshop, ctx: JobContext) -> Finished | Stopped:
    """Render what is left of a gallery, write its sheets, and the page that shows them.

    Raises:
        UserError: for what the user can put right; what is finished is kept.
    """
    folder = ProjectFolder.open(Path(task.project))
    plan, specs = sheets(task.specs), task.specs

    def finish(job: TakeJob, comparer: Comparer) -> Finished:
        files = _written(task, job, comparer, ctx)
        text = f"{len(specs)} figures of {len(plan.pictures)} pictures: open {files[0]}."
        return Finished(files, text)

    data = {"sheet": {"name": task.title}, "sheets": [encode(spec) for spec in specs]}
    take = SheetTake(folder, plan, specs, task.models, task.device, data, "a gallery")
    return render_take(take, workshop, ctx, finish)


def _written(
    task: GalleryTask, whole: TakeJob, comparer: Comparer, ctx: JobContext
) -> tuple[str, ...]:
    """Write the sheets and the page; returns all files, the page first."""
    place = Path(task.folder)
    make_folder(place)
    figures: list[Figure] = []
    files: list[str] = []
    for number, spec in enumerate(task.specs, 1):
        own = _sheet_of(task, spec, place / SHEETS / f"{number:02}-{sheet_id(spec.sheet.id)}.png")
        job = open_take(whole.project, sheet(spec), encode(spec))
        made = write_sheet(own, job, comparer.findings(own, job), ctx)
        files += made
        words = (spec.sheet.name, spec.sheet.caption)
        shown = words if task.keep_prompts else (f"Figure {number}", "")
        figures.append(Figure(f"figure-{number}", *shown, Path(made[0])))
        count = len(whole.plan.pictures)
        ctx.step(Progress("encoding", number, len(task.specs), count, count))
    data = gallery_page(task.title, figures).encode()
    page = place / PAGE
    written(place, lambda: write_atomic(page, data), ctx, len(data))
    return (str(page), *files)


def _sheet_of(task: GalleryTask, spec: SheetSpec, target: Path) -> SheetTask:
    return SheetTask(
        task.project,
        spec,
        task.models,
        str(target),
        device=task.device,
        overwrite=True,
        keep_prompts=task.keep_prompts,
    )

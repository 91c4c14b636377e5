"""Running a sheet's task: what is left is rendered, model by model, then the files are written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Finished, Stopped
from imvar_studio.model.codec import encode
from imvar_studio.plan.sheet import sheet
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.worker.sheet_files import check_sheet_files, write_sheet
from imvar_studio.worker.sheet_take import SheetTake, render_take

if TYPE_CHECKING:
    from imvar_studio.jobs.context import JobContext
    from imvar_studio.jobs.tasks import SheetTask
    from imvar_studio.worker.sheet_findings import Comparer
    from imvar_studio.worker.take_job import TakeJob
    from imvar_studio.worker.workshop import Workshop


def run_sheet(task: SheetTask, workshop: Workshop, ctx: JobContext) -> Finished | Stopped:
    """Render what is left of a sheet and write its files.

    Raises:
        UserError: for what the user can put right; what is finished is kept.
    """
    folder, spec = ProjectFolder.open(Path(task.project)), task.spec
    plan = sheet(spec)
    if task.target:
        check_sheet_files(task, plan)

    def finish(job: TakeJob, comparer: Comparer) -> Finished:
        findings = comparer.findings(task, job)
        files = write_sheet(task, job, findings, ctx) if task.target else ()
        count = len(plan.pictures)
        where = f" The sheet is {task.target}." if task.target else ""
        return Finished(files, f"{count} picture{'s are' if count > 1 else ' is'} there.{where}")

    take = SheetTake(folder, plan, (spec,), task.models, task.device, encode(spec), "a sheet")
    return render_take(take, workshop, ctx, finish)

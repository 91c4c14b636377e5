"""Tasks: what a job is to do, as a snapshot that can be kept and sent.

A task names everything by value or by digest, so that later edits of the project change nothing
in it. Its data is JSON: it goes into the queue's database and through the worker's pipe.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imvar_studio.model.codec import decode, encode, kind_of
from imvar_studio.model.errors import FormatError
from imvar_studio.model.film_export import SEQUENCE, FilmExport
from imvar_studio.model.specs import FilmSpec, SheetSpec
from imvar_studio.plan.plan import Plan

_LONGEST = 4096
PAGE, SHEETS = "index.html", "sheets"  # of a gallery: its page, and the folder beside it


@dataclass(frozen=True, slots=True)
class FilmTask:
    """A film to be rendered and exported.

    Args:
        project: the project's folder, absolute.
        spec: the film as it was when the task was made.
        model: where the model lies, an id or an absolute path; its weights must be the spec's.
        target: the film's file, absolute; "" leaves it in its take.
        device: as in `choose_compute`; "" takes the best there is.
        overwrite: whether a file at `target` may be replaced.
        keep_prompts: whether the film carries the texts it was made from.
        redo_odd: render again the pictures of other numerics than most of the take.
        frames_only: render the frames and make no film of them.
        begin: the frame, by its index in the plan's frames, whose chunk is rendered first; the
            others follow by how far their frames are from it. Which pictures share a chunk, and
            so their bits, does not depend on it.
        export: which frames are rendered and exported, and how they are encoded.
    """

    project: str
    spec: FilmSpec
    model: str
    target: str = ""
    device: str = ""
    overwrite: bool = False
    keep_prompts: bool = True
    redo_odd: bool = False
    frames_only: bool = False
    begin: int = 0
    export: FilmExport = FilmExport()

    def __post_init__(self) -> None:
        _check_paths(self.project, self.target)
        _check_names(self.model, self.device)
        if self.begin < 0:
            raise FormatError(f"a render cannot begin at frame {self.begin}")
        if self.export.there_only and (self.frames_only or not self.target):
            raise FormatError("frames that are there already can only be exported to a file")
        if self.export.codec == SEQUENCE and not (self.target or self.frames_only):
            raise FormatError("a sequence of pictures needs a folder to go to")


@dataclass(frozen=True, slots=True)
class PicturesTask:
    """Single pictures to be rendered, each to a file of its own.

    Args:
        project: the folder that the looks' pictures lie in, absolute.
        plan: of stills.
        targets: a file for each of the plan's pictures, absolute.
        model, device, keep_prompts: as in `FilmTask`.
        numerics: the fingerprint the pictures once had; a note says where it is another now.
    """

    project: str
    plan: Plan
    targets: tuple[str, ...]
    model: str
    device: str = ""
    keep_prompts: bool = True
    numerics: str = ""

    def __post_init__(self) -> None:
        _check_paths(self.project, *self.targets)
        _check_names(self.model, self.device, self.numerics)
        if len(self.targets) != len(self.plan.pictures):
            raise FormatError("the task does not have one file for each of its pictures")


@dataclass(frozen=True, slots=True)
class SheetTask:
    """A sheet to be rendered and written.

    Args:
        project: the project's folder, absolute.
        spec: the sheet as it was when the task was made.
        models: where the spec's models lie, in its order: ids or absolute paths.
        target: the sheet's PNG file, absolute; "" renders its pictures alone.
        separate: write each picture to a file of its own too, in a folder beside the sheet.
        device, overwrite, keep_prompts: as in `FilmTask`.
    """

    project: str
    spec: SheetSpec
    models: tuple[str, ...]
    target: str = ""
    separate: bool = True
    device: str = ""
    overwrite: bool = False
    keep_prompts: bool = True

    def __post_init__(self) -> None:
        _check_paths(self.project, self.target)
        _check_names(self.device, *self.models)
        if len(self.models) != len(self.spec.models):
            raise FormatError("the task does not say where each of its models lies")


@dataclass(frozen=True, slots=True)
class GalleryTask:
    """Many sheets of one picture, and a page that shows them all.

    Args:
        project: the project's folder, absolute.
        title: of the page.
        specs: of the sheets, in order, of one batch and precision; each knows all models.
        models: as in `SheetTask`.
        folder: where the page, the sheets and their pictures go, absolute.
        device, keep_prompts: as in `FilmTask`.
    """

    project: str
    title: str
    specs: tuple[SheetSpec, ...]
    models: tuple[str, ...]
    folder: str
    device: str = ""
    keep_prompts: bool = True

    def __post_init__(self) -> None:
        _check_paths(self.project, self.folder)
        _check_names(self.device, *self.models)
        if not self.specs or any(len(spec.models) != len(self.models) for spec in self.specs):
            raise FormatError("the task does not say where each of its models lies")
        if len({(spec.precision, spec.batch) for spec in self.specs}) > 1:
            raise FormatError("the task's sheets are of different batches or precisions")


@dataclass(frozen=True, slots=True)
class ProbeTask:
    """Finding out what the machine renders with, for `jobs.natural.remembered`.

    Args:
        device, precision: as in `choose_compute`; "" leaves it to the machine.
    """

    device: str = ""
    precision: str = ""

    def __post_init__(self) -> None:
        _check_names(self.device, self.precision)

    @property
    def project(self) -> str:
        """No project's folder."""
        return ""


@dataclass(frozen=True, slots=True)
class EstimateTask:
    """Saying what a film would take: nothing is rendered and no take is made.

    Args:
        film: that would be rendered.
    """

    film: FilmTask

    @property
    def project(self) -> str:
        """The project's folder."""
        return self.film.project


Task = FilmTask | PicturesTask | SheetTask | GalleryTask | ProbeTask | EstimateTask
_KINDS: dict[str, type[Task]] = {
    kind_of(cls): cls
    for cls in (FilmTask, PicturesTask, SheetTask, GalleryTask, ProbeTask, EstimateTask)
}


def task_data(task: Task) -> dict[str, Any]:
    """Return a task as JSON-ready data."""
    return {"kind": kind_of(type(task)), "task": encode(task)}


def task_of(data: Any) -> Task:
    """Return the task that data describes.

    Raises:
        FormatError: for anything else, naming the place.
    """
    if not isinstance(data, dict) or set(data) != {"kind", "task"}:
        raise FormatError("this is not a task")
    cls = _KINDS.get(data["kind"]) if isinstance(data["kind"], str) else None
    if cls is None:
        raise FormatError("the task is of a kind that is not known", "update Imvar Studio")
    return decode(data["task"], cls, "task")


def title(task: Task) -> str:
    """Return what people call the task; it holds no prompts."""
    match task:
        case FilmTask():
            return f"{task.spec.film.name or 'film'} of {Path(task.project).stem}"
        case PicturesTask():
            count = len(task.targets)
            return "a picture" if count == 1 else f"{count} pictures"
        case SheetTask():
            return f"{task.spec.sheet.name or 'sheet'} of {Path(task.project).stem}"
        case GalleryTask():
            return f"gallery of {Path(task.project).stem}"
        case ProbeTask():
            return "a look at the machine"
        case EstimateTask(film):
            return f"estimate of {title(film)}"


def _check_paths(*paths: str) -> None:
    _check_names(*paths)
    for path in filter(None, paths):
        if not Path(path).is_absolute():
            raise FormatError(f"the path {path[:200]} is not a whole one")


def _check_names(*names: str) -> None:
    # any character goes: names of files may hold bytes that are no text
    if any(len(name) > _LONGEST for name in names):
        raise FormatError(f"a path or a name is longer than {_LONGEST} characters")

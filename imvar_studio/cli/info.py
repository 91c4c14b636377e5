"""`imvar info`: what a file was made from, or what a project holds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imvar_studio.cli.command import Output, add_command
from imvar_studio.cli.versions import offer_recovery
from imvar_studio.model.look import Look, Picture, Prompt
from imvar_studio.model.project import UnknownWork
from imvar_studio.model.sheet import Axis
from imvar_studio.store.project_folder import ProjectFolder

if TYPE_CHECKING:
    import argparse

    from imvar_studio.cli.command import Subparsers
    from imvar_studio.model.project import FilmWork, Project
    from imvar_studio.model.sheet import SheetWork

# what steers a terminal or turns the order of its letters
_STEERS = re.compile("[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_EXAMPLES = """\
  imvar info an-owl-7.png
  imvar info film.mp4 --json
  imvar info mine.imvar
"""


def register(commands: Subparsers) -> None:
    """Add the command."""
    about = "show what a picture or film was made from, or what a project holds"
    parser = add_command(commands, "info", run, about=about, examples=_EXAMPLES)
    parser.add_argument("file", metavar="FILE", type=Path, help="an exported file, or a project")


def run(args: argparse.Namespace, out: Output) -> None:
    """Show it."""
    if args.file.is_dir():
        folder = ProjectFolder.open(args.file)
        _project(folder.load(), folder, out)
        offer_recovery(folder, args.file, out)
    else:
        _file(args.file, out)


def _file(path: Path, out: Output) -> None:
    from imvar_studio.jobs.provenance import read_record

    record = read_record(path)
    out.tell("info", **{name: item for name, item in record.items() if name != "event"})
    text = json.dumps(record, indent=2, ensure_ascii=False)
    out.say(_STEERS.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def _project(project: Project, folder: ProjectFolder, out: Output) -> None:
    films = [_film(film, project) for film in project.films()]
    sheets = [_sheet(sheet) for sheet in project.sheets()]
    kinds = [work.id for work in project.works if isinstance(work, UnknownWork)]
    out.tell("info", project=str(folder.path), films=films, sheets=sheets, locked=kinds)
    out.say(f"{folder.path}: {len(project.works)} work(s), {len(project.assets)} media file(s)")
    for film in films:
        out.say(f"\n{film['name']}: {film['size']} px, {film['fps']} fps, model {film['model']}")
        out.say(
            f"  {film['steps']} steps of {film['sampler']}, guidance {film['guidance']:g}, "
            f"seed {film['seed']}{', a loop' if film['loop'] else ''}"
        )
        for key in film["keyframes"]:
            out.say(f"  {key['time']:8.2f} s  {key['shows']}")
        if not film["keyframes"]:
            out.say("  no keyframes yet")
    for sheet in sheets:
        shape = f"{sheet['rows']} x {sheet['columns']} pictures"
        over = f" over {' and '.join(sheet['varied'])}" if sheet["varied"] else ""
        out.say(f"\n{sheet['name']}: a sheet of {shape}{over}")
    for name in kinds:
        out.say(f"\n{name}: of a kind this version does not know, kept as it is")


def _film(film: FilmWork, project: Project) -> dict[str, Any]:
    settings = film.settings
    return {
        "name": film.name,
        "model": film.model,
        "size": str(settings.size),
        "fps": f"{float(settings.fps):g}",
        "steps": settings.steps,
        "sampler": settings.sampler,
        "guidance": settings.guidance,
        "seed": settings.seed,
        "loop": film.timeline.loop,
        "keyframes": [
            {"time": key.time, "shows": " + ".join(_shows(p.look, project) for p in key.looks)}
            for key in film.timeline.keyframes
        ],
    }


def _sheet(sheet: SheetWork) -> dict[str, Any]:
    axes = [axis for axis in (sheet.rows, sheet.columns) if axis is not None]
    return {
        "name": sheet.name,
        "rows": sheet.height,
        "columns": sheet.width,
        "varied": [axis.parameter if isinstance(axis, Axis) else "looks" for axis in axes],
    }


def _shows(look: Look, project: Project) -> str:
    """Return a look in a few words."""
    match look:
        case Prompt(text):
            return f'"{text}"'
        case Picture(source):
            entry = project.asset(getattr(source, "sha", ""))
            return entry.name if entry is not None else "a picture"
        case _:
            return type(look).__name__.lower()

"""`imvar versions`: earlier states of a project, and changes that a crash left unsaved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from imvar_studio.cli.arguments import shown
from imvar_studio.cli.command import Output, add_command
from imvar_studio.model.errors import UserError
from imvar_studio.store.locks import project_lock, writer
from imvar_studio.store.project_folder import ProjectFolder, read_project
from imvar_studio.store.recovery import accept, newer
from imvar_studio.store.versions import find_version, list_versions

if TYPE_CHECKING:
    import argparse
    from datetime import datetime

    from imvar_studio.cli.command import Subparsers
    from imvar_studio.model.project import Project

_RECOVERY = "recovery"
_EXAMPLES = """\
  imvar versions mine.imvar
  imvar versions mine.imvar --restore 20261121-105811
  imvar versions mine.imvar --restore recovery
"""


def register(commands: Subparsers) -> None:
    """Add the command."""
    about = "list a project's earlier versions, or put one back"
    parser = add_command(commands, "versions", run, about=about, examples=_EXAMPLES)
    parser.add_argument("project", metavar="DIR", type=Path, help="the project's folder")
    parser.add_argument(
        "--restore",
        metavar="ID",
        help="make this version the project, or 'recovery': what a crash left unsaved; "
        "the beginning of an id will do; what the project is now becomes a version",
    )


def run(args: argparse.Namespace, out: Output) -> None:
    """List them, or put one back."""
    folder = ProjectFolder.open(args.project)
    if args.restore is not None:
        with writer(folder, "imvar versions"):
            _restore(folder, args.restore, out)
    else:
        _list(folder, args.project, out)


def offer_recovery(folder: ProjectFolder, path: Path, out: Output) -> None:
    """Say that a crash left changes unsaved, where one did and no program has them open now.

    Args:
        folder: the project.
        path: as the user gave it.
        out: hears of it.
    """
    found = newer(folder)
    if found is None or project_lock(folder, "imvar").holder() is not None:
        return
    restore = f"imvar versions {shown(path)} --restore {_RECOVERY}"
    when = f"Changes of {_local(found.time)} were not saved when the program ended"
    out.say(f"{when}. They are kept; put them back with: {restore}")
    out.tell("recovery", project=str(folder.path), written=found.time.isoformat())


def _restore(folder: ProjectFolder, name: str, out: Output) -> None:
    if name == _RECOVERY:
        accept(folder)
        what = "the changes that were not saved"
    else:
        version = find_version(folder.versions, name)
        folder.save(read_project(version.path))
        name = version.id
        what = f"version {name}"
    out.say(f"Put back {what}; what {folder.path} was before is among its versions.")
    out.tell("restored", project=str(folder.path), version=name)


def _list(folder: ProjectFolder, path: Path, out: Output) -> None:
    recovered = newer(folder)
    versions = list_versions(folder.versions)
    rows = [
        {"id": version.id, "saved": version.saved.isoformat(), **_content(version.path)}
        for version in versions
    ]
    unsaved = None
    if recovered is not None:
        unsaved = {"written": recovered.time.isoformat(), "continues": recovered.continues}
        unsaved |= {"holds": _holds(recovered.project)}
        out.say(f"{_RECOVERY:22}  {_local(recovered.time)}  {unsaved['holds']}, not saved")
        if not recovered.continues:
            out.say("    the project was saved since")
    for version, row in zip(versions, rows, strict=True):
        what = row.get("holds") or f"cannot be read, {row['problem']}"
        out.say(f"{version.id:22}  {_local(version.saved)}  {what}")
    if rows or unsaved:
        out.say(f"\nPut one back with: imvar versions {shown(path)} --restore ID")
    else:
        out.say("No earlier versions yet.")
    out.tell("versions", project=str(folder.path), versions=rows, recovery=unsaved)


def _content(path: Path) -> dict[str, Any]:
    try:
        return {"holds": _holds(read_project(path))}
    except UserError as error:
        return {"problem": str(error)}


def _holds(project: Project) -> str:
    """Return in a few words what a project holds."""
    keys = sum(len(film.timeline.keyframes) for film in project.films())
    works = len(project.works)
    return f"{works} work{'s' * (works != 1)}, {keys} keyframe{'s' * (keys != 1)}"


def _local(time: datetime) -> str:
    return time.astimezone().strftime("%Y-%m-%d %H:%M:%S")

"""`imvar add`: put a keyframe on the timeline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.cli.arguments import parse_time, shown, whole
from imvar_studio.cli.command import Output, add_command
from imvar_studio.cli.versions import offer_recovery
from imvar_studio.model.curve import EASINGS, Easing
from imvar_studio.model.edits import add_asset, put_work
from imvar_studio.model.errors import ModelError, SpecError
from imvar_studio.model.keyframe_edits import free_ids, place
from imvar_studio.model.look import Nothing, Picture, Prompt, Weighted
from imvar_studio.model.source import Asset
from imvar_studio.model.start import Noise
from imvar_studio.model.timeline import Keyframe, Timeline, Transition
from imvar_studio.store.locks import writer
from imvar_studio.store.models import resolve
from imvar_studio.store.project_folder import ProjectFolder

if TYPE_CHECKING:
    import argparse

    from imvar_studio.cli.command import Subparsers
    from imvar_studio.model.look import Look
    from imvar_studio.model.project import FilmWork, Project

_STEP = 2.0  # seconds from keyframe to keyframe where no time is given
_SHORTLY = 2.0  # seconds to wait for another command that changes the project
_EXAMPLES = """\
  imvar add mine.imvar cat.jpg
  imvar add mine.imvar --prompt "a turtle in a meadow" --at 2s
  imvar add mine.imvar sea.png --at 4s --easing sine-in-out
"""


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(
        commands, "add", run, about="add a picture or a prompt as a keyframe", examples=_EXAMPLES
    )
    parser.add_argument("project", metavar="DIR", type=Path, help="the project's folder")
    parser.add_argument(
        "picture",
        metavar="PICTURE",
        type=Path,
        nargs="?",
        help="PNG, JPEG, WebP, TIFF, AVIF, GIF or BMP; the film passes through it",
    )
    parser.add_argument("--prompt", metavar="TEXT", help="what to show, in words")
    parser.add_argument(
        "--at", metavar="TIME", help="2s, 1500ms or 1:30 (default: 2 s after the last keyframe)"
    )
    parser.add_argument(
        "--seed",
        metavar="N",
        type=whole("seed"),
        help="of a prompt's own noise (default: the film's)",
    )
    easings = [easing for easing in EASINGS if easing != "bezier"]
    parser.add_argument(
        "--easing",
        metavar="EASING",
        choices=easings,
        help="how it moves to the next keyframe: " + ", ".join(easings) + " (default: linear)",
    )


def run(args: argparse.Namespace, out: Output) -> None:
    """Add the keyframe and say what the film has now."""
    _check(args)
    folder = ProjectFolder.open(args.project)
    offer_recovery(folder, args.project, out)
    with writer(folder, "imvar add", _SHORTLY):
        _add(args, folder, out)


def _add(args: argparse.Namespace, folder: ProjectFolder, out: Output) -> None:
    project = folder.load()
    film = first_film(project, args.project)
    key = _keyframe(args, film)
    place(film.timeline, key)  # before the picture is copied
    if args.picture is not None:
        project, key = _with_picture(args.picture, folder, project, key)
    else:
        _check_window(key.looks[0].look, film)
    film = replace(film, timeline=place(film.timeline, key))
    folder.save(put_work(project, film))
    count = len(film.timeline.keyframes)
    what = args.picture.name if args.picture is not None else f'"{args.prompt}"'
    out.say(f"Added {what} at {key.time:g} s ({count} keyframe{'s' if count > 1 else ''}).")
    if count > 1:
        out.say(f"Render with: imvar render {shown(args.project)}")
    out.tell("added", keyframe=key.id, time=key.time, keyframes=count)


def first_film(project: Project, path: Path, name: str | None = None) -> FilmWork:
    """Return the project's first film; the first of an id or a name, where one is given.

    Raises:
        SpecError: if there is none.
    """
    films = project.films()
    if not films:
        raise SpecError(f"{path} has no film", "film", "make a project with 'imvar new DIR'")
    found = [film for film in films if name in (None, film.id, film.name)]
    if not found:
        known = ", ".join(film.id for film in films)
        message = f"{path} has no film {name!r}, its films are {known}"
        raise SpecError(message, "film", "give one of them")
    return found[0]


def _check(args: argparse.Namespace) -> None:
    """Refuse what does not go together."""
    if args.picture is None and args.prompt is None:
        remedy = "give DIR and PICTURE, or DIR and --prompt TEXT"
        raise SpecError(f"there is nothing to add to {args.project}", "keyframe", remedy)
    if args.picture is not None and args.prompt is not None:
        remedy = "add them one after the other, each at its own time"
        raise SpecError("a keyframe is a picture or a prompt, not both", "keyframe", remedy)
    if args.picture is not None and args.seed is not None:
        raise SpecError("a picture has no seed", "seed", "leave --seed out, or give a --prompt")
    if args.prompt is not None and not args.prompt.strip():
        raise SpecError("the prompt is empty", "prompt", "say what to show")


def _keyframe(args: argparse.Namespace, film: FilmWork) -> Keyframe:
    """Return the keyframe, without the picture that it is going to have."""
    look = Nothing() if args.prompt is None else Prompt(args.prompt)
    return Keyframe(
        free_ids(film.timeline, 1)[0],
        _next_time(film.timeline) if args.at is None else parse_time(args.at),
        (Weighted(look),),
        start=None if args.seed is None else Noise(args.seed),
        transition=Transition(Easing(args.easing)) if args.easing else Transition(),
    )


def _with_picture(
    picture: Path, folder: ProjectFolder, project: Project, key: Keyframe
) -> tuple[Project, Keyframe]:
    from imvar_studio.media.image_io import read_picture  # slow, and prompts do without

    read_picture(picture)  # whole and readable, before it is taken in
    entry = folder.add_asset(picture)
    looks = (Weighted(Picture(Asset(entry.sha))),)
    return add_asset(project, entry), replace(key, looks=looks)


def _check_window(prompt: Look, film: FilmWork) -> None:
    """Refuse a prompt that the film's model cannot read to its end."""
    from imvar_studio.worker.prompts import check_prompts

    try:
        card = resolve(film.model)
    except ModelError:  # not there now; a render will say so
        return
    check_prompts(prompt, card)


def _next_time(timeline: Timeline) -> float:
    return timeline.keyframes[-1].time + _STEP if timeline.keyframes else 0.0

"""`imvar new`: make a project."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.cli.arguments import shown, whole
from imvar_studio.cli.command import Output, add_command
from imvar_studio.cli.templates import (
    LIST,
    add_template_options,
    list_templates,
    new_of_template,
    refuse_template_options,
    say_how_to_render,
)
from imvar_studio.model.errors import SpecError
from imvar_studio.model.film_edits import read_rate
from imvar_studio.model.project import FilmSettings, FilmWork, Project
from imvar_studio.model.source import parse_size
from imvar_studio.model.timeline import Timeline
from imvar_studio.store.models import portable, resolve
from imvar_studio.store.project_folder import ProjectFolder

if TYPE_CHECKING:
    import argparse

    from imvar_studio.cli.command import Subparsers
    from imvar_studio.model.model_card import ModelCard

_EXAMPLES = """\
  imvar new mine.imvar
  imvar new wide.imvar --size 384x256 --fps 24 --loop
  imvar new --template list
  imvar new walk.imvar --template circular-walk --prompt "an owl at night" --seconds 4
"""


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(
        commands, "new", run, about="make a project, empty or from a template", examples=_EXAMPLES
    )
    parser.add_argument("project", metavar="DIR", type=Path, nargs="?", help="the folder to make")
    parser.add_argument("--name", help="the film's name (default: the folder's)")
    parser.add_argument("--size", metavar="N|WxH", help="of the frames (default: the model's)")
    parser.add_argument("--fps", metavar="F", help="frames a second, 0.1 to 240 (default: 12)")
    parser.add_argument(
        "--seed", metavar="N", type=whole("seed"), help="of the film's noise (default: drawn)"
    )
    parser.add_argument("--loop", action="store_true", help="the last keyframe leads to the first")
    parser.add_argument(
        "--model", metavar="ID|PATH", default="starter", help="which makes it (default: starter)"
    )
    add_template_options(parser)


def run(args: argparse.Namespace, out: Output) -> None:
    """Make the project and say how to go on; or list the templates."""
    if args.template == LIST:
        list_templates(out)
        return
    if args.project is None:
        raise SpecError("DIR is missing", "arguments", "see 'imvar new --help'")
    card = resolve(args.model)
    settings = _settings(args, card)
    name = args.name if args.name is not None else _film_name(args.project)
    # the project may be rendered from another folder
    model = portable(args.model, card)
    said = {"seed": settings.seed, "size": str(settings.size)}
    if args.template is None:
        refuse_template_options(args)
        film = FilmWork("film", name, Timeline(loop=args.loop), settings, model)
        folder = ProjectFolder.create(args.project, Project((film,)))
        out.say(f"Made {args.project}, seed {settings.seed}.")
        out.say(f"Go on with: imvar add {shown(args.project)} PICTURE, or --prompt TEXT")
        out.tell("made", project=str(folder.path), **said)
        return
    folder, films = new_of_template(args, settings, name, model, card)
    out.say(f"Made {args.project} of {args.template}, seed {settings.seed}.")
    say_how_to_render(args.project, films, out)
    ids = [film.id for film in films]
    out.tell("made", project=str(folder.path), **said, template=args.template, films=ids)


def _settings(args: argparse.Namespace, card: ModelCard) -> FilmSettings:
    settings = FilmSettings(
        size=card.native if args.size is None else parse_size(args.size),
        sampler=card.sampler,
        spacing=card.spacing,
        seed=draw_seed() if args.seed is None else args.seed,
    )
    if args.fps is not None:
        settings = replace(settings, fps=read_rate(args.fps, "fps"))
    return settings


def _film_name(project: Path) -> str:
    """Return the folder's name without its ending, as far as it is text."""
    stem = project.resolve().stem.encode(errors="replace").decode()
    return "".join(char if char.isprintable() else "?" for char in stem)[:100]


def draw_seed() -> int:
    """Return a seed drawn by chance, short enough to be copied by hand."""
    return secrets.randbelow(2**32)

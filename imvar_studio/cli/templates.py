"""Projects from film templates: their options, their list, and their films."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.cli.arguments import decimal, parse_time, shown
from imvar_studio.model.errors import SpecError
from imvar_studio.model.model_card import TEXT, prompts_only
from imvar_studio.model.project import NOISE_MOTIONS, Project
from imvar_studio.model.source import Asset
from imvar_studio.plan.template import Wishes, make_films, with_samples
from imvar_studio.plan.templates import film_templates
from imvar_studio.store.hashing import sha256_of_file
from imvar_studio.store.places import bundled_folder
from imvar_studio.store.project_folder import ProjectFolder

if TYPE_CHECKING:
    import argparse

    from imvar_studio.cli.command import Output
    from imvar_studio.model.model_card import ModelCard
    from imvar_studio.model.project import FilmSettings, FilmWork
    from imvar_studio.plan.template import Template

LIST = "list"
# options that say something to a template alone, by their names in the arguments
_ONLY = {
    "picture": "--picture", "prompt": "--prompt", "negative": "--negative",
    "seconds": "--seconds", "amount": "--amount", "origin": "--from", "target": "--to",
    "noise": "--noise", "sampler": "--sampler",
}  # fmt: skip


def add_template_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that make a film by a template."""
    group = parser.add_argument_group("templates")
    group.add_argument(
        "--template",
        metavar="NAME",
        help="make a well-known kind of film, ready to render; 'list' says which there are",
    )
    group.add_argument(
        "--picture", metavar="FILE", type=Path, action="append", help="to show; may be repeated"
    )
    group.add_argument(
        "--prompt", metavar="TEXT", action="append", help="to show, in words; may be repeated"
    )
    group.add_argument(
        "--negative",
        metavar="TEXT",
        action="append",
        help="what to keep away from; once for all prompts, or once for each",
    )
    group.add_argument("--seconds", metavar="TIME", help="length of the film: 4, 1500ms or 1:30")
    group.add_argument(
        "--amount", metavar="A", type=decimal("amount"), help="how far the film goes, -2 to 2"
    )
    group.add_argument(
        "--from", metavar="TEXT", dest="origin", help="where a direction begins, in words"
    )
    group.add_argument("--to", metavar="TEXT", dest="target", help="where it leads")
    group.add_argument(
        "--noise",
        metavar="MOTION",
        choices=NOISE_MOTIONS,
        help="of eta: " + ", ".join(NOISE_MOTIONS),
    )
    group.add_argument("--sampler", metavar="S", help="of a circular walk: ddim or lms")


def list_templates(out: Output) -> None:
    """Say which templates there are."""
    entries = list(film_templates())
    wide = max(len(entry.name) for entry in entries)
    for entry in entries:
        out.say(f"{entry.name:{wide}}  {entry.about} ({entry.content.takes()})")
        out.tell(
            "template",
            name=entry.name,
            title=entry.label,
            shows=entry.about,
            pictures=list(entry.content.pictures),
            prompts=list(entry.content.prompts),
            options=sorted(entry.content.options),
        )


def refuse_template_options(args: argparse.Namespace) -> None:
    """Refuse what only templates take, where there is none."""
    for name, option in _ONLY.items():
        if getattr(args, name) is not None:
            raise SpecError(
                f"{option} goes with --template",
                "template",
                "see 'imvar new --template list', or add keyframes with 'imvar add'",
            )


def new_of_template(
    args: argparse.Namespace, settings: FilmSettings, name: str, model: str, card: ModelCard
) -> tuple[ProjectFolder, tuple[FilmWork, ...]]:
    """Make the project of a template's films, with its pictures; returns it and the films.

    Args:
        args: with the options of `add_template_options`.
        settings: of the films, as far as the template leaves them.
        name: of the film.
        model: as the project names it.
        card: the model's.

    Raises:
        UserError: for what the template or the model does not take; nothing is made.
    """
    template = film_templates()[args.template].content
    given = bool(args.picture or args.prompt)
    files = tuple(args.picture or ()) if given else _sample_files(template)
    pictures = tuple(Asset(_checked(file)) for file in files)
    wishes = Wishes(
        name,
        model,
        settings,
        pictures,
        tuple(args.prompt or ()),
        tuple(args.negative or ()),
        None if args.seconds is None else parse_time(args.seconds),
        args.amount,
        args.origin or "",
        args.target or "",
        args.noise or "",
        args.sampler or "",
        args.loop,
    )
    if not given:
        wishes = with_samples(template, wishes, pictures)
    films = make_films(args.template, template, wishes)
    _check_model(args.template, files, films, card)
    return ProjectFolder.create(args.project, Project(films), files), films


def say_how_to_render(project: Path, films: tuple[FilmWork, ...], out: Output) -> None:
    """Say the command that renders each film."""
    for film in films:
        which = f" --film {film.id}" if len(films) > 1 else ""
        out.say(f"Render with: imvar render {shown(project)}{which}")


def _sample_files(template: Template) -> tuple[Path, ...]:
    folder = bundled_folder("resources") / "samples" / "pictures"
    return tuple(folder / name for name in template.samples.pictures)


def _checked(file: Path) -> str:
    """Return the SHA-256 of a picture that is whole and readable."""
    from imvar_studio.media.image_io import read_picture  # slow, and prompts do without

    read_picture(file)
    return sha256_of_file(file)


def _check_model(
    name: str, files: tuple[Path, ...], films: tuple[FilmWork, ...], card: ModelCard
) -> None:
    """Refuse pictures and prompts that the model cannot take."""
    from imvar_studio.worker.prompts import check_prompts

    if files and card.family == TEXT:
        remedy = "give a --prompt if the template takes one, or another --model"
        raise prompts_only(card, f"the template {name} got pictures", remedy)
    check_prompts(films, card)

"""`imvar picture`: pictures without a project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.cli.arguments import add_compute_options, decimal, whole
from imvar_studio.cli.command import Interruption, Output, add_command
from imvar_studio.cli.picture_start import add_start_options
from imvar_studio.cli.picture_task import PLAIN_NAME, again, asked, assets_of, seed_of
from imvar_studio.cli.progress import Terminal
from imvar_studio.cli.running import run_whole
from imvar_studio.jobs.tasks import PicturesTask
from imvar_studio.model.edits import add_asset
from imvar_studio.model.errors import StoreError
from imvar_studio.model.project import Project
from imvar_studio.store.atomic import make_folder, staged
from imvar_studio.store.locks import writer
from imvar_studio.store.places import user_data_folder
from imvar_studio.store.project_folder import PROJECT_FILE, ProjectFolder

if TYPE_CHECKING:
    import argparse

    from imvar_studio.cli.command import Subparsers
    from imvar_studio.plan.plan import Plan

_EXAMPLES = """\
  imvar picture --prompt "a frog in a meadow" --count 4
  imvar picture --like cat.jpg --mix fox.png:0.5 --seed 7
  imvar picture --ensemble "a giraffe:1" --ensemble "a frog:1" --guidance 5
  imvar picture --prompt "an owl" --sampler ddim --eta 0.6 --steps 50 --out owls
  imvar picture --prompt "a fox" --from cat.jpg --strength 0.6
  imvar picture --like fox.png --from cat.jpg --start inverted --guidance 1.5
  imvar picture --prompt "wild flowers" --inpaint lake.jpg --mask lake-mask.png --count 4
  imvar picture --recipe owls/an-owl-7.png
  imvar picture --recipe cat-7.png --with cat.jpg
"""

_SHORTLY = 10.0  # seconds to wait for others that take in pictures


def register(commands: Subparsers) -> None:
    """Add the command."""
    about = "make pictures without a project, or one again from its recipe"
    parser = add_command(commands, "picture", run, about=about, examples=_EXAMPLES)
    _add_look_options(parser)
    add_start_options(parser)
    _add_sampling_options(parser)
    add_compute_options(parser)
    parser.add_argument(
        "--out", metavar="DIR", type=Path, default=Path(), help="default: the current folder"
    )
    parser.add_argument(
        "--no-prompts", action="store_true", help="leave texts out of the files' recipes"
    )


def _add_look_options(parser: argparse.ArgumentParser) -> None:
    look = parser.add_argument_group("what to show, one of")
    look.add_argument("--prompt", metavar="TEXT", help="in words")
    look.add_argument("--like", metavar="PICTURE", type=Path, help="variations of a picture")
    look.add_argument(
        "--ensemble",
        metavar="TEXT[:W]",
        action="append",
        help="several prompts at once, their predictions averaged; give it twice or more",
    )
    look.add_argument(
        "--recipe", metavar="FILE", type=Path, help="an exported picture, or its recipe as JSON"
    )
    parser.add_argument(
        "--with",
        metavar="PICTURE",
        type=Path,
        action="append",
        dest="given",
        default=[],
        help="with --recipe: a picture it was made from, where this machine lacks it",
    )
    parser.add_argument(
        "--mix",
        metavar="PICTURE[:W]",
        action="append",
        help="average its embedding in, with a weight beside the first one's 1",
    )
    parser.add_argument(
        "--prior",
        metavar="ID",
        help="lead the prompt to the embedding of a picture first, by this prior",
    )
    parser.add_argument(
        "--prior-seed", metavar="N", type=whole("prior seed"), help="of its own noise (default: 0)"
    )


def _add_sampling_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--negative", metavar="TEXT", help="what to keep away from")
    parser.add_argument(
        "--seed", metavar="N", type=whole("seed"), help="of the first picture (default: drawn)"
    )
    parser.add_argument(
        "--count", metavar="N", type=whole("count"), help="pictures, a seed each (default: 1)"
    )
    parser.add_argument(
        "--steps",
        metavar="N",
        type=whole("steps"),
        help="default: 16; with --start inverted its own",
    )
    parser.add_argument(
        "--guidance",
        metavar="G",
        type=decimal("guidance"),
        help="in [0, 50] (default: 3; 1 with --inversion few-steps)",
    )
    parser.add_argument(
        "--eta", metavar="E", type=decimal("eta"), help="in [0, 1], with ddim (default: 0)"
    )
    parser.add_argument(
        "--sampler", "--scheduler", metavar="S", help="default: the one the model ships"
    )
    parser.add_argument(
        "--size",
        metavar="N|WxH",
        help="default: the model's own; of a start picture the shape, with as many pixels",
    )
    parser.add_argument("--model", metavar="ID|PATH", help="default: starter")


def run(args: argparse.Namespace, out: Output) -> None:
    """Make the pictures and say where they are."""
    from imvar_studio.engine.device import choose_compute
    from imvar_studio.worker.prompts import check_prompts
    from imvar_studio.worker.stills import free_targets

    task = asked(args) if args.recipe is None else again(args)
    plan = task.plan
    check_prompts(plan.pictures, task.card)
    choose_compute(args.device, plan.pictures[0].recipe.precision)
    _check_folder(args.out)
    folder = _pictures_folder()
    _take_in(task.taken, folder)
    _check_pictures(plan, folder, args.recipe)
    seeds = [seed_of(picture.recipe) for picture in plan.pictures]
    name = PLAIN_NAME if args.no_prompts else task.name
    targets = free_targets(plan, args.out, name, seeds)
    job = PicturesTask(
        str(folder.path),
        plan,
        tuple(str(target.absolute()) for target in targets),
        task.card.path,
        args.device or "",
        keep_prompts=not args.no_prompts,
        numerics=task.numerics,
    )
    with Interruption() as interruption, Terminal(out, interruption) as terminal:
        run_whole(job, out, terminal, "are written")
    for target in targets:
        out.say(f"Made {target}.")
    out.tell("finished", pictures=[str(target) for target in targets], seeds=seeds)


def _check_folder(folder: Path) -> None:
    """Make the folder, and refuse one that cannot be written before anything is rendered."""
    make_folder(folder)
    with staged(folder):
        pass


def _pictures_folder() -> ProjectFolder:
    """Return where pictures that recipes refer to are kept, so that they can be made again."""
    path = user_data_folder() / "pictures.imvar"
    if not (path / PROJECT_FILE).is_file():
        try:
            return ProjectFolder.create(path, Project())
        except StoreError:
            if not (path / PROJECT_FILE).is_file():  # another program may have been quicker
                raise
    return ProjectFolder.open(path)


def _take_in(pictures: tuple[Path, ...], folder: ProjectFolder) -> None:
    for path in pictures:
        entry = folder.add_asset(path)
        with writer(folder, "imvar picture", _SHORTLY):
            folder.save(add_asset(folder.load(), entry))


def _check_pictures(plan: Plan, folder: ProjectFolder, recipe: Path | None) -> None:
    """Refuse pictures that are not there, before the model is loaded."""
    for sha in sorted(assets_of(plan)):
        try:
            folder.asset_path(sha)
        except StoreError as error:
            raise StoreError(
                f"{recipe or 'the look'} needs a picture that this machine lacks, its SHA-256 is "
                f"{sha}",
                "give that very file with --with PICTURE",
            ) from error

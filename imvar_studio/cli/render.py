"""`imvar render`: make the film."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.cli.add import first_film
from imvar_studio.cli.arguments import (
    add_compute_options,
    decimal,
    parse_frames,
    shown,
    timed_name,
    whole,
)
from imvar_studio.cli.command import Interruption, Output, add_command
from imvar_studio.cli.progress import Terminal
from imvar_studio.cli.running import run_whole
from imvar_studio.cli.versions import offer_recovery
from imvar_studio.jobs.estimate import film_length
from imvar_studio.jobs.events import Estimated
from imvar_studio.jobs.natural import Natural, remembered
from imvar_studio.jobs.tasks import FilmTask
from imvar_studio.model.film_edits import read_rate
from imvar_studio.model.film_export import SEQUENCE, FilmExport
from imvar_studio.model.source import parse_size
from imvar_studio.model.specs import FilmSpec
from imvar_studio.plan.film import film
from imvar_studio.store.models import portable, resolve
from imvar_studio.store.prior_looks import with_priors
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.worker.compute import find_out

if TYPE_CHECKING:
    import argparse

    from imvar_studio.cli.command import Subparsers
    from imvar_studio.model.project import FilmWork

_EXAMPLES = """\
  imvar render mine.imvar --estimate
  imvar render mine.imvar --out film.mp4
  imvar render mine.imvar --out loop.gif --size 128 --fps 8
  imvar render mine.imvar --frames-per-transition 24 --steps 12 --seed 7
  imvar render mine.imvar --out part.mov --frames 48-95 --scale 200
"""
_ENDINGS = ".mp4, .webm, .mov or .gif"


def register(commands: Subparsers) -> None:
    """Add the command."""
    about = "render a project's film; run it again to go on where it stopped"
    parser = add_command(commands, "render", run, about=about, examples=_EXAMPLES)
    add_film_options(parser)
    parser.add_argument(
        "--estimate", action="store_true", help="say what the render would take, and stop there"
    )


def add_film_options(parser: argparse.ArgumentParser) -> None:
    """Add the project and the options that say how its film is rendered."""
    parser.set_defaults(estimate=False)
    parser.add_argument("project", metavar="DIR", type=Path, help="the project's folder")
    parser.add_argument(
        "--film", metavar="ID|NAME", help="which of the project's films (default: its first)"
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        help=f"the film, {_ENDINGS} (default: an .mp4 here, named by project and time)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace FILE if it is there")
    parser.add_argument("--size", metavar="N|WxH", help="of the frames, for this render")
    timing = parser.add_mutually_exclusive_group()
    timing.add_argument("--fps", metavar="F", help="frames a second, for this render")
    timing.add_argument(
        "--frames-per-transition",
        metavar="N",
        type=whole("frames per transition"),
        help="so many frames from each keyframe to the next, in place of their times",
    )
    parser.add_argument(
        "--steps",
        metavar="N",
        type=whole("steps"),
        help="of the sampler, 1 to 1000; the ways to and from your pictures have their own",
    )
    parser.add_argument(
        "--guidance",
        metavar="G",
        type=decimal("guidance"),
        help="how closely pictures follow the keyframes, 0 to 50",
    )
    parser.add_argument(
        "--seed",
        metavar="N",
        type=whole("seed"),
        help="of the noise of all keyframes that have none of their own",
    )
    parser.add_argument("--model", metavar="ID|PATH", help="in place of the film's")
    add_compute_options(parser)
    parser.add_argument(
        "--no-prompts", action="store_true", help="leave texts out of the film's recipe"
    )
    parser.add_argument(
        "--redo-odd",
        action="store_true",
        help="make pictures again that another machine, version or batch made than most",
    )
    _add_export_options(parser)


def _add_export_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--frames", metavar="A-B", help="these frames alone, counted from 0: 0-23, 24- or -23"
    )
    parser.add_argument(
        "--there",
        action="store_true",
        help="render nothing: a film of what is there, where holes hold the frame before them",
    )
    parser.add_argument(
        "--scale",
        metavar="P",
        type=whole("scale"),
        default=100,
        help="the film's size in per cent of its frames', 10 to 400",
    )
    parser.add_argument(
        "--codec",
        metavar="C",
        default="",
        help="another than the ending's usual one: h265 or av1 in .mp4, av1 in .webm, "
        "prores-4444 in .mov; png makes FILE a folder of pictures",
    )
    parser.add_argument(
        "--crf",
        metavar="N",
        type=whole("crf"),
        default=16,
        help="the film's loss of quality, 0 (none to be seen, large) to 51 (default: 16)",
    )


def run(args: argparse.Namespace, out: Output) -> None:
    """Render, export, and say where the film is."""
    with Interruption() as interruption, Terminal(out, interruption) as terminal:
        task = _current(args)
        offer_recovery(ProjectFolder.open(args.project), args.project, out)
        if args.estimate:
            _say_estimate(task, terminal)
            return
        end = run_whole(task, out, terminal, "are kept; the same command goes on")
    target = args.out or Path(task.target).name  # as the user knows it
    length = film_length(end.frames, task.spec.film.settings.fps)
    out.say(f"The film is {target} ({length}).")
    add = f"imvar add {shown(args.project)} PICTURE, or --prompt TEXT"
    out.say(f"Go on with: {add}; then render again.")
    out.tell("finished", film=str(target), frames=end.frames, encoded=end.encoded)


def _current(args: argparse.Namespace) -> FilmTask:
    """Return the task, found out about the machine anew where there is something to render."""
    quick = remembered(args.device, args.precision)
    if quick is None:
        return film_task(args)  # which finds it out after all that is quick to check
    task = film_task(args, quick)
    if task.export.there_only or _seems_done(task):
        return task
    found = find_out(args.device, args.precision)
    return task if found == quick else film_task(args, found)


def _seems_done(task: FilmTask) -> bool:
    frames = ProjectFolder.open(Path(task.project)).frames
    return all(frames.path(picture.digest).is_file() for picture in film(task.spec).pictures)


def film_task(args: argparse.Namespace, natural: Natural | None = None) -> FilmTask:
    """Return what the options ask for, checked as far as that goes without loading a model.

    Args:
        args: with the options of `add_film_options`.
        natural: what the machine renders with; None finds it out.

    Raises:
        UserError: for options that cannot be, a project or a model that cannot be read.
    """
    from imvar_studio.worker.export import check_target

    folder = ProjectFolder.open(args.project)
    work = _with_options(first_film(folder.load(), args.project, args.film), args)
    export = _export(args)
    ending = "" if export.codec == SEQUENCE else ".mp4"
    target = args.out if args.out is not None else timed_name(args.project, ending)
    if not args.estimate:
        fps, codec = work.settings.fps, export.codec
        check_target(target, fps, codec=codec, overwrite=args.overwrite)
    card = resolve(work.model)
    natural = natural or find_out(args.device, args.precision)
    batch = natural.batch if args.batch is None else args.batch
    spec = FilmSpec(
        with_priors(work), card.ref, natural.precision, batch, args.frames_per_transition
    )
    return FilmTask(
        str(folder.path),
        spec,
        portable(work.model, card),
        str(target.absolute()),
        args.device or "",
        overwrite=args.overwrite,
        keep_prompts=not args.no_prompts,
        redo_odd=args.redo_odd,
        export=export,
    )


def _export(args: argparse.Namespace) -> FilmExport:
    first, last = (0, None) if args.frames is None else parse_frames(args.frames)
    return FilmExport(first, last, args.there, args.scale, args.crf, codec=args.codec)


def _with_options(work: FilmWork, args: argparse.Namespace) -> FilmWork:
    """Return the film with what this render asks otherwise; the project is not changed."""
    changes: dict[str, object] = {}
    if args.size is not None:
        changes["size"] = parse_size(args.size)
    if args.fps is not None:
        changes["fps"] = read_rate(args.fps, "fps")
    for name in ("steps", "guidance", "seed"):
        if getattr(args, name) is not None:
            changes[name] = getattr(args, name)
    work = replace(work, settings=replace(work.settings, **changes))  # type: ignore[arg-type]
    return work if args.model is None else replace(work, model=args.model)


def _say_estimate(task: FilmTask, terminal: Terminal) -> None:
    from imvar_studio.worker.run_film import estimate_task
    from imvar_studio.worker.workshop import Workshop

    terminal.step(Estimated(estimate_task(task, Workshop(), terminal)))

"""`imvar render`: make the film."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from imvar_studio.cli.add import first_film
from imvar_studio.cli.arguments import (
    add_compute_options,
    decimal,
    parse_rate,
    parse_size,
    shown,
    whole,
)
from imvar_studio.cli.command import Interruption, Output, add_command
from imvar_studio.cli.progress import Terminal
from imvar_studio.jobs.estimate import Estimate
from imvar_studio.jobs.events import Estimated, Progress
from imvar_studio.model.errors import Cancelled
from imvar_studio.model.specs import FilmSpec
from imvar_studio.store.models import resolve
from imvar_studio.store.project_folder import ProjectFolder

if TYPE_CHECKING:
    import argparse

    from imvar_studio.cli.command import Subparsers
    from imvar_studio.engine.device import Compute
    from imvar_studio.engine.renderer import Renderer
    from imvar_studio.model.model_card import ModelCard
    from imvar_studio.model.project import FilmWork
    from imvar_studio.worker.film import FilmJob

_EXAMPLES = """\
  imvar render mine.imvar --estimate
  imvar render mine.imvar --out film.mp4
  imvar render mine.imvar --out loop.gif --size 128 --fps 8
  imvar render mine.imvar --frames-per-transition 24 --steps 12 --seed 7
"""


def register(commands: Subparsers) -> None:
    """Add the command."""
    about = "render a project's film; run it again to go on where it stopped"
    parser = add_command(commands, "render", run, about=about, examples=_EXAMPLES)
    parser.add_argument("project", metavar="DIR", type=Path, help="the project's folder")
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        help="the film, .mp4 or .gif (default: an .mp4 here, named by project and time)",
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
        "--estimate", action="store_true", help="say what the render would take, and stop there"
    )


class _Task(NamedTuple):
    """What was asked, checked and planned; `target` is None for an estimate."""

    job: FilmJob
    card: ModelCard
    compute: Compute
    target: Path | None
    overwrite: bool
    keep_prompts: bool


def run(args: argparse.Namespace, out: Output) -> None:
    """Render, export, and say where the film is."""
    with Interruption() as interruption, Terminal(out, interruption) as terminal:
        task = _planned(args)
        plan = task.job.plan
        try:
            encoded = _make(task, terminal)
        except Cancelled:
            terminal.close()
            kept, of = len(task.job.finished), len(plan.pictures)
            out.say(f"Stopped. {kept} of {of} pictures are kept; the same command goes on.")
            out.tell("stopped", kept=kept, of=of)
            raise
    if task.target is None:
        return
    frames = len(plan.frames)
    length = f"{frames} frame{'s' * (frames > 1)}, {float(frames / plan.fps):.1f} s"
    out.say(f"The film is {task.target} ({length}).")
    add = f"imvar add {shown(args.project)} PICTURE, or --prompt TEXT"
    out.say(f"Go on with: {add}; then render again.")
    out.tell("finished", film=str(task.target), frames=frames, encoded=encoded)


def _planned(args: argparse.Namespace) -> _Task:
    """Check what can be checked before a model is loaded, and find out what there is to do."""
    from imvar_studio.worker.export import check_target
    from imvar_studio.worker.film import plan_film

    folder = ProjectFolder.open(args.project)
    film = _with_options(first_film(folder.load(), args.project), args)
    target = None
    if not args.estimate:
        target = args.out if args.out is not None else _timed_name(args.project)
        check_target(target, film.settings.fps, overwrite=args.overwrite)
    card = resolve(film.model)
    from imvar_studio.engine.device import choose_compute  # slow: torch

    compute = choose_compute(args.device, args.precision)
    batch = compute.batch if args.batch is None else args.batch
    spec = FilmSpec(film, card.ref, compute.precision, batch, args.frames_per_transition)
    job = plan_film(spec, folder)
    return _Task(job, card, compute, target, args.overwrite, not args.no_prompts)


def _make(task: _Task, terminal: Terminal) -> bool:
    """Estimate, render and export; tells whether the film was encoded."""
    from imvar_studio.worker.export import export_film
    from imvar_studio.worker.film import announce, check_sources, render_film

    job = task.job
    if not job.left:
        terminal.step(Estimated(Estimate(0, len(job.plan.pictures), 0, 0, 0)))
    else:
        check_sources(job, task.card)
        announce(job, terminal)
        renderer = _ready(job, task.card, task.compute, terminal)
        if task.target is not None:
            render_film(job, renderer, terminal)
    if task.target is None:
        return False
    return export_film(
        job,
        task.target,
        terminal,
        overwrite=task.overwrite,
        keep_prompts=task.keep_prompts,
    )


def _with_options(film: FilmWork, args: argparse.Namespace) -> FilmWork:
    """Return the film with what this render asks otherwise; the project is not changed."""
    changes: dict[str, object] = {}
    if args.size is not None:
        changes["size"] = parse_size(args.size)
    if args.fps is not None:
        changes["fps"] = parse_rate(args.fps)
    for name in ("steps", "guidance", "seed"):
        if getattr(args, name) is not None:
            changes[name] = getattr(args, name)
    film = replace(film, settings=replace(film.settings, **changes))  # type: ignore[arg-type]
    return film if args.model is None else replace(film, model=args.model)


def _timed_name(project: Path) -> Path:
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    return Path(f"{project.resolve().stem}-{stamp}.mp4")


def _ready(job: FilmJob, card: ModelCard, compute: Compute, terminal: Terminal) -> Renderer:
    """Return the renderer, after saying what the render is going to take."""
    from imvar_studio.engine.library import load_bundle
    from imvar_studio.engine.renderer import Renderer
    from imvar_studio.worker.estimate import estimate_film
    from imvar_studio.worker.pictures import picture_loader

    of = len(job.plan.pictures)
    terminal.step(Progress("loading", 0, job.samples_left(), of - job.pictures_left, of))
    bundle = load_bundle(card, compute)
    renderer = Renderer(bundle, picture_loader(job.project), job.project.cache)
    terminal.step(Estimated(estimate_film(job, renderer)))
    return renderer

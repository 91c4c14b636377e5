"""`imvar render`: make the film."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.cli.add import first_film
from imvar_studio.cli.arguments import parse_rate, parse_size
from imvar_studio.cli.command import Interruption, Output, add_command
from imvar_studio.cli.progress import Terminal
from imvar_studio.jobs.estimate import Estimate
from imvar_studio.jobs.events import Estimated
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
        "--out", metavar="FILE", type=Path, help=".mp4 or .gif (default: named by the time)"
    )
    parser.add_argument("--overwrite", action="store_true", help="FILE may be replaced")
    parser.add_argument("--size", metavar="N|WxH", help="of the frames, for this render")
    timing = parser.add_mutually_exclusive_group()
    timing.add_argument("--fps", metavar="F", help="frames a second, for this render")
    timing.add_argument(
        "--frames-per-transition",
        metavar="N",
        type=int,
        help="so many frames from each keyframe to the next, in place of their times",
    )
    parser.add_argument(
        "--steps", metavar="N", type=int, help="of the sampler; ways to pictures use their own"
    )
    parser.add_argument("--guidance", metavar="G", type=float, help="in [0, 50]")
    parser.add_argument("--seed", type=int, help="of every keyframe that has none of its own")
    parser.add_argument("--model", metavar="ID|PATH", help="in place of the film's")
    parser.add_argument("--device", help="cpu, cuda, cuda:1, mps (default: the best there is)")
    parser.add_argument("--precision", help="fp32, bf16, fp16 (default: what suits the device)")
    parser.add_argument(
        "--batch", metavar="N", type=int, help="pictures a chunk (default: what suits the device)"
    )
    parser.add_argument(
        "--estimate", action="store_true", help="say what it would take, and stop there"
    )


def run(args: argparse.Namespace, out: Output) -> None:
    """Render, export, and say where the film is."""
    from imvar_studio.engine.device import choose_compute
    from imvar_studio.worker.export import check_target, export_film
    from imvar_studio.worker.film import announce, plan_film, render_film

    folder = ProjectFolder.open(args.project)
    film = _with_options(first_film(folder.load(), args.project), args)
    target = args.out if args.out is not None else _timed_name(args.project)
    if not args.estimate:
        check_target(target, overwrite=args.overwrite)
    card = resolve(film.model)
    compute = choose_compute(args.device, args.precision)
    batch = compute.batch if args.batch is None else args.batch
    spec = FilmSpec(film, card.ref, compute.precision, batch, args.frames_per_transition)
    interruption = Interruption()
    interruption.listen()
    with Terminal(out, interruption) as terminal:
        job = plan_film(spec, folder)
        try:
            announce(job, terminal)
            if job.left:
                renderer = _ready(job, card, compute, terminal)
            else:
                terminal.step(Estimated(Estimate(0, len(job.plan.pictures), 0, 0, 0)))
            if args.estimate:
                return
            if job.left:
                render_film(job, renderer, terminal)
            encoded = export_film(job, target, terminal, overwrite=args.overwrite)
        except Cancelled:
            terminal.close()
            kept = len(job.finished)
            out.say(
                f"Stopped. {kept} of {len(job.plan.pictures)} pictures are kept; "
                "the same command goes on from there."
            )
            out.tell("stopped", kept=kept, of=len(job.plan.pictures))
            raise
    seconds = len(job.plan.frames) / job.plan.fps
    out.say(f"The film is {target} ({len(job.plan.frames)} frames, {float(seconds):.1f} s).")
    out.say(f"Go on with: imvar add {args.project} PICTURE, or --prompt TEXT; then render again.")
    out.tell("finished", film=str(target), frames=len(job.plan.frames), encoded=encoded)


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

    bundle = load_bundle(card, compute)
    renderer = Renderer(bundle, picture_loader(job.project), job.project.cache)
    terminal.step(Estimated(estimate_film(job, renderer)))
    return renderer

"""`imvar sheet`: one or two parameters over rows and columns, as a contact sheet."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imvar_studio.cli.arguments import add_compute_options, decimal, whole
from imvar_studio.cli.command import Output, add_command
from imvar_studio.cli.running import run_to_end
from imvar_studio.cli.sheet_models import sheet_specs
from imvar_studio.cli.sheet_project import checked_sheets, kept_sheets
from imvar_studio.jobs.tasks import SheetTask
from imvar_studio.model.errors import SpecError
from imvar_studio.model.sheet import PARAMETERS
from imvar_studio.model.sheet_text import sheet_id
from imvar_studio.model.shot import INVERSIONS, STARTS
from imvar_studio.plan.sheet import sheet as plan_sheet

if TYPE_CHECKING:
    import argparse

    from imvar_studio.cli.command import Subparsers

_EXAMPLES = """\
  imvar sheet --like cat.jpg --columns guidance=0,1,2,4,8 --rows seed=1..4
  imvar sheet --like cat.jpg --second fox.png --columns mix=0,25%,50%,75%,100%
  imvar sheet --like lake.jpg --edit "still water" "wild flowers" --columns edit=0,0.25,0.5,1
  imvar sheet --prompt "an owl" --columns sampler=ddim,dpmpp-2m --rows steps=8,16,32
  imvar sheet experiment.toml --out experiment.png

What can be varied: """ + ", ".join(PARAMETERS)
_RANGE = re.compile(r"(-?\d{1,12})\.\.(-?\d{1,12})")
_MOST = 500  # values of a range


def register(commands: Subparsers) -> None:
    """Add the command."""
    about = "vary one or two parameters over rows and columns"
    parser = add_command(commands, "sheet", run, about=about, examples=_EXAMPLES)
    parser.add_argument(
        "spec", metavar="SPEC.toml", nargs="?", type=Path, help="a sheet that is written down"
    )
    look = parser.add_argument_group("what to show, without SPEC")
    look.add_argument("--like", metavar="PICTURE", type=Path, help="variations of a picture")
    look.add_argument("--prompt", metavar="TEXT", help="in words")
    look.add_argument("--second", metavar="PICTURE", type=Path, help="a picture that mix leads to")
    look.add_argument("--second-text", metavar="TEXT", help="a text that mix leads to")
    look.add_argument("--edit", metavar=("FROM", "TO"), nargs=2, help="a direction between texts")
    look.add_argument("--negative", metavar="TEXT", help="what to keep away from")
    axes = parser.add_argument_group("what is varied")
    for name in ("rows", "columns"):
        axes.add_argument(f"--{name}", metavar="P=V,V,...", help="a parameter and its values")
    fixed = parser.add_argument_group("what stays")
    fixed.add_argument("--seed", metavar="N", type=whole("seed"), help="default: 0")
    fixed.add_argument(
        "--steps",
        metavar="N",
        type=whole("steps"),
        help="default: 16; 50 back from the classic inversion",
    )
    fixed.add_argument(
        "--guidance",
        metavar="G",
        type=decimal("guidance"),
        help="default: 4; 3 with the classic inversion, 1 with few-steps",
    )
    fixed.add_argument("--eta", metavar="E", type=decimal("eta"), help="default: 0")
    fixed.add_argument("--start", metavar="S", choices=STARTS, help=", ".join(STARTS))
    fixed.add_argument("--strength", metavar="S", type=decimal("strength"), help="of img2img")
    fixed.add_argument(
        "--inversion", metavar="I", choices=[*INVERSIONS], help=", ".join(INVERSIONS)
    )
    fixed.add_argument("--sampler", metavar="S", help="default: the model's own")
    fixed.add_argument("--size", metavar="N|WxH", help="default: the model's own")
    fixed.add_argument("--model", metavar="ID|PATH", help="default: starter")
    fixed.add_argument(
        "--likeness", action="store_true", help="say beside each row how alike it is to its input"
    )
    add_compute_options(parser)
    parser.add_argument("--name", help="stands above the sheet")
    parser.add_argument("--out", metavar="FILE.png", type=Path, help="default: NAME.png")
    parser.add_argument(
        "--project", metavar="DIR", type=Path, help="where it is kept (default: beside the sheet)"
    )
    parser.add_argument("--sheet-only", action="store_true", help="no files of single pictures")
    parser.add_argument("--overwrite", action="store_true", help="replace files that are there")
    parser.add_argument(
        "--no-prompts", action="store_true", help="leave texts out of the files' recipes"
    )


def run(args: argparse.Namespace, out: Output) -> None:
    """Make the sheet, or go on with it, and say where it is."""
    from imvar_studio.worker.sheet_files import check_sheet_files

    table = _table(args)
    name = sheet_id(str(table["name"]))
    # without its prompts, the name of a sheet may not be one
    own = args.name is not None or args.spec is not None or args.like is not None
    plain = "sheet" if args.no_prompts and not own else name
    target = args.out if args.out is not None else Path(f"{plain}.png")
    if not target.name:
        raise SpecError("--out needs a file's name", "out", "end it with .png")
    beside = args.spec.parent if args.spec is not None else Path()
    project = args.project if args.project is not None else target.with_suffix(".imvar")
    (spec,), models = sheet_specs(checked_sheets([table], beside), args)
    task = SheetTask(
        str(project.absolute()),
        spec,
        models,
        str(target.absolute()),
        separate=not args.sheet_only,
        device=args.device or "",
        overwrite=args.overwrite,
        keep_prompts=not args.no_prompts,
    )
    check_sheet_files(task, plan_sheet(spec))
    _, (sheet,) = kept_sheets(project, [table], beside)
    task = replace(task, spec=replace(spec, sheet=sheet))
    run_to_end(task, out)


def _table(args: argparse.Namespace) -> dict[str, Any]:
    """Return the sheet as it would be written down: from its file, or from options."""
    if args.spec is not None:
        from imvar_studio.store.toml_file import read_toml

        for name in ("like", "prompt", "second", "second_text", "edit"):
            if getattr(args, name) is not None:
                option = f"--{name.replace('_', '-')}"
                raise SpecError(f"{args.spec} says what to show", name, f"leave {option} out")

        table = read_toml(args.spec)
        table.setdefault("name", args.spec.stem)
    else:
        table = _asked(args)
    for name in ("seed", "steps", "guidance", "eta", "start", "strength", "inversion", "sampler",
                 "size", "model", "negative", "name"):  # fmt: skip
        value = getattr(args, name)
        if value is not None:
            table[name] = value
    if args.likeness:
        table["likeness"] = True
    for name in ("rows", "columns"):
        given = getattr(args, name)
        if given is not None:
            table[name] = _axis(given, f"--{name}")
    return table


def _asked(args: argparse.Namespace) -> dict[str, Any]:
    if (args.like is None) == (args.prompt is None):
        raise SpecError("one look is wanted", "look", "give SPEC.toml, --like or --prompt")
    if args.second is not None and args.second_text is not None:
        raise SpecError("there is one second look", "second", "give --second or --second-text")
    table: dict[str, Any] = {}
    if args.like is not None:
        table |= {"picture": str(args.like.absolute()), "name": args.like.stem}
    else:
        table |= {"look": {"text": args.prompt}, "name": args.prompt[:80]}
    if args.second is not None:
        table["second"] = {"picture": str(args.second.absolute())}
    if args.second_text is not None:
        table["second"] = {"text": args.second_text}
    if args.edit is not None:
        table["edit"] = {"from": args.edit[0], "to": args.edit[1]}
    return table


def _axis(text: str, option: str) -> dict[str, Any]:
    """Return `guidance=0,1,2` or `seed=1..4` as a table."""
    name, equals, values = text.partition("=")
    if not equals or not values.strip():
        raise SpecError(f"{option} must be like guidance=0,1,2", option.strip("-"))
    found = _RANGE.fullmatch(values.strip())
    if found is None:
        return {name.strip(): [each.strip() for each in values.split(",")]}
    first, last = int(found[1]), int(found[2])
    if not 0 <= last - first < _MOST:
        raise SpecError(f"{option} must rise, by at most {_MOST} values", option.strip("-"))
    return {name.strip(): list(range(first, last + 1))}

"""`imvar gallery`: every figure of the image-variation experiments, of one picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imvar_studio.cli.arguments import add_compute_options, whole
from imvar_studio.cli.command import Output, add_command
from imvar_studio.cli.running import run_to_end
from imvar_studio.cli.sheet_models import sheet_specs
from imvar_studio.cli.sheet_project import checked_sheets, kept_sheets
from imvar_studio.jobs.tasks import PAGE, SHEETS, GalleryTask
from imvar_studio.model.errors import SpecError, StoreError, UserError
from imvar_studio.model.model_card import IMAGE_VARIATION
from imvar_studio.store.models import list_models, resolve
from imvar_studio.store.places import bundled_folder
from imvar_studio.store.toml_file import read_toml

if TYPE_CHECKING:
    import argparse

    from imvar_studio.cli.command import Subparsers

    Table = dict[str, Any]

_EXAMPLES = """\
  imvar gallery cat.jpg
  imvar gallery cat.jpg --with fox.png --out cat-gallery
  imvar gallery cat.jpg --only guidance,mix,edit
  imvar gallery cat.jpg --classic
"""
_OWN = {"needs"}
PROJECT = "gallery.imvar"
_STARTER = "starter"
_MODEL, _SECOND = "MODEL", "SECOND-MODEL"  # what stands for them in the file


def register(commands: Subparsers) -> None:
    """Add the command."""
    about = "every figure of the image-variation experiments, of one picture"
    parser = add_command(commands, "gallery", run, about=about, examples=_EXAMPLES)
    parser.add_argument("picture", metavar="PICTURE", type=Path, help="to vary")
    parser.add_argument(
        "--with",
        metavar="PICTURE",
        type=Path,
        dest="second",
        help="a second one, to mix and join with (default: a drawing that comes with the program)",
    )
    parser.add_argument(
        "--out", metavar="DIR", type=Path, help="where the page goes (default: PICTURE-gallery)"
    )
    parser.add_argument("--only", metavar="ID,ID,...", help="some of the figures")
    parser.add_argument(
        "--classic", action="store_true", help="the classic inversion too, which takes long"
    )
    parser.add_argument("--figures", metavar="FILE.toml", type=Path, help="figures of your own")
    parser.add_argument("--model", metavar="ID|PATH", default=_STARTER, help="default: starter")
    parser.add_argument(
        "--second-model", metavar="ID|PATH", help="to compare with (default: another one there is)"
    )
    parser.add_argument(
        "--seed", metavar="N", type=whole("seed"), help="where a figure has one seed (default: 1)"
    )
    parser.add_argument("--steps", metavar="N", type=whole("steps"), help="default: 16")
    add_compute_options(parser)
    parser.add_argument(
        "--overwrite", action="store_true", help="replace a page that is there and no gallery's"
    )
    parser.add_argument(
        "--no-prompts", action="store_true", help="leave texts out of the files' recipes"
    )


def run(args: argparse.Namespace, out: Output) -> None:
    """Make the gallery, or go on with it, and say where its page is."""
    title, tables = figures(args)
    place = args.out if args.out is not None else Path(f"{args.picture.stem}-gallery")
    beside = args.figures.parent if args.figures is not None else Path()
    specs, models = sheet_specs(checked_sheets(tables, beside), args)
    _check_place(place, overwrite=args.overwrite)
    folder, sheets = kept_sheets(place / PROJECT, tables, beside)
    specs = tuple(replace(s, sheet=work) for s, work in zip(specs, sheets, strict=True))
    task = GalleryTask(
        str(folder.path),
        title if args.no_prompts else f"{title}: {args.picture.stem}",
        specs,
        models,
        str(place.absolute()),
        args.device or "",
        keep_prompts=not args.no_prompts,
    )
    run_to_end(task, out)


def figures(args: argparse.Namespace) -> tuple[str, list[Table]]:
    """Return the gallery's title and its figures, each as a table of a sheet.

    Raises:
        UserError: for a file of figures that cannot be read, figures or a model that are not
            there.
    """
    own = bundled_folder("resources") / "gallery" / "gallery.toml"
    data = read_toml(args.figures or own)
    given = [dict(each) for each in _tables(data)]
    wanted = _wanted(args.only, [str(each["id"]) for each in given])
    second_model = args.second_model or _other_model(args.model)
    there = {
        "classic": args.classic,
        "second-model": second_model is not None,
        "starter": resolve(args.model).ref.id == _STARTER,
    }
    found = []
    for table in given:
        need = table.get("needs")
        if need is not None and need not in there:
            raise SpecError(f"figure {table['id']} needs {need!r}, which is not known", "needs")
        if table["id"] in wanted and (need is None or there[need]):
            found.append(_figure(table, data.get("defaults", {}), args, second_model))
    if not found:
        raise SpecError("none of these figures can be made here", "only", "leave --only out")
    return str(data.get("title", "Gallery")), found


def _check_place(place: Path, *, overwrite: bool) -> None:
    """Refuse a folder with a page that no gallery of this program wrote."""
    there = [place / PAGE, place / SHEETS]
    if not overwrite and not (place / PROJECT).is_dir():
        for path in there:
            if path.exists():
                raise StoreError(f"{path} exists", "give another folder with --out, or --overwrite")


def _tables(data: Table) -> list[Table]:
    tables = data.get("figure")
    whole_ones = isinstance(tables, list) and all(isinstance(each, dict) for each in tables)
    if not whole_ones or not tables or any(not _is_text(each, "id") for each in tables):
        raise SpecError("a gallery's file has figures, each with its id", "figure")
    if not isinstance(data.get("defaults", {}), dict):
        raise SpecError("a gallery's defaults are a table", "defaults")
    if any("needs" in each and not _is_text(each, "needs") for each in tables):
        raise SpecError("what a figure needs is one word", "needs")
    return list(tables)


def _is_text(table: Table, name: str) -> bool:
    return isinstance(table.get(name), str)


def _figure(table: Table, defaults: Table, args: argparse.Namespace, other: str | None) -> Table:
    """Return a figure as a sheet's table."""
    sheet = {"model": args.model, **defaults}
    sheet |= {
        name: getattr(args, name) for name in ("seed", "steps") if getattr(args, name) is not None
    }
    sheet |= {name: content for name, content in table.items() if name not in _OWN}
    if sheet.get("picture") is False:
        del sheet["picture"]
    else:
        second = args.second or _drawing()
        sheet["picture"] = str(args.picture.absolute())
        sheet.setdefault("second", {"picture": str(second.absolute())})
    for name in ("rows", "columns"):
        axis = sheet.get(name)
        if isinstance(axis, dict) and "model" in axis:
            models = axis["model"] if isinstance(axis["model"], list) else []
            put = [args.model if each == _MODEL else other if each == _SECOND else each
                   for each in models]  # fmt: skip
            sheet[name] = {**axis, "model": put or axis["model"]}
    return sheet


def _wanted(only: str | None, ids: list[str]) -> set[str]:
    if only is None:
        return set(ids)
    wanted = {each.strip() for each in only.split(",") if each.strip()}
    unknown = sorted(wanted - set(ids))
    if unknown:
        raise SpecError(f"there is no figure {unknown[0]!r}", "only", f"there are {', '.join(ids)}")
    return wanted


def _other_model(model: str) -> str | None:
    """Return another image-variation model that an id finds, None where there is none."""
    own = resolve(model).ref
    for name, path in list_models():
        try:
            card = resolve(str(path))
        except UserError:
            continue
        if card.family == IMAGE_VARIATION and card.ref != own:
            return name
    return None


def _drawing() -> Path:
    return bundled_folder("resources") / "samples" / "pictures" / "turtle-in-a-meadow.jpg"

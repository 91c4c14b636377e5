"""`imvar models`: which models and priors there are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from imvar_studio.cli.command import Output, add_command
from imvar_studio.jobs.estimate import size
from imvar_studio.model.errors import StoreError, UserError
from imvar_studio.store.model_roots import models_below, remember_root
from imvar_studio.store.models import list_models, resolve
from imvar_studio.store.places import user_models_folder
from imvar_studio.store.priors import find_prior, is_prior, list_priors

if TYPE_CHECKING:
    import argparse

    from imvar_studio.cli.command import Subparsers
    from imvar_studio.model.prior_card import PriorCard

_EXAMPLES = """\
  imvar models
  imvar models --scan ~/ComfyUI
  imvar models --add ~/stable-diffusion-webui
"""


def register(commands: Subparsers) -> None:
    """Add the command."""
    about = "list the models and priors there are, with family, size and licence"
    parser = add_command(commands, "models", run, about=about, examples=_EXAMPLES)
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--scan",
        metavar="DIR",
        type=Path,
        help="list what lies in a folder, of ComfyUI or AUTOMATIC1111 too",
    )
    where.add_argument(
        "--add", metavar="DIR", type=Path, help="look into a folder from now on, by id"
    )


def run(args: argparse.Namespace, out: Output) -> None:
    """List them; what is no model is said with its reason."""
    if args.add is not None:
        remember_root(args.add)
    if args.scan is not None:
        if not args.scan.is_dir():
            raise StoreError(f"{args.scan} is not a folder", "give the folder that models lie in")
        found = [(str(path), path) for path in models_below(args.scan)]
    else:
        found = [*list_models(), *list_priors()]
    rows = [_row(name, path, by_path=args.scan is not None) for name, path in found]
    out.tell("models", models=rows)
    for row in rows:
        if "problem" in row:
            out.say(f"{row['id']}\n    cannot be used: {row['problem']}")
            continue
        licence = row["licence"] or "licence not stated"
        out.say(
            f"{row['id']}\n    {row['name']}, {row['family']}, {_measure(row)}, "
            f"{size(row['bytes'])}, {licence}\n    {row['path']}"
        )
    if not rows:
        out.say("No models there.")
    if args.scan is None:
        out.say(f"\nFolders in {user_models_folder()} are found by their names.")


def _measure(row: dict[str, Any]) -> str:
    return f"{row['native']} px" if "native" in row else f"embeddings of {row['width']} numbers"


def _row(name: str, path: Path, *, by_path: bool) -> dict[str, Any]:
    whole = str(path.absolute())  # a lone name could be an id
    try:
        if is_prior(path):
            return _prior_row(name, find_prior(whole), by_path=by_path)
        card = resolve(whole)
    except UserError as error:
        return {"id": name, "path": str(path), "problem": str(error)}
    return {
        "id": name if by_path else card.ref.id,
        "name": card.name,
        "family": card.family + (" (inpainting)" if card.inpainting else ""),
        "native": str(card.native),
        "bytes": card.weights_bytes,
        "licence": card.licence,
        "path": card.path,
    }


def _prior_row(name: str, card: PriorCard, *, by_path: bool) -> dict[str, Any]:
    return {
        "id": name if by_path else card.id,
        "name": card.name,
        "family": "prior",
        "width": card.width,
        "bytes": card.weights_bytes,
        "licence": card.licence,
        "path": card.path,
    }

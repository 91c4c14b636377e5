"""Provenance: what an exported file says about how it was made, and reading it back."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, Any

import imvar_studio
from imvar_studio.media.film_metadata import read_video_metadata
from imvar_studio.media.png import read_png_text
from imvar_studio.media.xmp import GENERATED, PNG_KEYWORD, xmp_packet
from imvar_studio.model.canonical import canonical_json
from imvar_studio.model.codec import decode
from imvar_studio.model.errors import FormatError, PictureError, UserError
from imvar_studio.model.recipe import ENGINE_EPOCH, Recipe, recipe_record
from imvar_studio.store.atomic import store_error

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.plan.plan import PlannedPicture

SOFTWARE = f"Imvar Studio {imvar_studio.__version__}"
RECIPE_KEYWORD = "imvar"
PICTURE_FORMAT, FILM_FORMAT = "imvar-recipe", "imvar-film"
_VERSION = 1
_GIVE = "give a file that Imvar Studio exported"
_LARGEST = 64 << 20  # bytes read of a file that should be a picture or JSON
_PROMPT_FIELDS = {"prompt": ("text",), "prior": ("text",), "edit": ("origin", "target")}


def picture_text(
    picture: PlannedPicture, numerics: str, batch: int, *, keep_prompts: bool = True
) -> dict[str, str]:
    """Return a picture's PNG text entries: its recipe, its software, its IPTC source type.

    Args:
        picture: what it shows.
        numerics: the fingerprint it was rendered with.
        batch: pictures a chunk.
        keep_prompts: whether its texts may be read by whoever gets the file.
    """
    record = {
        "format": PICTURE_FORMAT,
        "version": _VERSION,
        "digest": picture.digest,
        "numerics": numerics,
        "batch": batch,
        **recipe_record(picture.recipe),
    }
    return {
        RECIPE_KEYWORD: canonical_json(record if keep_prompts else without_prompts(record)),
        "Software": SOFTWARE,
        PNG_KEYWORD: xmp_packet(GENERATED, SOFTWARE),
    }


def film_record(plan_digest: str, spec: Any, *, keep_prompts: bool = True) -> str:
    """Return what a film's `comment` holds: the spec it was planned from.

    Args:
        plan_digest: of the plan.
        spec: JSON-ready.
        keep_prompts: whether its texts may be read by whoever gets the file.
    """
    record = {"format": FILM_FORMAT, "version": _VERSION, "plan": plan_digest, "spec": spec}
    return canonical_json(record if keep_prompts else without_prompts(record))


def without_prompts(record: Any) -> Any:
    """Return JSON-ready data without the texts of prompts, and a word that they were left out."""
    return {**_blanked(record), "prompts": "left out"}


def _blanked(data: Any) -> Any:
    if isinstance(data, list):
        return [_blanked(each) for each in data]
    if not isinstance(data, dict):
        return data
    hidden = _PROMPT_FIELDS.get(str(data.get("kind")), ())
    return {name: _blanked(item) for name, item in data.items() if name not in hidden}


def read_record(path: Path) -> dict[str, Any]:
    """Return the record in an exported picture or film, or in a JSON file.

    Raises:
        FormatError: a file that carries none, or one of a newer version.
        StoreError: a file that cannot be read.
    """
    try:
        # asked before opening: opening a pipe would wait for ever
        if not stat.S_ISREG(path.stat().st_mode):
            raise FormatError(f"{path} carries no recipe", _GIVE)
        with path.open("rb") as file:
            data = file.read(_LARGEST)
    except OSError as error:
        raise store_error(error, "read", path) from error
    if data.startswith(b"\x89PNG"):
        text = read_png_text(data).get(RECIPE_KEYWORD, "")
    elif data[:1].isspace() or data.startswith(b"{"):
        text = data.decode("utf-8", "replace")
    else:
        text = _film_comment(path)
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict) or record.get("format") not in (PICTURE_FORMAT, FILM_FORMAT):
        raise FormatError(f"{path} carries no recipe", _GIVE)
    version = record.get("version")
    if type(version) is not int or version > _VERSION:
        raise FormatError(f"{path} was made by a newer version", "update Imvar Studio")
    return record


def _film_comment(path: Path) -> str:
    try:
        return read_video_metadata(path).get("comment", "")
    except UserError:
        return ""


def recipe_of(record: dict[str, Any], path: Path) -> Recipe:
    """Return the recipe of a picture's record.

    Raises:
        FormatError: a film, prompts that were left out, another engine epoch, or damage.
    """
    if record["format"] != PICTURE_FORMAT:
        raise FormatError(f"{path} is a film", "give a picture, or one of the film's frames")
    if "prompts" in record:
        raise FormatError(f"{path} was exported without its prompts, so it cannot be made again")
    if record.get("epoch") != ENGINE_EPOCH:
        raise FormatError(
            f"{path} was made by an engine of epoch {record.get('epoch')}, this one is of epoch "
            f"{ENGINE_EPOCH} and would make another picture",
            "use the version that made it",
        )
    content = record.get("recipe")
    if not isinstance(content, dict):
        raise FormatError(f"{path} carries no recipe", _GIVE)
    try:
        return decode(content, Recipe, "recipe")
    except FormatError as error:
        raise PictureError(f"{path} has a recipe that is not readable, {error.message}") from error

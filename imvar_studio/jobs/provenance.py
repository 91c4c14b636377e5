"""Reading back how an exported picture or film was made."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, Any, TypeVar

from imvar_studio.model.codec import decode
from imvar_studio.model.errors import FormatError, UserError
from imvar_studio.model.recipe import ENGINE_EPOCH, Recipe
from imvar_studio.model.specs import FilmSpec
from imvar_studio.store.atomic import store_error

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")
RECIPE_KEYWORD = "imvar"
PICTURE_FORMAT, FILM_FORMAT, SHEET_FORMAT = "imvar-recipe", "imvar-film", "imvar-sheet"
_FORMATS = (PICTURE_FORMAT, FILM_FORMAT, SHEET_FORMAT)
VERSION = 1
"""Of all formats, as this program writes them."""

_GIVE = "give a file that Imvar Studio exported"
_LARGEST = 64 << 20  # bytes read of a file that should be a picture or JSON


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
    try:
        record = json.loads(_text(path, data))
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict) or record.get("format") not in _FORMATS:
        raise FormatError(f"{path} carries no recipe", _GIVE)
    version = record.get("version")
    if type(version) is not int or version > VERSION:
        raise FormatError(f"{path} was made by a newer version", "update Imvar Studio")
    return record


def recipe_of(record: dict[str, Any], path: Path) -> Recipe:
    """Return the recipe of a picture's record.

    Raises:
        FormatError: a film, prompts that were left out, another engine epoch, or damage.
    """
    if record["format"] == SHEET_FORMAT:
        raise FormatError(f"{path} is a sheet", "give one of its pictures")
    if record["format"] != PICTURE_FORMAT:
        raise FormatError(f"{path} is a film", "give a picture, or one of the film's frames")
    _refuse_left_out(record, path)
    if record.get("epoch") != ENGINE_EPOCH:
        raise FormatError(
            f"{path} was made by an engine of epoch {record.get('epoch')}, this one is of epoch "
            f"{ENGINE_EPOCH} and would make another picture",
            "use the version that made it",
        )
    return _decoded(record, "recipe", Recipe, path)


def film_spec_of(record: dict[str, Any], path: Path) -> FilmSpec:
    """Return the spec that a film's record says it was planned from.

    Raises:
        FormatError: a picture, prompts that were left out, or damage.
    """
    if record["format"] != FILM_FORMAT:
        what = "sheet" if record["format"] == SHEET_FORMAT else "picture"
        raise FormatError(f"{path} is a {what}", "give a film")
    _refuse_left_out(record, path)
    return _decoded(record, "spec", FilmSpec, path)


def _text(path: Path, data: bytes) -> str:
    """Return what should be a record; "" where there is none."""
    if data.startswith(b"\x89PNG"):
        from imvar_studio.media.png import read_png_text  # slow: numpy

        return read_png_text(data).get(RECIPE_KEYWORD, "")
    if data[:1].isspace() or data.startswith(b"{"):
        return data.decode("utf-8", "replace")
    from imvar_studio.media.film_metadata import read_video_metadata

    try:
        return read_video_metadata(path).get("comment", "")
    except UserError:
        return ""


def _refuse_left_out(record: dict[str, Any], path: Path) -> None:
    if "prompts" in record:
        raise FormatError(f"{path} was exported without its prompts, so it cannot be made again")


def _decoded(record: dict[str, Any], name: str, cls: type[T], path: Path) -> T:
    content = record.get(name)
    if not isinstance(content, dict):
        raise FormatError(f"{path} carries no recipe", _GIVE)
    try:
        return decode(content, cls, name)
    except FormatError as error:
        raise FormatError(f"{path} has a recipe that is not readable, {error.message}") from error

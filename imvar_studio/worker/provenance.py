"""Provenance: what an exported file says about how it was made; `jobs.provenance` reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import imvar_studio
from imvar_studio.jobs.provenance import (
    FILM_FORMAT,
    PICTURE_FORMAT,
    RECIPE_KEYWORD,
    SHEET_FORMAT,
    VERSION,
)
from imvar_studio.media.xmp import COMPOSITE, GENERATED, PNG_KEYWORD, xmp_packet
from imvar_studio.model.canonical import canonical_json
from imvar_studio.model.recipe import recipe_record

if TYPE_CHECKING:
    from imvar_studio.plan.plan import PlannedPicture

SOFTWARE = f"Imvar Studio {imvar_studio.__version__}"
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
        "version": VERSION,
        "digest": picture.digest,
        "numerics": numerics,
        "batch": batch,
        **recipe_record(picture.recipe),
    }
    source = GENERATED if picture.recipe.inpaint is None else COMPOSITE
    return {
        RECIPE_KEYWORD: canonical_json(record if keep_prompts else without_prompts(record)),
        "Software": SOFTWARE,
        PNG_KEYWORD: xmp_packet(source, SOFTWARE),
    }


def film_record(
    plan_digest: str, spec: Any, part: tuple[int, int] | None = None, *, keep_prompts: bool = True
) -> str:
    """Return what a film's `comment` holds: the spec it was planned from.

    Args:
        plan_digest: of the plan.
        spec: JSON-ready.
        part: the first and the last of its frames that the film shows; None shows all.
        keep_prompts: whether its texts may be read by whoever gets the file.
    """
    record = {"format": FILM_FORMAT, "version": VERSION, "plan": plan_digest, "spec": spec}
    if part is not None:
        record["frames"] = list(part)
    return canonical_json(record if keep_prompts else without_prompts(record))


def sheet_text(plan_digest: str, spec: Any, *, keep_prompts: bool = True) -> dict[str, str]:
    """Return a contact sheet's PNG text entries, as `picture_text` does a picture's.

    Args:
        plan_digest: of the plan.
        spec: the sheet's, JSON-ready.
        keep_prompts: whether its texts may be read by whoever gets the file; without them
            nothing of the spec is kept.
    """
    record = {"format": SHEET_FORMAT, "version": VERSION, "plan": plan_digest}
    record |= {"spec": spec} if keep_prompts else {"prompts": "left out"}
    return {
        RECIPE_KEYWORD: canonical_json(record),
        "Software": SOFTWARE,
        PNG_KEYWORD: xmp_packet(GENERATED, SOFTWARE),
    }


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

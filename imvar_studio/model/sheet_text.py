"""Sheets as people write them down: a table of TOML to a sheet, every mistake by its place."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from imvar_studio.model import checks
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Join, Look, Mix, Nothing, Picture, Prior, Prompt, Weighted
from imvar_studio.model.sheet import PARAMETERS, Axis, Ensemble, LookAxis, SheetWork, field_of
from imvar_studio.model.shot import DECODED, INVERSIONS, Shot
from imvar_studio.model.slugs import slug
from imvar_studio.model.source import Asset, Size, parse_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.sheet import AnyAxis

    Table = dict[str, Any]
    Assets = Callable[[str], Asset]

_PLAIN = {*PARAMETERS} - {"picture", "edit", "inversion"}
_LABEL = 100  # characters of a picture's name
_SHEET = {"name", "caption", "size", "likeness", "rows", "columns", "id"}
_SHOT = {"picture", "look", "second", "edit", "negative", "inversion"}
_PRIOR = {"prior", "model", "seed", "steps", "guidance"}  # words of a look by a prior


def sheet_of(table: Table, assets: Assets, name: str = "sheet") -> SheetWork:
    """Return the sheet that a table describes.

    Args:
        table: with `name`, `caption`, `picture`, `look`, `second`, `edit`, `negative`, the fields
            of a shot, and `rows` and `columns` of one parameter each.
        assets: gives a picture's asset by the path that stands in the table.
        name: where the table has none.

    Raises:
        SpecError: naming the place and what is wrong there.
    """
    unknown = sorted(set(table) - _SHEET - _SHOT - _PLAIN)
    if unknown:
        known = ", ".join(sorted(_SHEET | _SHOT | _PLAIN))
        raise SpecError(f"{unknown[0]!r} is not known", "sheet", f"there are {known}")
    title = checks.text(table.get("name", name), "name", 200)
    words = _Words(_asset(table.get("picture"), assets), table, assets)
    size = table.get("size")
    rows, columns = (_axis(table.get(name), name, words) for name in ("rows", "columns"))
    table = _unsaid(table, (rows, columns)) | table
    return SheetWork(
        checks.slug(table.get("id", sheet_id(title)), "id"),
        title,
        _shot(table, words, rows if isinstance(rows, LookAxis) else columns),
        rows,
        columns,
        None if size is None else _size(size),
        checks.text(table.get("caption", ""), "caption", 2000),
        checks.flag(table.get("likeness", False), "likeness"),
    )


def sheet_id(title: str) -> str:
    """Return a sheet's id made of its name."""
    return slug(title, 60) or "sheet"


class _Words:
    """What the words of a table stand for.

    Args:
        picture: the input, which `picture` stands for.
        table: with `second`, which stands for itself.
        assets: as in `sheet_of`.
    """

    def __init__(self, picture: Asset | None, table: Table, assets: Assets) -> None:
        self.picture, self.assets = picture, assets
        self.second: Look | None = None
        if "second" in table:
            self.second = self.look(table["second"], "second")

    def look(self, data: Any, where: str) -> Look:
        """Return the look that text, or a table of one word, stands for."""
        if isinstance(data, str):
            return self._word(data, where)
        if isinstance(data, dict) and "prior" in data:
            return self._prior(data, where)
        if not isinstance(data, dict) or len(data) != 1:
            what = "picture, text, mix, join, prior"
            raise SpecError(f"{where} must be text, or one of {what}", where)
        ((kind, content),) = data.items()
        match kind:
            case "picture":
                return Picture(_named(content, self.assets))
            case "text":
                return Prompt(checks.text(content, where, empty=False))
            case "mix":
                return Mix(self.weighted(content, where))
            case "join":
                return Join(tuple(self.look(each, where) for each in _list(content, where)))
            case _:
                what = "which is none of picture, text, mix, join, prior"
                raise SpecError(f"{where} has {kind!r}, {what}", where)

    def weighted(self, data: Any, where: str) -> tuple[Weighted, ...]:
        """Return looks with weights: of each a look, or a table with `weight` beside it."""
        found = []
        for each in _list(data, where):
            weight = 1.0
            if isinstance(each, dict) and "weight" in each:
                weight = checks.number(each["weight"], "weight", 0, 100)
                each = {name: part for name, part in each.items() if name != "weight"}  # noqa: PLW2901
            found.append(Weighted(self.look(each, where), weight))
        return tuple(found)

    def ensemble(self, data: Any, where: str) -> tuple[Weighted, ...]:
        """Return an ensemble: a table with `ensemble`, or one look."""
        if isinstance(data, dict) and set(data) == {"ensemble"}:
            return self.weighted(data["ensemble"], where)
        return (Weighted(self.look(data, where)),)

    def _prior(self, data: Table, where: str) -> Prior:
        unknown = sorted(set(data) - _PRIOR)
        if unknown:
            known = ", ".join(sorted(_PRIOR))
            raise SpecError(f"{where} has {unknown[0]!r}", where, f"a prior has {known}")
        if "model" not in data:
            raise SpecError(f"{where} names no prior", where, "give its id as model")
        content = {name: part for name, part in data.items() if name != "prior"}
        return Prior(checks.text(data["prior"], where, empty=False), **content)

    def _word(self, text: str, where: str) -> Look:
        if text == "picture":
            if self.picture is None:
                raise SpecError(f"{where} means the picture, and there is none", "picture")
            return Picture(self.picture)
        if text == "second":
            if self.second is None:
                raise SpecError(f"{where} means the second look, and there is none", "second")
            return self.second
        return Nothing() if text == "nothing" else Prompt(checks.text(text, where))


def _unsaid(table: Table, axes: tuple[AnyAxis | None, ...]) -> Table:
    """Return what sheets of an inversion have where they say nothing else."""
    if table.get("start") != "inverted":
        return {}
    said = [table.get("inversion")]
    for axis in axes:
        if isinstance(axis, Axis) and axis.parameter == "inversion":
            said += axis.values
    found = (own for name, own in DECODED.items() if name in said)
    return {name: value for own in found for name, value in own.items()}


def _shot(table: Table, words: _Words, axis: AnyAxis | None) -> Shot:
    content: Table = {field_of(name): table[name] for name in _PLAIN if name in table}
    if "look" not in table and words.picture is None and not isinstance(axis, LookAxis):
        raise SpecError("a sheet needs a picture or a look", "look", "say what to show")
    looks = words.ensemble(table["look"], "look") if "look" in table else None
    if looks is None:
        varied = axis.looks[0].looks if isinstance(axis, LookAxis) else ()
        looks = (Weighted(Picture(words.picture)),) if words.picture is not None else varied
    edit = table.get("edit", {})
    if not isinstance(edit, dict) or not set(edit) <= {"from", "to", "amount"}:
        raise SpecError("edit must have from, to and amount", "edit")
    if edit:
        content["edit"] = edit.get("amount", 0.0)
    inversion = table.get("inversion")
    if inversion is not None:
        content["inversion"] = INVERSIONS[checks.choice(inversion, "inversion", [*INVERSIONS])]
    negative = table.get("negative", "")
    return Shot(
        looks=looks,
        picture=words.picture,
        second=words.second,
        origin=edit.get("from", ""),
        target=edit.get("to", ""),
        negative=words.look(negative, "negative") if negative else Nothing(),
        **content,
    )


def _axis(data: Any, where: str, words: _Words) -> AnyAxis | None:
    if data is None:
        return None
    if not isinstance(data, dict) or not data:
        raise SpecError(f"{where} must name a parameter and its values", where)
    table = dict(data)
    labels = tuple(_list(table.pop("labels", []), f"{where} labels"))
    if len(table) != 1:
        raise SpecError(f"{where} must vary one parameter, got {', '.join(table)}", where)
    ((parameter, values),) = table.items()
    if parameter == "look":
        return _looks(_list(values, where), labels, where, words)
    texts = [_text(each, where) for each in _list(values, where)]
    if parameter == "picture":
        labels = labels or tuple(PurePath(each).stem[:_LABEL] for each in texts)
        texts = [_named(each, words.assets).sha for each in texts]
    return Axis(parameter, tuple(texts), labels)


def _looks(values: list[Any], labels: tuple[str, ...], where: str, words: _Words) -> LookAxis:
    own = []
    found = []
    for each in values:
        data = dict(each) if isinstance(each, dict) else each
        label = data.pop("label", "") if isinstance(data, dict) else ""
        own.append(label or (data if isinstance(data, str) else ""))
        found.append(Ensemble(words.ensemble(data, where)))
    return LookAxis(tuple(found), labels or tuple(own))


def _text(value: Any, where: str) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise SpecError(f"{where} must be numbers or texts, got {str(value)[:40]!r}", where)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _list(data: Any, where: str) -> list[Any]:
    if not isinstance(data, list):
        raise SpecError(f"{where} must be a list", where)
    return data


def _size(data: Any) -> Size:
    return Size(data, data) if isinstance(data, int) else parse_size(str(data))


def _asset(data: Any, assets: Assets) -> Asset | None:
    return None if data is None else _named(data, assets)


def _named(data: Any, assets: Assets) -> Asset:
    return assets(checks.text(data, "picture", 4096, empty=False))

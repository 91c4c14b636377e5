"""Sheets: one or two parameters of a shot over rows and columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from imvar_studio.model import checks
from imvar_studio.model.contents import parts, swapped
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Weighted, check_weights
from imvar_studio.model.shot import INVERSIONS, Shot
from imvar_studio.model.source import Asset, Size

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.start import InversionSpec

MOST_CELLS = 2500
MOST_VALUES = 500
_LABEL = 200  # characters


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise SpecError(f"{text[:40]!r} is no whole number", "axis") from None


def _number(text: str) -> float:
    try:
        return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        raise SpecError(f"{text[:40]!r} is no number", "axis") from None


def _inversion(text: str) -> InversionSpec:
    return INVERSIONS[checks.choice(text, "inversion", tuple(INVERSIONS))]


# what can be varied: fields of a shot by the text that an axis has for their values
PARAMETERS: dict[str, Callable[[str], Any]] = {
    "guidance": _number,
    "scale": _number,
    "mix": _number,
    "edit": _number,
    "jitter": _number,
    "multiply": _number,
    "shift": _number,
    "latent-shift": _number,
    "eta": _number,
    "strength": _number,
    "seed": _whole,
    "steps": _whole,
    "crops": _whole,
    "sampler": str,
    "model": str,
    "start": str,
    "resize": str,
    "inversion": _inversion,
    "picture": Asset,
}


def field_of(parameter: str) -> str:
    """Return the field of a shot that a parameter sets: `latent-shift` -> `latent_shift`."""
    return parameter.replace("-", "_")


@dataclass(frozen=True, slots=True)
class Axis:
    """A parameter over rows or columns.

    Args:
        parameter: one of `PARAMETERS`.
        values: 1 to 500, as text: `0.25`, `25%`, `ddim`; of `picture` the SHA-256 of assets.
        labels: what stands beside them; () names the parameter and the value.
    """

    parameter: str
    values: tuple[str, ...]
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        checks.choice(self.parameter, "axis parameter", tuple(PARAMETERS))
        _check_counts(self.values, self.labels, self.parameter)
        for value in self.values:
            checks.text(value, self.parameter, 4096, empty=False)
            PARAMETERS[self.parameter](value)

    @property
    def shown(self) -> tuple[str, ...]:
        """What stands beside the values."""
        if self.labels or self.parameter == "picture":
            return self.labels or ("",) * len(self.values)
        return tuple(f"{self.parameter} {value}" for value in self.values)

    def applied(self, shot: Shot, index: int) -> Shot:
        """Return the shot with the value of this index.

        Raises:
            SpecError: for a value out of its range.
        """
        value = PARAMETERS[self.parameter](self.values[index])
        if self.parameter != "picture":
            return replace(shot, **{field_of(self.parameter): value})
        if shot.picture is None:
            raise SpecError("an axis of pictures needs a first one", "picture", "give a picture")
        return swapped(shot, shot.picture, replace(shot.picture, sha=value.sha))


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Looks whose predictions are averaged; one is a look by itself."""

    looks: tuple[Weighted, ...]

    def __post_init__(self) -> None:
        check_weights(self.looks, "ensemble")


@dataclass(frozen=True, slots=True)
class LookAxis:
    """Looks over rows or columns, each with its label."""

    looks: tuple[Ensemble, ...]
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        _check_counts(self.looks, self.labels, "look")
        if not self.labels:
            raise SpecError("an axis of looks needs a label for each", "labels")

    @property
    def shown(self) -> tuple[str, ...]:
        """What stands beside the looks."""
        return self.labels

    def applied(self, shot: Shot, index: int) -> Shot:
        """Return the shot with the looks of this index."""
        return replace(shot, looks=self.looks[index].looks)


AnyAxis = Axis | LookAxis


@dataclass(frozen=True, slots=True)
class SheetWork:
    """A contact sheet: a shot, and what is varied over its rows and columns.

    Args:
        id: of the work.
        name: stands above the sheet.
        shot: the picture where nothing is varied.
        rows, columns: what is varied; None has one row or column.
        size: of each picture; None is the model's own.
        caption: a sentence below the name.
        likeness: write beside each row how alike its pictures are to its input.
    """

    id: str
    name: str
    shot: Shot
    rows: AnyAxis | None = None
    columns: AnyAxis | None = None
    size: Size | None = None
    caption: str = ""
    likeness: bool = False

    def __post_init__(self) -> None:
        checks.slug(self.id, "work id")
        checks.put(self, name=checks.text(self.name, "work name", _LABEL))
        checks.put(self, caption=checks.text(self.caption, "caption", 2000))
        checks.flag(self.likeness, "likeness")
        if _parameter(self.rows) and _parameter(self.rows) == _parameter(self.columns):
            what = _parameter(self.rows)
            raise SpecError(f"rows and columns both vary {what}", "axis", "vary something else")
        if self.height * self.width > MOST_CELLS:
            raise SpecError(
                f"a sheet has at most {MOST_CELLS} pictures, got {self.height * self.width}",
                "axis",
                "make several sheets",
            )

    def assets(self) -> frozenset[str]:
        """Return the SHA-256 of all assets that it is made from."""
        named = {part.sha for part in parts(self) if isinstance(part, Asset)}
        for axis in (self.rows, self.columns):
            if isinstance(axis, Axis) and axis.parameter == "picture":
                named.update(axis.values)
        return frozenset(named)

    @property
    def height(self) -> int:
        """How many rows it has."""
        return _length(self.rows)

    @property
    def width(self) -> int:
        """How many columns it has."""
        return _length(self.columns)

    def cell(self, row: int, column: int) -> Shot:
        """Return the shot of a cell: looks first, as a picture stands in them, too.

        Raises:
            SpecError: where two values do not go together.
        """
        shot, axes = self.shot, [(self.rows, row), (self.columns, column)]
        for axis, index in sorted(axes, key=lambda each: not isinstance(each[0], LookAxis)):
            shot = shot if axis is None else axis.applied(shot, index)
        return shot

    def cells(self) -> tuple[Shot, ...]:
        """Return all shots, row by row."""
        places = ((row, column) for row in range(self.height) for column in range(self.width))
        return tuple(self.cell(*place) for place in places)


def _parameter(axis: AnyAxis | None) -> str:
    if isinstance(axis, LookAxis):
        return "the look"
    return axis.parameter if axis is not None else ""


def _length(axis: AnyAxis | None) -> int:
    if axis is None:
        return 1
    return len(axis.values if isinstance(axis, Axis) else axis.looks)


def _check_counts(values: tuple[object, ...], labels: tuple[str, ...], what: str) -> None:
    if not 1 <= len(values) <= MOST_VALUES:
        raise SpecError(f"an axis has 1 to {MOST_VALUES} values, {what} has {len(values)}", "axis")
    if labels and len(labels) != len(values):
        raise SpecError(
            f"{what} has {len(values)} values and {len(labels)} labels", "labels", "give as many"
        )
    for label in labels:
        checks.text(label, "label", _LABEL)

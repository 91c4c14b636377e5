"""Values to JSON-ready data and back, directed by the dataclasses' own types.

Fields that equal their default are left out, so that a field added later changes neither old
files nor old digests; a default, once published, is therefore never changed. A member of a
union carries its class in `kind`. Nothing is executed and nothing is guessed: unknown fields,
wrong types and values out of range end in one sentence with the path to the place.
"""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeVar

from imvar_studio.model.errors import FormatError, SpecError

T = TypeVar("T")
Data = Any  # None | bool | int | float | str | list[Data] | dict[str, Data]
Encoder = Callable[[Any], Data]
Decoder = Callable[[Data, str, int], Any]

DEEPEST = 64  # nested values; a look of that depth was made by a machine, not by a person
_MISSING = dataclasses.MISSING
_KINDS: dict[Any, str] = {}
_ENCODERS: dict[tuple[Any, bool], Encoder] = {}
_DECODERS: dict[Any, Decoder] = {}
_FRACTION = re.compile(r"\d{1,9}(/\d{1,9})?")


def encode(value: Any, *, rounded: bool = False) -> Data:
    """Return `value`, a dataclass, as JSON-ready data.

    Args:
        value: a dataclass of `model`.
        rounded: round floats to 9 significant digits, as digests are taken. A value read back
            from rounded data rounds to the same data again.
    """
    return _encoder(type(value), rounded)(value)


def decode(data: Data, hint: type[T], where: str = "") -> T:
    """Return the value of type `hint` that `data` describes.

    Raises:
        FormatError: naming the place below `where` and what is wrong there.
    """
    decoded: T = _decoder(hint)(data, where, 0)
    return decoded


def kind_of(cls: Any) -> str:
    """Return the name a class has in files: `FilmWork` -> `film-work`."""
    if cls not in _KINDS:
        _KINDS[cls] = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
    return _KINDS[cls]


def _encoder(hint: Any, rounded: bool) -> Encoder:
    known = _ENCODERS.get((hint, rounded))
    if known is None:
        known = _ENCODERS[hint, rounded] = _make_encoder(hint, rounded)
    return known


def _make_encoder(hint: Any, rounded: bool) -> Encoder:
    if _is_class(hint):
        return _encode_fields(hint, rounded)
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _encode_union(args, rounded)
    if origin is tuple:
        item = _encoder(args[0], rounded)
        return lambda items: [item(each) for each in items]
    if hint is float:
        return round_float if rounded else float
    if hint is Fraction:
        return str
    return lambda value: value


def round_float(x: float) -> float:
    """Return `x` rounded to 9 significant digits; -0 becomes 0."""
    return float(f"{x:.9g}") + 0.0


def _encode_fields(cls: Any, rounded: bool) -> Encoder:
    fields: list[tuple[str, Any, Data, Encoder]] = []

    def resolve() -> None:  # late: looks refer to themselves
        hints = typing.get_type_hints(cls)
        found = []
        for field in dataclasses.fields(cls):
            encoder, default = _encoder(hints[field.name], rounded), _default(field)
            known = _MISSING if default is _MISSING else encoder(default)
            found.append((field.name, default, known, encoder))
        fields[:] = found  # at once: another thread sees none or all

    def run(value: Any) -> Data:
        if not fields and dataclasses.fields(cls):
            resolve()
        found: dict[str, Data] = {}
        for name, default, known, encoder in fields:
            content = getattr(value, name)
            if content is default:
                continue
            data = encoder(content)
            if known is _MISSING or data != known:  # compared as rounded, or it would come back
                found[name] = data
        return found

    return run


def _encode_union(members: tuple[Any, ...], rounded: bool) -> Encoder:
    plain = next((m for m in members if not _is_class(m) and m is not type(None)), None)
    encode_plain = None if plain is None else _encoder(plain, rounded)

    def run(value: Any) -> Data:
        if value is None:
            return None
        if encode_plain is not None:
            return encode_plain(value)
        if hasattr(value, "as_found"):
            return value.as_found()
        data = {"kind": kind_of(type(value))}
        data.update(_encoder(type(value), rounded)(value))
        return data

    return run


def _is_class(hint: Any) -> bool:
    return isinstance(hint, type) and dataclasses.is_dataclass(hint)


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default is not _MISSING:
        return field.default
    if field.default_factory is not _MISSING:
        return field.default_factory()
    return _MISSING


def _decoder(hint: Any) -> Decoder:
    known = _DECODERS.get(hint)
    if known is None:
        known = _DECODERS[hint] = _make_decoder(hint)
    return known


def _make_decoder(hint: Any) -> Decoder:
    if _is_class(hint):
        return _decode_fields(hint)
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _decode_union(args)
    if origin is tuple:
        return _decode_tuple(args[0])
    if hint is Fraction:
        return _decode_fraction
    return _decode_plain(hint)


def _decode_fields(cls: Any) -> Decoder:
    names = {field.name: _default(field) for field in dataclasses.fields(cls)}
    decoders: dict[str, Decoder] = {}

    def run(data: Data, where: str, depth: int) -> Any:
        if depth > DEEPEST:
            raise FormatError(f"{where} is nested more than {DEEPEST} deep")
        if not isinstance(data, dict):
            raise FormatError(f"{_place(where)} must be an object, got {_named(data)}")
        if not decoders:  # resolved late: looks refer to themselves
            hints = typing.get_type_hints(cls)
            # at once: another thread sees none or all
            decoders.update({name: _decoder(hints[name]) for name in names})
        for name in data:
            if name not in names and (name, data[name]) != ("kind", kind_of(cls)):
                raise FormatError(f"{_place(where)} has a field {name!r} that is not known")
        missing = [n for n, d in names.items() if n not in data and d is _MISSING]
        if missing:
            raise FormatError(f"{_place(where)} lacks the field {missing[0]!r}")
        content = {
            name: decoders[name](data[name], _below(where, name), depth + 1)
            for name in names
            if name in data
        }
        try:
            return cls(**content)
        except SpecError as error:
            raise FormatError(f"{_place(where)}: {error}") from error

    return run


def _decode_union(members: tuple[Any, ...]) -> Decoder:
    plain = next((m for m in members if not _is_class(m) and m is not type(None)), None)
    classes = {kind_of(m): m for m in members if _is_class(m)}

    def run(data: Data, where: str, depth: int) -> Any:
        if data is None and type(None) in members:
            return None
        if plain is not None:
            return _decoder(plain)(data, where, depth)
        kind = data.get("kind") if isinstance(data, dict) else None
        member = classes.get(kind) if isinstance(kind, str) else None
        if member is not None and not hasattr(member, "as_found"):
            return _decoder(member)(data, where, depth)
        keeper = next((c for c in classes.values() if hasattr(c, "found_as")), None)
        if keeper is not None and isinstance(kind, str):
            try:
                return keeper.found_as(data)
            except SpecError as error:
                raise FormatError(f"{_place(where)}: {error}") from error
        known = ", ".join(sorted(classes))
        raise FormatError(f"{_place(where)} must have a kind out of {known}, got {_named(kind)}")

    return run


def _decode_tuple(item: Any) -> Decoder:
    def run(data: Data, where: str, depth: int) -> Any:
        if not isinstance(data, list):
            raise FormatError(f"{_place(where)} must be a list, got {_named(data)}")
        decoder = _decoder(item)
        return tuple(decoder(each, f"{where}[{i}]", depth + 1) for i, each in enumerate(data))

    return run


def _decode_fraction(data: Data, where: str, depth: int) -> Fraction:
    if isinstance(data, str) and _FRACTION.fullmatch(data) and not data.endswith("/0"):
        try:
            return Fraction(data)
        except ZeroDivisionError:
            pass
    raise FormatError(f"{_place(where)} must be a fraction like 12 or 24000/1001")


def _decode_plain(hint: Any) -> Decoder:
    names = {float: "a number", int: "a whole number", str: "text", bool: "true or false"}

    def run(data: Data, where: str, depth: int) -> Any:
        if hint is float and isinstance(data, int) and not isinstance(data, bool):
            try:
                return float(data)
            except OverflowError:
                raise FormatError(f"{_place(where)} is too large a number") from None
        if type(data) is not hint:
            raise FormatError(f"{_place(where)} must be {names[hint]}, got {_named(data)}")
        return data

    return run


def _below(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _place(where: str) -> str:
    return where or "the top level"


def _named(data: Data) -> str:
    if isinstance(data, (dict, list)):
        return "an object" if isinstance(data, dict) else "a list"
    form = repr(data)
    return form if len(form) <= 40 else form[:37] + "..."

"""What the inspector shows of keyframes: of each field the value they share, or `MIXED`."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from imvar_studio.model.keyframe_edits import selected
from imvar_studio.model.look import Look, Nothing, Picture, Prompt, Weighted
from imvar_studio.model.look_edits import (
    bare,
    inversion_of,
    plain_picture,
    plain_prompt,
    strength_of,
)
from imvar_studio.model.source import Asset, Framing
from imvar_studio.model.start import Encode, InversionSpec, Noise, Shifted, unshifted
from imvar_studio.plan.dip import own_start, passes_through

if TYPE_CHECKING:
    from collections.abc import Iterable, Set

    from imvar_studio.model.project import FilmSettings
    from imvar_studio.model.timeline import Keyframe, Timeline

T = TypeVar("T")


class Differing(Enum):
    """The type of `MIXED`."""

    MIXED = "mixed"


MIXED: Final = Differing.MIXED  # the selected things differ
Mixed = Literal[Differing.MIXED]

LookKind = Literal["picture", "prompt", "ensemble", "expression"]


def common(values: Iterable[T]) -> T | Mixed:
    """Return the value that all are equal to, or `MIXED`.

    Raises:
        ValueError: for no values.
    """
    found = iter(values)
    try:
        first = next(found)
    except StopIteration:
        raise ValueError("of no values none is common") from None
    return first if all(value == first for value in found) else MIXED


def or_none(value: T | Mixed) -> T | None:
    """Return the value, or None, as which fields show that values differ."""
    return None if value is MIXED else value


@dataclass(frozen=True, slots=True)
class KeyframeReading:
    """What selected keyframes have in common.

    Args:
        kind: of their looks.
        switchable: all show a picture of the project or a prompt, so that one can become the
            other without loss.
        prompt: the text; "" where the looks are not all prompts.
        picture: the asset; "" where the looks are not all pictures.
        framing: of the pictures; None where there are none.
        looks: the looks as they are, where all have the same; () elsewhere.
        strength: of the embedding, in [0, 4].
        negative: the negative prompt; None where one is neither a prompt nor nothing.
        negative_look: the negative look where `negative` is None.
        guidance: what holds, of their own or the film's.
        own_guidance: whether they have guidance of their own.
    """

    kind: LookKind | Mixed
    switchable: bool
    prompt: str | Mixed
    picture: str | Mixed
    framing: Framing | Mixed | None
    looks: tuple[Weighted, ...]
    strength: float | Mixed
    negative: str | Mixed | None
    negative_look: Look | Mixed
    guidance: float | Mixed
    own_guidance: bool | Mixed


@dataclass(frozen=True, slots=True)
class StartReading:
    """What selected keyframes have in common of where sampling starts.

    Args:
        pictures: all show a picture of the project.
        passing: whether the film passes through their pictures, as they are.
        blocked: it starts from the pictures, but their looks keep it from passing through.
        seed: of their noise or the film's; None where there is no seed.
        own_seed: whether they have a seed of their own.
        inversions: how pictures are taken back to noise, each way once; () where one is not.
        encoded: strength of img2img, in (0, 1]; None where that is not the start.
        other: a start that the inspector does not edit is among them.
    """

    pictures: bool
    passing: bool | Mixed
    blocked: bool
    seed: int | Mixed | None
    own_seed: bool | Mixed
    inversions: tuple[InversionSpec, ...]
    encoded: float | Mixed | None
    other: bool


def look_kind(key: Keyframe) -> LookKind:
    """Return which of the inspector's kinds a keyframe's look is."""
    if len(key.looks) > 1:
        return "ensemble"
    if plain_picture(key) is not None:
        return "picture"
    return "prompt" if plain_prompt(key) is not None else "expression"


def read_keyframes(
    timeline: Timeline, settings: FilmSettings, ids: Set[str]
) -> KeyframeReading | None:
    """Return what the keyframes of `ids` share; None where none of them is there."""
    keys = selected(timeline, ids)
    if not keys:
        return None
    kinds = {look_kind(key) for key in keys}
    negatives = [_negative_text(key.negative) for key in keys]
    looks = common(key.looks for key in keys)
    film = settings.guidance
    return KeyframeReading(
        kind=common(look_kind(key) for key in keys),
        switchable=kinds <= {"picture", "prompt"},
        prompt=common(map(_prompt_text, keys)) if kinds == {"prompt"} else "",
        picture=common(map(_sha, keys)) if kinds == {"picture"} else "",
        framing=common(map(_framing, keys)) if kinds == {"picture"} else None,
        looks=() if looks is MIXED else looks,
        strength=common(strength_of(part.look) for key in keys for part in key.looks),
        negative=None if None in negatives else common(text or "" for text in negatives),
        negative_look=common(key.negative for key in keys),
        guidance=common(film if key.guidance is None else key.guidance for key in keys),
        own_guidance=common(key.guidance is not None for key in keys),
    )


def read_starts(timeline: Timeline, settings: FilmSettings, ids: Set[str]) -> StartReading | None:
    """Return what the starts of the keyframes of `ids` share; None where none is there."""
    keys = selected(timeline, ids)
    if not keys:
        return None
    starts = [own_start(key, settings.seed) for key in keys]
    passing = [passes_through(key, start) for key, start in zip(keys, starts, strict=True)]
    inversions = [inversion_of(key) for key in keys]
    inner = [unshifted(start) for start in starts]
    seeds = [start.seed if isinstance(start, (Noise, Encode)) else None for start in inner]
    encoded = [start.strength for start in inner if isinstance(start, Encode)]
    shifted = [isinstance(start, Shifted) for start in starts]
    known = not any(shifted) and all(
        isinstance(start, (Noise, Encode)) or inversion is not None
        for start, inversion in zip(starts, inversions, strict=True)
    )
    specs = [inversion.spec for inversion in inversions if inversion is not None]
    return StartReading(
        pictures=all(plain_picture(key) is not None for key in keys),
        passing=common(a and not b for a, b in zip(passing, shifted, strict=True)),
        blocked=bool(specs) and not all(passing) and len(specs) == len(keys),
        seed=None if None in seeds else common(seeds),
        own_seed=common(key.start is not None for key in keys),
        inversions=tuple(dict.fromkeys(specs)) if len(specs) == len(keys) else (),
        encoded=common(encoded) if len(encoded) == len(keys) else None,
        other=not known,
    )


def neighbours_differ(timeline: Timeline, ids: Set[str]) -> bool:
    """Tell whether a keyframe of `ids` meets a picture that is inverted on another grid.

    Such transitions cannot be rendered: both ends are sampled on one grid.
    """
    keys = timeline.keyframes
    pairs = list(itertools.pairwise(keys))
    if timeline.loop and len(keys) > 1:
        pairs.append((keys[-1], keys[0]))
    for first, second in pairs:
        if first.id in ids or second.id in ids:
            a, b = inversion_of(first), inversion_of(second)
            if a and b and (a.spec.steps, a.spec.spacing) != (b.spec.steps, b.spec.spacing):
                return True
    return False


def _negative_text(look: Look) -> str | None:
    if isinstance(look, Nothing):
        return ""
    return look.text if isinstance(look, Prompt) else None


def _prompt_text(key: Keyframe) -> str:
    look = bare(key.looks[0].look)
    return look.text if isinstance(look, Prompt) else ""


def _asset(key: Keyframe) -> Asset | None:
    look = bare(key.looks[0].look)
    source = look.source if isinstance(look, Picture) else None
    return source if isinstance(source, Asset) else None


def _sha(key: Keyframe) -> str:
    asset = _asset(key)
    return asset.sha if asset is not None else ""


def _framing(key: Keyframe) -> Framing | None:
    asset = _asset(key)
    return asset.framing if asset is not None else None

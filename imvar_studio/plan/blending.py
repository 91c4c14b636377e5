"""Looks on the way between two keyframes, and tracks that reach into looks."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from imvar_studio.model.look import Blend, Edit, Jitter, Look, Scale, Weighted
from imvar_studio.model.start import Encode

if TYPE_CHECKING:
    from imvar_studio.model.recipe import Recipe
    from imvar_studio.model.timeline import Timeline


def blend_one(first: Look, second: Look, u: float, path: str) -> Look:
    """Return the look at u between two looks: themselves at the ends, a `Blend` between."""
    if u == 0 or first == second:
        return first
    return second if u == 1 else Blend(first, second, u, path)


def blend_looks(
    first: tuple[Weighted, ...], second: tuple[Weighted, ...], u: float, path: str
) -> tuple[Weighted, ...]:
    """Return the ensemble at u between two.

    Equal counts are blended look by look, their weights linearly; otherwise the one fades out
    while the other fades in, as predictions are averaged.
    """
    if u == 0 or first == second:
        return first
    if u == 1:
        return second
    v = min(max(u, 0.0), 1.0)  # weights can't overshoot
    if len(first) == len(second):
        return tuple(
            Weighted(blend_one(a.look, b.look, u, path), a.weight + (b.weight - a.weight) * v)
            for a, b in zip(first, second, strict=True)
        )
    return _shares(first, 1 - v) + _shares(second, v)


def _shares(parts: tuple[Weighted, ...], share: float) -> tuple[Weighted, ...]:
    whole = sum(part.weight for part in parts)
    return tuple(replace(part, weight=part.weight / whole * share) for part in parts)


def with_parameters(recipe: Recipe, timeline: Timeline, time: float, share: float) -> Recipe:
    """Return the recipe with the tracks that reach into looks and starts, read at `time`.

    Args:
        recipe: of the frame.
        timeline: with its tracks.
        time: seconds.
        share: in [0, 1], 0 where the film passes a picture: there the look is the inversion's.
    """
    strength = timeline.track("embedding-strength")
    if strength is not None and (s := 1 + (strength.at(time) - 1) * share) != 1:
        looks = tuple(replace(part, look=Scale(part.look, s)) for part in recipe.looks)
        recipe = replace(recipe, looks=looks)
    for parameter, cls, name in (("edit-amount", Edit, "amount"), ("jitter", Jitter, "scale")):
        track = timeline.track(parameter)
        if track is not None:  # an inversion keeps its own look, or it would be another a frame
            value = track.at(time)
            looks = _set_everywhere(recipe.looks, cls, name, value)
            negative = _set_everywhere(recipe.negative, cls, name, value)
            recipe = replace(recipe, looks=looks, negative=negative)
    img2img = timeline.track("strength")
    if img2img is not None:
        start = _set_everywhere(recipe.start, Encode, "strength", img2img.at(time))
        # whole steps would come and go from frame to frame
        recipe = replace(recipe, start=_set_everywhere(start, Encode, "continuous", True))
    return recipe


def _set_everywhere(value: Any, cls: type, name: str, content: float | bool) -> Any:
    """Return `value` with the field `name` of every `cls` inside it set to `content`."""
    if isinstance(value, tuple):
        return tuple(_set_everywhere(each, cls, name, content) for each in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changed = {}
    for field in fields(value):
        found = getattr(value, field.name)
        new = content if isinstance(value, cls) and field.name == name else found
        if new is found and (is_dataclass(found) or isinstance(found, tuple)):
            new = _set_everywhere(found, cls, name, content)
        if new is not found and new != found:
            changed[field.name] = new
    return replace(value, **changed) if changed else value

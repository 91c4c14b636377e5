"""Edits of keyframes' looks and of how they pass through pictures: pure functions.

As in `keyframe_edits`: keyframes are named by ids, those that cannot take an edit are left
alone, a timeline that would come out equal comes back itself, and what a value cannot be is a
`SpecError` with one sentence. Looks that are expressions are never flattened.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imvar_studio.model.keyframe_edits import each_keyframe
from imvar_studio.model.look import Look, Nothing, Picture, Prompt, Scale, Weighted
from imvar_studio.model.source import Asset
from imvar_studio.model.start import InversionSpec, Inverted, Noise, shifted_like, unshifted

if TYPE_CHECKING:
    from collections.abc import Callable, Set

    from imvar_studio.model.source import Framing
    from imvar_studio.model.timeline import Keyframe, Timeline


def bare(look: Look) -> Look:
    """Return what a look shows, without its strength."""
    return look.look if isinstance(look, Scale) else look


def strength_of(look: Look) -> float:
    """Return a look's embedding strength, in [0, 4]."""
    return look.factor if isinstance(look, Scale) else 1.0


def with_strength(look: Look, strength: float) -> Look:
    """Return a look with an embedding strength in [0, 4]; 1 is the look itself."""
    inner = bare(look)
    return inner if strength == 1 else Scale(inner, strength)


def plain_picture(key: Keyframe) -> Picture | None:
    """Return the picture of the project that a keyframe shows; None where it is anything else."""
    look = bare(key.looks[0].look)
    if len(key.looks) == 1 and isinstance(look, Picture) and isinstance(look.source, Asset):
        return look
    return None


def plain_prompt(key: Keyframe) -> Prompt | None:
    """Return the prompt that a keyframe shows; None where it is anything else."""
    look = bare(key.looks[0].look)
    return look if len(key.looks) == 1 and isinstance(look, Prompt) else None


def set_strength(timeline: Timeline, ids: Set[str], strength: float) -> Timeline:
    """Give keyframes' looks an embedding strength in [0, 4]; in an ensemble each look takes it."""

    def edit(key: Keyframe) -> Keyframe:
        looks = tuple(replace(part, look=with_strength(part.look, strength)) for part in key.looks)
        return replace(key, looks=looks)

    return each_keyframe(timeline, ids, edit)


def set_prompt(timeline: Timeline, ids: Set[str], text: str) -> Timeline:
    """Have keyframes show a prompt, at the strength they have.

    A picture gives way to it, and the film no longer passes through that picture; ensembles and
    expressions are left alone.
    """

    def edit(key: Keyframe) -> Keyframe:
        prompt = plain_prompt(key)
        if prompt is not None:
            return _showing(key, replace(prompt, text=text))
        if plain_picture(key) is None:
            return key
        start = None if _own_inversion(key) is not None else key.start
        return replace(_showing(key, Prompt(text)), start=start)

    return each_keyframe(timeline, ids, edit)


def set_picture(timeline: Timeline, ids: Set[str], sha: str) -> Timeline:
    """Have keyframes show a picture of the project, and the film pass through it.

    A picture's framing and the settings of its inversion stay; a prompt's seed goes, as the
    picture takes its place. Ensembles and expressions are left alone.
    """

    def edit(key: Keyframe) -> Keyframe:
        old = plain_picture(key)
        if old is not None and isinstance(old.source, Asset):
            return _with_source(key, replace(old.source, sha=sha))
        if plain_prompt(key) is None:
            return key
        return replace(_showing(key, Picture(Asset(sha))), start=None)

    return each_keyframe(timeline, ids, edit)


def set_framing(
    timeline: Timeline, ids: Set[str], change: Callable[[Framing], Framing]
) -> Timeline:
    """Frame keyframes' pictures otherwise; where the film starts from one, that is framed too."""

    def edit(key: Keyframe) -> Keyframe:
        picture = plain_picture(key)
        if picture is None or not isinstance(picture.source, Asset):
            return key
        source = picture.source
        return _with_source(key, replace(source, framing=change(source.framing)))

    return each_keyframe(timeline, ids, edit)


def set_passing(timeline: Timeline, ids: Set[str], passing: bool, seed: int) -> Timeline:
    """Have the film pass through keyframes' pictures, or start from noise there.

    Args:
        timeline: to edit.
        ids: the keyframes; those without a picture of the project are left alone.
        passing: through the picture; its strength then becomes 1, as at another the film would
            not show it.
        seed: of the noise where it does not pass.
    """

    def edit(key: Keyframe) -> Keyframe:
        picture = plain_picture(key)
        if picture is None:
            return key
        if not passing:
            return replace(key, start=Noise(seed))
        return replace(_bare(key), start=None)

    return each_keyframe(timeline, ids, edit)


def set_inversion(
    timeline: Timeline, ids: Set[str], change: Callable[[InversionSpec], InversionSpec]
) -> Timeline:
    """Change how keyframes' pictures are taken back to noise; only where the film uses that.

    Settings that are all at their defaults leave the keyframe without a start of its own. A start
    step goes: films have none.
    """

    def edit(key: Keyframe) -> Keyframe:
        inverted = inversion_of(key)
        if inverted is None:
            return key
        new = replace(inverted, spec=change(replace(inverted.spec, start_step=0)))
        picture = plain_picture(key)
        implied = picture is not None and key.looks[0].look == picture
        start = shifted_like(new, key.start)
        default = implied and start == Inverted(inverted.source)
        return replace(key, start=None if default else start)

    return each_keyframe(timeline, ids, edit)


def inversion_of(key: Keyframe) -> Inverted | None:
    """Return the inverted picture that a keyframe starts from, its own or the one it implies.

    Shifts around it are left out.
    """
    own = _own_inversion(key)
    if own is not None:
        return own
    picture = plain_picture(key)
    if key.start is None and picture is not None and key.looks[0].look == picture:
        return Inverted(picture.source)
    return None


def set_negative_prompt(timeline: Timeline, ids: Set[str], text: str) -> Timeline:
    """Give keyframes a negative prompt; "" is none.

    Negative looks that are neither a prompt nor nothing are left alone.
    """

    def edit(key: Keyframe) -> Keyframe:
        old = key.negative
        if not isinstance(old, (Nothing, Prompt)):
            return key
        if not text.strip():
            return replace(key, negative=Nothing())
        new = replace(old, text=text) if isinstance(old, Prompt) else Prompt(text)
        return replace(key, negative=new)

    return each_keyframe(timeline, ids, edit)


def clear_seed(timeline: Timeline, ids: Set[str]) -> Timeline:
    """Have keyframes with a seed of their own take the film's."""

    def edit(key: Keyframe) -> Keyframe:
        return replace(key, start=None) if isinstance(key.start, Noise) else key

    return each_keyframe(timeline, ids, edit)


def set_paths(
    timeline: Timeline, ids: Set[str], condition: str | None = None, latent: str | None = None
) -> Timeline:
    """Give keyframes' transitions a condition path, a latent path, or both; None keeps it."""

    def edit(key: Keyframe) -> Keyframe:
        old = key.transition
        new = replace(old, condition=condition or old.condition, latent=latent or old.latent)
        return replace(key, transition=new)

    return each_keyframe(timeline, ids, edit)


def set_circle_seed(timeline: Timeline, ids: Set[str], seed: int | None) -> Timeline:
    """Give keyframes' transitions the seed of the noise a circle goes through; None is none."""

    def edit(key: Keyframe) -> Keyframe:
        return replace(key, transition=replace(key.transition, circle_seed=seed))

    return each_keyframe(timeline, ids, edit)


def _showing(key: Keyframe, look: Look) -> Keyframe:
    """Return the keyframe with `look` in place of its only one, at the same strength."""
    part = key.looks[0]
    return replace(key, looks=(Weighted(with_strength(look, strength_of(part.look)), part.weight),))


def _bare(key: Keyframe) -> Keyframe:
    return replace(key, looks=tuple(replace(part, look=bare(part.look)) for part in key.looks))


def _own_inversion(key: Keyframe) -> Inverted | None:
    inner = None if key.start is None else unshifted(key.start)
    return inner if isinstance(inner, Inverted) else None


def _with_source(key: Keyframe, source: Asset) -> Keyframe:
    picture, inverted = plain_picture(key), _own_inversion(key)
    start = key.start
    if picture is not None and inverted is not None and inverted.source == picture.source:
        start = shifted_like(replace(inverted, source=source), start)
    return replace(_showing(key, Picture(source)), start=start)

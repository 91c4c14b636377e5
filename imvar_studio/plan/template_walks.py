"""Templates of walks: through prompts, through latents, or through both."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imvar_studio.model import checks
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Edit, Look, Prompt, Shift, Weighted
from imvar_studio.model.project import FilmSettings, FilmWork
from imvar_studio.model.start import Noise
from imvar_studio.model.timeline import Keyframe, Timeline, Transition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imvar_studio.plan.template import Wishes

ID = "film"
OLD_STEPS = 25  # DDIM and LMS need more than the samplers of today
CIRCLE_SAMPLERS = ("ddim", "lms")
_LATENTS = 3  # that a walk of one prompt goes through
_SHIFT, _TOWARDS = 0.5, 1.0  # how far a walk away goes by default


def walk_away(wishes: Wishes) -> tuple[FilmWork, ...]:
    """Leave one prompt: it and its negative are shifted alike, further and further; latents stay.

    By a direction between two texts where they are wished (the first of them is the prompt if
    it is not given), else by one number added to every component, as in the published walk:
    prompt + i * step and negative prompt + i * step.

    Raises:
        SpecError: for a direction that leads nowhere.

    Source: R. Akimov, Images Interpolation with Stable Diffusion (Hugging Face cookbook).
    """
    (prompt,) = wishes.prompts
    if wishes.origin and not wishes.target:
        raise SpecError(
            "a direction leads from one text to another", "direction", "say where it leads"
        )
    usual = _TOWARDS if wishes.target else _SHIFT
    amount = usual if wishes.amount is None else wishes.amount

    def shifted(look: Look, by: float) -> Look:
        if not wishes.target:
            return Shift(look, by)
        return Edit(look, wishes.origin or prompt, wishes.target, by)

    looks = [shifted(Prompt(prompt), by) for by in (0.0, amount)]
    against = [shifted(wishes.against(0), by) for by in (0.0, amount)]
    return (line(wishes, looks, against=against, usual=3.0),)


def positive_negative(wishes: Wishes) -> tuple[FilmWork, ...]:
    """Walk from a prompt to its negative, which change places: each is seen against the other.

    Half way both are the same, and guidance has nothing to do there.
    """
    looks = [Prompt(text) for text in wishes.prompts]
    return (line(wishes, looks, against=looks[::-1], usual=3.0),)


def latent_walk(wishes: Wishes) -> tuple[FilmWork, ...]:
    """Keep one prompt, and slerp from the latents of one seed to those of the next."""
    looks = [Prompt(wishes.prompts[0])] * _LATENTS
    against = [wishes.against(0)] * _LATENTS
    return (_own_latents(wishes, line(wishes, looks, against=against, usual=4.0)),)


def many_prompts(wishes: Wishes) -> tuple[FilmWork, ...]:
    """Slerp from prompt to prompt, and from negative to negative; the latents stay."""
    looks = [Prompt(text) for text in wishes.prompts]
    against = [wishes.against(index) for index in range(len(looks))]
    return (line(wishes, looks, against=against, way=Transition(condition="slerp"), usual=4.0),)


def lerp_slerp(wishes: Wishes) -> tuple[FilmWork, ...]:
    """Make the same walk twice, in two films: everything by lerp, and everything by slerp.

    Looks and latents both move; the keyframes are the same pictures in both films. One prompt is
    kept throughout, and only the latents move.
    """
    count = max(len(wishes.prompts), 2)
    looks = [Prompt(wishes.prompts[min(i, len(wishes.prompts) - 1)]) for i in range(count)]
    against = [wishes.against(min(i, len(wishes.prompts) - 1)) for i in range(count)]
    films = []
    for path in ("lerp", "slerp"):
        way = Transition(condition=path, latent=path)
        film = line(wishes, looks, against=against, way=way, usual=2.0)
        film = replace(film, id=path, name=f"{wishes.name} {path}")
        films.append(_own_latents(wishes, film))
    return tuple(films)


def circular_walk(wishes: Wishes) -> tuple[FilmWork, ...]:
    """Keep one look, and lead the latents in a circle: z = cos(2 pi u) x + sin(2 pi u) y.

    Source: I. Stenbit, F. Chollet and L. Wood, A walk through latent space with Stable Diffusion
    (Keras code examples).
    """
    sampler = wishes.sampler or CIRCLE_SAMPLERS[0]
    checks.choice(sampler, "sampler of a circular walk", CIRCLE_SAMPLERS)
    seed = wishes.settings.seed
    key = Keyframe(
        "key-1",
        0.0,
        (Weighted(wishes.looks()[0]),),
        start=Noise(seed),  # a picture's look too, not the picture itself
        negative=wishes.against(0),
        transition=Transition(latent="circle", circle_seed=wishes.seed(1)),
    )
    timeline = Timeline((key,), duration=wishes.length(4.0), loop=True)
    settings = replace(wishes.settings, sampler=sampler, steps=OLD_STEPS)
    return (film_of(wishes, timeline, settings),)


def line(
    wishes: Wishes,
    looks: Sequence[Look],
    *,
    usual: float,
    against: Sequence[Look] = (),
    way: Transition = Transition(),
) -> FilmWork:
    """Return the film that goes through looks in equal steps of time.

    Args:
        wishes: its name, settings, length, and whether it loops.
        looks: one a keyframe.
        usual: seconds where no length is wished.
        against: a negative look each; () is none.
        way: from each keyframe to the next.
    """
    steps = len(looks) if wishes.loop else len(looks) - 1
    every = wishes.length(usual) / steps
    keys = [
        Keyframe(
            f"key-{index + 1}",
            round(index * every, 6),
            (Weighted(look),),
            transition=way,
        )
        for index, look in enumerate(looks)
    ]
    if against:
        keys = [replace(key, negative=other) for key, other in zip(keys, against, strict=True)]
    return film_of(wishes, Timeline(tuple(keys), loop=wishes.loop), wishes.settings)


def _own_latents(wishes: Wishes, film: FilmWork) -> FilmWork:
    """Start each keyframe from the seed after the one before."""
    keys = tuple(
        replace(key, start=Noise(wishes.seed(index)))
        for index, key in enumerate(film.timeline.keyframes)
    )
    return replace(film, timeline=replace(film.timeline, keyframes=keys))


def film_of(wishes: Wishes, timeline: Timeline, settings: FilmSettings) -> FilmWork:
    """Return the wished film of a timeline."""
    return FilmWork(ID, wishes.name, timeline, settings, wishes.model)

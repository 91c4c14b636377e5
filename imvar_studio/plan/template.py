"""What a film template is, what it is given, and how that is checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from imvar_studio.model import checks
from imvar_studio.model.curve import LONGEST
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Look, Nothing, Picture, Prompt
from imvar_studio.model.project import FilmSettings, FilmWork
from imvar_studio.model.source import Source
from imvar_studio.plan.timing import lay_out

MANY = 64  # looks that one template takes at most
# what some templates take and others do not, and how messages call it
_CALLED = {
    "amount": "amount",
    "direction": "direction between two texts",
    "noise": "motion of noise",
    "sampler": "other sampler",
    "negatives": "negative prompts",
    "loop": "loop",
}
OPTIONS = tuple(_CALLED)
_SEEDS = 2**63


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a template's film is made from.

    Args:
        name: of the film.
        model: id or path.
        settings: the film's; a template changes what its film needs otherwise.
        pictures, prompts: what it shows, in order.
        negatives: of the prompts: none, one for all, or one each.
        seconds: length of the film, in (0, 86400]; None is the template's.
        amount: how far it goes; None is the template's.
        origin, target: the texts of a direction; "" is the template's.
        noise: how eta's noise moves; "" is `held`.
        sampler: "" is the template's.
        loop: the end leads back to the beginning.
    """

    name: str
    model: str
    settings: FilmSettings
    pictures: tuple[Source, ...] = ()
    prompts: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()
    seconds: float | None = None
    amount: float | None = None
    origin: str = ""
    target: str = ""
    noise: str = ""
    sampler: str = ""
    loop: bool = False

    def looks(self) -> tuple[Look, ...]:
        """Return pictures and prompts as looks."""
        return (*map(Picture, self.pictures), *map(Prompt, self.prompts))

    def against(self, index: int) -> Look:
        """Return the negative look of the prompt at `index`."""
        if not self.negatives:
            return Nothing()
        return Prompt(self.negatives[0 if len(self.negatives) == 1 else index])

    def length(self, usual: float) -> float:
        """Return the film's seconds, `usual` where none are wished."""
        return usual if self.seconds is None else self.seconds

    def seed(self, index: int) -> int:
        """Return the seed that is `index` after the film's."""
        return (self.settings.seed + index) % _SEEDS


class Count(NamedTuple):
    """How many of something a template takes."""

    least: int = 0
    most: int = 0

    def __str__(self) -> str:
        if self.least == self.most:
            return str(self.least)
        return f"{self.least} to {self.most}" if self.most < MANY else f"{self.least} or more"


_NO = Count()


@dataclass(frozen=True, slots=True)
class Samples:
    """What a template shows where nothing is given.

    Args:
        pictures: names of bundled sample pictures.
        prompts, negatives: texts that the starter model knows.
        direction: from one text to another, or two "".
    """

    pictures: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()
    direction: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Template:
    """A well-known kind of film.

    Args:
        films: makes them of wishes that were checked.
        samples: what it shows by default.
        pictures, prompts: how many it takes; where both are taken, one or the other is given.
        options: what else it takes, of `OPTIONS`.
    """

    films: Callable[[Wishes], tuple[FilmWork, ...]]
    samples: Samples
    pictures: Count = _NO
    prompts: Count = _NO
    options: tuple[str, ...] = ()

    def takes(self) -> str:
        """Return in words what it shows: `1 picture or 1 prompt`."""
        found = [
            f"{count} {noun}{'' if count.most == 1 else 's'}"
            for count, noun in ((self.pictures, "picture"), (self.prompts, "prompt"))
            if count.most
        ]
        return " or ".join(found)


def with_samples(template: Template, wishes: Wishes, pictures: tuple[Source, ...]) -> Wishes:
    """Return wishes that name no picture and no prompt with a template's samples.

    Args:
        template: whose samples.
        wishes: negatives and a direction of its own stay.
        pictures: the samples' pictures, in their order.
    """
    samples = template.samples
    if not (wishes.origin or wishes.target):
        wishes = replace(wishes, origin=samples.direction[0], target=samples.direction[1])
    negatives = wishes.negatives or samples.negatives
    return replace(wishes, pictures=pictures, prompts=samples.prompts, negatives=negatives)


def make_films(name: str, template: Template, wishes: Wishes) -> tuple[FilmWork, ...]:
    """Return a template's films, whose frames can be planned.

    Args:
        name: the template's, for messages.
        template: to make films by.
        wishes: what they show; see `with_samples` where nothing is wished.

    Raises:
        SpecError: for too few or too many pictures, prompts or negatives, for what the template
            does not take, values out of range, and films shorter than their frames.
    """
    _check_options(name, template, wishes)
    if wishes.seconds is not None:
        checks.number(wishes.seconds, "seconds", 0, LONGEST, open_low=True)
    _check_counts(name, template, wishes)
    films = template.films(wishes)
    for film in films:
        _check_length(film)
    return films


def _check_length(film: FilmWork) -> None:
    """Refuse a film whose keyframes have no frame each, or that is but one picture."""
    timeline, fps = film.timeline, film.settings.fps
    end = timeline.duration or timeline.keyframes[-1].time
    if end * fps < max(len(timeline.keyframes) - 1, 2):
        raise SpecError(
            f"a film of {end:g} s at {float(fps):g} fps is too short for what it shows",
            "seconds",
            "make it longer, or raise the frame rate",
        )
    lay_out(timeline, fps, None)


def _check_counts(name: str, template: Template, wishes: Wishes) -> None:
    pictures, prompts = len(wishes.pictures), len(wishes.prompts)
    given = pictures or prompts
    wanted = template.pictures if pictures else template.prompts
    if bool(pictures) == bool(prompts) or not wanted.least <= given <= wanted.most:
        parts = [_counted(pictures, "picture")] if pictures else []
        parts += [_counted(prompts, "prompt")] if prompts else []
        found = " and ".join(parts) or "none"
        raise SpecError(
            f"the template {name} takes {template.takes()}, got {found}",
            "template",
            "give it that many, or none to see it with samples",
        )
    if any(not text.strip() for text in (*wishes.prompts, *wishes.negatives)):
        raise SpecError("a prompt is empty", "prompt", "say what to show")
    if len(wishes.negatives) not in (0, 1, prompts):
        raise SpecError(
            f"{_counted(len(wishes.negatives), 'negative prompt')} cannot be shared among "
            f"{_counted(prompts, 'prompt')}",
            "negative",
            "give one for all, or one for each",
        )


def _check_options(name: str, template: Template, wishes: Wishes) -> None:
    given = {
        "amount": wishes.amount is not None,
        "direction": wishes.origin or wishes.target,
        "noise": wishes.noise,
        "sampler": wishes.sampler,
        "negatives": wishes.negatives,
        "loop": wishes.loop,
    }
    for option in OPTIONS:
        if given[option] and option not in template.options:
            raise SpecError(
                f"the template {name} takes no {_CALLED[option]}", option, "leave it out"
            )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"

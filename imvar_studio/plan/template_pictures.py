"""Templates that begin with a picture: edits, eta and morphs on its inversion."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imvar_studio.model.curve import Easing
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Edit, Picture, Weighted
from imvar_studio.model.start import Inverted
from imvar_studio.model.timeline import Keyframe, Timeline, Transition
from imvar_studio.model.track_edits import preset
from imvar_studio.plan.template_walks import OLD_STEPS, film_of, line

if TYPE_CHECKING:
    from imvar_studio.model.project import FilmWork
    from imvar_studio.plan.template import Wishes

_SMOOTH = Easing("sine-in-out")
_AMOUNT = 1.5  # of an edit at guidance 1


def edit_loop(wishes: Wishes) -> tuple[FilmWork, ...]:
    """Edit an inverted picture there and back: the amount goes 0 -> amount -> 0 in a loop.

    At amount 0 the film shows the picture itself. Guidance is 1 throughout, the inversion's: more
    makes the edit stronger and loses the picture, also at amount 0.

    Raises:
        SpecError: for a direction that lacks a text.
    """
    if not (wishes.origin and wishes.target):
        raise SpecError(
            "an edit leads from one text to another",
            "edit",
            "give both, for example from 'in a meadow' to 'in the snow'",
        )
    (picture,) = wishes.pictures
    seconds = wishes.length(3.0)
    amount = _AMOUNT if wishes.amount is None else wishes.amount
    edit = Edit(Picture(picture), wishes.origin, wishes.target, 0.0)
    key = Keyframe("key-1", 0.0, (Weighted(edit),), start=Inverted(picture), guidance=1.0)
    course = preset("there-and-back", "edit-amount", seconds, (0.0, amount), _SMOOTH)
    timeline = Timeline((key,), (course,), duration=seconds, loop=True)
    return (film_of(wishes, timeline, wishes.settings),)


def eta_ramp(wishes: Wishes) -> tuple[FilmWork, ...]:
    """Raise eta from 0 to 1 over one look, or over a picture's inversion.

    A picture is left as eta rises: guidance grows with it from 1 to the film's.
    """
    look = wishes.looks()[0]
    film = line(wishes, [look, look], against=[wishes.against(0)] * 2, usual=3.0)
    last = film.timeline.keyframes[-1].time
    track = preset("change", "eta", last, (0.0, 1.0))
    settings = replace(
        film.settings,
        sampler="ddim",
        steps=OLD_STEPS,
        noise_motion=wishes.noise or "held",
    )
    return (replace(film, timeline=replace(film.timeline, tracks=(track,)), settings=settings),)


def morph(wishes: Wishes) -> tuple[FilmWork, ...]:
    """Lead from picture to picture: between their inversions, with their looks blended."""
    way = Transition(_SMOOTH)
    usual = 1.5 * len(wishes.pictures)
    return (line(wishes, [Picture(each) for each in wishes.pictures], way=way, usual=usual),)

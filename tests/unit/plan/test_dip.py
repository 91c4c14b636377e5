"""Guidance around a picture: what the inspector shows is what frames get."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.model.curve import Curve, CurvePoint, Easing
from imvar_studio.model.project import FilmSettings
from imvar_studio.model.timeline import Timeline, Track, Transition
from imvar_studio.plan.dip import effective_starts, guidance_around, start_at

if TYPE_CHECKING:
    from collections.abc import Callable

SETTINGS = FilmSettings(fps=Fraction(4))


@pytest.mark.parametrize("loop", [False, True])
@pytest.mark.parametrize("index", [0, 1, 2])
def test_it_is_the_guidance_of_the_frames(
    key: Callable[..., Any], frames: Callable[..., Any], index: int, loop: bool
) -> None:
    keys = (
        key(0, "[a]", transition=Transition(Easing("cubic-in"))),
        key(2, "an owl", guidance=7.0, transition=Transition(Easing("back-out"))),
        key(4, "[b]"),
    )
    track = Track("embedding-strength", Curve((CurvePoint(0.0, 2.0),)))
    timeline = Timeline(keys, (track,), loop=loop)
    of_frames = [recipe.guidance for recipe in frames(*keys, fps=4, loop=loop, tracks=(track,))]
    course = guidance_around(timeline, SETTINGS, index, samples=8)
    expected = {
        offset / 4: of_frames[(8 * index + offset) % len(of_frames)]
        for offset in range(-8, 9)
        if loop or 0 <= 8 * index + offset < len(of_frames)
    }
    assert dict(course) == pytest.approx(expected)
    assert [time for time, _ in course] == sorted(expected)


def test_a_track_of_guidance_is_followed(key: Callable[..., Any]) -> None:
    track = Track("guidance", Curve((CurvePoint(0.0, 2.0), CurvePoint(2.0, 6.0))))
    timeline = Timeline((key(0, "[a]"), key(2, "an owl")), (track,))
    assert guidance_around(timeline, SETTINGS, 0, samples=1) == ((0.0, 1.0), (2.0, 6.0))
    assert guidance_around(timeline, SETTINGS, 1, samples=1) == ((-2.0, 1.0), (0.0, 6.0))


def test_one_keyframe_has_no_ways(key: Callable[..., Any]) -> None:
    assert guidance_around(Timeline((key(0, "[a]"),)), SETTINGS, 0) == ()


def test_a_start_is_inherited_after_hold_and_circle(key: Callable[..., Any]) -> None:
    keys = (
        key(0, "[a]", transition=Transition(latent="hold")),
        key(1, "an owl", transition=Transition(latent="circle")),
        key(2, "a fox"),
        key(3, "[b]", transition=Transition(latent="hold")),
        key(4, "[c]"),
    )
    timeline = Timeline(keys)
    starts = effective_starts(timeline, 5)
    assert [start_at(timeline, index, 5) for index in range(5)] == list(starts)
    assert starts[0] == starts[1] == starts[2] != starts[3] != starts[4]

"""Time put in and cut out, the ends of a film, markers."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from imvar_studio.model.curve import Curve, CurvePoint, Easing, constant
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.timeline import Keyframe, Marker, Timeline, Track
from imvar_studio.model.timeline_edits import (
    move_marker,
    put_marker,
    remove_marker,
    ripple,
    trim,
)

LOOKS = (Weighted(Prompt("an owl")),)
KEYS = tuple(Keyframe(f"k{time}", time, LOOKS) for time in (0, 2, 4, 8))
RAMP = Track("guidance", Curve((CurvePoint(1, 10), CurvePoint(3, 30), CurvePoint(7, 10))))
MARKERS = (Marker(1, "one"), Marker(3, "three"), Marker(9, "nine"))
FILM = Timeline(KEYS, (RAMP,), 10, markers=MARKERS)


def times(items: tuple[Keyframe, ...] | tuple[Marker, ...] | tuple[CurvePoint, ...]) -> list[float]:
    return [item.time for item in items]


def everything(timeline: Timeline) -> tuple[object, ...]:
    curve = timeline.tracks[0].curve
    lists = (timeline.keyframes, curve.points, timeline.markers)
    return (*map(times, lists), timeline.duration)


@pytest.mark.parametrize(
    ("time", "delta", "expected"),
    [
        (4, 1, ([0, 2, 5, 9], [1, 3, 8], [1, 3, 10], 11)),
        (4, -1, ([0, 2, 3, 7], [1, 6], [1, 8], 9)),  # cuts the point and the marker at 3 s
        (3, -0.5, ([0, 2, 3.5, 7.5], [1, 2.5, 6.5], [1, 2.5, 8.5], 9.5)),
        (0, 2, ([2, 4, 6, 10], [3, 5, 9], [3, 5, 11], 12)),
        (10, 5, ([0, 2, 4, 8], [1, 3, 7], [1, 3, 9], 15)),
        (11, 5, ([0, 2, 4, 8], [1, 3, 7], [1, 3, 9], 10)),
        (10, -1.5, ([0, 2, 4, 8], [1, 3, 7], [1, 3], 8.5)),
    ],
)
def test_rippling(time: float, delta: float, expected: tuple[object, ...]) -> None:
    after = ripple(FILM, time, delta)
    assert everything(after) == expected
    for old, new in zip(FILM.keyframes, after.keyframes, strict=True):
        assert (new is old) == (old.time < time)
    assert (after.tracks[0] is FILM.tracks[0]) == (time > 7)


def test_rippling_by_nothing_gives_the_timeline_itself() -> None:
    assert ripple(FILM, 4, 0) is FILM


def test_what_was_put_in_is_cut_out_again() -> None:
    assert ripple(ripple(FILM, 4, 2), 6, -2) == FILM


def test_rippling_without_a_duration() -> None:
    assert ripple(replace(FILM, duration=None), 4, 1).duration is None


def test_a_curve_that_loses_its_points_keeps_its_value() -> None:
    short = replace(FILM, tracks=(Track("guidance", Curve((CurvePoint(3, 7),))),))
    after = ripple(short, 4, -1.5)
    assert after.tracks[0].curve == Curve((CurvePoint(2.5, 7),))


@pytest.mark.parametrize(
    ("time", "delta", "sentence"),
    [
        (2, -3, "what is at 2 s cannot move to -1 s: move it by at most 2 s"),
        (
            4,
            -2,
            "there is a keyframe at 2 s, in the time that would be cut out: "
            "move by less than 2 s, or delete that keyframe",
        ),
        (
            11,
            -2,
            "the film ends at 10 s, in the time that would be cut out: "
            "choose a time before the film's end",
        ),
        (4, 86_398, "keyframe time must be in [0, 86400], got 86402"),
    ],
)
def test_what_cannot_be_rippled(time: float, delta: float, sentence: str) -> None:
    with pytest.raises(SpecError) as caught:
        ripple(FILM, time, delta)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        (0, 10, ([0, 2, 4, 8], [1, 3, 7], [1, 3, 9], 10)),
        (0, 4, ([0, 2, 4], [1, 3, 4], [1, 3], 4)),
        (2, 8, ([0, 2, 6], [0, 1, 5], [1], 6)),
        (3, 7, ([1], [0, 4], [0], 4)),
        (8, 9, ([0], [0], [1], 1)),
        (0, 0.5, ([0], [0.5], [], 0.5)),
    ],
)
def test_trimming(begin: float, end: float, expected: tuple[object, ...]) -> None:
    after = trim(FILM, begin, end)
    assert everything(after) == expected
    for time in (begin, end, (begin + end) / 2):  # linear: exact in between, too
        assert math.isclose(after.tracks[0].at(time - begin), RAMP.at(time))
    if begin == 0:
        assert all(a is b for a, b in zip(FILM.keyframes, after.keyframes, strict=False))


def test_trimming_keeps_easings_and_values_at_the_ends() -> None:
    eased = Track("guidance", Curve((CurvePoint(0, 2, Easing("sine-in")), CurvePoint(8, 6))))
    after = trim(replace(FILM, tracks=(eased,)), 2, 6).tracks[0]
    assert [point.value for point in after.curve.points] == [eased.at(2), eased.at(6)]
    assert after.curve.points[0].easing == Easing("sine-in")


def test_trimming_nothing_shares_all() -> None:
    still = replace(FILM, tracks=(Track("guidance", constant(2)),))
    after = trim(still, 0, 10)
    assert after == still
    assert after.tracks[0] is still.tracks[0]
    assert after.markers[0] is still.markers[0]


def test_a_loop_is_trimmed_before_its_last_keyframe() -> None:
    after = trim(replace(FILM, loop=True), 0, 8)
    assert times(after.keyframes) == [0, 2, 4]
    assert after.duration == 8


@pytest.mark.parametrize(
    ("begin", "end", "sentence"),
    [
        (5, 7, "there is no keyframe from 5 s to 7 s: leave at least one in the film"),
        (3, 3, "a film cannot last from 3 s to 3 s: choose an end after the beginning"),
        (-1, 3, "a film cannot last from -1 s to 3 s: choose an end after the beginning"),
        (0, math.nan, "a film cannot last from 0 s to nan s: choose an end after the beginning"),
        (0, 1e6, "duration must be in (0, 86400], got 1000000.0"),
    ],
)
def test_what_cannot_be_trimmed(begin: float, end: float, sentence: str) -> None:
    with pytest.raises(SpecError) as caught:
        trim(FILM, begin, end)
    assert str(caught.value) == sentence


def test_markers_are_put_in_order() -> None:
    after = put_marker(FILM, Marker(5, "five"))
    assert times(after.markers) == [1, 3, 5, 9]
    assert after.markers[0] is MARKERS[0]
    assert after.keyframes is FILM.keyframes
    renamed = put_marker(after, Marker(5, "cinque"))
    assert [marker.name for marker in renamed.markers] == ["one", "three", "cinque", "nine"]
    assert remove_marker(renamed, 5) == FILM


def test_markers_are_moved() -> None:
    after = move_marker(FILM, 1, 4)
    assert after.markers == (MARKERS[1], Marker(4, "one"), MARKERS[2])
    assert move_marker(FILM, 1, 1) is FILM
    assert move_marker(FILM, 2, 5) is FILM
    assert remove_marker(FILM, 2) is FILM
    with pytest.raises(SpecError, match=r"^there is a marker at 3 s already: choose another"):
        move_marker(FILM, 1, 3)
    with pytest.raises(SpecError, match=r"marker time must be in \[0, 86400\], got -1"):
        move_marker(FILM, 1, -1)

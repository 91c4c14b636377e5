"""Edits of tracks: points keep their order, their range, and what is not touched."""

from __future__ import annotations

import pytest

from imvar_studio.model.curve import EASINGS, LONGEST, Curve, CurvePoint, Easing, constant
from imvar_studio.model.errors import SpecError
from imvar_studio.model.timeline import TRACK_RANGES, Timeline, Track
from imvar_studio.model.track_edits import (
    CLOSEST,
    PRESETS,
    add_point,
    as_bezier,
    move_points,
    preset,
    put_track,
    remove_points,
    remove_track,
    set_easing,
    set_handle,
    set_point,
)

SLOW = Easing("sine-in")
POINTS = (CurvePoint(1, 10), CurvePoint(2, 20, SLOW), CurvePoint(4, 40))
TRACK = Track("guidance", Curve(POINTS))


def pairs(track: Track) -> list[tuple[float, float]]:
    return [(point.time, point.value) for point in track.curve.points]


def shares(before: Track, after: Track, *changed: int) -> bool:
    """Whether all points but those at `changed` are the same objects."""
    points = zip(before.curve.points, after.curve.points, strict=True)
    return [i for i, (a, b) in enumerate(points) if a is not b] == list(changed)


def test_tracks_are_put_and_removed() -> None:
    eta = Track("eta", constant(0.5))
    timeline = put_track(put_track(Timeline(), TRACK), eta)
    assert timeline.tracks == (TRACK, eta)
    other = Track("guidance", constant(2))
    after = put_track(timeline, other)
    assert after.tracks == (other, eta)
    assert after.tracks[1] is eta
    assert remove_track(after, "guidance").tracks == (eta,)
    assert remove_track(after, "jitter") is after


COURSES = {
    "constant": [(0, 2)],
    "change": [(0, 2), (8, 6)],
    "there-and-back": [(0, 2), (4, 6), (8, 2)],
    "change-and-hold": [(0, 2), (2, 6), (6, 6), (8, 2)],
}


@pytest.mark.parametrize("name", PRESETS)
def test_presets(name: str) -> None:
    track = preset(name, "guidance", 8, (2, 6), SLOW)
    assert pairs(track) == COURSES[name]
    assert {point.easing for point in track.curve.points} == {SLOW}
    assert preset(name, "eta", 8, (0, 1)).curve.points[0].easing == Easing()


def test_presets_that_cannot_be() -> None:
    with pytest.raises(SpecError, match=r"preset must be one of constant, change, .* got 'wave'"):
        preset("wave", "guidance", 8, (2, 6))
    with pytest.raises(SpecError, match=r"track eta must be in \[0, 1\], got 6"):
        preset("change", "eta", 8, (0, 6))
    with pytest.raises(SpecError, match="curve times must rise"):
        preset("change", "eta", 0, (0, 1))


@pytest.mark.parametrize(
    ("time", "value", "index", "point"),
    [
        (0, None, 0, CurvePoint(0, 10)),
        (1.5, None, 1, CurvePoint(1.5, 15)),
        (3, 5, 2, CurvePoint(3, 5, SLOW)),
        (9, None, 3, CurvePoint(9, 40)),
    ],
)
def test_a_point_is_added(time: float, value: float | None, index: int, point: CurvePoint) -> None:
    after, at = add_point(TRACK, time, value)
    assert at == index
    assert after.curve.points == (*POINTS[:index], point, *POINTS[index:])
    assert all(any(old is new for new in after.curve.points) for old in POINTS)


def test_a_point_where_one_is() -> None:
    assert add_point(TRACK, 2, 25) == (set_point(TRACK, 1, value=25), 1)
    assert add_point(TRACK, 2)[0] is TRACK


def test_a_point_that_cannot_be() -> None:
    with pytest.raises(SpecError, match=r"track guidance must be in \[0, 50\], got 51"):
        add_point(TRACK, 3, 51)
    with pytest.raises(SpecError, match="curve time must be in"):
        add_point(TRACK, -1)


def test_points_are_removed_but_for_the_last() -> None:
    after = remove_points(TRACK, {0, 2, 7})
    assert after.curve.points == (POINTS[1],)
    assert after.curve.points[0] is POINTS[1]
    assert remove_points(TRACK, {7, -1}) is TRACK
    sentence = "^the track guidance must keep a point: remove the whole track$"
    with pytest.raises(SpecError, match=sentence):
        remove_points(TRACK, {0, 1, 2})


@pytest.mark.parametrize(
    ("indices", "seconds", "amount", "expected"),
    [
        ({1}, 0.5, 1, [(1, 10), (2.5, 21), (4, 40)]),
        ({1}, 9, 0, [(1, 10), (4 - CLOSEST, 20), (4, 40)]),
        ({1}, -9, 0, [(1, 10), (1 + CLOSEST, 20), (4, 40)]),
        ({0}, -9, 0, [(0, 10), (2, 20), (4, 40)]),
        ({0, 1}, 9, 0, [(3 - CLOSEST, 10), (4 - CLOSEST, 20), (4, 40)]),
        ({0, 2}, -0.5, 0, [(0.5, 10), (2, 20), (3.5, 40)]),
        ({0, 2}, 9, 0, [(2 - CLOSEST, 10), (2, 20), (5 - CLOSEST, 40)]),
        ({2}, 1e9, 0, [(1, 10), (2, 20), (LONGEST, 40)]),
        ({0, 1, 2}, 0, 25, [(1, 35), (2, 45), (4, 50)]),
        ({0, 1, 2}, 0, -25, [(1, 0), (2, 0), (4, 15)]),
    ],
)
def test_points_move_as_far_as_they_can(
    indices: set[int], seconds: float, amount: float, expected: list[tuple[float, float]]
) -> None:
    after = move_points(TRACK, indices, seconds, amount)
    for found, place in zip(pairs(after), expected, strict=True):
        assert found == pytest.approx(place, abs=1e-9)
    assert shares(TRACK, after, *sorted(indices))
    assert [point.easing for point in after.curve.points] == [p.easing for p in POINTS]


def test_points_closer_than_they_may_come_stay() -> None:
    near = Track("guidance", Curve((CurvePoint(1, 10), CurvePoint(1.0001, 20))))
    assert move_points(near, {0}, 5, 0) is near
    assert move_points(near, {1}, -5, 0) is near
    assert pairs(move_points(near, {1}, 1, 0))[1] == pytest.approx((2.0001, 20))


def test_moving_no_point() -> None:
    assert move_points(TRACK, set(), 1, 1) is TRACK
    assert move_points(TRACK, {-1, 3}, 1, 1) is TRACK
    assert move_points(TRACK, {0, 1, 2}, 0, 0) is TRACK


def test_exact_times_and_values() -> None:
    after = set_point(TRACK, 1, time=3.25)
    assert pairs(after) == [(1, 10), (3.25, 20), (4, 40)]
    assert shares(TRACK, after, 1)
    assert pairs(set_point(TRACK, 1, 3, 7)) == [(1, 10), (3, 7), (4, 40)]
    assert set_point(TRACK, 1, 2, 20) is TRACK
    for index, time, value, sentence in (
        (1, 4, None, "curve times must rise, got 4 s after 4 s"),
        (1, 0.5, None, "curve times must rise, got 0.5 s after 1 s"),
        (1, None, 51, "track guidance must be in"),
        (3, None, 5, "the track guidance has no point 3"),
        (-1, None, 5, "the track guidance has no point -1"),
    ):
        with pytest.raises(SpecError, match=sentence):
            set_point(TRACK, index, time, value)


def test_easings_of_several_points() -> None:
    after = set_easing(TRACK, {0, 1, 9, -1}, SLOW)
    assert [point.easing for point in after.curve.points] == [SLOW, SLOW, Easing()]
    assert shares(TRACK, after, 0)
    assert set_easing(after, {1}, SLOW) is after


def test_handles_are_dragged() -> None:
    after = set_handle(TRACK, 0, 1, 0.5, -1)
    assert after.curve.points[0].easing == Easing("bezier", 0.5, -1, 0.75, 0.75)
    assert shares(TRACK, after, 0)
    both = set_handle(after, 0, 2, 7, 7)
    assert both.curve.points[0].easing == Easing("bezier", 0.5, -1, 1, 5)
    low = set_handle(both, 0, 2, -7, -7)
    assert low.curve.points[0].easing == Easing("bezier", 0.5, -1, 0, -4)
    with pytest.raises(SpecError, match="handle must be 1 or 2, got 3"):
        set_handle(TRACK, 0, 3, 0, 0)
    with pytest.raises(SpecError, match="the track guidance has no point 3"):
        set_handle(TRACK, 3, 1, 0, 0)


@pytest.mark.parametrize("shape", EASINGS)
def test_named_easings_as_beziers(shape: str) -> None:
    easing = Easing(shape)
    bezier = as_bezier(easing)
    assert bezier.shape == "bezier"
    if shape == "hold" or shape.startswith("bounce"):
        easing = Easing("linear")
    exact = shape in ("linear", "bezier", "cubic-in", "cubic-out", "back-in", "back-out")
    near = 1e-9 if exact else 0.03
    assert all(abs(bezier(i / 64) - easing(i / 64)) <= near for i in range(65))


@pytest.mark.parametrize("parameter", TRACK_RANGES)
def test_values_stop_at_their_parameters_range(parameter: str) -> None:
    low, high = TRACK_RANGES[parameter]
    track = Track(parameter, constant((low + high) / 2))
    assert pairs(move_points(track, {0}, 0, 1e9)) == [(0, high)]
    assert pairs(move_points(track, {0}, 0, -1e9)) == [(0, low)]

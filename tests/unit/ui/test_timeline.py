"""The timeline's geometry, without Qt."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imvar_studio.model.curve import EASINGS, Curve, CurvePoint, Easing
from imvar_studio.model.timeline import Marker, Timeline, Track
from imvar_studio.ui.selection import Selection
from imvar_studio.ui.timeline.cards import card_of
from imvar_studio.ui.timeline.crowd import APART, cells, drawn, under
from imvar_studio.ui.timeline.curves import curve_line, easing_line, handle_place, handles
from imvar_studio.ui.timeline.geometry import (
    LANES_TOP,
    LEFT,
    RULER,
    STRIP_TOP,
    View,
    lay_lanes,
    scale_bounds,
)
from imvar_studio.ui.timeline.hits import Ground, Hit, Part, find
from imvar_studio.ui.timeline.numbers import range_text, typed_value, value_text
from imvar_studio.ui.timeline.ticks import ticks, timecode, written
from tests.unit.ui.timelines import film, key

FPS = Fraction(12)


@given(
    begin=st.floats(0, 1000),
    scale=st.floats(0.01, 20_000),
    x=st.floats(LEFT, 1600),
    factor=st.floats(0.1, 10),
)
def test_zooming_keeps_the_time_under_the_pointer(
    begin: float, scale: float, x: float, factor: float
) -> None:
    view = View(begin, scale, 1600)
    zoomed = view.zoomed(x, factor, 0.001, 1e6)
    assert zoomed.begin >= 0
    if zoomed.begin > 0:
        assert zoomed.x(view.time(x)) == pytest.approx(x, abs=1e-3)


def test_a_view_goes_from_time_to_pixels_and_back() -> None:
    view = View(2.0, 50.0, 800)
    assert (view.x(2.0), view.x(4.0)) == (LEFT, LEFT + 100)
    assert view.time(view.x(3.21)) == pytest.approx(3.21)
    assert view.shows(2.0)
    assert not view.shows(60.0)


def test_a_view_does_not_leave_the_film() -> None:
    view = View(0.0, 100.0, 800)
    assert view.moved(-500, 12.0).begin == 0.0
    far = view.moved(1e6, 12.0)
    assert far.x(12.0) == pytest.approx(400)
    assert view.fitted(12.0).x(12.0) == 800 - LEFT
    least, most = scale_bounds(800, 12.0, 12.0)
    assert (least, most) == (pytest.approx(800 / 48), 12 * 48.0)


@pytest.mark.parametrize(
    ("time", "fps", "text"),
    [
        (0.0, Fraction(12), "00:00:00"),
        (2.5, Fraction(12), "00:02:06"),
        (3725.0, Fraction(25), "1:02:05:00"),
        (1.0, Fraction(120), "00:01:000"),
        (10.01, Fraction(30000, 1001), "00:10:00"),
    ],
)
def test_timecode(time: float, fps: Fraction, text: str) -> None:
    assert timecode(time, fps) == text
    assert written(2.0, fps, seconds=True) == "2.00 s"


@given(scale=st.floats(0.02, 8_000), begin=st.floats(0, 5000))
def test_the_ruler_is_neither_crowded_nor_empty(scale: float, begin: float) -> None:
    view = View(begin, scale, 1600)
    marks = ticks(view, FPS, seconds=False, x0=0, x1=1600)
    labelled = [view.x(mark.time) for mark in marks if mark.label]
    gaps = [b - a for a, b in itertools.pairwise(labelled)]
    assert len(marks) <= 1600 / 9 + 20
    assert all(gap >= 75 for gap in gaps)
    if scale * 14_400 > 76:  # not a whole day on a few pixels
        assert gaps
        assert max(gaps) <= 801


def test_crowded_keyframes_are_thinned() -> None:
    keys = film(*(n / 12 for n in range(2000))).keyframes
    view = View(0.0, 9.0, 1600)
    some = drawn(keys, view, (0, 1600))
    assert 90 <= len(some) <= 1600 / (APART - 1) + 10
    top = drawn(keys, view, (0, 1600), {"key-301", "key-1900"}, "key-700")
    assert top[-3:] == [300, 1899, 699]
    assert len(set(top)) == len(top)
    # the same ones are drawn wherever the view begins
    moved = drawn(keys, View(1.0, 9.0, 1600), (0, 1600))
    assert set(some[20:60]) <= set(moved)
    assert drawn(keys, View(0.0, 400.0, 1600), (0, 1600)) == list(range(48))


def test_the_nearest_keyframe_is_under_the_pointer() -> None:
    keys = film(0, 1, 2).keyframes
    view = View(0.0, 40.0, 800)
    assert under(keys, view, LEFT + 45) == 1
    assert under(keys, view, LEFT + 80 + 27) == 2
    assert under(keys, view, LEFT + 80 + 29) is None
    assert under((), view, 0) is None


def test_film_strips_show_mostly_the_same_frames_while_zooming() -> None:
    found = cells((100, 700), (0.0, 4.0), FPS, 1.0, (0, 800))
    assert found[0].x == 100
    assert found[-1].x + found[-1].width == pytest.approx(700)
    assert all(0 <= cell.frame <= 48 and cell.width >= 24 for cell in found)
    wider = {cell.frame for cell in cells((100, 730), (0.0, 4.0), FPS, 1.0, (0, 800))}
    assert len(wider - {cell.frame for cell in found}) <= 2
    assert cells((100, 120), (0.0, 4.0), FPS, 1.0, (0, 800)) == []


def test_only_what_is_seen_of_a_film_strip_is_parted() -> None:
    found = cells((-1e6, 1e6), (0.0, 8000.0), FPS, 1.0, (0, 800))
    assert len(found) <= 16
    assert found[0].x <= 0 <= found[0].x + found[0].width
    assert found[-1].x <= 800 <= found[-1].x + found[-1].width + 1
    assert found[5].frame == pytest.approx(48_000, abs=20)


@pytest.mark.parametrize("shape", EASINGS)
def test_an_easing_is_sampled_on_its_curve(shape: str) -> None:
    easing = Easing(shape, 0.7, -0.3, 0.2, 1.4)
    line = easing_line(easing, 100)
    assert (line[0], line[-1]) == ((0.0, 0.0), (1.0, 1.0))
    if shape != "hold":
        assert all(v == pytest.approx(easing(u), abs=1e-6) for u, v in line)


def track(*points: tuple[float, float], shape: str = "cubic-in-out") -> Track:
    easing = Easing(shape)
    return Track("guidance", Curve(tuple(CurvePoint(t, v, easing) for t, v in points)))


def test_a_curve_is_sampled_where_it_is_seen() -> None:
    one = track((0, 2), (4, 6), (8, 3))
    lane = lay_lanes(Timeline(tracks=(one,)), {})[0]
    view = View(0.0, 100.0, 1600)
    line = curve_line(one, lane, view, 0, 1600)
    assert (line[0][0], line[-1][0]) == (0, 1600)
    for x, y in line:
        assert lane.y(one.at(max(view.time(x), 0.0))) == pytest.approx(y, abs=1e-6)
    near = curve_line(one, lane, View(1.0, 5000.0, 1600), 0, 1600)
    assert len(near) < 400
    assert near[100][1] == pytest.approx(lane.y(one.at(View(1.0, 5000.0).time(near[100][0]))))


def test_a_hundred_thousand_points_are_not_walked_through() -> None:
    many = track(*((n / 100, n % 7) for n in range(100_000)))
    lane = lay_lanes(Timeline(tracks=(many,)), {})[0]
    assert len(curve_line(many, lane, View(0.0, 1.5, 1600), 0, 1600)) <= 1604


def test_lanes_lie_beneath_each_other_and_show_what_they_need() -> None:
    eta = Track("eta", Curve((CurvePoint(0, 0.5),)))
    lanes = lay_lanes(Timeline(tracks=(track((0, 12)), eta)), {"eta": 98}, 10)
    assert [(lane.top, lane.height) for lane in lanes] == [
        (LANES_TOP - 10, 62),
        (LANES_TOP + 52, 98),
    ]
    assert [(lane.low, lane.high) for lane in lanes] == [(0.0, 16.0), (0.0, 1.0)]
    assert lanes[1].value(lanes[1].y(0.3)) == pytest.approx(0.3)
    assert lanes[1].value(-1000) == 1.0


def test_handles_hang_on_both_sides_of_a_point() -> None:
    one = track((0, 2), (4, 6), (8, 3), shape="linear")
    lane = lay_lanes(Timeline(tracks=(one,)), {})[0]
    view = View(0.0, 100.0, 1600)
    before, behind = handles(one, 1, lane, view)
    assert (before.index, before.which, behind.index, behind.which) == (0, 2, 1, 1)
    assert (before.x, behind.x) == (view.x(3.0), view.x(5.0))
    assert handle_place(one, 0, 3.0, 5.0) == (0.75, 0.75)
    assert handle_place(track((0, 2), (4, 2)), 0, 3.0, 5.0) == (0.75, 0.75)


def test_what_is_under_the_pointer() -> None:
    timeline = Timeline(
        film(0, 4).keyframes,
        (track((0, 2), (4, 6)), Track("eta", Curve((CurvePoint(0, 0.5),)))),
        markers=(Marker(3.0),),
    )
    view = View(0.0, 100.0, 1600)
    lanes = lay_lanes(timeline, {})
    chosen = Selection(track="guidance", points=frozenset({0}))
    ground = Ground(timeline, view, lanes, chosen, (1.0, 2.0), 0.5, 49 / 12)

    def at(time: float, y: float) -> Hit:
        return find(ground, view.x(time), y)

    assert at(0.7, 5).part is Part.RULER
    assert at(0.5, RULER - 8).part is Part.PLAYHEAD
    assert at(3.05, RULER - 8) == Hit(Part.MARKER, time=3.0)
    assert (at(1.0, 5).part, at(2.0, 5).part) == (Part.MARK_IN, Part.MARK_OUT)
    assert at(4.0, 60) == Hit(Part.KEY, "key-2")
    assert at(2.0, 60) == Hit(Part.TRANSITION, "key-1")
    assert at(6.0, 60).part is Part.KEYS
    assert (at(2.0, STRIP_TOP + 9).part, at(49 / 12, STRIP_TOP + 9).part) == (Part.STRIP, Part.END)
    assert at(4.0, lanes[0].y(6)) == Hit(Part.POINT, "guidance", 1)
    handle = handles(timeline.tracks[0], 0, lanes[0], view)[0]
    assert find(ground, handle.x, handle.y) == Hit(Part.HANDLE, "guidance", 0, 1)
    assert at(2.0, lanes[0].top + 5) == Hit(Part.LANE, "guidance")
    assert at(2.0, lanes[1].y(0.5)) == Hit(Part.LINE, "eta", 0)
    assert at(2.0, lanes[0].bottom) == Hit(Part.LANE_EDGE, "guidance")
    assert at(2.0, lanes[1].bottom + 30) == Hit()


def test_values_as_they_are_written_and_typed() -> None:
    assert [value_text(v) for v in (3, 0.25, -0.001, 7.5)] == ["3.0", "0.25", "0.0", "7.5"]
    assert range_text(-2.0, 2.0) == "-2 \N{EN DASH} 2"
    assert typed_value(" 4,5 ", "guidance") == 4.5
    assert typed_value("99", "eta") == 1.0
    assert typed_value("much", "eta") is None
    assert typed_value("nan", "eta") is None


def test_a_card_shows_the_first_words() -> None:
    assert card_of(key("a", 0, "an owl at night in the snow")).words == (
        "an owl at night\N{HORIZONTAL ELLIPSIS}"
    )
    assert card_of(key("a", 0, "an owl")).words == "an owl"


def test_close_up_the_ruler_writes_frames_that_part_a_second() -> None:
    marks = ticks(View(3.5, 200.0, 800), FPS, seconds=False, x0=0, x1=800)
    labels = [mark.label for mark in marks if mark.label]
    assert labels[2:6] == ["00:04:00", "00:04:06", "00:05:00", "00:05:06"]
    assert ticks(View(3.5, 200.0, 800), FPS, seconds=True, x0=0, x1=800)[-1].time < 8.0
